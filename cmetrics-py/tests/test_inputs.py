"""The same points through every door."""

from __future__ import annotations

import array
import gzip
import mmap
from typing import TYPE_CHECKING, Any

import pytest

import cmetrics
from dumps import DATA, MIXED, assert_same, dump, expected, expositions, recorded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BATCHES = sorted(path.name for path in (DATA / "expected").iterdir())
ONE = "dynamic.v1.2-docker.json.gz"


@pytest.fixture(scope="module")
def files() -> list[Path]:
    return recorded("dynamic", "v1.2-docker")


@pytest.fixture(scope="module")
def wanted() -> list[dict[str, Any]]:
    return expected(ONE)


@pytest.mark.parametrize("name", BATCHES)
def test_recorded_dumps_give_the_expected_points(name: str) -> None:
    recording, batch = name[: -len(".json.gz")].split(".", 1)
    interval, max_gap = (7, 20) if batch.endswith("interval-7.max-gap-20") else (5, None)
    metrics = "all" if batch.endswith("all-metrics") else None
    if batch.startswith("exposition"):
        files = expositions(recording)
    elif batch == "doors":
        endpoint = "v1.2-docker" if recording == "dynamic" else "v1.3-docker"
        files = recorded(recording, endpoint) + expositions(recording)
    else:
        files = recorded(recording, *(MIXED if batch.startswith("mixed") else (batch,)))
    points = cmetrics.points(files, interval=interval, max_gap=max_gap, metrics=metrics)
    assert_same(points.to_dicts(), expected(name))


def test_a_folder_gives_the_points_of_all_dumps_in_it(
    tmp_path: Path, files: list[Path], wanted: list[dict[str, Any]]
) -> None:
    (tmp_path / "below").mkdir()
    for file in files[::2]:
        (tmp_path / file.name).write_bytes(file.read_bytes())
    for file in files[1::2]:
        (tmp_path / "below" / file.name).write_bytes(file.read_bytes())
    (tmp_path / "README.md").write_text("These are dumps.")
    assert_same(cmetrics.points(tmp_path).to_dicts(), wanted)
    assert_same(cmetrics.points(str(tmp_path)).to_dicts(), wanted)


def test_gzip_bytes_give_the_same_points_as_files(
    files: list[Path], wanted: list[dict[str, Any]]
) -> None:
    assert_same(cmetrics.points([file.read_bytes() for file in files]).to_dicts(), wanted)


def test_plain_bytes_give_the_same_points_as_files(
    files: list[Path], wanted: list[dict[str, Any]]
) -> None:
    texts = (gzip.decompress(file.read_bytes()) for file in files)
    assert_same(cmetrics.points(texts).to_dicts(), wanted)


def test_any_buffer_will_do(files: list[Path]) -> None:
    text = gzip.decompress(files[0].read_bytes())
    wanted = cmetrics.points(files[0])
    assert len(wanted) > 0
    assert cmetrics.points(text) == wanted
    assert cmetrics.points(bytearray(text)) == wanted
    assert cmetrics.points(memoryview(text)) == wanted
    assert cmetrics.points(array.array("B", text)) == wanted
    backwards = memoryview(text[::-1])[::-1]
    assert not backwards.contiguous
    assert cmetrics.points(backwards) == wanted


def test_a_mapped_file_is_a_buffer(tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    path.write_bytes(dump())
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert cmetrics.points(mapped) == cmetrics.points(dump())


def test_an_iterable_may_mix_paths_and_bytes(
    files: list[Path], wanted: list[dict[str, Any]]
) -> None:
    def mixed() -> Iterator[Path | str | bytes | memoryview]:
        first, second, third, *rest = files
        yield first
        yield str(second)
        yield memoryview(third.read_bytes())
        for file in rest:
            yield file.read_bytes()

    assert_same(cmetrics.points(mixed()).to_dicts(), wanted)
    assert_same(cmetrics.points(tuple(mixed())).to_dicts(), wanted)


def test_an_empty_iterable_gives_no_points() -> None:
    assert len(cmetrics.points([])) == 0


def test_the_exception_of_an_iterable_is_passed_on() -> None:
    def broken() -> Iterator[bytes]:
        yield dump()
        message = "no more"
        raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="no more"):
        cmetrics.points(broken())


def test_an_argument_of_another_type_is_refused() -> None:
    anything: Any = cmetrics.points
    for wrong in (5, None, [5], [[dump()]], [None]):
        with pytest.raises(TypeError, match="expected a path, bytes, an open file, or an"):
            anything(wrong)


def test_options_are_given_by_keyword() -> None:
    anything: Any = cmetrics.points
    with pytest.raises(TypeError, match="positional"):
        anything(dump(), 5)


def test_a_container_is_chosen_by_id_prefix_alias_or_path(files: list[Path]) -> None:
    every = cmetrics.points(files)
    [name] = {point.name for point in cmetrics.points(files, container="web")}
    wanted = [point for point in every if point.name == name]
    for word in (name, name[:12], "web", f"/docker/{name}"):
        assert list(cmetrics.points(files, container=word)) == wanted, word


def test_several_containers_come_by_name_and_each_once(files: list[Path]) -> None:
    every = cmetrics.points(files)
    chosen = cmetrics.points(files, container=(word for word in ["web", "idle", "web"]))
    names = {point.name for point in chosen}
    assert len(names) == 2
    assert list(chosen) == [point for point in every if point.name in names]
    assert len(cmetrics.points(files, container=[])) == 0


def test_a_machine_is_named_in_front_of_what_is_no_container(tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    path.write_bytes(dump("/docker"))
    for each in (path, dump("/docker")):
        assert cmetrics.points(each)[0].name == "/docker"
        assert cmetrics.points(each, machine="node7")[0].name == "node7:/docker"


def test_doors_are_ranked_and_containers_chosen_by_labels() -> None:
    reply = (
        b'{"/a": {"spec": {"labels": {"app": "web"}}, "stats": ['
        b'{"timestamp": "2026-11-21T12:00:01Z", "memory": {"usage": 1024}}]}}\n'
    )
    scrape = b'container_memory_usage_bytes{id="/a"} 4096 1795262402000\n'
    memory = [point.to_dict()["memory"]["ave"] for point in cmetrics.points(reply + scrape)]
    assert memory == [1.0]
    ranked = cmetrics.points(reply + scrape, doors="exposition", label={"app": "web"})
    assert [point.to_dict()["memory"]["ave"] for point in ranked] == [4.0]
    assert not cmetrics.points(reply + scrape, label={"app": "db"})
    inspected = cmetrics.inspect(reply + scrape, label={"app": "web"})
    assert [one.door for one in inspected] == ["cadvisor", "exposition"]
    assert inspected[0].container.labels == {"app": "web"}
    with pytest.raises(cmetrics.SettingError, match=r"otlp\.docker"):
        cmetrics.points(reply, doors=["kubelet"])
