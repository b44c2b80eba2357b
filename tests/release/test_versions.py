"""The oldest and the newest of what hfmode-lint works with: all find the same.

All oldest ones at once are a step of ``.ci/run``; here each has its turn beside newer ones.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.pre_commit_runs import needs_git, stage_all, try_hook
from tests.programs import BUGGY, MESSAGE, NOTEBOOK, PLACE
from tests.release.conftest import Environment

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment in which the tests put one version in place of another."""
    return Environment(tmp_path_factory.mktemp("versions") / "venv", wheel, "pre-commit")


@pytest.fixture(scope="module")
def expected(
    environment: Environment, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, list[str]]:
    """What is found with the newest of all."""
    return found(environment, tmp_path_factory.mktemp("newest"))


def found(environment: Environment, folder: Path) -> tuple[str, list[str]]:
    """What the command and the plugin print of programs, a project and a notebook."""
    for name in ("branches", "notebooks", "projects/factory_network_lit"):
        shutil.copytree(FIXTURES / name, folder / name)
    command = environment.run("hfmode-lint", "--no-cache", "--isolated", ".", cwd=folder)
    assert (command.returncode, command.stderr) == (1, "")
    plugin = environment.run("flake8", "--isolated", "--select", "HFM", ".", cwd=folder)
    assert (plugin.returncode, plugin.stderr) == (1, "")
    # flake8 takes folders in the order of the file system.
    return command.stdout, sorted(plugin.stdout.splitlines())


@pytest.mark.parametrize(
    "package",
    [
        "flake8==5.0.4",
        "flake8==6.0.0",
        "flake8==6.1.0",
        "flake8==7.0.0",
        "click==8.1.0",
        "click==8.2.0",
        "libcst==1.5.0",
        "libcst==1.7.0",
    ],
)
def test_one_that_is_older(
    environment: Environment, expected: tuple[str, list[str]], tmp_path: Path, package: str
) -> None:
    environment.run("pip", "install", "--quiet", package).check_returncode()
    try:
        assert found(environment, tmp_path) == expected
        (tmp_path / "model.py").write_text(BUGGY)
        (tmp_path / ".flake8").write_text("[flake8]\nper-file-ignores = branches/*: HFM\n")
        plugin = environment.run("flake8", "--select", "HFM", "model.py", "branches", cwd=tmp_path)
        assert plugin.stdout == f"model.py:{PLACE}: {MESSAGE}\n"
    finally:
        name = package.partition("==")[0]
        environment.run("pip", "install", "--quiet", "--upgrade", name).check_returncode()


@needs_git
@pytest.mark.parametrize("version", ["2.9.2", "3.5.0", "4.0.0"])
def test_an_older_pre_commit(environment: Environment, tmp_path: Path, version: str) -> None:
    environment.run("pip", "install", "--quiet", f"pre-commit=={version}").check_returncode()
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "model.py").write_text(BUGGY)
    (repository / "train.ipynb").write_text(NOTEBOOK)
    stage_all(repository)
    result = try_hook(repository, "hfmode-lint", tmp_path / "home", environment.python)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"model.py:{PLACE}: HFM001 self.encoder" in result.stdout
    assert f"train.ipynb:cell 2:{PLACE}: HFM001 self.encoder" in result.stdout
