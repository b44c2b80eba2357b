"""Every program in fixtures/ gives exactly the findings that stand beside it."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, cast

import pytest

from hfmode_lint import Applicability, Options, check_source, fix_source
from hfmode_lint.rules import RULES

if TYPE_CHECKING:
    from hfmode_lint import Finding

FIXTURES = Path(__file__).parent.parent / "fixtures"
SUFFIX = ".expected.json"
PROGRAMS = sorted(FIXTURES.rglob("*.py"))


class Expected(TypedDict):
    """One expected finding; ``column`` counts from 1."""

    code: str
    line: int
    column: int
    module_path: str | None
    verdict: str | None
    assumed: bool
    fix: str | None


def name_of(program: Path) -> str:
    return program.relative_to(FIXTURES).with_suffix("").as_posix()


def read(program: Path) -> str:
    return program.read_text(encoding="utf-8")


def options_for(program: Path) -> Options:
    """The default rules, and the one that the program's folder is named after."""
    code = program.parent.name.upper()
    return Options(extend_select=(code,) if code in RULES else ())


def expectation(program: Path) -> list[Expected]:
    text = program.with_name(program.stem + SUFFIX).read_text(encoding="utf-8")
    return cast("list[Expected]", json.loads(text))


def summary(finding: Finding) -> Expected:
    return {
        "code": finding.code,
        "line": finding.start.line,
        "column": finding.start.column + 1,
        "module_path": finding.module_path,
        "verdict": finding.verdict.value if finding.verdict else None,
        "assumed": finding.assumed,
        "fix": finding.fix.applicability.value if finding.fix else None,
    }


def is_safely_fixable(finding: Finding) -> bool:
    return finding.fix is not None and finding.fix.applicability is Applicability.SAFE


def test_there_are_fixtures() -> None:
    assert len(PROGRAMS) > 200


def test_every_program_has_an_expectation_and_every_expectation_a_program() -> None:
    expectations = {
        path.with_name(path.name.removesuffix(SUFFIX) + ".py")
        for path in FIXTURES.rglob("*" + SUFFIX)
        if path.parent.name != "notebooks"  # they have a test file of their own
    }
    assert expectations == set(PROGRAMS)


@pytest.mark.parametrize("program", PROGRAMS, ids=name_of)
def test_program_says_its_idea_in_its_first_line(program: Path) -> None:
    docstring = ast.get_docstring(ast.parse(read(program)))
    assert docstring
    assert read(program).startswith(f'"""{docstring}"""\n')


@pytest.mark.parametrize("program", PROGRAMS, ids=name_of)
def test_findings_are_as_expected(program: Path) -> None:
    findings = check_source(read(program), program.name, options_for(program))
    assert [summary(finding) for finding in findings] == expectation(program)


@pytest.mark.parametrize("program", PROGRAMS, ids=name_of)
def test_safe_fixes_leave_nothing_that_is_safely_fixable(program: Path) -> None:
    before = read(program)
    result = fix_source(before, program.name, options_for(program))
    ast.parse(result.source)
    assert not [finding for finding in result.remaining if is_safely_fixable(finding)]
    assert result.remaining == tuple(
        check_source(result.source, program.name, options_for(program))
    )
    expected_fixes = sum(finding["fix"] == "safe" for finding in expectation(program))
    assert len(result.applied) == expected_fixes
    assert (result.source == before) == (expected_fixes == 0)
