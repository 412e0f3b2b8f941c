"""A pipeline is fed dump after dump, or poll after poll."""

from __future__ import annotations

import io
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cmetrics
from dumps import DATA, dump, recorded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POLLS = recorded("dynamic", "v1.2-docker")


def poll(*seconds: int, container: str = "/docker") -> bytes:
    """A sample at each of these seconds, each with a second of CPU time for each that passed."""
    stats = [
        {
            "timestamp": f"2026-11-21T12:{second // 60:02}:{second % 60:02}Z",
            "cpu": {"usage": {"total": second * 1_000_000_000}},
        }
        for second in seconds
    ]
    return json.dumps({container: {"spec": {"has_cpu": True}, "stats": stats}}).encode()


@pytest.mark.parametrize("options", [{}, {"interval": 7, "max_gap": 20}, {"metrics": "memory.*"}])
def test_polls_make_the_points_of_one_call(options: dict[str, Any]) -> None:
    pipeline = cmetrics.Pipeline(**options)
    for path in POLLS:
        pipeline.read(path)
    found, wanted = pipeline.points(), cmetrics.points(POLLS, **options)
    assert found == wanted
    assert found.events == wanted.events
    assert found.limits == wanted.limits
    assert found.to_list("of_limit.memory") == wanted.to_list("of_limit.memory")
    assert [one.name for one in pipeline.containers] == [one.name for one in wanted.containers]
    assert pipeline.summary["inputs"] == len(POLLS)


@settings(deadline=None, max_examples=20)
@given(st.permutations(POLLS), st.integers(1, 8))
def test_the_order_and_copies_of_polls_do_not_matter(order: list[Path], copies: int) -> None:
    pipeline = cmetrics.Pipeline()
    for path in order + order[:copies]:
        pipeline.read(path)
    assert pipeline.points() == cmetrics.points(POLLS)


def test_points_may_be_made_of_single_containers() -> None:
    pipeline = cmetrics.Pipeline()
    pipeline.read([poll(1, 6, container="/a"), poll(1, 6, container="/b")])
    assert {point.name for point in pipeline.points("/b")} == {"/b"}
    assert len(pipeline.points([])) == 0
    with pytest.raises(cmetrics.UnknownContainerError) as caught:
        pipeline.points(["/a", "nobody"])
    assert {point.name for point in caught.value.points} == {"/a"}


def settled_all(pipeline: cmetrics.Pipeline) -> Iterator[cmetrics.Points]:
    for path in POLLS:
        pipeline.read(path)
        yield pipeline.settle()
    yield pipeline.settle(4_000_000_000)


def test_a_live_pipeline_gives_each_point_once_and_they_are_those_of_one_call() -> None:
    pipeline = cmetrics.Pipeline(lateness=60)
    parts = list(settled_all(pipeline))
    assert sum(len(part) > 0 for part in parts) > 2
    found = sorted((point for part in parts for point in part), key=lambda p: (p.name, p.start))
    assert found == list(cmetrics.points(POLLS))
    assert pipeline.containers == []
    assert pipeline.summary["forgotten"] > 0
    aliases = {one.name: one.aliases for part in parts for one in part.containers}
    assert aliases == {one.name: one.aliases for one in cmetrics.points(POLLS).containers}


def test_what_is_late_is_counted_and_changes_nothing() -> None:
    pipeline = cmetrics.Pipeline(lateness=2)
    pipeline.read(poll(1, 6, 12))
    final = pipeline.settle()
    assert [point.end % 60 for point in final] == [5]
    pipeline.read(poll(3))
    assert pipeline.summary["late"] == 1
    assert len(pipeline.settle()) == 0
    assert len(pipeline.points()) == 2  # provisional
    now = "2026-11-21T12:10:00Z"
    assert len(pipeline.settle(now)) == 2
    assert len(pipeline.settle(now)) == 0


def test_a_batch_has_nothing_to_settle_and_says_so() -> None:
    with pytest.raises(cmetrics.SettingError, match="lateness") as caught:
        cmetrics.Pipeline().settle()
    assert caught.value.field == "lateness"


@pytest.mark.parametrize("now", ["yesterday", -1, 0, float("nan"), 10**12])
def test_a_time_that_cannot_be_is_refused(now: float | str) -> None:
    with pytest.raises(cmetrics.SettingError):
        cmetrics.Pipeline(lateness=2).settle(now)


def test_a_time_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError):
        cmetrics.Pipeline(lateness=2).settle([])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "options",
    [
        {"interval": 0},
        {"max_gap": 1},
        {"lateness": -1},
        {"threads": 0},
        {"metrics": "nothing"},
    ],
)
def test_a_setting_that_cannot_be_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(cmetrics.SettingError):
        cmetrics.Pipeline(**options)


def test_it_goes_on_after_errors(tmp_path: Path) -> None:
    pipeline = cmetrics.Pipeline()
    with pytest.raises(cmetrics.ReadError) as caught:
        pipeline.read([tmp_path / "nowhere", b"no dump", dump()])
    assert len(caught.value.errors) == 2
    assert len(pipeline.points()) == 1
    pipeline.read(b"neither", on_error="collect")
    with pytest.warns(UserWarning, match="nowhere"):
        pipeline.read(tmp_path / "nowhere", on_error="warn")
    assert [error.kind for error in pipeline.errors] == ["io", "not_a_dump", "not_a_dump", "io"]
    assert pipeline.summary["errors"] == 4
    with pytest.raises(TypeError):
        pipeline.read(7)  # type: ignore[arg-type]
    with pytest.raises(cmetrics.SettingError):
        pipeline.read(dump(), on_error="never")  # type: ignore[arg-type]
    pipeline.read(dump("/another"))
    assert len(pipeline.points()) == 2


def test_errors_do_not_pile_up() -> None:
    pipeline = cmetrics.Pipeline(lateness=2)
    for number in range(1100):
        pipeline.read(b"no dump" if number else b"[", on_error="collect")
    assert len(pipeline.errors) == 1000
    assert {error.kind for error in pipeline.errors} == {"not_a_dump"}  # the first is gone
    assert pipeline.summary["errors"] == 1100


def test_a_file_that_fails_leaves_what_was_read_before() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            del size
            message = "the line is dead"
            raise ConnectionError(message)

    pipeline = cmetrics.Pipeline()
    pipeline.read(dump())
    with pytest.raises(ConnectionError):
        pipeline.read(Failing())
    pipeline.read(io.BytesIO(dump("/another")))
    assert len(pipeline.points()) == 2


def test_a_generator_may_use_the_pipeline_that_reads_it() -> None:
    pipeline = cmetrics.Pipeline()

    def sources() -> Iterator[bytes]:
        for name in ("/a", "/b"):
            yield dump(name)
            seen.append(len(pipeline.containers))

    seen: list[int] = []
    pipeline.read(sources())
    assert seen == [1, 2]


def test_threads_read_into_one_pipeline() -> None:
    pipeline = cmetrics.Pipeline()
    threads = [threading.Thread(target=pipeline.read, args=(path,)) for path in POLLS]
    asking = [threading.Thread(target=pipeline.points) for _ in POLLS]
    for thread in threads + asking:
        thread.start()
    for thread in threads + asking:
        thread.join()
    assert pipeline.points() == cmetrics.points(POLLS)


def test_machines_are_named_by_folder() -> None:
    pipeline = cmetrics.Pipeline()
    pipeline.read(DATA / "recorded" / "dynamic", machine_by_folder=True)
    assert {one.machine for one in pipeline.containers} == {"dynamic"}


def test_it_reads_well() -> None:
    assert repr(cmetrics.Pipeline()) == "<Pipeline: interval 5 s>"
    assert repr(cmetrics.Pipeline(lateness=9)) == "<Pipeline: interval 5 s, lateness 9 s>"
