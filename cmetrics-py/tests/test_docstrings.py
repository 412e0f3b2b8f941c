"""The script that writes the docstrings of the stub file."""

from __future__ import annotations

import ast
import runpy
from pathlib import Path
from types import SimpleNamespace

SCRIPT = runpy.run_path(str(Path(__file__).parents[1] / "docstrings"), run_name="docstrings")

STUB = '''\
class OnlyForTypes:
    """What stands here."""

@final
class Thing(Base):
    """An old text
    of two lines.
    """

    attribute: int
    """It stays."""
    def __len__(self) -> int: ...
    @property
    def figure(self) -> int:
        """An old text."""
    @overload
    def get(self, index: int) -> int: ...
    @overload
    def get(self, index: slice) -> Thing: ...

class Bare:
    attribute: int

def new(
    first: int,
) -> int: ...
def undocumented() -> int: ...
'''

FILLED = '''\
class OnlyForTypes:
    """What stands here."""

@final
class Thing(Base):
    """A thing."""

    attribute: int
    """It stays."""
    def __len__(self) -> int: ...
    @property
    def figure(self) -> int:
        """A figure.

        In bytes, of `a` and
          `b`.
        """
    @overload
    def get(self, index: int) -> int:
        r"""Get one: \\d."""
    @overload
    def get(self, index: slice) -> Thing: ...

class Bare:
    """Bare."""

    attribute: int

def new(
    first: int,
) -> int:
    """Make one."""
def undocumented() -> int: ...
'''


class Thing:
    """A thing."""

    def __len__(self) -> int:
        return 0

    @property
    def figure(self) -> int:
        """A figure.

In bytes, of `a` and
  `b`."""  # fmt: skip
        return 0

    def get(self, index: object) -> object:
        r"""Get one: \d."""
        return index


class Bare:
    """Bare."""


def new(first: int) -> int:
    """Make one."""
    return first


def undocumented() -> int:
    return 0


def test_docstrings_are_those_of_the_module_and_all_else_stays() -> None:
    module = SimpleNamespace(Thing=Thing, Bare=Bare, new=new, undocumented=undocumented)
    found = list(SCRIPT["documented"](ast.parse(STUB), module))
    assert SCRIPT["filled"](STUB, found) == FILLED
    again = list(SCRIPT["documented"](ast.parse(FILLED), module))
    assert SCRIPT["filled"](FILLED, again) == FILLED


def test_what_python_says_of_every_object_is_nothing_to_write() -> None:
    assert SCRIPT["text_of"](vars(str)["__len__"]) is None
    assert SCRIPT["text_of"](object.__reduce__) is None
    assert SCRIPT["text_of"](str.join).startswith("Concatenate")
    assert SCRIPT["text_of"](SimpleNamespace(__doc__="f(a)\n--\n\nText.")) == "Text."
