"""What several test files share: what takes long to make, and what no test may touch."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from pathlib import Path

_numbers = count()

# How long an example takes is the machine's affair, and how many are no programs is chance: neither
# fails a test.
settings.register_profile(
    "any-time",
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
settings.load_profile("any-time")


@pytest.fixture(scope="session")
def pre_commit_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps the environments of hooks: an install of this repository.

    It is made once for all processes of a run; pre-commit has a lock for that.
    """
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "pre-commit"
    home.mkdir(exist_ok=True)
    return home


@pytest.fixture(scope="session")
def all_caches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which each test has a cache of its own, once it runs the command."""
    return tmp_path_factory.mktemp("caches")


@pytest.fixture(autouse=True)
def cache_folder(all_caches: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache of one test: what another one has found would hide what this one asks for."""
    folder = all_caches / str(next(_numbers))
    monkeypatch.setenv("HFMODE_LINT_CACHE_DIR", str(folder))
    return folder
