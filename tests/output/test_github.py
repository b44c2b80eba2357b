"""Annotations for GitHub: read as GitHub's runner reads them, and not to be forged."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.output.reports import HOSTILE_NAME, PROJECT, buggy, hostile, report, run
from tests.programs import BUGGY, MESSAGE

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = re.compile(r"::(?P<name>\w+)(?: (?P<properties>[^:]*))?::(?P<data>.*)")
ESCAPES = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}


def commands_in(log: str) -> list[tuple[dict[str, str], str]]:
    """The commands in a log, by the rules of the runner's ActionCommand.cs.

    ``##[`` starts one anywhere in a line, ``::`` at its begin.
    """
    assert "##[" not in log
    found = []
    for line in re.split(r"[\r\n]+", log):
        match = COMMAND.fullmatch(line.lstrip())
        if match is not None:
            assert match["name"] == "error"
            pairs = (pair.split("=", 1) for pair in match["properties"].split(","))
            found.append(
                ({key: unescaped(text, ESCAPES) for key, text in pairs}, data(match["data"]))
            )
    return found


def data(text: str) -> str:
    return unescaped(text, {key: ESCAPES[key] for key in ("%0D", "%0A", "%25")})


def unescaped(text: str, escapes: dict[str, str]) -> str:
    for escape, character in escapes.items():
        text = text.replace(escape, character)
    return text


def test_an_annotation_stands_at_its_line(tmp_path: Path) -> None:
    (in_notebook, _), (properties, text) = commands_in(report(buggy(tmp_path), "github"))
    assert properties == {
        "title": "HFM001 eval-mode-when-training-starts",
        "file": "sub dir/model.py",
        "line": "8",
        "endLine": "8",
        "col": "24",
        "endColumn": "54",
    }
    assert text == f"sub dir/model.py:8:24: {MESSAGE}"
    # The notebook is one line of JSON.
    assert (in_notebook["file"], in_notebook["line"]) == ("notebook.ipynb", "1")


def test_names_count_from_the_root_of_the_repository(tmp_path: Path) -> None:
    ((properties, _),) = commands_in(report(buggy(tmp_path) / "sub dir", "github"))
    assert properties["file"] == "sub dir/model.py"


def test_no_columns_over_several_lines(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(BUGGY.replace('"x"', '\n"x"\n'))
    ((properties, _),) = commands_in(report(tmp_path, "github"))
    assert (properties["line"], properties["endLine"]) == ("8", "10")
    assert not {"col", "endColumn"} & set(properties)


def test_notes_are_lines_of_the_annotation() -> None:
    ((_, text),) = commands_in(report(PROJECT, "github"))
    assert len(text.split("\n")) == 4


def test_errors_are_annotated(tmp_path: Path) -> None:
    result = run(tmp_path, "--output-format", "github", "missing.py")
    ((properties, text),) = commands_in(result.stdout)
    assert properties == {"title": "hfmode-lint"}
    assert text.startswith("missing.py: ")


@pytest.mark.parametrize(
    ("output_format", "commands"),
    [
        *((each, 0) for each in ("text", "concise", "json", "jsonl", "gitlab", "sarif", "junit")),
        ("html", 0),
        ("github", 1),
    ],
)
def test_nothing_is_forged(tmp_path: Path, output_format: str, commands: int) -> None:
    log = report(hostile(tmp_path), output_format)
    assert len(commands_in(log)) == commands
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", log)
    assert "##vso[" not in log


def test_the_name_comes_through(tmp_path: Path) -> None:
    ((properties, _),) = commands_in(report(hostile(tmp_path), "github"))
    name = HOSTILE_NAME.replace("\x1b", r"\x1b").replace("\n", r"\n").replace("##[", r"##\x5b")
    assert properties["file"] == name


def test_text_is_the_default_in_actions(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("")
    result = run(tmp_path)
    assert (result.stdout, result.returncode) == ("All checks passed\n", 0)
