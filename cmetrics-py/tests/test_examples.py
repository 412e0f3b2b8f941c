"""The examples run, and print what they should."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
EXAMPLES = REPOSITORY / "examples" / "python"
NOTEBOOK = (EXAMPLES / "tour.ipynb").read_text(encoding="utf-8")


def printed(script: str, *arguments: str) -> list[str]:
    """What a script prints, run at the top of the repository."""
    command = [sys.executable, "-W", "error", str(EXAMPLES / script), *arguments]
    done = subprocess.run(  # noqa: S603
        command, cwd=REPOSITORY, capture_output=True, check=False, encoding="utf-8"
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_every_script_has_a_test() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    scripts = [script.name for script in EXAMPLES.glob("*.py")]
    assert len(scripts) == 6
    assert [script for script in scripts if f'printed("{script}"' not in here] == []


def test_the_first_points_are_those_of_a_container_held_at_three_tenths_of_a_core() -> None:
    assert printed("first_points.py") == [
        "1795217415 0.301 cores",
        "1795217420 0.300 cores",
        "1795217425 0.300 cores",
        "{'usage': 1504898843, 'load': {'ave': 1.0, 'min': 1.0, 'max': 1.0}}",
    ]


def test_a_picture_is_drawn_to_the_path_that_is_given(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "points.png"
    said = printed("load_and_plot.py", str(path))
    assert said[1:] == [f"drawn to {path}"]
    assert path.read_bytes()[:4] == b"\x89PNG"


def test_the_ten_busiest_seconds_come_busiest_first() -> None:
    said = printed("busiest_seconds.py")
    cores = [float(line.split()[1]) for line in said]
    assert cores == sorted(cores, reverse=True)
    assert len(cores) == 10
    assert said[:2] == [
        "07:43:25 0.377 cores: cpuhog 0.299, late 0.068, client 0.004",
        "07:43:30 0.377 cores: cpuhog 0.301, late 0.061, memgrow 0.006",
    ]


def test_points_are_joined_with_a_log_of_requests() -> None:
    pytest.importorskip("polars")
    assert printed("join_with_polars.py") == [
        "23:30:15 0.1621 ms of CPU time a request",
        "23:30:20 0.1318 ms of CPU time a request",
        "23:30:25 0.1373 ms of CPU time a request",
        "23:30:30 0.1188 ms of CPU time a request",
        "23:30:35 0.1433 ms of CPU time a request",
        "3837 of 4000 requests lie in complete intervals",
    ]


def test_points_come_while_a_server_is_polled_and_a_store_remembers_them() -> None:
    said = printed("live_poll.py")
    assert len(said) == 1 + 60 // 5
    assert said[:2] == [
        "94 points were final while replies came in",
        "1795217620 0.0016 cores, 2784198 bytes/s sent",
    ]


def test_a_day_of_dumps_is_asked_in_sql() -> None:
    pytest.importorskip("duckdb")
    assert printed("day_with_duckdb.py") == [
        "/batch 04:00 0.777 core hours",
        "/batch 05:00 0.742 core hours",
        "/batch 01:00 0.737 core hours",
        "/batch 03:00 0.728 core hours",
        "/batch 02:00 0.725 core hours",
        "/batch 195.0 MiB in 95 of 100 intervals at most",
        "/db    194.0 MiB in 95 of 100 intervals at most",
        "/web   195.0 MiB in 95 of 100 intervals at most",
    ]


def test_the_notebook_is_kept_without_outputs() -> None:
    cells = [cell for cell in json.loads(NOTEBOOK)["cells"] if cell["cell_type"] == "code"]
    assert cells
    assert [cell for cell in cells if cell["outputs"] or cell["execution_count"]] == []


def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    pytest.importorskip("polars")
    pytest.importorskip("ipykernel")
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    for variable in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    tour = nbformat.reads(NOTEBOOK, as_version=4)
    resources = {"metadata": {"path": os.fspath(EXAMPLES)}}
    nbclient.NotebookClient(tour, timeout=120, resources=resources).execute()
    outputs = [output for cell in tour.cells for output in cell.get("outputs", [])]
    shown = [kind for output in outputs for kind in output.get("data", {})]
    assert shown.count("image/png") == 1  # the figure, once
    assert shown.count("text/html") == 4  # points, data frame, page, summary
