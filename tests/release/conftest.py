"""These tests need what was built, in the folder that ``HFMODE_LINT_DIST`` names.

Each makes environments of its own and fills them from a package index.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_DIST = os.environ.get("HFMODE_LINT_DIST")

collect_ignore_glob = [] if _DIST else ["test_*.py"]


@pytest.fixture(scope="session")
def wheel() -> Path:
    """The wheel that was built."""
    return _only("*.whl")


@pytest.fixture(scope="session")
def sdist() -> Path:
    """The source distribution that was built."""
    return _only("*.tar.gz")


@pytest.fixture(scope="session")
def neighbours(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the wheel and what its users have beside it."""
    folder = tmp_path_factory.mktemp("neighbours") / "venv"
    plugins = ("flake8-bugbear", "flake8-async", "torchfix")
    return Environment(folder, wheel, *plugins, "mypy", "nbqa", "pyright[nodejs]", "ruff")


def _only(pattern: str) -> Path:
    [found] = Path(_DIST or "").resolve().glob(pattern)
    return found


class Environment:
    """A virtual environment with some packages, and the commands in it."""

    def __init__(self, folder: Path, *packages: str | Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        self._commands = folder / "bin"
        self.run("pip", "install", "--quiet", *map(str, packages)).check_returncode()

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self._commands / "python")

    def run(
        self, command: str, *arguments: str | Path, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment; what it prints is returned."""
        path = f"{self._commands}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            [self._commands / command, *arguments],
            capture_output=True,
            check=False,
            cwd=cwd,
            encoding="utf-8",
            env=os.environ | {"PATH": path, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
            timeout=600,
        )
