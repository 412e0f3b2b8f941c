"""What the package shows."""

from __future__ import annotations

from importlib import metadata, resources

import cmetrics


def test_all_names_that_are_public_are_there() -> None:
    for name in cmetrics.__all__:
        assert hasattr(cmetrics, name)


def test_the_version_is_that_of_the_distribution() -> None:
    assert cmetrics.__version__ == metadata.version("cmetrics")


def test_the_package_is_typed() -> None:
    assert resources.files(cmetrics).joinpath("py.typed").is_file()
    assert resources.files(cmetrics).joinpath("_cmetrics.pyi").is_file()


def test_every_public_class_and_function_is_documented() -> None:
    for name in cmetrics.__all__:
        assert getattr(cmetrics, name).__doc__
