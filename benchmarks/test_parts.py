"""The parts of a run, by pytest-benchmark: ``python -m pytest benchmarks``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import libcst
import pytest

from benchmarks import made
from hfmode_lint.analysis import analyse_program
from hfmode_lint.analysis.symbols import symbols_of
from hfmode_lint.analysis.units import OneFile, Unit
from hfmode_lint.relevance import may_matter_in_project

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
_FIXTURE = FIXTURES / "issue_20105" / "lightning_module_with_auto_model.py"
_LINES = 3_000


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of a file that loads a model and holds much else."""
    folder = made.file_of_lines(tmp_path_factory.mktemp("made") / "lines", _LINES)
    return (folder / "made.py").read_text(encoding="utf-8")


def test_bytes_of_an_irrelevant_file(
    benchmark: BenchmarkFixture, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = made.irrelevant_file(tmp_path_factory.mktemp("made") / "irrelevant")
    data = (folder / "made.py").read_bytes()
    assert not benchmark(may_matter_in_project, data)


def test_symbols(benchmark: BenchmarkFixture, text: str) -> None:
    assert benchmark(symbols_of, text)


def test_libcst_s_parser(benchmark: BenchmarkFixture, text: str) -> None:
    assert benchmark(libcst.parse_module, text).body


def test_interpretation_of_a_fixture(benchmark: BenchmarkFixture) -> None:
    unit = Unit(str(_FIXTURE), lambda: _FIXTURE.read_text(encoding="utf-8"))
    assert unit.readable
    assert benchmark(analyse_program, OneFile(), [unit], [unit])
