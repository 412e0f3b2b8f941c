"""Figures of points."""

# what matplotlib gives is typed too widely

from __future__ import annotations

import math
import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from cmetrics import _plot
from cmetrics._plot import plot
from dumps import recorded
from plot_points import START, Container, Event, Made, recorded_points, rows, waves

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("matplotlib")

ID = "0123456789ab" + "c" * 52


def panel(figure: Any, title: str) -> Any:
    """The axes under this title."""
    (found,) = [axes for axes in figure.axes if axes.get_title(loc="left") == title]
    return found


def titles(figure: Any) -> list[str]:
    return [axes.get_title(loc="left") for axes in figure.axes]


def line(axes: Any, label: str) -> Any:
    (found,) = [each for each in axes.get_lines() if each.get_label() == label]
    return found


def seconds(line: Any) -> list[int]:
    return [round(day * 86400) for day in line.get_xdata()]


def steps(line: Any, size: float = 1.0) -> dict[int, float]:
    """The values of a line by the seconds at which their steps begin."""
    pairs = zip(seconds(line), line.get_ydata())
    return {start: value * size for start, value in pairs if not math.isnan(value)}


def legend(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def band(axes: Any) -> dict[int, tuple[float, float]]:
    """The least and the greatest value of an area by the seconds at which steps begin."""
    edges: dict[int, list[float]] = {}
    for path in axes.collections[0].get_paths():
        corners = [(round(float(day) * 86400), float(value)) for day, value in path.vertices]
        for (left, low), (right, high) in zip(corners, corners[1:]):
            if low == high and left != right:
                edges.setdefault(min(left, right), []).append(low)
    return {start: (min(both), max(both)) for start, both in edges.items()}


def test_every_value_of_a_recording_is_a_step_in_its_panel() -> None:
    points = recorded_points(recorded("v060-1s", "v1.3-docker"))
    figure: Any = plot(points, top=20)
    quantities = {
        "CPU": "cpu.cores",
        "Memory": "memory.ave",
        "Network received": "network.rx_bytes_per_second",
        "Network sent": "network.tx_bytes_per_second",
        "Disk read": "diskio.read_bytes_per_second",
        "Disk written": "diskio.written_bytes_per_second",
    }
    sizes = {"cores": 1, "MiB": 1 << 20, "MiB/s": 1 << 20, "KiB/s": 1 << 10}
    assert titles(figure) == list(quantities)
    names = points.to_list("name")
    for title, field in quantities.items():
        factor = 1024 if field == "memory.ave" else 1
        wanted: dict[str, dict[int, float]] = {}
        for name, start, value in zip(names, points.to_list("start"), points.to_list(field)):
            if value is not None:
                wanted.setdefault(name, {})[start] = value * factor
        axes = panel(figure, title)
        size = sizes[axes.get_ylabel()]
        drawn = [each for each in axes.get_lines() if each.get_drawstyle() == "steps-post"]
        found = [steps(each, size) for each in drawn]
        assert sorted(map(sorted, found)) == sorted(map(sorted, wanted.values())), title
        for values in wanted.values():
            assert any(pytest.approx(values) == each for each in found), title


def test_a_step_ends_where_its_interval_ends() -> None:
    drawn = line(plot(rows(("/a", 0, 5, 0.5))).axes[0], "/a")
    assert seconds(drawn) == [START, START + 5]
    assert drawn.get_drawstyle() == "steps-post"
    assert drawn.get_ydata()[0] == 0.5


def test_a_line_breaks_where_there_is_no_point_and_where_there_is_no_value() -> None:
    points = rows(("/a", 0, 5, 1.0), ("/a", 5, 10, None), ("/a", 10, 15, 2.0), ("/a", 20, 25, 0.0))
    drawn = line(plot(points).axes[0], "/a")
    values = [None if math.isnan(value) else value for value in drawn.get_ydata()]
    assert values == [1.0, None, 2.0, None, 0.0, None]


def test_times_are_utc_and_the_axis_says_so() -> None:
    figure: Any = plot(waves(1, 720))
    figure.draw_without_rendering()
    assert figure.axes[-1].get_xlabel() == "21 Nov 2026, time in UTC"
    labels = [text.get_text() for text in figure.axes[-1].get_xticklabels()]
    assert "00:30" in labels
    assert figure.axes[0].get_xlim() == figure.axes[-1].get_xlim()


def test_a_restart_is_marked_in_its_containers_colour() -> None:
    events = [
        Event("/a", START + 7.0),
        Event("/a", START - 100.0),
        Event("/a", None),
        Event("/a", START + 3.0, "gap"),
    ]
    points = rows(("/a", 0, 5, 1.0), ("/a", 5, 10, 2.0), ("/b", 0, 5, 9.0), events=events)
    figure: Any = plot(points)
    mark = line(figure.axes[0], "/a: restart")
    assert seconds(mark) == [START + 7]
    assert mark.get_color() == line(figure.axes[0], "/a").get_color()
    assert mark.get_color() != line(figure.axes[0], "/b").get_color()
    assert "restart" in legend(figure)
    assert "restart" not in legend(plot(rows(("/a", 0, 5, 1.0))))


def test_a_limit_is_a_dashed_line_where_it_does_not_flatten_the_others() -> None:
    limits = {"/near": {"cpu_cores": 1.5}, "/far": {"cpu_cores": 64.0}, "/none": {}}
    points = rows(("/far", 0, 5, 1.0), ("/near", 0, 5, 0.9), ("/none", 0, 5, 0.1), limits=limits)
    figure: Any = plot(points)
    axes = figure.axes[0]
    limit = line(axes, "/near: limit")
    assert list(limit.get_ydata()) == [1.5, 1.5]
    assert limit.is_dashed()
    assert limit.get_color() == line(axes, "/near").get_color()
    assert legend(figure) == ["/far, limit 64 cores", "/near", "/none", "limit"]
    assert axes.get_ylim()[1] < 2.0
    assert legend(plot(points, top=11)) == ["/far", "/near", "/none"]


def test_ten_containers_have_lines_and_the_rest_is_a_band() -> None:
    points = rows(*((f"/{one:02}", at, at + 5, one + at) for one in range(1, 13) for at in (0, 5)))
    figure: Any = plot(points)
    assert legend(figure)[:2] == ["/12", "/11"]
    assert legend(figure)[-2:] == ["/03", "2 others, least to greatest"]
    assert len(figure.axes[0].get_lines()) == 10
    found = sorted(band(figure.axes[0]).items())
    assert [pair for _, pair in found] == [(1.0, 2.0), (6.0, 7.0)]
    assert "others" not in "".join(legend(plot(points, top=12)))
    assert legend(plot(points, top=11))[-1] == "1 other"


def test_a_container_is_large_by_cpu_or_by_memory() -> None:
    points = rows(("/cpu", 0, 5, 9.0), ("/none", 0, 5, 1.0), ("/memory", 0, 5, 0.0))
    points.columns["memory.ave"] = [1.0, 2.0, 300.0]
    assert legend(plot(points, top=2))[:2] == ["/memory", "/cpu"]


def test_a_long_range_is_drawn_at_the_mean_of_wider_steps_with_a_band_around_it() -> None:
    points = waves(1, 5000)
    figure: Any = plot(points)
    drawn = line(figure.axes[0], "/service-1")
    assert "mean of every 20 seconds" in figure.axes[-1].get_xlabel()
    values = points.to_list("cpu.cores")
    chunks = [values[at : at + 4] for at in range(0, 5000, 4)]
    assert list(steps(drawn).values()) == pytest.approx([sum(each) / 4 for each in chunks])
    pairs = [pair for _, pair in sorted(band(figure.axes[0]).items())]
    assert [low for low, _ in pairs] == pytest.approx([min(each) for each in chunks])
    assert [high for _, high in pairs] == pytest.approx([max(each) for each in chunks])


@pytest.mark.parametrize("seed", range(20))
def test_points_of_mixed_widths_are_drawn_at_their_mean_over_time(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 # the same at each run
    wanted: dict[int, list[float]] = {}
    every, at = [], 0
    for _ in range(chance.choice((1, 10, 300, 1500))):
        width = chance.choice((5, 10, 60))
        at = -(-at // width) * width + chance.choice((0, 0, width))
        value = chance.choice((None, 0.0, chance.random()))
        every.append(("/a", at, at + width, value))
        for second in range(at, at + width):
            if value is not None:
                wanted.setdefault(START + second, []).append(value)
        at += width
    chance.shuffle(every)
    figure: Any = plot(rows(*every))
    if not wanted:
        assert titles(figure) == []
        return
    drawn = line(figure.axes[0], "/a")
    width = seconds(drawn)[1] - seconds(drawn)[0]
    for start, value in zip(seconds(drawn), drawn.get_ydata()):
        there = [each for at in range(start, start + width) for each in wanted.get(at, [])]
        assert value == pytest.approx(sum(there) / len(there) if there else math.nan, nan_ok=True)


@pytest.mark.parametrize("points", [100, 5000])
def test_the_order_of_points_changes_nothing(points: int) -> None:
    every = [("/a", at, at + 5, float(at % 17)) for at in range(0, points * 5, 5)]
    wanted = steps(line(plot(rows(*every)).axes[0], "/a"))
    halves = [*every[points // 2 :], ("/b", 0, 5, 1.0), *every[: points // 2]]
    for order in (every[::-1], halves, every[::2] + every[1::2]):
        assert steps(line(plot(rows(*order)).axes[0], "/a")) == pytest.approx(wanted)


@pytest.mark.parametrize("width", [1, 5, 7, 60, 3600, 100_000])
@pytest.mark.parametrize("points", [1, 2, 1499, 1500, 1501, 4000, 2_000_000])
def test_a_figure_never_has_more_steps_than_pixels(width: int, points: int) -> None:
    first, last = START // width * width, (START // width + points) * width
    every = rows(("/a", 0, 0, 1.0), ("/a", 0, 0, 2.0))
    every.columns["start"] = [first, last - width]
    every.columns["end"] = [first + width, last]
    drawn = line(plot(every).axes[0], "/a")
    assert len(drawn.get_xdata()) <= 1501
    assert (seconds(drawn)[1] - seconds(drawn)[0]) % width == 0
    assert seconds(drawn)[0] <= first
    assert last <= seconds(drawn)[-1]


def test_a_panel_without_values_is_left_out_and_named() -> None:
    figure: Any = plot(rows(("/a", 0, 5, 1.0)))
    assert titles(figure) == ["CPU"]
    missing = "Memory, Network received, Network sent, Disk read, Disk written"
    assert f"not measured: {missing}" in figure.axes[-1].get_xlabel()


def test_the_throttled_share_is_shaded_where_its_metrics_were_selected() -> None:
    points = rows(("/a", 0, 5, 1.0), ("/a", 5, 10, 1.0), ("/b", 0, 5, 0.5))
    points.columns["cpu.cfs_throttled_time"] = [2_500_000_000, 0, None]
    for periods, wanted in ((False, [50.0, 0.0]), (True, [20.0, 0.0])):
        if periods:
            points.columns["cpu.cfs_throttled_periods"] = [10, 0, None]
            points.columns["cpu.cfs_periods"] = [50, 0, None]
        axes = panel(plot(points), "CPU throttled")
        assert axes.get_ylabel() == "% throttled"
        assert list(steps(line(axes, "/a")).values()) == wanted
        assert len(axes.get_lines()) == 1
        assert [high for _, high in sorted(band(axes).values(), reverse=True)] == wanted
    del points.columns["cpu.cfs_throttled_time"], points.columns["cpu.cfs_throttled_periods"]
    assert titles(plot(points)) == ["CPU"]


def test_the_throttled_share_is_of_the_time_that_samples_cover() -> None:
    points = rows(("/a", 0, 5, 1.0), ("/a", 5, 10, 1.0), ("/a", 10, 15, 1.0))
    points.columns["cpu.cfs_throttled_time"] = [1_000_000_000, 2_500_000_000, 1]
    points.columns["rate_seconds"] = [2.0, 5.0, None]
    axes = panel(plot(points), "CPU throttled")
    assert list(steps(line(axes, "/a")).values()) == [50.0, 50.0]


@pytest.mark.parametrize("points", [rows(), rows(("/a", 0, 5, None))])
def test_nothing_to_draw_is_a_figure_that_says_so(points: Made) -> None:
    figure: Any = plot(points)
    assert figure.axes == []
    said = "Nothing that is drawn was measured" if points.to_list("name") else "No points"
    assert [text.get_text() for text in figure.texts] == [said]
    assert figure._repr_png_()


@pytest.mark.parametrize(
    ("greatest", "field", "symbol", "drawn"),
    [
        (0.004, "cpu.cores", "millicores", 4),
        (0.5, "cpu.cores", "cores", 0.5),
        (0.0, "cpu.cores", "millicores", 0),
        (3.0, "memory.ave", "KiB", 3),
        (2048.0, "memory.ave", "MiB", 2),
        (3 << 20, "memory.ave", "GiB", 3),
        (1000.0, "diskio.read_bytes_per_second", "bytes/s", 1000),
        (1024.0, "diskio.read_bytes_per_second", "KiB/s", 1),
        (1536.0, "diskio.read_bytes_per_second", "KiB/s", 1.5),
    ],
)
def test_an_axis_has_a_unit_that_suits_its_values(
    greatest: float, field: str, symbol: str, drawn: float
) -> None:
    points = rows(("/a", 0, 5, None))
    points.columns[field] = [greatest]
    (axes,) = plot(points).axes
    assert axes.get_ylabel() == symbol
    assert list(steps(line(axes, "/a")).values()) == pytest.approx([drawn])


def test_a_container_is_called_by_alias_or_short_id_or_path_and_no_two_alike() -> None:
    twin = ID[::-1]
    containers = [
        Container("/x", ["web", "other"]),
        Container(ID, ["db"]),
        Container(twin, [twin, "db"]),
        Container("f" * 64),
    ]
    names = ["/x", ID, twin, "f" * 64, "/" + "long/" * 20]
    points = rows(*((name, 0, 5, 9.0 - at) for at, name in enumerate(names)), containers=containers)
    assert legend(plot(points)) == [
        "web",
        "db (0123456789ab)",
        "db (cccccccccccc)",
        "ffffffffffff",
        "/long/long/lon…ong/long/long/",
    ]


@pytest.mark.parametrize("name", ["_hidden", "$x$", r"$\frac{$", "</b>", "a\nb", "%s{}"])
def test_any_name_can_be_drawn(name: str) -> None:
    figure: Any = plot(rows((name, 0, 5, 1.0)), title=name)
    assert legend(figure) == [name.replace("\n", "\N{REPLACEMENT CHARACTER}")]
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_the_figure_is_written_to_a_path(tmp_path: Path) -> None:
    plot(waves(2, 20), path=tmp_path / "points.png", title="Two waves")
    assert (tmp_path / "points.png").read_bytes().startswith(b"\x89PNG")
    plot(waves(2, 20), path=str(tmp_path / "points.svg"))
    assert "<svg" in (tmp_path / "points.svg").read_text()


def test_an_argument_that_cannot_be_is_a_value_error() -> None:
    wrong: Any = "png"
    with pytest.raises(ValueError, match="kind: 'png' is neither 'matplotlib' nor 'html'"):
        plot(waves(1, 1), kind=wrong)
    with pytest.raises(ValueError, match="top: 0 is not a number of containers from 1"):
        plot(waves(1, 1), top=0)


def test_a_missing_matplotlib_is_named_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "cmetrics._plot.figure", raising=False)
    monkeypatch.delattr(_plot, "figure", raising=False)
    with pytest.raises(ImportError, match="pip install matplotlib"):
        plot(waves(1, 1))
    assert "<html" in str(plot(waves(1, 1), kind="html"))


def test_pyplot_does_not_know_the_figure_and_a_page_needs_no_matplotlib() -> None:
    code = """
import sys
from plot_points import waves
from cmetrics._plot import plot
assert "matplotlib" not in sys.modules
plot(waves(1, 1), kind="html")
assert "matplotlib" not in sys.modules and "numpy" not in sys.modules
figure = plot(waves(1, 1))
import matplotlib
matplotlib.use("agg")
from matplotlib import pyplot
assert pyplot.get_fignums() == []
assert isinstance(figure, matplotlib.figure.Figure)
"""
    folder = str(__file__).rpartition("/")[0]
    command = [sys.executable, "-c", code]
    subprocess.run(command, check=True, cwd=folder, env={**os.environ, "PYTHONPATH": folder})  # noqa: S603


def test_the_day_of_the_axis_is_that_of_the_points() -> None:
    figure: Any = plot(rows(("/a", 0, 5, 1.0), ("/a", 86400, 86405, 1.0)))
    assert "21 Nov 2026 to 22 Nov 2026, time in UTC" in figure.axes[-1].get_xlabel()
