"""Python environments of the benches' own, below target/."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from report import ROOT, TARGET, default_flags


def environment(name: str, *packages: str) -> Path:
    """The interpreter of an environment that has these packages."""
    folder = TARGET / name
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    install(python, *packages)
    return python


def install(python: Path, *what: str) -> None:
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, *what], check=True)


def install_package(python: Path) -> None:
    """The Python package, as it is released but for the platform that its wheel is tagged for."""
    wheels = TARGET / "wheels" / "release"
    for old in wheels.glob("*.whl"):
        old.unlink()
    build = [python, "-m", "maturin", "build", "--quiet", "--profile", "wheel", "--locked"]
    build += ["--interpreter", python, "--out", wheels]
    subprocess.run(build, check=True, cwd=ROOT / "cmetrics-py", env=default_flags())
    install(python, "--force-reinstall", "--no-deps", *(str(wheel) for wheel in wheels.glob("*")))
