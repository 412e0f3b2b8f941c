"""What can be read, on how many threads, with what progress, and what becomes of errors."""

from __future__ import annotations

import gzip
import io
import mmap
import shutil
import warnings
from typing import TYPE_CHECKING, Any

import pytest

import cmetrics
from dumps import dump, recorded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATHS = recorded("steady-1s", "v1.3-docker")
POINTS = cmetrics.points(PATHS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in PATHS:
        shutil.copy(path, tmp_path)
    (tmp_path / "below").mkdir()
    shutil.move(str(tmp_path / PATHS[0].name), tmp_path / "below")
    return tmp_path


def test_patterns_stand_for_files(folder: Path) -> None:
    assert cmetrics.points(str(folder / "**" / "*.json.gz")) == POINTS
    assert cmetrics.points(folder / "**" / "v1.?-docker*") == POINTS
    assert len(cmetrics.points(f"{folder}/*.json.gz")) < len(POINTS)


def test_a_pattern_that_finds_nothing_names_itself(folder: Path) -> None:
    with pytest.raises(cmetrics.ReadError, match=r"nothing-\*\.json"):
        cmetrics.points(str(folder / "nothing-*.json"))


def test_a_file_that_is_called_like_a_pattern_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a[1]*.json"
    path.write_bytes(dump())
    (tmp_path / "a1.json").write_bytes(b"no dump")
    assert cmetrics.points(str(path)) == cmetrics.points(dump())


def test_open_files_are_read_to_their_end(tmp_path: Path) -> None:
    with PATHS[0].open("rb") as first, gzip.open(PATHS[1]) as second:
        assert cmetrics.points([first, second, *PATHS[2:]]) == POINTS
        assert first.read() == b""
    assert cmetrics.points(io.BytesIO(PATHS[0].read_bytes())) == cmetrics.points(PATHS[0])
    path = tmp_path / "dump.json"
    path.write_bytes(dump(total="x"))
    with path.open("rb") as opened, pytest.raises(cmetrics.DumpError) as raised:
        cmetrics.points(opened)
    assert raised.value.source == str(path)


def test_a_file_that_gives_text_or_fails_says_so() -> None:
    anything: Any = io.StringIO("{}")
    with pytest.raises(TypeError, match="binary mode"):
        cmetrics.points(anything)

    class Torn:
        def read(self, _size: int, /) -> bytes:
            message = "torn"
            raise ConnectionResetError(message)

    with pytest.raises(ConnectionResetError, match="torn"):
        cmetrics.points(Torn())


def test_buffers_of_all_kinds_are_read(tmp_path: Path) -> None:
    text = PATHS[0].read_bytes()
    wanted = cmetrics.points(PATHS[0])
    path = tmp_path / "mapped"
    path.write_bytes(text)
    with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as map_:
        for buffer in (text, bytearray(text), memoryview(text), map_):
            assert cmetrics.points(buffer) == wanted


def test_an_iterable_is_gone_through_once() -> None:
    def polls() -> Iterator[bytes | Path]:
        for number, path in enumerate(PATHS):
            yield path if number % 2 else path.read_bytes()

    assert cmetrics.points(polls()) == POINTS


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_points_are_the_same_for_any_number_of_threads(threads: int) -> None:
    assert cmetrics.points(PATHS, threads=threads) == POINTS


@pytest.mark.parametrize("threads", [0, -1])
def test_no_threads_are_refused(threads: int) -> None:
    with pytest.raises(cmetrics.SettingError, match="must be 1 or more"):
        cmetrics.points(PATHS, threads=threads)


def test_progress_is_told_up_to_the_end() -> None:
    told: list[cmetrics.Progress] = []
    cmetrics.points(PATHS, progress=told.append)
    total = sum(path.stat().st_size for path in PATHS)
    assert told
    assert (told[-1].read, told[-1].total) == (total, total)
    assert told[-1].path in {str(path) for path in PATHS}
    assert [one.read for one in told] == sorted(one.read for one in told)
    assert "bytes" in repr(told[-1])


def test_progress_can_be_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    cmetrics.points(PATHS, progress=False)
    assert capsys.readouterr().err == ""
    cmetrics.points(PATHS, progress=True)
    assert "100%" in capsys.readouterr().err


def test_what_a_listener_raises_ends_the_call() -> None:
    def refuse(_: cmetrics.Progress) -> None:
        message = "enough"
        raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="enough"):
        cmetrics.points(PATHS, progress=refuse)
    nothing: Any = 5
    with pytest.raises(TypeError, match="progress: expected True, False or a callable"):
        cmetrics.points(PATHS, progress=nothing)


def test_errors_can_be_collected_or_warned_of() -> None:
    inputs: list[bytes | str] = [dump(), dump("/bad", total="x"), "missing.json"]
    with pytest.raises(cmetrics.Error) as raised:
        cmetrics.points(inputs, container=["/docker", "nobody"])
    wanted = raised.value.points
    assert len(raised.value.errors) == 3
    collected = cmetrics.points(inputs, container=["/docker", "nobody"], on_error="collect")
    assert collected == wanted
    assert [str(one) for one in collected.errors] == [str(one) for one in raised.value.errors]
    with pytest.warns(cmetrics.InputWarning) as warned:
        points = cmetrics.points(inputs, on_error="warn")
    assert len(warned) == 2
    assert [str(one) for one in points.errors] == [str(one.message) for one in warned]


def test_without_errors_nothing_is_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cmetrics.points(PATHS, on_error="warn").errors == []


def test_another_word_for_errors_is_refused() -> None:
    anything: Any = "ignore"
    with pytest.raises(cmetrics.SettingError, match="raise, warn or collect"):
        cmetrics.points(PATHS, on_error=anything)


def test_machines_can_be_named_by_folder(tmp_path: Path) -> None:
    for machine in ("node1", "node2"):
        (tmp_path / machine).mkdir()
        (tmp_path / machine / "dump.json").write_bytes(dump())
    points = cmetrics.points(tmp_path, machine_by_folder=True)
    assert [one.name for one in points.containers] == ["node1:/docker", "node2:/docker"]
    assert [one.machine for one in points.containers] == ["node1", "node2"]
    with pytest.raises(cmetrics.SettingError, match="give one of them"):
        cmetrics.points(tmp_path, machine="node3", machine_by_folder=True)
