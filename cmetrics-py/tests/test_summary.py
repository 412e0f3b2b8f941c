"""What each container used over all of its time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cmetrics
import made_up
from dumps import recorded
from test_results import naive_quantile

QUANTITIES = (
    "cores",
    "memory",
    "tx_bytes_per_second",
    "rx_bytes_per_second",
    "read_bytes_per_second",
    "written_bytes_per_second",
)
FIGURES = ("mean", "p50", "p95", "p99", "max")


@pytest.fixture(scope="module")
def points() -> cmetrics.Points:
    return cmetrics.points(recorded("dynamic", "v1.2-docker"))


def assert_is_naive(points: cmetrics.Points, *, partial: bool) -> None:
    summary = points.summary(partial=partial)
    assert list(summary) == sorted({point.name for point in points})
    for name, usage in summary.items():
        own = [point for point in points if point.name == name]
        own = [point for point in own if partial or point.coverage == 1]
        assert usage.intervals == len(own)
        flat = usage.to_dict()
        for quantity in QUANTITIES:
            spread = getattr(usage, quantity)
            pairs = [(value(point, quantity), seconds(point, quantity)) for point in own]
            there = [(found, over) for found, over in pairs if found is not None]
            if not there:
                assert spread is None
                assert {flat[f"{quantity}.{figure}"] for figure in FIGURES} == {None}
                continue
            values = [found for found, _ in there]
            mean = sum(found * over for found, over in there) / sum(over for _, over in there)
            quantiles = [naive_quantile(values, q) for q in (0.5, 0.95, 0.99, 1)]
            found = [getattr(spread, figure) for figure in FIGURES]
            assert found == pytest.approx([mean, *quantiles], rel=1e-9, abs=1e-9)
            assert [flat[f"{quantity}.{figure}"] for figure in FIGURES] == found


def seconds(point: cmetrics.Point, quantity: str) -> float:
    """How many seconds the value is over."""
    return point.end - point.start if quantity == "memory" else point.rate_seconds or 0.0


def value(point: cmetrics.Point, quantity: str) -> float | None:
    if quantity == "memory":
        return None if point.memory is None else point.memory.ave
    found: float | None = getattr(point, "cpu_cores" if quantity == "cores" else quantity)
    return found


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize("dumps", [("dynamic", "v1.2-docker"), ("steady-1s", "v1.3-docker")])
def test_a_summary_is_of_each_containers_intervals(
    dumps: tuple[str, str], *, partial: bool
) -> None:
    points = cmetrics.points(recorded(*dumps))
    assert_is_naive(points, partial=partial)
    assert_is_naive(points[::-1], partial=partial)


made_points = st.lists(
    st.builds(
        lambda name, slot, width, cores, memory, coverage: made_up.point(
            f"/{name}", slot * width, width=width, cores=cores, memory=memory, coverage=coverage
        ),
        st.sampled_from("abc"),
        st.integers(0, 5),
        st.sampled_from((5, 10)),
        st.none() | st.floats(0, 64),
        st.none() | st.floats(0, 1e9),
        st.sampled_from((None, 0.0, 0.5, 1.0)),
    ),
    max_size=30,
)


@settings(deadline=None)
@given(every=made_points, split=st.integers(0, 30), partial=st.booleans())
def test_a_summary_of_anything_is_the_naive_one(
    every: list[dict[str, Any]], split: int, *, partial: bool
) -> None:
    points = made_up.points(*every[:split]) + made_up.points(*every[split:])
    assert_is_naive(points, partial=partial)


def test_a_container_without_complete_intervals_is_there_without_figures() -> None:
    points = made_up.points(
        made_up.point("/a", 0, cores=1, coverage=0.9), made_up.point("/b", 0, cores=1)
    )
    summary = points.summary()
    assert list(summary) == ["/a", "/b"]
    assert (summary["/a"].intervals, summary["/a"].cores) == (0, None)
    assert set(summary["/a"].to_dict().values()) == {"/a", None, 0}
    assert summary["/b"].cores is not None
    cores = points.summary(partial=True)["/a"].cores
    assert cores is not None
    # What was used is used in the part that is covered.
    assert cores.mean == pytest.approx(1 / 0.9)


def test_a_wider_interval_counts_for_more_in_the_mean_alone() -> None:
    summary = made_up.points(
        made_up.point("/a", 0, width=5, cores=4), made_up.point("/a", 10, width=10, cores=1)
    ).summary()
    cores = summary["/a"].cores
    assert cores is not None
    assert (cores.mean, cores.p50, cores.max) == (2.0, 2.5, 4.0)
    assert repr(cores).startswith("Spread(mean=2.0, p50=2.5, p95=")


def test_a_summary_reads_like_a_dict(points: cmetrics.Points) -> None:
    summary = points.summary()
    names = sorted({point.name for point in points})
    assert list(summary) == summary.keys() == names
    assert len(summary) == len(names)
    assert [usage.name for usage in summary.values()] == names
    assert summary.items() == list(zip(names, summary.values()))
    assert dict(summary.items()) == {name: summary[name] for name in names}
    assert summary == points.summary() == cmetrics.results(points).summary()
    assert summary != points.summary(partial=True)
    assert cmetrics.results(points).summary(partial=True) == points.summary(partial=True)


def test_a_container_is_meant_by_name_alias_or_the_beginning_of_its_id(
    points: cmetrics.Points,
) -> None:
    summary = points.summary()
    usage = next(usage for usage in summary.values() if usage.alias is not None)
    for word in (usage.name, usage.alias, usage.name[:12]):
        assert word is not None
        assert word in summary
        assert summary[word] == summary.get(word) == usage
    assert "nowhere" not in summary
    assert summary.get("nowhere") is None
    assert summary.get("nowhere", 7) == 7
    with pytest.raises(LookupError, match="nowhere"):
        summary["nowhere"]
    assert repr(usage).startswith(f'<Usage of "{usage.alias}": {usage.intervals} interval')


def test_a_summary_is_a_table_of_flat_rows(points: cmetrics.Points) -> None:
    polars = pytest.importorskip("polars")
    summary = points.summary()
    frame = polars.DataFrame(summary.to_dicts(), infer_schema_length=None)
    assert frame.columns[:3] == ["name", "alias", "intervals"]
    wanted = [f"{quantity}.{figure}" for quantity in QUANTITIES for figure in FIGURES]
    assert frame.columns[3:] == wanted
    spreads = [usage.cores for usage in summary.values()]
    assert frame["cores.p95"].to_list() == [one and one.p95 for one in spreads]
    assert frame["cores.p95"].dtype == polars.Float64


def test_a_summary_is_shown_as_aligned_text() -> None:
    made = [made_up.point("/web", 0, cores=0.5, memory=2048), made_up.point("/db", 0)]
    assert repr(made_up.points(*made).summary()).splitlines() == [
        "<Summary: 2 containers, means over complete intervals>",
        "container  intervals  cores    p95    max  memory    max  sent  received  read  written",
        "/db                1      -      -      -       -      -     -         -     -        -",
        "/web               1  0.500  0.500  0.500   2 MiB  2 MiB     -         -     -        -",
    ]


def test_of_many_containers_twenty_are_shown() -> None:
    summary = made_up.points(*(made_up.point(f"/{n:02}", 0) for n in range(23))).summary()
    lines = repr(summary).splitlines()
    assert len(lines) == 1 + 1 + 20 + 1
    assert lines[-1] == "... and 3 more"
    assert lines[-2].startswith("/19 ")
    html = summary._repr_html_()
    assert html.count("<tr>") == 21
    assert "... and 3 more" in html


def test_names_do_not_break_out_of_the_table_of_a_notebook() -> None:
    html = made_up.points(made_up.point("/<script>", 0, cores=1)).summary()._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert html.count("<th>") == 2 + 6 * 5
