"""A sequence of points."""

from __future__ import annotations

import json
from typing import Any

import pytest

import cmetrics
from dumps import dump, recorded


@pytest.fixture(scope="module")
def points() -> cmetrics.Points:
    return cmetrics.points(recorded("dynamic", "v1.2-docker"))


def test_iteration_gives_each_point_in_the_order_of_name_and_start(points: cmetrics.Points) -> None:
    every = list(points)
    assert len(every) == len(points) > 100
    keys = [(point.name, point.start) for point in every]
    assert keys == sorted(set(keys))
    assert list(points) == every
    assert list(reversed(points)) == every[::-1]
    assert every[3] in points


def test_an_index_counts_from_either_end(points: cmetrics.Points) -> None:
    every = list(points)
    assert [points[index] for index in range(len(points))] == every
    assert points[-1] == every[-1]
    assert points[-len(points)] == every[0]


@pytest.mark.parametrize("too_far", [0, 1, 10**30])
def test_an_index_past_either_end_is_an_index_error(points: cmetrics.Points, too_far: int) -> None:
    with pytest.raises(IndexError):
        points[len(points) + too_far]
    with pytest.raises(IndexError):
        points[-len(points) - 1 - too_far]


def test_an_index_is_a_whole_number_or_a_slice(points: cmetrics.Points) -> None:
    anything: Any = points
    for wrong in ("0", 0.0, None, (0, 1)):
        with pytest.raises(TypeError):
            anything[wrong]


@pytest.mark.parametrize(
    "part",
    [
        slice(None),
        slice(3, 9),
        slice(-5, None),
        slice(None, None, -1),
        slice(100, 3, -7),
        slice(9, 3),
        slice(0, 10**30, 10**29),
        slice(-(10**30), 4),
    ],
)
def test_a_slice_is_points_like_a_slice_of_a_list(points: cmetrics.Points, part: slice) -> None:
    sliced = points[part]
    assert isinstance(sliced, cmetrics.Points)
    assert list(sliced) == list(points)[part]


def test_a_slice_has_no_step_of_zero(points: cmetrics.Points) -> None:
    with pytest.raises(ValueError, match="zero"):
        points[::0]


def test_points_are_equal_where_each_point_is(points: cmetrics.Points) -> None:
    assert points == points[:]
    assert points != points[1:]
    assert points != list(points)
    with pytest.raises(TypeError, match="unhashable"):
        hash(points)


def test_dicts_are_those_of_the_points_and_ready_for_json(points: cmetrics.Points) -> None:
    dicts = points.to_dicts()
    assert dicts == [point.to_dict() for point in points]
    assert json.loads(json.dumps(dicts)) == dicts


def test_the_repr_tells_how_many_and_when(points: cmetrics.Points) -> None:
    start, end = min(point.start for point in points), max(point.end for point in points)
    containers = len({point.name for point in points})
    wanted = f"<Points: {len(points)} of {containers} containers, {start} to {end}>"
    assert repr(points) == wanted
    assert repr(cmetrics.points(dump())) == "<Points: 1 of 1 container, 1795262400 to 1795262405>"
    assert repr(points[:0]) == "<Points: none>"


def test_points_are_made_by_reading_alone() -> None:
    for made in (cmetrics.Points, cmetrics.Point, cmetrics.Gauge):
        with pytest.raises(TypeError, match="cannot create"):
            made()
