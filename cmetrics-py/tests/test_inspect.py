"""What is known of each container's samples."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import cmetrics
from dumps import DATA, dump

if TYPE_CHECKING:
    from pathlib import Path

RECORDED = DATA / "recorded"


def by_command(*arguments: object) -> list[dict[str, Any]]:
    """What the command says."""
    done = subprocess.run(
        [sys.executable, "-m", "cmetrics", "inspect", "-q", "--format", "json"]
        + [str(argument) for argument in arguments],
        capture_output=True,
        check=False,
        timeout=60,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", ["dynamic", "steady-1s", "v060-1s", "v060-oom"])
def test_inspections_are_those_of_the_command_and_in_its_shape(name: str) -> None:
    found = [one.to_dict() for one in cmetrics.inspect(RECORDED / name)]
    wanted = by_command(RECORDED / name)
    assert found
    assert found == wanted
    assert [list(one) for one in found] == [list(one) for one in wanted]


def test_a_gap_is_as_long_as_it_is_said_and_the_machine_is_named() -> None:
    arguments = ["--max-gap", 2, "--machine", "node7", "--container", "/docker"]
    options: dict[str, Any] = {"interval": 1, "max_gap": 2, "machine": "node7"}
    found = cmetrics.inspect(RECORDED / "dynamic", container="/docker", **options)
    assert [one.to_dict() for one in found] == by_command(*arguments, RECORDED / "dynamic")
    assert found[0].container.machine == "node7"


def test_the_attributes_are_what_the_dict_says() -> None:
    for one in cmetrics.inspect(RECORDED / "dynamic", interval=1, max_gap=2):
        told = one.to_dict()
        assert told["name"] == one.container.name
        assert told["aliases"] == one.container.aliases
        assert told["limits"] | {"changes": told["limit_changes"]} == one.container.limits
        counts = ("restarts", "gaps", "set_aside", "corrections", "implausible")
        for name in ("samples", "duplicates", "left_out", *counts, "sections"):
            assert told[name] == getattr(one, name)
        kinds = [event.kind for event in one.events]
        assert kinds.count("restart") == one.restarts
        assert kinds.count("gap") == one.gaps
        assert kinds.count("set_aside") == one.set_aside
        assert kinds.count("correction") == one.corrections
        assert kinds.count("implausible") == one.implausible
        assert one.first_ns is not None
        assert one.first == pytest.approx(one.first_ns / 1e9)
        assert one.last_ns is not None
        assert one.last == pytest.approx(one.last_ns / 1e9)
        assert all(event.container == one.container.name for event in one.events)


def test_it_reads_well() -> None:
    [one] = cmetrics.inspect(dump())
    assert repr(one) == (
        '<Inspection of "/docker": 2 samples, 2026-11-21T12:00:00Z to 2026-11-21T12:00:04Z, '
        "one every 4.0 s>"
    )


def test_an_error_has_the_inspections_of_the_rest(tmp_path: Path) -> None:
    with pytest.raises(cmetrics.ReadError) as caught:
        cmetrics.inspect([tmp_path / "nowhere", dump()])
    [one] = caught.value.inspections
    assert one.samples == 2
    with pytest.raises(cmetrics.UnknownContainerError) as unknown:
        cmetrics.inspect(dump(), container="nobody")
    assert unknown.value.inspections == []
    with pytest.warns(UserWarning, match="nobody"):
        assert cmetrics.inspect(dump(), container="nobody", on_error="warn") == []


@pytest.mark.parametrize(
    "options",
    [
        {"interval": 0},
        {"interval": -1},
        {"max_gap": 1},
        {"threads": 0},
        {"on_error": "collect"},
        {"on_error": "ignore"},
        {"machine": "a", "machine_by_folder": True},
    ],
)
def test_a_setting_that_cannot_be_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(cmetrics.SettingError):
        cmetrics.inspect(dump(), **options)


def test_no_container_is_asked_for_by_no_word() -> None:
    assert cmetrics.inspect(dump(), container=[]) == []
