"""SARIF logs: valid, and their regions point at what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from jsonschema import Draft4Validator, FormatChecker

from hfmode_lint.findings import Position
from hfmode_lint.rules import RULES
from hfmode_lint.source import LineIndex
from tests.output.reports import PROJECT, buggy, hostile, report, run
from tests.programs import BUGGY, FIXED

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = json.loads(
    (Path(__file__).parent.parent / "schemas" / "sarif-2.1.0.json").read_text("utf-8")
)


def checked(text: str) -> dict[str, Any]:
    """The only run of a log, which must be valid."""
    log = json.loads(text)
    Draft4Validator(SCHEMA, format_checker=FormatChecker()).validate(log)
    (only,) = log["runs"]
    assert isinstance(only, dict)
    return only


def path_of(artifact: dict[str, str], run: dict[str, Any]) -> Path:
    base = run["originalUriBaseIds"][artifact["uriBaseId"]]["uri"]
    return Path(unquote(urlsplit(urljoin(base, artifact["uri"])).path))


def span(text: str, region: dict[str, int]) -> slice:
    lines = LineIndex(text)
    return slice(
        lines.offset(Position(region["startLine"], region["startColumn"] - 1)),
        lines.offset(Position(region["endLine"], region["endColumn"] - 1)),
    )


def applied(text: str, result: dict[str, Any]) -> str:
    """The text after the fix of a result."""
    (fix,) = result["fixes"]
    (change,) = fix["artifactChanges"]
    (replacement,) = change["replacements"]
    where = span(text, replacement["deletedRegion"])
    inserted = str(replacement["insertedContent"]["text"])
    return text[: where.start] + inserted + text[where.stop :]


def test_regions_and_fixes_point_into_the_files(tmp_path: Path) -> None:
    log = checked(report(buggy(tmp_path), "sarif"))
    assert log["columnKind"] == "unicodeCodePoints"
    for result in log["results"]:
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        path = path_of(physical["artifactLocation"], log)
        text = path.read_text()
        marked = text[span(text, physical["region"])]
        fixed = applied(text, result)
        if path.suffix == ".ipynb":
            assert marked == r"AutoModel.from_pretrained(\"x\")"
            source = json.loads(fixed)["cells"][1]["source"]
            assert location["logicalLocations"][0]["name"] == "cell 2"
        else:
            assert marked == 'AutoModel.from_pretrained("x")'
            source = fixed
        assert source == FIXED
    assert len(log["results"]) == 2


def test_names_count_from_the_root_of_the_repository(tmp_path: Path) -> None:
    log = checked(report(buggy(tmp_path) / "sub dir", "sarif", "model.py", "../notebook.ipynb"))
    artifacts = [
        result["locations"][0]["physicalLocation"]["artifactLocation"] for result in log["results"]
    ]
    assert [each["uri"] for each in artifacts] == ["notebook.ipynb", "sub%20dir/model.py"]
    assert all(path_of(each, log).is_file() for each in artifacts)


def test_a_file_outside_has_an_absolute_name(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(BUGGY)
    inside = tmp_path / "inside"
    inside.mkdir()
    (result,) = checked(report(inside, "sarif", "../model.py"))["results"]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": (tmp_path / "model.py").as_uri()}


def test_columns_count_code_points(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(
        BUGGY.replace("self.encoder =", "x = '🤗'; self.encoder ="), encoding="utf-8"
    )
    (result,) = checked(report(tmp_path, "sarif"))["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    line = (tmp_path / "model.py").read_text("utf-8").splitlines()[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == (
        'AutoModel.from_pretrained("x")'
    )


def test_other_files_are_related_locations() -> None:
    log = checked(report(PROJECT, "sarif"))
    (result,) = log["results"]
    related = result["relatedLocations"]
    assert [each["id"] for each in related] == [1, 2, 3]
    assert all(
        path_of(each["physicalLocation"]["artifactLocation"], log).is_file() for each in related
    )
    assert related[1]["message"]["text"] == "called from here"


def test_every_rule_is_described(tmp_path: Path) -> None:
    result = run(tmp_path, "--output-format", "sarif", "--quiet")
    log = checked(result.stdout)
    assert (log["results"], result.returncode) == ([], 0)
    rules = log["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(RULES)
    for rule in rules:
        described = RULES[rule["id"]]
        assert rule["name"].isalnum()
        assert described.failing.strip() in rule["help"]["markdown"]
        assert rule["defaultConfiguration"]["enabled"] is described.default


def test_what_could_not_be_read_is_told(tmp_path: Path) -> None:
    result = run(tmp_path, "--output-format", "sarif", "missing.py")
    (invocation,) = checked(result.stdout)["invocations"]
    assert (invocation["executionSuccessful"], result.returncode) == (False, 2)
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("missing.py")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "# a comment\n\n" + text,
        lambda text: text.replace("        super", "        # more\n        super"),
        lambda text: text.replace('("x")', '(\n            "x",\n        )'),
        lambda text: text.replace("\n", "\r\n"),
    ],
)
def test_fingerprints_survive_moves(tmp_path: Path, change: Callable[[str], str]) -> None:
    both = BUGGY.replace(
        "\n    def training_step", '\n        self.other = AutoModel.from_pretrained("x")\n', 1
    ).replace("(self, batch, batch_idx):", "    def training_step(self, batch, batch_idx):")
    assert fingerprints(tmp_path, both) == fingerprints(tmp_path, change(both))


def test_equal_findings_have_fingerprints_of_their_own(tmp_path: Path) -> None:
    twice = BUGGY + BUGGY.partition("\n\n\n")[2].replace("Tagger", "Another").join(["\n\n", ""])
    first, second = fingerprints(tmp_path, twice)
    assert first != second
    assert fingerprints(tmp_path, BUGGY) == [first]
    assert fingerprints(tmp_path, BUGGY.replace('"x"', '"y"')) != [first]


def fingerprints(folder: Path, source: str) -> list[str]:
    (folder / "model.py").write_bytes(source.encode())
    results = checked(report(folder, "sarif"))["results"]
    return [result["partialFingerprints"]["hfmodeLint/v1"] for result in results]


def test_names_make_no_links_and_no_placeholders(tmp_path: Path) -> None:
    text = report(hostile(tmp_path), "sarif")
    log = checked(text)
    assert len(log["results"]) == 1
    assert text.isascii()
    assert "##[" not in text


def test_a_notebook_that_nbformat_converts(tmp_path: Path) -> None:
    lines = [f"{line}\n" for line in BUGGY.splitlines()]
    code = {"cell_type": "code", "language": "python", "outputs": [], "input": lines}
    old = {
        "metadata": {},
        "nbformat": 3,
        "nbformat_minor": 0,
        "worksheets": [{"cells": [code], "metadata": {}}],
    }
    text = json.dumps(old, indent=1)
    (tmp_path / "old.ipynb").write_text(text)
    (result,) = checked(report(tmp_path, "sarif"))["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert text[span(text, region)] == r"AutoModel.from_pretrained(\"x\")"
    assert r"from_pretrained(\"x\").train()" in applied(text, result)
