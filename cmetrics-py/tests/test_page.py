"""Interactive pages of points."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from cmetrics._plot import Page, plot
from dumps import recorded
from plot_points import START, Event, Made, recorded_points, rows, waves

if TYPE_CHECKING:
    from pathlib import Path


class Parsed(HTMLParser):
    """The elements of a page, their attributes and their text."""

    def __init__(self, page: Page | str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(str(page))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.elements:
            tag, attributes, text = self.elements[-1]
            self.elements[-1] = (tag, attributes, text + data)

    def all(self, tag: str) -> list[str]:
        return [text for each, _, text in self.elements if each == tag]


def data(page: Page) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    text = next(text for text in Parsed(page).all("script"))
    found: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return found


def test_fifty_containers_for_an_hour_are_two_megabytes_at_most() -> None:
    page = plot(waves(50, 720), kind="html")
    assert len(str(page).encode()) <= 2_000_000
    found = data(page)
    assert (found["start"], found["width"], found["count"]) == (START, 5, 720)
    assert len(found["panels"]) == 6
    assert all(len(panel["lines"]) == 50 for panel in found["panels"])
    assert found["first"] == 10
    assert found["others"] == "40 others, least to greatest"


def test_a_page_of_more_is_still_two_megabytes_at_most() -> None:
    points = waves(60, 3000)
    points.columns["cpu.cfs_throttled_time"] = [1_234_567_891] * len(points.to_list("name"))
    page = plot(points, kind="html", top=60)
    assert len(str(page).encode()) <= 2_000_000
    assert len(data(page)["shown"]) == 60


def test_a_page_has_the_values_to_four_digits_and_null_for_what_is_not_there() -> None:
    points = rows(("/a", 0, 5, 1.23456), ("/a", 5, 10, None), ("/b", 10, 15, 0.0001234567))
    (panel,) = data(plot(points, kind="html"))["panels"]
    assert (panel["title"], panel["unit"], panel["band"]) == ("CPU", "cores", None)
    assert panel["lines"] == [{"mean": [1.235, None, None]}, {"mean": [None, None, 0.0001235]}]


def test_a_page_knows_restarts_limits_and_the_throttled_share() -> None:
    points = rows(
        ("/a", 0, 5, 1.0),
        events=[Event("/a", START + 2.25)],
        limits={"/a": {"cpu_cores": 1.5}},
    )
    points.columns["cpu.cfs_throttled_time"] = [2_500_000_000]
    page = plot(points, kind="html")
    cpu, throttled = data(page)["panels"]
    assert cpu["lines"][0]["limit"] == 1.5
    assert (throttled["fills"], throttled["lines"][0]["mean"]) == (True, [50])
    assert data(page)["shown"][0]["restarts"] == [START + 2.2]
    assert "dashed: limit" in str(page)
    assert "triangle: restart" in str(page)


def test_a_page_of_a_long_range_has_the_least_and_greatest_of_the_lines_in_view() -> None:
    found = data(plot(waves(11, 5000), kind="html"))
    assert found["width"] == 20
    for panel in found["panels"]:
        assert [set(line) for line in panel["lines"]] == [{"mean", "low", "high"}] * 10 + [{"mean"}]
        assert len(panel["band"]["low"]) == found["count"]


def test_a_page_asks_the_network_for_nothing() -> None:
    page = plot(recorded_points(recorded("v060-1s", "v1.3-docker")), kind="html")
    parsed = Parsed(page)
    assert "link" not in [tag for tag, _, _ in parsed.elements]
    for _, attributes, _ in parsed.elements:
        assert not {"src", "href", "srcset", "action"} & set(attributes)
    (policy,) = [a["content"] for _, a, _ in parsed.elements if "http-equiv" in a]
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "@import" not in str(page)
    assert "url(" not in "".join(parsed.all("style"))
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|importScripts)\b", str(page))


def test_a_page_carries_the_licence_of_what_draws_it() -> None:
    text = str(plot(waves(1, 1), kind="html"))
    assert "The MIT License (MIT)" in text
    assert "Leon Sorokin" in text


@pytest.mark.parametrize(
    "name", ["</script><script>a()</script>", "<!--<script>", "\"&amp;'", "\u2028{title}", "é"]
)
def test_no_name_or_title_can_break_out(name: str) -> None:
    page = plot(rows((name, 0, 5, 1.0)), kind="html", title=name)
    parsed = Parsed(page)
    assert len(parsed.all("script")) == 3
    assert not set("<>&") & set(parsed.all("script")[0].strip())
    assert parsed.all("h1")[0].strip() == name.strip()
    label = name.replace("\u2028", "\N{REPLACEMENT CHARACTER}")
    assert data(page)["shown"][0]["name"] == label
    assert data(page)["shown"][0]["label"] == label


def test_a_notebook_shows_the_page_in_a_frame_of_its_own() -> None:
    page = plot(rows(('"</iframe>&quot;', 0, 5, 1.0)), kind="html")
    ((tag, attributes, _),) = Parsed(page._repr_html_()).elements
    assert tag == "iframe"
    assert attributes["srcdoc"] == str(page)
    assert attributes["sandbox"] == "allow-scripts"


def test_a_page_is_saved_as_it_is(tmp_path: Path) -> None:
    page = plot(waves(3, 4), kind="html", path=tmp_path / "one.html", title="Größe")
    page.save(str(tmp_path / "two.html"))
    for name in ("one.html", "two.html"):
        assert (tmp_path / name).read_bytes() == str(page).encode()
    assert re.fullmatch(r"<Page: 6 panels, 3 containers, \d+ kB>", repr(page))


@pytest.mark.parametrize("points", [rows(), rows(("/a", 0, 5, None))])
def test_nothing_to_draw_is_a_page_that_says_so(points: Made) -> None:
    page = plot(points, kind="html")
    assert data(page)["panels"] == []
    said = "Nothing that is drawn was measured" if points.to_list("name") else "No points"
    assert said in str(page)


def test_the_scripts_of_a_page_can_be_parsed(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    for script in Parsed(plot(waves(1, 1), kind="html")).all("script")[1:]:
        (tmp_path / "script.js").write_text(script, encoding="utf-8")
        subprocess.run([node, "--check", tmp_path / "script.js"], check=True)  # noqa: S603
