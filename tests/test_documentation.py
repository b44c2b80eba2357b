"""The pages of the site that are written from the code; .ci/run builds the site itself."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import click
import pytest
from generate import pages, write_pages

from hfmode_lint import config
from hfmode_lint.analysis.knowledge import lightning
from hfmode_lint.cli import command
from hfmode_lint.output.common import rule_url
from hfmode_lint.rules import RULES

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = dict(pages())
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("code", RULES)
def test_the_page_of_a_rule_says_what_the_rule_says(code: str) -> None:
    rule = RULES[code]
    page = PAGES[f"rules/{code.lower()}.md"]
    assert page.startswith(f"# {code}: {rule.name}\n")
    for text in (rule.summary, rule.why, rule.failing, rule.passing):
        assert text.strip() in page
    assert f"\nexample.py:1:1: {code} " in page or f": {code} " in page


@pytest.mark.parametrize("code", RULES)
def test_a_report_links_to_the_page_of_its_rule(code: str) -> None:
    path = rule_url(code).removeprefix("https://hfmode-lint.github.io/hfmode-lint/")
    assert path.replace(".html", ".md") in PAGES
    assert f"](hfm{code[3:]}.md)" in PAGES["generated/rule-table.md"]


def test_every_option_of_the_command_is_in_the_reference() -> None:
    options = [each for each in command.params if isinstance(each, click.Option)]
    shown = PAGES["generated/command.md"]
    assert options
    for option in options:
        assert not option.help or option.help in shown
        assert all(re.search(rf"`[^`]*{name}\b[^`]*` \|", shown) for name in option.opts)


def test_every_key_of_the_configuration_is_explained() -> None:
    """One that has no text: name it in ``config._MEANINGS``, or give its reader a docstring."""
    row = r"^\| `([\w-]+)` \| (.+?) \| .*? \| (.+?) \|$"
    rows = re.findall(row, PAGES["generated/keys.md"], re.MULTILINE)
    assert [name for name, *_ in rows] == [key.name for key in config.documented_keys()]
    assert all(values.strip() and meaning.strip() for _, values, meaning in rows)


def test_the_defaults_that_are_shown_are_no_news_to_the_program(tmp_path: Path) -> None:
    lines = [f"{key.name} = {key.default}" for key in config.documented_keys() if key.default]
    (tmp_path / "pyproject.toml").write_text("\n".join(["[tool.hfmode-lint]", *lines]))
    options, source = config.load(str(tmp_path))
    assert source is not None
    assert options == config.Options(exclude_root=str(tmp_path))


def test_every_option_of_the_flake8_plugin_is_in_the_reference() -> None:
    shown = re.findall(r"`(--[\w-]+)", PAGES["generated/flake8.md"])
    assert {"--hfm-lightning-version", "--hfm-no-project", "--hfm-follow"} <= set(shown)


def test_the_picture_has_the_hooks_of_the_table_in_their_order() -> None:
    picture = ET.fromstring(PAGES["generated/lifecycle.svg"])  # noqa: S314 - it is our own
    drawn = [each.text for each in picture.iter(f"{SVG}text") if each.get("class") == "hook"]
    first = drawn.index(lightning.TRAINING_STEP)
    expected = [
        "__init__",
        *(stage.hook for stage in lightning.BEFORE_SANITY_CHECK),
        *(stage.hook for stage in lightning.BEFORE_VALIDATION),
        lightning.ENTER_VALIDATION,
        *(stage.hook for stage in lightning.SANITY_CHECK),
        lightning.LEAVE_VALIDATION,
        *(stage.hook for stage in lightning.AFTER_VALIDATION),
        *(stage.hook for stage in lightning.AFTER_SANITY_CHECK),
    ]
    assert drawn[:first] == expected
    assert picture.find(f"{SVG}title") is not None


def test_nothing_is_written_twice(tmp_path: Path) -> None:
    write_pages(tmp_path)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")}
    assert {str(path.relative_to(tmp_path)) for path in written} == set(PAGES)
    write_pages(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in written} == written


def test_each_page_of_the_site_is_in_a_table_of_contents() -> None:
    listed = re.findall(r"^[\w/-]+$", (DOCS / "index.md").read_text(encoding="utf-8"), re.MULTILINE)
    pages_written_by_hand = {path.stem for path in DOCS.glob("*.md")} - {"index"}
    assert pages_written_by_hand <= set(listed)
