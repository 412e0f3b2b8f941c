"""Whether the wheel works where nothing else is installed: a program, not a test of pytest's."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

before = set(sys.modules)

import cmetrics  # noqa: E402

loaded = set(sys.modules) - before

from dumps import assert_same, expected, recorded  # noqa: E402


def check_what_an_import_takes() -> None:
    ours = {name for name in loaded if name.partition(".")[0] == "cmetrics"}
    standard = getattr(sys, "stdlib_module_names", None)
    others = {name.partition(".")[0] for name in loaded - ours}
    assert standard is None or others <= standard, others
    required = [each for each in metadata.requires("cmetrics") or [] if "extra ==" not in each]
    assert not required


def check_points() -> None:
    points = cmetrics.points(recorded("steady-1s", "v1.3-docker"))
    assert_same(points.to_dicts(), expected("steady-1s.v1.3-docker.json.gz"))


def check_errors() -> None:
    raised: list[cmetrics.Error] = []
    try:
        cmetrics.points(b"no dump")
    except ValueError as error:
        raised = getattr(error, "errors", [])
    assert [type(error) for error in raised] == [cmetrics.DumpError]


def check_command() -> None:
    command = [sys.executable, "-m", "cmetrics", "--version"]
    said = subprocess.run(command, capture_output=True, check=True, text=True).stdout  # noqa: S603
    assert said == f"cmetrics {cmetrics.__version__}\n"


if __name__ == "__main__":
    check_what_an_import_takes()
    check_points()
    check_errors()
    check_command()
    sys.stdout.write("imports, makes points, raises, runs the command\n")
