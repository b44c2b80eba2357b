"""Fix copies of many real files, whole and cut at a random byte: nothing may break.

    python -m benchmarks.reliability [--seed 1] [--minutes 60] [--no-report] folder …
    python -m benchmarks.reliability --fuzzing build/fuzzing
    python -m benchmarks.reliability --faults

The files of the folders are copied in portions, in any order, and each third is cut first; no
portion is begun when the minutes are over. The command fixes the copies. It has to end by itself
with a code of its own and without a traceback, and may change those files alone in which it reports
a fix. One line of numbers is printed; the exit code is 1 where something broke.

The second command takes what runs of ``python -m tests.fuzzing`` have counted, the third one lets
the writing of a file fail in many ways. All write the table of docs/reliability.md; the first one
not where it is told so.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import faults
from benchmarks.reliability_report import report_faults, report_files, report_fuzzing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_PORTION = 1_000
_SECONDS = 1_800
_COMMAND = (sys.executable, "-m", "hfmode_lint", "--isolated", "--no-project", "--quiet")


def main() -> int:
    """Run on the folders that are named, or take what was counted in one."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--no-report", action="store_true")
    parser.add_argument("--fuzzing", type=Path, metavar="FOLDER")
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("folders", nargs="*", type=Path)
    arguments = parser.parse_args()
    if arguments.fuzzing is not None:
        report_fuzzing(arguments.fuzzing)
    if arguments.faults:
        report_faults(faults.tried())
    return _run_on(arguments) if arguments.folders else 0


def _run_on(arguments: argparse.Namespace) -> int:
    chance = random.Random(arguments.seed)  # noqa: S311 - no secret
    counts: Counter[str] = Counter()
    start = time.monotonic()
    sources = sorted(_sources(arguments.folders))
    chance.shuffle(sources)
    for files in _portions(sources):
        if time.monotonic() - start > 60 * arguments.minutes:
            break
        with tempfile.TemporaryDirectory() as folder:
            _copy(files, Path(folder), chance, counts)
            _try(Path(folder), counts)
    minutes = (time.monotonic() - start) / 60
    if not arguments.no_report:
        report_files(", ".join(folder.name for folder in arguments.folders), counts)
    print(", ".join(f"{what}: {count}" for what, count in counts.items()), f"in {minutes:.0f} min")
    return 1 if counts["broken"] else 0


def _sources(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in folder.rglob("*.py") if path.is_file())


def _portions(files: Sequence[Path]) -> Iterator[Sequence[Path]]:
    for start in range(0, len(files), _PORTION):
        yield files[start : start + _PORTION]


def _copy(files: Iterable[Path], folder: Path, chance: random.Random, counts: Counter[str]) -> None:
    """Copy files, under numbers: there may be two of one name."""
    for number, path in enumerate(files):
        data = path.read_bytes()
        counts["files"] += 1
        if number % 3 == 0:
            data = data[: chance.randint(0, len(data))]
            counts["cut"] += 1
        (folder / f"f{number}.py").write_bytes(data)


def _try(folder: Path, counts: Counter[str]) -> None:
    before = _contents(folder)
    found = _run(folder, counts, "--output-format", "jsonl")
    findings = [json.loads(line) for line in found.splitlines()]
    counts["findings"] += len(findings)
    counts["unparsable"] += sum(each["code"] == "HFM000" for each in findings)
    _run(folder, counts, "--fix")
    after = _contents(folder)
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    counts["changed"] += len(changed)
    for name in changed - {each["filename"] for each in findings if _is_safe(each["fix"])}:
        _break(counts, f"{name}: changed without a fix")


def _is_safe(fix: dict[str, object] | None) -> bool:
    return fix is not None and fix["applicability"] == "safe"


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _run(folder: Path, counts: Counter[str], *options: str) -> str:
    """Run the command on all files by their names, so that each is parsed; what it prints."""
    names = sorted(path.name for path in folder.iterdir())
    try:
        result = subprocess.run(
            [*_COMMAND, *options, *names],
            capture_output=True,
            check=False,
            cwd=folder,
            encoding="utf-8",
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        _break(counts, f"{names[0]} to {names[-1]}: no end after {_SECONDS} seconds")
        return ""
    if result.returncode not in (0, 1) or result.stderr:
        _break(counts, f"exit code {result.returncode}: {result.stderr}")
    return result.stdout


def _break(counts: Counter[str], what: str) -> None:
    counts["broken"] += 1
    print(what)


if __name__ == "__main__":
    sys.exit(main())
