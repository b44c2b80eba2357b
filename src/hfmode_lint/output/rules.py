"""What the command says of the rules themselves: a list, an explanation, counts."""

from __future__ import annotations

from collections import Counter
from textwrap import indent
from typing import TYPE_CHECKING, Any

from hfmode_lint.output.common import rule_url
from hfmode_lint.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hfmode_lint.findings import Finding
    from hfmode_lint.rules.base import Rule


def list_rules() -> Iterator[str]:
    """One line a rule."""
    longest = max(len(rule.name) for rule in RULES.values())
    for rule in RULES.values():
        state = "on " if rule.default else "off"
        fix = "fix" if rule.fixable else "-  "
        yield f"{rule.code}  {state}  {fix}  {rule.name:{longest}}  {rule.summary}".rstrip()


def explain(rule: Rule) -> Iterator[str]:
    """All that is known of one rule."""
    yield f"{rule.code}: {rule.name} ({rule.summary})"
    yield f"{'On' if rule.default else 'Off'} by default, {_fixing(rule)}."
    yield ""
    yield rule.why.strip()
    if rule.since_lightning_2_2:
        yield "\nNot reported where the project keeps Lightning below 2.2."
    for title, example in (("Reported", rule.failing), ("Not reported", rule.passing)):
        if example.strip():
            yield f"\n{title}:\n"
            yield indent(example.strip("\n"), "    ")
    yield f"\n{rule_url(rule.code)}"


def _fixing(rule: Rule) -> str:
    return "fixable with --fix" if rule.fixable else "not fixable by the command"


def statistics(findings: Iterable[Finding], output_format: str) -> Iterable[str]:
    """How often each rule was reported, the most frequent first: for people, or as JSON."""
    rows = _counted(findings)
    if output_format in ("json", "jsonl"):
        from hfmode_lint.output.as_json import dump

        return [dump(rows, indent=2)] if output_format == "json" else map(dump, rows)
    return (f"{row['count']:>5}  {row['code']}  {row['name']}" for row in rows)


def _counted(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    counts = Counter(finding.code for finding in findings)
    return [
        {
            "code": code,
            "name": RULES[code].name,
            "count": count,
            "fixable": RULES[code].fixable,
        }
        for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
