"""`python -m cmetrics` and the script `cmetrics` are the binary: same bytes, same status."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from dumps import DATA, dump

ROOT = Path(__file__).parents[2]
DUMPS = DATA / "recorded" / "steady-1s"
MODULE = [sys.executable, "-m", "cmetrics"]
SCRIPT = [str(Path(sysconfig.get_path("scripts")) / "cmetrics")]


def binary() -> str:
    """Where `check` has had it built."""
    named = os.environ.get("CMETRICS_BINARY")
    if named is None:
        pytest.skip("CMETRICS_BINARY names no binary to compare with")
    return named


def run(
    command: list[str], folder: Path, stdin: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command,
        cwd=folder,
        input=b"" if stdin is None else stdin,
        capture_output=True,
        check=False,
        timeout=60,
    )


def without_times(said: bytes) -> bytes:
    """What is said but for how long it took, which differs from run to run."""
    said = re.sub(rb"\d+\.\d\d s, ", b"TIME, ", said)
    return re.sub(rb"\d+ MB/s", b"SPEED", said)


@pytest.mark.parametrize(
    "arguments",
    [
        ["points", str(DUMPS)],
        ["points", "--format", "csv", "--extended", "--metrics", "all", "-q", str(DUMPS)],
        ["points", "--format", "table", "--container", "cpuhog", str(DUMPS)],
        ["points"],
        ["points", "no-such-file", str(DUMPS)],
        ["points", "no-such-file\udcff"],
        ["points", "--interval", "0"],
        ["points", "--container", "nobody", str(DUMPS)],
        ["inspect", str(DUMPS)],
        ["inspect", "--format", "json", "-q", str(DUMPS)],
        ["metrics"],
        ["metrics", "--format", "json", "memory.*"],
        ["metrics", "nothing-like-it"],
        ["completions", "bash"],
        ["--help"],
        ["--version"],
        ["help", "points"],
        ["serve", "--help"],
        ["--no-such-option"],
        [],
    ],
    ids=lambda arguments: (
        " ".join(arguments).replace(str(DUMPS), "DUMPS").encode("ascii", "replace")
    ),
)
def test_all_that_is_written_and_the_status_are_those_of_the_binary(
    arguments: list[str], tmp_path: Path
) -> None:
    expected = run([binary(), *arguments], tmp_path, dump())
    for command in (MODULE, SCRIPT):
        found = run([*command, *arguments], tmp_path, dump())
        assert found.stdout == expected.stdout
        assert without_times(found.stderr) == without_times(expected.stderr)
        assert found.returncode == expected.returncode


def test_a_store_is_kept_and_read_as_the_binary_does(tmp_path: Path) -> None:
    steps = [
        ["ingest", "--store", "store", str(DUMPS)],
        ["containers", "--store", "store"],
        ["get", "--store", "store", "cpuhog", "--period", "3600"],
        ["get", "--store", "store", "nobody"],
        ["store", "compact", "store"],
        ["store", "stats", "--format", "json", "store"],
        ["store", "events", "store"],
        ["store", "verify", "store"],
        ["store", "verify", "no-such-store"],
    ]
    ran = {}
    for name, command in (("binary", [binary()]), ("module", MODULE)):
        folder = tmp_path / name
        folder.mkdir()
        ran[name] = [run([*command, *step], folder) for step in steps]
    for step, expected, found in zip(steps, ran["binary"], ran["module"]):
        assert found.returncode == expected.returncode, step
        assert found.stdout == expected.stdout, step
        assert without_times(found.stderr) == without_times(expected.stderr), step


@pytest.mark.parametrize(("command", "status"), [("watch", 2), ("serve", 64), ("health", 2)])
def test_what_polls_machines_says_where_to_get_it(
    command: str, status: int, tmp_path: Path
) -> None:
    found = run([*MODULE, command], tmp_path)
    assert (found.returncode, found.stdout) == (status, b"")
    assert b"cargo install cmetrics-cli" in found.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_output_file_is_that_of_the_binary(tmp_path: Path) -> None:
    for name, command in (("binary", [binary()]), ("module", MODULE)):
        found = run([*command, "points", "-q", "-o", name, str(DUMPS)], tmp_path)
        assert (found.returncode, found.stdout, found.stderr) == (0, b"", b"")
    assert (tmp_path / "module").read_bytes() == (tmp_path / "binary").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["binary", "module"]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are other ones there")
@pytest.mark.parametrize(
    "arguments", [["points", "--format", "ndjson", str(DUMPS)], ["metrics"], ["--help"]]
)
def test_a_closed_pipe_is_no_error(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        [*MODULE, *arguments], stdout=writer, stderr=subprocess.PIPE, check=False, timeout=60
    )
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal there")
@pytest.mark.parametrize("command", [MODULE, SCRIPT], ids=["module", "script"])
def test_an_interrupted_command_exits_with_130_and_says_nothing(command: list[str]) -> None:
    with subprocess.Popen(
        [*command, "points", "-q"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin
        # More than a pipe holds: once it is written, the command is at work.
        process.stdin.write(b" " * (1 << 20))
        process.stdin.flush()
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 128 + signal.SIGINT
        assert time.monotonic() - started < 1
        assert process.stdout
        assert process.stderr
        assert process.stdout.read() == b""
        assert process.stderr.read() == b""
        process.stdin.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal there")
def test_an_interruption_that_is_ignored_stays_ignored() -> None:
    shell = shutil.which("sh")
    assert shell
    with subprocess.Popen(
        [shell, "-c", 'trap "" INT; exec "$@"', "sh", *MODULE, "points", "-q"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin
        process.stdin.write(b" " * (1 << 20))
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(dump(), timeout=20)
        assert process.returncode == 0
        assert output.startswith(b"[\n{")
