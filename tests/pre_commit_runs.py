"""Runs of the hooks, through the real ``pre-commit try-repo`` on this repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

_GIT = {
    "GIT_AUTHOR_EMAIL": "tests@example.org",
    "GIT_AUTHOR_NAME": "Tests",
    "GIT_COMMITTER_EMAIL": "tests@example.org",
    "GIT_COMMITTER_NAME": "Tests",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*",
}

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def stage_all(folder: Path) -> None:
    """Make a folder a repository with everything in it staged."""
    for arguments in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)


def try_hook(
    repository: Path, hook: str, home: Path, python: str = sys.executable
) -> subprocess.CompletedProcess[str]:
    """Run a hook on all files of a repository.

    :param home: where pre-commit keeps the environment that it makes for the hook.
    :param python: the interpreter that has pre-commit.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return subprocess.run(
        [python, "-m", "pre_commit", "try-repo", str(ROOT), hook, "--all-files"],
        capture_output=True,
        check=False,
        cwd=repository,
        encoding="utf-8",
        env=environment | _GIT | {"PRE_COMMIT_HOME": str(home)},
        timeout=600,
    )
