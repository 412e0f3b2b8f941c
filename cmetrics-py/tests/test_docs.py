"""What is public has a docstring, and the examples in docstrings and READMEs run."""

from __future__ import annotations

import doctest
import importlib
import io
import json
import re
import time
import types
import urllib.request
from inspect import getdoc
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import cmetrics
from dumps import DATA, recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]
# The packages that examples may be about, and what tells that they are.
OPTIONAL = {
    "duckdb": "duckdb",
    "matplotlib": r"plt\.|\.plot\((?!kind=\"html\")",
    "numpy": "numpy",
    "pandas": "pandas",
    "polars": "polars",
    "pyarrow": r"pyarrow|to_arrow|to_parquet",
}


def documented() -> Iterator[tuple[str, Any]]:
    """Each public function, class and member of it that is the package's own."""
    for name in cmetrics.__all__:
        public = getattr(cmetrics, name)
        if name == "__version__":
            continue
        yield name, public
        if isinstance(public, type):
            members = [member for member in vars(public) if not member.startswith("_")]
            yield from ((f"{name}.{member}", vars(public)[member]) for member in members)


def docstring(public: object) -> str:
    return getdoc(public) or ""


class Example(NamedTuple):
    """Code that documentation shows."""

    place: str
    code: str


def blocks(place: str, text: str) -> list[Example]:
    """The Python code in a text: fenced blocks, and what stands behind `>>>`."""
    fenced = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    asked = "".join(example.source for example in doctest.DocTestParser().get_examples(text))
    return [Example(place, dedent(code)) for code in [*fenced, asked] if code]


def section(text: str, title: str) -> str:
    """What stands under a title."""
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


class EnoughError(Exception):
    """Ends an example that goes on for ever."""


def enough(*_: object) -> bytes:
    raise EnoughError


def sealed() -> types.SimpleNamespace:
    """What can be subscribed to, with points and an end."""
    recorder = cmetrics.Recorder()
    subscription = recorder.subscribe()
    recorder.source("recorded").ingest(recorded("steady-1s", "v1.3-docker")[0].read_bytes())
    recorder.flush()
    return types.SimpleNamespace(subscribe=lambda: subscription)


def pyplot() -> types.ModuleType | None:
    """Matplotlib's `pyplot`, without windows, where it is installed."""
    try:
        matplotlib = importlib.import_module("matplotlib")
    except ImportError:
        return None
    matplotlib.use("agg")
    return importlib.import_module("matplotlib.pyplot")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A folder with dumps to run examples in, and the names that they take for granted."""
    dumps = tmp_path / "dumps"
    dumps.mkdir()
    for path in recorded("steady-1s", "v1.3-docker"):
        (dumps / path.name).write_bytes(path.read_bytes())
    core = tmp_path / "cmetrics-core" / "tests"
    core.mkdir(parents=True)
    (core / "data").symlink_to(DATA, target_is_directory=True)
    reply = recorded("steady-1s", "v1.3-docker")[0].read_bytes()
    monkeypatch.setattr(urllib.request, "urlopen", lambda _url: io.BytesIO(reply))
    monkeypatch.setattr(time, "sleep", enough)
    monkeypatch.chdir(tmp_path)
    recorder, store = cmetrics.Recorder(), cmetrics.Store("store")
    store.ingest("dumps")
    replies = iter([reply, reply])
    return {
        "__name__": "__main__",
        "cmetrics": cmetrics,
        "json": json,
        "plt": pyplot(),
        "points": cmetrics.points("dumps", metrics="all"),
        "poll": lambda: next(replies, None) or enough(),
        "recorder": recorder,
        "reply": reply,
        "source": recorder.source("node7"),
        "store": store,
        "time": time,
        "urllib": urllib,
    }


def run(example: Example, names: dict[str, Any]) -> None:
    """Run it, unless a package is missing that it is about."""
    code = compile(example.code, example.place, "exec")
    for package, signs in OPTIONAL.items():
        if re.search(signs, example.code):
            pytest.importorskip(package)
    try:
        exec(code, names)  # noqa: S102
    except EnoughError:
        assert "while True" in example.code


EXAMPLES = [example for name, public in documented() for example in blocks(name, docstring(public))]
EXAMPLES += blocks("cmetrics", docstring(cmetrics))


def test_all_that_is_public_has_a_docstring() -> None:
    assert [name for name, public in documented() if not docstring(public).strip()] == []
    assert docstring(cmetrics)


def test_docstrings_of_ours_are_not_inherited() -> None:
    classes = {name: public for name, public in documented() if isinstance(public, type)}
    assert [name for name, public in classes.items() if not vars(public).get("__doc__")] == []


def test_the_first_example_is_that_of_the_package() -> None:
    assert any(example.place == "cmetrics" for example in EXAMPLES)


@pytest.mark.parametrize("example", [pytest.param(each, id=each.place) for each in EXAMPLES])
def test_the_examples_of_docstrings_run(example: Example, place: dict[str, Any]) -> None:
    if example.place.startswith("Subscription"):
        place["recorder"] = sealed()
    run(example, place)


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("readme", ["README.md", "cmetrics-py/README.md"])
def test_the_examples_of_the_readme_run_one_after_the_other(readme: str) -> None:
    text = (REPOSITORY / readme).read_text(encoding="utf-8")
    examples = blocks(readme, text if readme != "README.md" else section(text, "In Python"))
    assert len(examples) >= 4
    names: dict[str, Any] = {"__name__": "__main__"}
    for example in examples:
        run(example, names)
    names.clear()  # DuckDB tells at exit what of it is left


def test_the_pictures_of_the_readme_are_there_and_small() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    pictures = [REPOSITORY / path for path in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text)]
    assert len(pictures) == 2
    assert {picture.read_bytes()[:4] for picture in pictures} == {b"\x89PNG"}
    assert all(picture.stat().st_size < 150_000 for picture in pictures)


def test_a_page_of_a_registry_has_no_links_into_the_repository() -> None:
    text = (REPOSITORY / "cmetrics-py" / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert links
    assert [link for link in links if not link.startswith("https://")] == []
