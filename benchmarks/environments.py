"""Virtual environments for the commands that are compared, each with one tool.

TorchFix asks for a libcst below 1.6, so that no environment could hold all; and flake8 loads each
plugin that it finds, so that flake8 alone needs one without ours. That one has the same packages
otherwise: how many there are decides how long flake8 looks for plugins.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
_OURS = "hfmode-lint"
_PINNED = {"ruff": "ruff==0.17.6", "torchfix": "TorchFix==0.7.0"}


class EnvironmentsError(Exception):
    """An environment that can't be made."""


class Environments:
    """The environments below one folder. They are made once; this checkout is installed anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self) -> None:
        """Make what is missing.

        :raises EnvironmentsError: where pip can't install something.
        """
        for name in (_OURS, "flake8"):
            self._make(name, [str(ROOT)])
        self._pip(_OURS, "install", "--force-reinstall", "--no-deps", str(ROOT))
        self._pip("flake8", "uninstall", "--yes", _OURS)
        for name, requirement in _PINNED.items():
            self._make(name, [requirement])

    @property
    def ours(self) -> str:
        """The ``hfmode-lint`` command."""
        return self._command(_OURS, "hfmode-lint")

    @property
    def python(self) -> str:
        """The interpreter that runs it."""
        return self._command(_OURS, "python")

    @property
    def flake8_with_plugin(self) -> str:
        """The ``flake8`` that loads our plugin."""
        return self._command(_OURS, "flake8")

    @property
    def flake8(self) -> str:
        """The ``flake8`` that knows nothing of it."""
        return self._command("flake8", "flake8")

    @property
    def ruff(self) -> str:
        """The ``ruff`` command."""
        return self._command("ruff", "ruff")

    @property
    def torchfix(self) -> str:
        """The ``torchfix`` command."""
        return self._command("torchfix", "torchfix")

    def versions(self) -> dict[str, str]:
        """The versions of what is compared, and of what the parsing depends on."""
        found: dict[str, str] = {}
        for environment, packages in {
            _OURS: ("hfmode-lint", "libcst", "flake8"),
            "ruff": ("ruff",),
            "torchfix": ("TorchFix",),
        }.items():
            listed = self._pip(environment, "list", "--format", "freeze").splitlines()
            installed = dict(line.partition("==")[::2] for line in listed if "==" in line)
            found |= {package: installed.get(package, "?") for package in packages}
        return found

    def _command(self, environment: str, name: str) -> str:
        return str(self._folder / environment / "bin" / name)

    def _make(self, name: str, requirements: Sequence[str]) -> None:
        folder = self._folder / name
        # Written last: an environment without it was interrupted.
        whole = folder / "requirements.txt"
        wanted = "\n".join(requirements)
        if whole.exists() and whole.read_text() == wanted:
            return
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        self._pip(name, "install", *requirements)
        whole.write_text(wanted)

    def _pip(self, name: str, *arguments: str) -> str:
        python = self._command(name, "python")
        quiet = "--disable-pip-version-check"
        return _run([python, "-m", "pip", quiet, *arguments])


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8")
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise EnvironmentsError(f"{' '.join(command)}: {said[-1] if said else 'failed'}")
    return done.stdout
