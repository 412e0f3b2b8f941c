"""The command `cmetrics`: `python -m cmetrics`, and the script of that name."""

from __future__ import annotations

import signal
import sys

from cmetrics._cmetrics import _main


def main() -> int:
    """Run the command with this process's arguments; return the status to exit with."""
    # The command has its own answer to Ctrl-C. Where it is ignored (`nohup`) it stays so.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
