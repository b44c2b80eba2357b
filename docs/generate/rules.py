"""A page a rule and the table of all, from the rules' own texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint import Options, check_source
from hfmode_lint.output.common import rule_url
from hfmode_lint.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.rules.base import Rule


def pages() -> Iterator[tuple[str, str]]:
    """The page of each rule: its path and its text."""
    for rule in RULES.values():
        yield f"rules/{page_name(rule)}.md", page(rule)


def page_name(rule: Rule) -> str:
    """What a rule's page is called; the address that reports give ends with it."""
    return rule_url(rule.code).rpartition("/")[2].removesuffix(".html")


def table() -> str:
    """All rules, one row each."""
    rows = [
        f"| [{rule.code}]({page_name(rule)}.md) | {rule.name} | {_yes(rule.default)} | "
        f"{_yes(rule.fixable)} | {rule.summary} |"
        for rule in RULES.values()
    ]
    heading = "| code | name | on by default | fixable | what it finds |"
    return "\n".join([heading, "| --- | --- | --- | --- | --- |", *rows, ""])


def page(rule: Rule) -> str:
    """All that is known of one rule."""
    parts = [
        f"# {rule.code}: {rule.name}",
        f"**{rule.summary}**",
        " · ".join(_facts(rule)),
        f"## Why\n\n{rule.why.strip()}",
    ]
    if rule.failing.strip():
        parts += ["## Reported", *reported(rule)]
    if rule.passing.strip():
        parts += ["## Not reported", _program(rule.passing)]
    parts += ["## Settings", *_choices(rule)]
    return "\n\n".join(parts) + "\n"


def reported(rule: Rule) -> Iterator[str]:
    """A program that a rule is about, and what the command prints for it."""
    yield _program(rule.failing)
    yield "What is printed for it (`--output-format concise`):"
    yield _block("text", *_printed(rule))


def _facts(rule: Rule) -> Iterator[str]:
    yield "On by default" if rule.default else "Off by default"
    yield "has a fix" if rule.fixable else "has no fix"
    if rule.since_lightning_2_2:
        yield "[Lightning 2.2 and later](../lightning-versions.md)"


def _printed(rule: Rule) -> list[str]:
    found = check_source(rule.failing, options=Options(extend_select=(rule.code,)))
    return [
        f"example.py:{each.start.line}:{each.start.column + 1}: {each.code} {each.message}"
        for each in found
    ]


def _choices(rule: Rule) -> Iterator[str]:
    if rule.default:
        yield f"Leave it out with `--ignore {rule.code}`, or in pyproject.toml:"
        yield _block("toml", "[tool.hfmode-lint]", f'ignore = ["{rule.code}"]')
    else:
        yield f"Turn it on with `--extend-select {rule.code}`, or in pyproject.toml:"
        yield _block("toml", "[tool.hfmode-lint]", f'extend-select = ["{rule.code}"]')
    yield f"On one line of code: `# noqa: {rule.code}`."
    if rule.since_lightning_2_2:
        yield (
            "If `.train()` is called where it can't be seen, say so with "
            "[`set-elsewhere`](../configuration.md#train-mode-that-is-set-elsewhere)."
        )


def _program(text: str) -> str:
    return _block("python", text.strip("\n"))


def _block(language: str, *lines: str) -> str:
    return "\n".join([f"```{language}", *lines, "```"])


def _yes(value: bool) -> str:  # noqa: FBT001 - it is what is shown
    return "yes" if value else "no"
