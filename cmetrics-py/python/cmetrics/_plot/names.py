"""The labels of containers in a picture."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cmetrics._plot.source import Container

_ID = re.compile(r"[0-9a-f]{64}")
_SHORT_ID = 12
_LONGEST = 30


def labels(names: Iterable[str], containers: Iterable[Container]) -> dict[str, str]:
    """Return a distinct label for each name.

    It is the first alias, else the first 12 digits of the id, else the cgroup path.
    """
    known = {container.name: container for container in containers}
    wanted = {name: _label(name, known) for name in names}
    for more in (_with_short_id, _with_name):
        wanted = _made_distinct(wanted, more)
    return wanted


def _label(name: str, known: Mapping[str, Container]) -> str:
    container = known.get(name)
    aliases = [alias for alias in container.aliases if alias != name] if container else []
    return _shortened(_printable(aliases[0])) if aliases else _with_short_id("", name)


def _made_distinct(wanted: dict[str, str], more: Callable[[str, str], str]) -> dict[str, str]:
    times = Counter(wanted.values())
    return {
        name: more(label, name) if times[label] > 1 else label for name, label in wanted.items()
    }


def _with_short_id(label: str, name: str) -> str:
    short = name[:_SHORT_ID] if _ID.fullmatch(name) else _shortened(_printable(name))
    return f"{label} ({short})" if label else short


def _with_name(label: str, name: str) -> str:
    return f"{label} ({name!r})"


def _printable(label: str) -> str:
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in label)


def _shortened(label: str) -> str:
    """Drop the middle of a long label, because paths and aliases differ at their ends."""
    if len(label) <= _LONGEST:
        return label
    half = (_LONGEST - 1) // 2
    return f"{label[:half]}\N{HORIZONTAL ELLIPSIS}{label[-half:]}"
