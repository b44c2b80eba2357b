"""The README says what is true: its examples run, its rules are the rules."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from hfmode_lint.config import Options
from hfmode_lint.rules import RULES

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def test_links_lead_somewhere_on_pypi_too() -> None:
    """There, a link must be whole; one to this repository leads to what it has."""
    links = re.findall(r"\]\(([^)\s]+)\)", README)
    assert [link for link in links if not link.startswith("https://")] == []
    here = "https://github.com/hfmode-lint/hfmode-lint/"
    paths = [re.sub(r"^(blob|tree)/main/", "", link[len(here) :]) for link in links if here in link]
    assert len(paths) >= 5
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("block", blocks("console"))
def test_a_command_prints_what_is_shown(block: str) -> None:
    command, _, expected = block.partition("\n")
    arguments = command.removeprefix("$ hfmode-lint ").split()
    result = subprocess.run(
        [sys.executable, "-m", "hfmode_lint", *arguments],
        capture_output=True,
        check=False,
        cwd=ROOT,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    assert result.stdout == expected
    assert result.returncode == (0 if "--summary" in arguments else 1)


@pytest.mark.parametrize("block", blocks("python"))
def test_a_python_example_prints_its_last_comment(block: str) -> None:
    printed = StringIO()
    with redirect_stdout(printed):
        exec(compile(block, "README.md", "exec"), {})  # noqa: S102 - the README is ours
    expected = block.strip().splitlines()[-1].removeprefix("# ")
    assert printed.getvalue().strip() == expected


def test_every_rule_is_in_the_table() -> None:
    rows = re.findall(r"^\| (HFM\d+) \| ([\w-]+) \| (\w+) \| (.+) \|$", README, re.MULTILINE)
    shown = {code: (name, on == "yes", "`" in fix) for code, name, on, fix in rows}
    assert shown == {rule.code: (rule.name, rule.default, rule.fixable) for rule in RULES.values()}


def test_the_rules_that_depend_on_lightning_s_version() -> None:
    heading = re.search(r"^\| the project allows \| (.+) \|$", README, re.MULTILINE)
    assert heading is not None
    depending = [rule.code for rule in RULES.values() if rule.since_lightning_2_2]
    assert heading[1].split(", ") == depending


def test_every_key_of_the_configuration_is_an_option() -> None:
    sentence = re.search(r"The keys are (.+?)\. The\s", README, re.DOTALL)
    assert sentence is not None
    keys = re.findall(r"`([\w-]+)`", sentence[1])
    assert keys
    assert all(hasattr(Options(), key.replace("-", "_")) for key in keys)


def test_the_rules_that_a_train_mode_set_elsewhere_silences() -> None:
    sentence = re.search(r"^(HFM.+) are then not reported", README, re.MULTILINE)
    assert sentence is not None
    silenced = [rule.code for rule in RULES.values() if rule.since_lightning_2_2]
    assert re.findall(r"HFM\d+", sentence[1]) == silenced
