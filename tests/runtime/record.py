"""Writes the runtime truth of fixtures beside them: ``python -m tests.runtime.record [fixture …]``.

A fixture is a file, or a folder in ``fixtures/projects``. A record holds one entry for all versions
of Lightning that showed the same; recording with one version replaces what is known of that version
alone. ``not_run`` says why a fixture can't run. What transformers 4 and its contemporaries do
stands under ``transformers_4``, where it differs.
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
from tests.runtime.recorder import Load, NotRecorded, Run, record, record_project

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
PROJECTS = FIXTURES / "projects"
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


def fixtures() -> list[Path]:
    """The programs of one file, and the folders of the projects."""
    projects = [each for each in PROJECTS.iterdir() if each.is_dir()]
    return sorted([*FIXTURES.glob("*/*.py"), *projects])


def record_path(fixture: Path) -> Path:
    """Where the record of a fixture stands."""
    if fixture.is_dir():
        return fixture / SUFFIX.removeprefix(".")
    return fixture.with_name(fixture.stem + SUFFIX)


def observe(fixture: Path) -> list[Shown] | str:
    """Run a fixture: what it showed, or why it can't run."""
    try:
        if fixture.is_dir():
            return _grouped(record_project(fixture))
        return _grouped(record(fixture.read_text(encoding="utf-8"), str(fixture)))
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
        program = {"program": run.program} if run.program else {}
        when = {**program, "validation": run.validation, **dict(run.choices)}
        found.setdefault(run.loads, []).append(when)
    return [
        {
            "when": when,
            "loads": [_entry(load) for load in loads],
        }
        for loads, when in found.items()
    ]


def _entry(load: Load) -> dict[str, object]:
    """What a record says of a load; the file where there are several."""
    values = {name: getattr(load, name) for name in Load.__slots__}
    return {name: each for name, each in values.items() if name != "file" or each}


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
    """Record the fixtures that are named, or all."""
    lightning = version("lightning")
    for fixture in [Path(each).resolve() for each in arguments] or fixtures():
        target = record_path(fixture)
        if has_loop(fixture):
            target.write_text(to_text(observe_loop(fixture), _FLAT_BELOW - 1), encoding="utf-8")
            continue
        known = json.loads(target.read_text(encoding="utf-8")) if target.exists() else {}
        into = merge_transformers_4 if is_transformers_4() else merge
        merged = into(known, lightning, observe(fixture))
        target.write_text(to_text(merged), encoding="utf-8")
        if "not_run" in merged:
            sys.stdout.write(f"{fixture.relative_to(FIXTURES)}: {merged['not_run']}\n")


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
