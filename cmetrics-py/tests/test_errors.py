"""What goes wrong is told, and everything else is done."""

from __future__ import annotations

import errno
import gzip
import os
import warnings
from typing import TYPE_CHECKING

import pytest

import cmetrics
from dumps import dump, recorded

if TYPE_CHECKING:
    from pathlib import Path


def test_each_error_is_ours_and_one_of_the_standard_ones() -> None:
    assert issubclass(cmetrics.Error, Exception)
    for ours, standard in (
        (cmetrics.DumpError, ValueError),
        (cmetrics.ReadError, OSError),
        (cmetrics.DiskFullError, cmetrics.ReadError),
        (cmetrics.NotPermittedError, cmetrics.ReadError),
        (cmetrics.NotPermittedError, PermissionError),
        (cmetrics.SettingError, ValueError),
        (cmetrics.UnknownContainerError, LookupError),
    ):
        assert issubclass(ours, cmetrics.Error)
        assert issubclass(ours, standard)
        assert ours.__module__ == "cmetrics"
        assert ours.__doc__


def test_trouble_with_a_store_is_a_store_error_and_where_there_is_one_a_standard_one() -> None:
    assert issubclass(cmetrics.StoreError, cmetrics.Error)
    for ours, standard in (
        (cmetrics.DamagedError, ValueError),
        (cmetrics.LockedError, OSError),
        (cmetrics.UnsupportedError, Exception),
        (cmetrics.RefusedError, ValueError),
        (cmetrics.ReadOnlyError, cmetrics.RefusedError),
    ):
        assert issubclass(ours, cmetrics.StoreError)
        assert issubclass(ours, standard)
        assert ours.__module__ == "cmetrics"
        assert ours.__doc__
    # Whoever catches bad input must not be told that the store is held by another process.
    assert not issubclass(cmetrics.LockedError, ValueError)
    assert not issubclass(cmetrics.UnsupportedError, (ValueError, OSError))


def test_a_missing_file_is_a_read_error_with_the_number_of_the_system(tmp_path: Path) -> None:
    path = tmp_path / "missing.json"
    with pytest.raises(cmetrics.ReadError) as raised:
        cmetrics.points(path)
    error = raised.value
    assert str(error).startswith(f"{path}: cannot read: ")
    assert error.errno == errno.ENOENT
    assert (error.source, error.kind) == (str(path), "io")
    assert (error.offset, error.line, error.column) == (None, None, None)
    assert (error.container, error.field) == (None, None)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may read everything"
)
def test_a_file_or_folder_without_permission_is_a_read_error(tmp_path: Path) -> None:
    for path in (tmp_path / "file", tmp_path / "folder"):
        if path.name == "folder":
            path.mkdir(mode=0)
        else:
            path.touch(mode=0)
        with pytest.raises(cmetrics.NotPermittedError) as raised:
            cmetrics.points(path)
        assert raised.value.errno == errno.EACCES


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs symbolic links")
def test_a_folder_that_links_to_itself_is_a_read_error(tmp_path: Path) -> None:
    (tmp_path / "dump.json").write_bytes(dump())
    (tmp_path / "again").symlink_to(tmp_path)
    with pytest.raises(cmetrics.ReadError) as raised:
        cmetrics.points(tmp_path)
    assert len(raised.value.points) == 1


def test_a_path_that_no_system_takes_is_a_read_error() -> None:
    with pytest.raises(cmetrics.ReadError):
        cmetrics.points("dump\0.json")


def test_text_that_is_cut_off_is_a_dump_error_with_its_place() -> None:
    with pytest.raises(cmetrics.DumpError) as raised:
        cmetrics.points(b'{"/a":\n {"stats": [{"timestamp": ')
    error = raised.value
    assert str(error).startswith("<bytes>: line 2 column 27 (byte 33): container /a: ")
    assert (error.source, error.kind) == ("<bytes>", "json")
    assert (error.offset, error.line, error.column) == (33, 2, 27)
    assert (error.container, error.field) == ("/a", None)


def test_packed_bytes_that_are_cut_off_are_a_dump_error() -> None:
    packed = gzip.compress(dump())
    for damaged in (packed[:-9], packed[:5], b"\x28\xb5\x2f\xfd"):
        with pytest.raises(cmetrics.DumpError, match="damaged or cut off") as raised:
            cmetrics.points(damaged)
        assert raised.value.kind == "packed"


def test_json_that_is_no_dump_is_a_dump_error() -> None:
    for text in (b"", b'{"key": 1}', b"[1, 2]", b"hello"):
        with pytest.raises(cmetrics.DumpError) as raised:
            cmetrics.points(text)
        assert raised.value.kind in {"not_a_dump", "json"}
        assert raised.value.source == "<bytes>"


def test_a_folder_without_dumps_is_a_dump_error(tmp_path: Path) -> None:
    with pytest.raises(cmetrics.DumpError) as raised:
        cmetrics.points(tmp_path)
    assert (raised.value.source, raised.value.kind) == (str(tmp_path), "no_samples")


def test_a_value_that_cannot_be_is_named_and_its_sample_left_out() -> None:
    with pytest.raises(cmetrics.DumpError) as raised:
        cmetrics.points([dump(), dump("/a", total="six")])
    error = raised.value
    assert (error.kind, error.container) == ("value", "/a")
    assert error.field == "cpu.usage.total"
    assert error.source == "<bytes 2>"
    assert [point.samples for point in error.points if point.name == "/a"] == [1]
    assert "/docker" in {point.name for point in error.points}


def test_everything_else_is_done_before_the_first_error_is_raised(tmp_path: Path) -> None:
    missing = tmp_path / "missing.json"
    damaged = tmp_path / "damaged.json"
    damaged.write_bytes(dump("/cut")[:-9])
    with pytest.raises(cmetrics.ReadError) as raised:
        cmetrics.points([dump("/a"), missing, dump("/b"), damaged, b"x", dump("/c")])
    error = raised.value
    assert error.errors[0] is error
    assert [(type(each), each.source) for each in error.errors] == [
        (cmetrics.ReadError, str(missing)),
        (cmetrics.DumpError, str(damaged)),
        (cmetrics.DumpError, "<bytes 5>"),
    ]
    assert {"/a", "/b", "/c"} <= {point.name for point in error.points}
    assert all(each.errors is error.errors for each in error.errors)
    assert all(each.points is error.points for each in error.errors)


def test_an_unknown_container_lists_what_may_have_been_meant() -> None:
    files = recorded("dynamic", "v1.2-docker")
    with pytest.raises(cmetrics.UnknownContainerError, match=r"webb.*near matches") as raised:
        cmetrics.points(files, container="webb")
    error = raised.value
    assert error.kind == "unknown_container"
    assert "(web)" in str(error)
    (web,) = {point.name for point in cmetrics.points(files, container="web")}
    assert web in error.candidates
    assert len(error.points) == 0


def test_an_ambiguous_prefix_lists_all_that_it_could_mean() -> None:
    names = ["a" * 63 + end for end in "bc"]
    text = [dump(f"/docker/{name}") for name in names]
    with pytest.raises(cmetrics.UnknownContainerError) as raised:
        cmetrics.points(text, container="aaa")
    assert raised.value.kind == "ambiguous_container"
    assert raised.value.candidates == names


def test_the_containers_that_are_known_are_in_the_points_of_the_error() -> None:
    with pytest.raises(cmetrics.UnknownContainerError) as raised:
        cmetrics.points([dump("/a"), dump("/b")], container=["/a", "/zzz", "/yyy"])
    assert {point.name for point in raised.value.points} == {"/a"}
    assert len(raised.value.errors) == 2


def test_a_container_that_damage_may_have_cost_comes_behind_the_damage() -> None:
    with pytest.raises(cmetrics.DumpError) as raised:
        cmetrics.points([dump("/a"), b'{"/b": '], container=["/a", "/zzz"])
    kinds = [type(each) for each in raised.value.errors]
    assert kinds == [cmetrics.DumpError, cmetrics.UnknownContainerError]
    assert {point.name for point in raised.value.points} == {"/a"}


@pytest.mark.parametrize(
    ("interval", "max_gap", "field"),
    [
        (0, None, "interval"),
        (-5, None, "interval"),
        (10**12, None, "interval"),
        (10**30, None, "interval"),
        (5, 4, "max_gap"),
        (5, 0, "max_gap"),
        (5, -1, "max_gap"),
        (5, 10**9, "max_gap"),
        (5, 10**30, "max_gap"),
        (60, 59, "max_gap"),
    ],
)
def test_a_setting_out_of_range_is_refused_before_anything_is_read(
    interval: int, max_gap: int | None, field: str
) -> None:
    with pytest.raises(cmetrics.SettingError, match=r"(interval|max gap) is -?[0-9]+ s") as raised:
        cmetrics.points("missing.json", interval=interval, max_gap=max_gap)
    error = raised.value
    assert (error.kind, error.field, error.source) == ("setting", field, None)
    assert error.errors == [error]
    assert len(error.points) == 0


def test_the_narrowest_gap_is_the_interval() -> None:
    assert len(cmetrics.points(dump(), interval=5, max_gap=5)) == 1
    apart = cmetrics.points(dump(), interval=2, max_gap=3)  # the samples are 4 s apart
    assert [point.cpu_usage for point in apart] == [None, None]


def test_wider_intervals_have_the_same_growth_in_fewer_points() -> None:
    narrow = cmetrics.points(dump(), interval=1)
    wide = cmetrics.points(dump(), interval=60)
    assert [point.cpu_usage for point in narrow] == [1_500_000_000] * 4 + [None]
    assert [point.cpu_usage for point in wide] == [6_000_000_000]


def test_reading_leaves_no_file_open() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        cmetrics.points(recorded("dynamic", "v1.3-subcontainers"))
