"""JUnit's XML, read by a library that reads what CI servers read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from junitparser import Error, Failure, JUnitXml, TestCase, TestSuite

from tests.output.reports import PROJECT, buggy, hostile, report, run
from tests.programs import BUGGY, MESSAGE

if TYPE_CHECKING:
    from pathlib import Path


def suites(text: str) -> list[TestSuite]:
    xml = JUnitXml.fromstring(text.encode())
    found = list(xml)
    assert xml.tests == sum(suite.tests for suite in found)
    assert xml.failures == sum(suite.failures for suite in found)
    assert xml.errors == sum(suite.errors for suite in found)
    return found


def only_case(suite: TestSuite) -> TestCase:
    (case,) = suite
    return case


def test_a_finding_is_a_failed_test(tmp_path: Path) -> None:
    _, suite = suites(report(buggy(tmp_path), "junit"))
    assert (suite.name, suite.tests, suite.failures) == ("sub dir/model.py", 1, 1)
    case = only_case(suite)
    assert case.classname == "sub dir/model.py"
    assert case.name == "HFM001 eval-mode-when-training-starts (8:24)"
    (failure,) = case.result
    assert isinstance(failure, Failure)
    assert f"{failure.type} {failure.message}" == MESSAGE
    assert failure.text.splitlines()[-1].startswith("help: Append")


def test_notes_are_in_the_text() -> None:
    (suite,) = suites(report(PROJECT, "junit"))
    (failure,) = only_case(suite).result
    assert failure.text.count("\nnote: ") == 3


def test_nothing_found_is_a_passed_test(tmp_path: Path) -> None:
    (suite,) = suites(run(tmp_path, "--output-format", "junit").stdout)
    assert (suite.tests, suite.failures, suite.errors) == (1, 0, 0)
    assert only_case(suite).is_passed


def test_what_could_not_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(BUGGY)
    result = run(tmp_path, "--output-format", "junit", "missing.py", "model.py")
    assert result.returncode == 2
    found, failed = suites(result.stdout)
    assert (found.failures, failed.errors) == (1, 1)
    (error,) = only_case(failed).result
    assert isinstance(error, Error)
    assert error.message.startswith("missing.py: ")


def test_any_name_is_valid_xml(tmp_path: Path) -> None:
    (suite,) = suites(report(hostile(tmp_path), "junit"))
    assert "##[error]forged" in suite.name
    assert "\n" not in suite.name
