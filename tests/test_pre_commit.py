"""The hooks on a repository; what they find in projects of several files is in test_projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pre_commit_runs import needs_git, stage_all, try_hook
from tests.programs import BUGGY, FIXED, NOTEBOOK, PLACE

if TYPE_CHECKING:
    from pathlib import Path


@needs_git
def test_the_checking_and_the_fixing_hook(tmp_path: Path, pre_commit_home: Path) -> None:
    (tmp_path / "model.py").write_text(BUGGY)
    (tmp_path / "clean.py").write_text(FIXED)
    (tmp_path / "train.ipynb").write_text(NOTEBOOK)
    stage_all(tmp_path)

    checked = try_hook(tmp_path, "hfmode-lint", pre_commit_home)
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert f"model.py:{PLACE}: HFM001 self.encoder" in checked.stdout
    assert f"train.ipynb:cell 2:{PLACE}: HFM001 self.encoder" in checked.stdout
    assert "clean.py" not in checked.stdout
    assert (tmp_path / "model.py").read_text() == BUGGY

    fixed = try_hook(tmp_path, "hfmode-lint-fix", pre_commit_home)
    assert fixed.returncode == 1, fixed.stdout + fixed.stderr
    assert "files were modified by this hook" in fixed.stdout
    assert (tmp_path / "model.py").read_text() == FIXED
    assert ".train()" in (tmp_path / "train.ipynb").read_text()

    assert try_hook(tmp_path, "hfmode-lint", pre_commit_home).returncode == 0
