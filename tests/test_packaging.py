"""What an installed hfmode-lint declares of itself."""

from __future__ import annotations

from importlib import metadata
from importlib.resources import files

import hfmode_lint


def test_one_version() -> None:
    assert metadata.version("hfmode-lint") == hfmode_lint.__version__


def test_entry_points() -> None:
    points = {
        (point.group, point.name): point.value
        for point in metadata.distribution("hfmode-lint").entry_points
    }
    assert points == {
        ("console_scripts", "hfmode-lint"): "hfmode_lint.cli:main",
        ("console_scripts", "hfmode-lint-server"): "hfmode_lint.server.command:main",
        ("flake8.extension", "HFM"): "hfmode_lint.flake8_plugin:Plugin",
    }


def test_it_is_typed() -> None:
    assert files("hfmode_lint").joinpath("py.typed").is_file()
