"""Writes the runtime truth of fixtures beside them: ``python -m tests.runtime.record [file …]``.

A record holds one entry for all versions of Lightning that showed the same; recording with one
version replaces what is known of that version alone. ``not_run`` says why a fixture can't run.
What transformers 4 and its contemporaries do stands under ``transformers_4``, where it differs.
Programs in folders of rules about training loops have no Trainer to run; what their loops do stands
under ``loop``.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypedDict

from hfmode_lint.rules import RULES
from tests.runtime.loops import Looped, record_loop
from tests.runtime.recorder import Load, NotRecorded, Run, record

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
SUFFIX = ".runtime.json"
# Where the lines of one load begin.
_FLAT_BELOW = 5
_NO_TRAINER = "a training loop, without Lightning's Trainer"
_LIBRARIES = (
    "torch", "transformers", "peft", "diffusers", "sentence-transformers", "huggingface-hub",
)  # fmt: skip


class Shown(TypedDict):
    """What runs showed, and which runs those were."""

    when: list[dict[str, object]]
    loads: list[dict[str, object]]


def libraries() -> dict[str, str]:
    """The versions that a record was made with, beside Lightning's."""
    return {name: version(name) for name in _LIBRARIES}


def record_path(program: Path) -> Path:
    """Where the record of a program stands."""
    return program.with_name(program.stem + SUFFIX)


def observe(program: Path) -> list[Shown] | str:
    """Run a program: what it showed, or why it can't run."""
    try:
        return _grouped(record(program.read_text(encoding="utf-8"), str(program)))
    except NotRecorded as reason:
        return str(reason)


def has_loop(program: Path) -> bool:
    """Whether a program stands in a folder of a rule about training loops."""
    rule = RULES.get(program.parent.name.upper())
    return rule is not None and rule.about_loops


def observe_loop(program: Path) -> dict[str, object]:
    """The record of a program with a training loop.

    :raises NotRecorded: where it can't run.
    """
    runs = record_loop(program.read_text(encoding="utf-8"), str(program))
    shown = [
        {
            "when": dict(run.choices),
            "loads": [
                {name: getattr(load, name) for name in Looped.__slots__} for load in run.loads
            ],
        }
        for run in runs
    ]
    more = {name: version(name) for name in ("accelerate", "lightning")}
    return {"libraries": {**libraries(), **more}, "not_run": _NO_TRAINER, "loop": shown}


def _grouped(runs: list[Run]) -> list[Shown]:
    found: dict[tuple[Load, ...], list[dict[str, object]]] = {}
    for run in runs:
        when: dict[str, object] = {"validation": run.validation, **dict(run.choices)}
        found.setdefault(run.loads, []).append(when)
    return [
        {
            "when": when,
            "loads": [{name: getattr(load, name) for name in Load.__slots__} for load in loads],
        }
        for loads, when in found.items()
    ]


def is_transformers_4() -> bool:
    """Whether the last but one transformers is installed, and what goes with it."""
    return version("transformers").startswith("4.")


def known_runs(record: dict[str, Any], lightning: str) -> Any:
    """What a record says of a version of Lightning with the libraries that are installed.

    :returns: the runs, the reason why the program can't run, or None where nothing is recorded.
    """
    if is_transformers_4() and "transformers_4" in record:
        return record["transformers_4"]["runs"]
    runs = [each["runs"] for each in record.get("lightning", []) if lightning in each["versions"]]
    return runs[0] if runs else record.get("not_run")


def merge_transformers_4(
    known: dict[str, Any], lightning: str, shown: list[Shown] | str
) -> dict[str, Any]:
    """A record in which transformers 4 showed this."""
    merged = {name: each for name, each in known.items() if name != "transformers_4"}
    expected = known_runs(merged, lightning)
    if isinstance(shown, str) or isinstance(expected, str) or shown == expected:
        return merged
    return {**merged, "transformers_4": {"libraries": libraries(), "runs": shown}}


def merge(known: dict[str, Any], lightning: str, shown: list[Shown] | str) -> dict[str, Any]:
    """A record in which one version of Lightning showed this."""
    if isinstance(shown, str):
        return {"libraries": libraries(), "not_run": shown}
    entries = []
    for entry in known.get("lightning", []):
        others = [each for each in entry["versions"] if each != lightning]
        if others:
            entries.append({"versions": others, "runs": entry["runs"]})
    same = next((entry for entry in entries if entry["runs"] == shown), None)
    if same is None:
        entries.append({"versions": [lightning], "runs": shown})
    else:
        same["versions"] = sorted([*same["versions"], lightning])
    entries.sort(key=lambda entry: str(entry["versions"][0]))
    older = {name: known[name] for name in ("transformers_4",) if name in known}
    return {"libraries": libraries(), "lightning": entries, **older}


def main(arguments: list[str]) -> None:
    """Record the programs that are named, or all fixtures."""
    programs = [Path(each).resolve() for each in arguments] or sorted(FIXTURES.glob("*/*.py"))
    lightning = version("lightning")
    for program in programs:
        target = record_path(program)
        if has_loop(program):
            target.write_text(to_text(observe_loop(program), _FLAT_BELOW - 1), encoding="utf-8")
            continue
        known = json.loads(target.read_text(encoding="utf-8")) if target.exists() else {}
        into = merge_transformers_4 if is_transformers_4() else merge
        merged = into(known, lightning, observe(program))
        target.write_text(to_text(merged), encoding="utf-8")
        if "not_run" in merged:
            sys.stdout.write(f"{program.relative_to(FIXTURES)}: {merged['not_run']}\n")


def to_text(value: dict[str, Any], flat_below: int = _FLAT_BELOW) -> str:
    """JSON with a line for each load."""
    text = json.dumps(value, indent=1)
    lines: list[str] = []
    for line in text.splitlines():
        depth = len(line) - len(line.lstrip())
        inside = depth > flat_below or (lines and depth == flat_below and line.strip() in "]},")
        if inside and lines:
            lines[-1] += (" " if lines[-1][-1] == "," else "") + line.strip()
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(sys.argv[1:])
