"""What the wheel and the source distribution hold."""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
import zipfile
from email.parser import HeaderParser
from importlib import import_module
from pathlib import Path

import pytest

import hfmode_lint

ROOT = Path(__file__).resolve().parent.parent.parent
OF_A_CHECKOUT = (".ci/", ".github/", ".pre-commit-config.yaml")


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    source = ROOT / "src"
    package = {
        str(path.relative_to(source))
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    information = {name for name in names if ".dist-info/" in name}
    assert names - information == package
    assert {name.partition("/")[2] for name in information} == {
        "METADATA",
        "RECORD",
        "WHEEL",
        "entry_points.txt",
        "licenses/LICENSE",
    }


def test_the_wheel_is_for_every_platform_and_has_the_one_version(wheel: Path) -> None:
    assert wheel.name == f"hfmode_lint-{hfmode_lint.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        name = f"hfmode_lint-{hfmode_lint.__version__}.dist-info/METADATA"
        metadata = HeaderParser().parsestr(archive.read(name).decode())
    assert metadata["Version"] == hfmode_lint.__version__
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.10"


def test_the_description_is_shown_on_pypi(wheel: Path) -> None:
    """With PyPI's own renderer, and without a link that leads nowhere there."""
    markdown = import_module("readme_renderer.markdown")
    with zipfile.ZipFile(wheel) as archive:
        name = f"hfmode_lint-{hfmode_lint.__version__}.dist-info/METADATA"
        metadata = HeaderParser().parsestr(archive.read(name).decode())
    assert metadata["Description-Content-Type"] == "text/markdown"
    shown = markdown.render(metadata.get_payload())
    assert "<table>" in shown
    targets = re.findall(r'(?:href|src)="([^"]*)"', shown)
    # It gives each heading a link to itself.
    known = ("https://", "#user-content-")
    assert [target for target in targets if not target.startswith(known)] == []


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_source_distribution_can_be_tested(sdist: Path) -> None:
    """It holds all that git knows, but for what only a checkout has a use for."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        capture_output=True,
        check=True,
        cwd=ROOT,
        encoding="utf-8",
    )
    known = {name for name in listed.stdout.split("\0") if name}
    of_a_checkout = {name for name in known if name.startswith(OF_A_CHECKOUT)}
    with tarfile.open(sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers()}
    assert names == known - of_a_checkout | {"PKG-INFO"}
