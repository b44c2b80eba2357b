"""The table of docs/reliability.md, made of what the last runs have counted.

``reliability.json`` keeps that: a run replaces its own part.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from benchmarks.faults import ERRORS
from benchmarks.report import replaced, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_KEPT = Path(__file__).with_name("reliability.json")
_PAGE = Path(__file__).parent.parent / "docs" / "reliability.md"
# The generators of tests/fuzzing, by the names of their modules.
_FUZZED = {
    "mutated_fixtures": "fixtures, changed at random as programs",
    "mutated_bytes": "the bytes of fixtures, changed without regard to what they mean",
    "composed_programs": "small LightningModules, composed of statements at random",
    "atheris_inputs": "inputs that atheris finds, by the code that they reach",
    "hypothesmith_programs": "programs of hypothesmith, alone and within fixtures",
}
_BROKEN = ("crashes", "hangs", "failures")


class Files(TypedDict):
    """What was counted on real files, and where they are from."""

    of: str
    counts: dict[str, int]


class Fuzzed(TypedDict):
    """What was counted by all runs of one generator."""

    hours: float
    counts: dict[str, int]


class Kept(TypedDict):
    """All that is known.

    ``fuzzed_before`` is what was tried while the code was changed, whose failures are mended.
    """

    files: Files
    fuzzing: dict[str, Fuzzed]
    fuzzed_before: Fuzzed
    faults: dict[str, int]


def report_files(of: str, counts: Mapping[str, int]) -> None:
    """Keep what was counted on real files, and write the table."""
    kept = read()
    kept["files"] = {"of": of, "counts": dict(counts)}
    _write(kept)


def report_fuzzing(folder: Path) -> None:
    """Keep what the runs of ``python -m tests.fuzzing`` have counted, and write the table.

    :param folder: where these runs have written it.
    """
    kept = read()
    kept["fuzzing"] = gathered(folder)
    _write(kept)


def report_faults(counts: Mapping[str, int]) -> None:
    """Keep what came of faults in the writing of a file, and write the table."""
    kept = read()
    kept["faults"] = dict(counts)
    _write(kept)


def gathered(folder: Path) -> dict[str, Fuzzed]:
    """The sums of the runs of each generator."""
    sums: dict[str, Fuzzed] = {}
    for path in sorted(folder.glob("[!.]*.json")):
        run = json.loads(path.read_text(encoding="utf-8"))
        hours = run.pop("hours")
        known = sums.setdefault(run.pop("generator"), {"hours": 0, "counts": {}})
        del run["seed"]
        known["hours"] = round(known["hours"] + hours, 3)
        known["counts"] = dict(Counter(known["counts"]) + Counter(run))
    return sums


def read() -> Kept:
    """What is known so far."""
    kept: Kept = json.loads(_KEPT.read_text(encoding="utf-8"))
    return kept


def rendered(kept: Kept) -> str:
    """The table."""
    rows = [
        _of_files(kept["files"]),
        *_of_fuzzing(kept["fuzzing"]),
        _of_all_fuzzing([*kept["fuzzing"].values(), kept["fuzzed_before"]]),
        _of_faults(kept["faults"]),
    ]
    return "\n".join(table(("what", "tried", "broken"), rows))


def _of_files(files: Files) -> tuple[str, str, str]:
    counts = files["counts"]
    return (
        f"real files with `--fix`: {files['of']}",
        f"{counts['files']:,}, of which {counts['cut']:,} were cut at a random byte",
        str(counts.get("broken", 0)),
    )


def _of_fuzzing(fuzzed: Mapping[str, Fuzzed]) -> Iterator[tuple[str, str, str]]:
    for name, what in _FUZZED.items():
        if name not in fuzzed:
            continue
        counts = Counter(fuzzed[name]["counts"])
        total = counts["executions"]
        shares = ", ".join(
            f"{counts[each] / total:.0%} {told}"
            for each, told in (
                ("parsed", "Python"),
                ("with findings", "with findings"),
                ("fixed", "fixed"),
            )
        )
        hours = fuzzed[name]["hours"]
        yield (
            what,
            f"{total:,} in {hours:.1f} hours ({shares})",
            str(sum(counts[each] for each in _BROKEN)),
        )


def _of_all_fuzzing(runs: Iterable[Fuzzed]) -> tuple[str, str, str]:
    total: Counter[str] = Counter()
    hours = 0.0
    for run in runs:
        total.update(run["counts"])
        hours += run["hours"]
    return (
        "all sources of the fuzzers, with those of earlier runs, while the code was changed",
        f"{total['executions']:,} in {hours:.0f} hours",
        "mended, see below",
    )


def _of_faults(counts: Mapping[str, int]) -> tuple[str, str, str]:
    return (
        f"faults in the writing of a file: a kill at each system call, and {', '.join(ERRORS)}",
        f"{counts['kills']} kills and {counts['errors']} errors",
        str(counts.get("broken", 0)),
    )


def _write(kept: Kept) -> None:
    _KEPT.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    page = replaced(_PAGE.read_text(encoding="utf-8"), rendered(kept))
    _PAGE.write_text(page, encoding="utf-8")
