"""The flake8 plugin, through the real flake8: the command's findings, flake8's own options."""

from __future__ import annotations

import argparse
import ast
import gc
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hfmode_lint import analysis
from hfmode_lint.flake8_plugin import Plugin
from tests.programs import BUGGY, FIXED, MESSAGE, PLACE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hfmode_lint.analysis import FileAnalysis
    from hfmode_lint.analysis.units import Modules, Unit

FOUND = f"model.py:{PLACE}: {MESSAGE}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.py").write_text(BUGGY)
    (tmp_path / "clean.py").write_text(FIXED)
    return tmp_path


def flake8(folder: Path, *arguments: str, stdin: str | None = None) -> str:
    result = subprocess.run(
        [sys.executable, "-m", "flake8", "--max-line-length=200", *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        input=stdin,
        timeout=120,
    )
    assert result.stderr == ""
    return result.stdout


def command(folder: Path, *arguments: str) -> str:
    result = subprocess.run(
        [sys.executable, "-m", "hfmode_lint", "--output-format=concise", *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        timeout=120,
    )
    return result.stdout


def test_the_same_finding_as_the_command(folder: Path) -> None:
    assert flake8(folder, "model.py", "clean.py") == FOUND
    assert command(folder, "model.py", "clean.py") == FOUND


def test_the_same_columns_behind_a_byte_order_mark(folder: Path) -> None:
    (folder / "model.py").write_text("﻿" + BUGGY.split("\n", 1)[0] + "; X = 1\n" + BUGGY)
    assert flake8(folder, "--select=HFM", "model.py") == command(folder, "model.py") != ""


def test_a_name_that_would_forge_a_line(folder: Path) -> None:
    forged = r"x\nmodel.py:1:1: E999 \u2028##[error]\x1b[31m"
    lines = [
        line.replace("self.encoder =", f'setattr(self, "{forged}",')
        + ")" * ("self.encoder =" in line)
        for line in BUGGY.splitlines()
    ]
    (folder / "model.py").write_text("\n".join(lines) + "\n")
    shown = flake8(folder, "--select=HFM", "model.py")
    assert shown == command(folder, "model.py")
    assert shown.count("\n") == 1
    assert r"self.x\nmodel.py:1:1: E999 \u2028##\x5berror]\x1b[31m is loaded" in shown


def test_several_processes(folder: Path) -> None:
    for number in range(8):
        (folder / f"m{number}.py").write_text(BUGGY)
    assert len(flake8(folder, "-j", "2", ".").splitlines()) == 9


def test_who_asks_for_many_files_has_them_looked_at_together(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    files = [folder / f"m{number}.py" for number in range(5)]
    for path in files:
        path.write_text(BUGGY)
    together = []

    def analyse(
        modules: Modules, entries: Sequence[Unit], wanted: Sequence[Unit]
    ) -> list[FileAnalysis]:
        together.append(len(wanted))
        return analysis.analyse_program(modules, entries, wanted)

    monkeypatch.setattr("hfmode_lint.project.analyse_program", analyse)
    monkeypatch.setattr(Plugin, "_arguments", argparse.Namespace(filenames=[str(folder)]))
    monkeypatch.setattr(Plugin, "_read", None)
    before = gc.get_threshold()
    for path in files:
        text = path.read_text()
        found = list(Plugin(ast.parse(text), text.splitlines(keepends=True), str(path)).run())
        assert [line for line, *_ in found] == [int(PLACE.partition(":")[0])]
    # The first one, then what is left, model.py and clean.py among them.
    assert together == [1, 6]
    assert gc.get_threshold() == before


def test_standard_input(folder: Path) -> None:
    options = ("--stdin-display-name", "model.py", "-")
    assert flake8(folder, *options, stdin=BUGGY) == FOUND


@pytest.mark.parametrize(
    "options",
    [
        ["--extend-ignore=HFM001"],
        ["--select=HFM002"],
        ["--per-file-ignores=model.py:HFM"],
        ["--ignore=HFM"],
    ],
)
def test_flake8_s_options(folder: Path, options: list[str]) -> None:
    assert flake8(folder, *options, "model.py") == ""


def test_noqa(folder: Path) -> None:
    (folder / "model.py").write_text(BUGGY.replace('("x")', '("x")  # noqa: HFM001'))
    assert flake8(folder, "model.py") == ""


def test_a_broken_file_is_flake8_s_own(folder: Path) -> None:
    (folder / "model.py").write_text("def (:\n# lightning from_pretrained\n")
    shown = flake8(folder, "model.py")
    assert "E999" in shown
    assert "HFM" not in shown


def test_an_irrelevant_file_costs_no_parser() -> None:
    code = (
        "import ast, sys\n"
        "from hfmode_lint.flake8_plugin import Plugin\n"
        "assert list(Plugin(ast.parse('x = 1'), ['x = 1'], 'x.py').run()) == []\n"
        "sys.exit('libcst' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
