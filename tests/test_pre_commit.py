"""The hooks, through the real ``pre-commit try-repo`` on this repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import BUGGY, FIXED, NOTEBOOK, PLACE

ROOT = Path(__file__).resolve().parent.parent

GIT = {
    "GIT_AUTHOR_EMAIL": "tests@example.org",
    "GIT_AUTHOR_NAME": "Tests",
    "GIT_COMMITTER_EMAIL": "tests@example.org",
    "GIT_COMMITTER_NAME": "Tests",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "model.py").write_text(BUGGY)
    (folder / "clean.py").write_text(FIXED)
    (folder / "train.ipynb").write_text(NOTEBOOK)
    for arguments in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder


def try_hook(project: Path, hook: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), hook, "--all-files"],
        capture_output=True,
        check=False,
        cwd=project,
        encoding="utf-8",
        env=environment | GIT | {"PRE_COMMIT_HOME": str(project.parent / "cache")},
        timeout=600,
    )


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_checking_and_the_fixing_hook(project: Path) -> None:
    checked = try_hook(project, "hfmode-lint")
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert f"model.py:{PLACE}: HFM001 self.encoder" in checked.stdout
    assert f"train.ipynb:cell 2:{PLACE}: HFM001 self.encoder" in checked.stdout
    assert "clean.py" not in checked.stdout
    assert (project / "model.py").read_text() == BUGGY

    fixed = try_hook(project, "hfmode-lint-fix")
    assert fixed.returncode == 1, fixed.stdout + fixed.stderr
    assert "files were modified by this hook" in fixed.stdout
    assert (project / "model.py").read_text() == FIXED
    assert ".train()" in (project / "train.ipynb").read_text()

    assert try_hook(project, "hfmode-lint").returncode == 0
