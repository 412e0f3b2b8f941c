"""What nobody has any more is freed."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING, Any

import pytest

import cmetrics
from dumps import dump

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BAD = [b"no dump", dump()]


def ingest(sources: object, folder: Path) -> object:
    with cmetrics.Store(folder / "store") as store:
        anything: Any = store.ingest
        return anything(sources)


CALLS: dict[str, Callable[[Any, Path], object]] = {
    "points": lambda sources, _: cmetrics.points(sources),
    "inspect": lambda sources, _: cmetrics.inspect(sources),
    "a pipeline": lambda sources, _: cmetrics.Pipeline().read(sources),
    "a store": ingest,
}


@pytest.mark.parametrize("call", CALLS)
def test_an_exception_goes_with_all_that_it_has(call: str, tmp_path: Path) -> None:
    with pytest.raises(cmetrics.DumpError) as caught:
        CALLS[call](BAD, tmp_path)
    seen = weakref.ref(caught.value)
    del caught
    gc.collect()
    assert seen() is None


def test_points_that_are_shared_keep_their_errors() -> None:
    points = cmetrics.points(BAD, on_error="collect")
    some = points[:1]
    del points
    gc.collect()
    assert [error.kind for error in some.errors] == ["not_a_dump"]
    some = some + some
    gc.collect()
    assert len(some.errors) == 2
