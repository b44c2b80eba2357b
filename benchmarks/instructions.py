"""Count the instructions of a few runs, and compare them with what was kept.

``python -m benchmarks.instructions`` needs valgrind. A count does not depend on what else the
machine does, so that a slower program is seen on a busy one too. It does depend on the versions of
Python, of the C library and of the packages: ``instructions.json`` says what was counted with
which, and what was counted with others is shown, and compared with nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from benchmarks import made

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KEPT = Path(__file__).with_name("instructions.json")
_SOURCES = Path(__file__).resolve().parent.parent / "src"
_LINES = 300
_PACKAGES = ("click", "flake8", "libcst", "nbformat", "packaging", "pathspec", "pyyaml")
_COLLECTED = re.compile(r"Collected : (\d+)")


class Counted(TypedDict):
    """Counts by the name of the case, and what they were counted with."""

    counted_with: dict[str, str]
    counts: dict[str, int]


class Kept(TypedDict):
    """The file: by how much a count may differ, and one entry for each set of versions."""

    tolerance: float
    kept: list[Counted]


def main() -> int:
    """Count and compare; 1 where a run needs more instructions than it may."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.instructions", description=__doc__)
    parser.add_argument("--update", action="store_true", help="keep what is counted now")
    update = parser.parse_args().update
    if shutil.which("valgrind") is None:
        print("skipped: there is no valgrind")
        return 0
    now = Counted(counted_with=_counted_with(), counts=_counts())
    kept: Kept = json.loads(KEPT.read_text(encoding="utf-8"))
    if update:
        kept = with_counted(kept, now)
        KEPT.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    lines, passed = compared(kept, now)
    print("\n".join(lines))
    return 0 if passed else 1


def with_counted(kept: Kept, now: Counted) -> Kept:
    """What is kept, with these counts instead of those that were counted with the same."""
    others = [each for each in kept["kept"] if each["counted_with"] != now["counted_with"]]
    return Kept(tolerance=kept["tolerance"], kept=[*others, now])


def compared(kept: Kept, now: Counted) -> tuple[list[str], bool]:
    """Lines for people, and whether no count is above what is kept by more than the tolerance.

    What was counted with other versions is no reason to fail.
    """
    same = [each for each in kept["kept"] if each["counted_with"] == now["counted_with"]]
    if not same:
        lines = [f"{name}: {count:,} instructions" for name, count in now["counts"].items()]
        versions = ", ".join(f"{name} {version}" for name, version in now["counted_with"].items())
        return [*lines, f"not compared: nothing is kept for {versions}"], True
    lines, passed = [], True
    for name, count in now["counts"].items():
        before = same[0]["counts"].get(name)
        if before is None:
            lines.append(f"{name}: {count:,} instructions; not compared: none are kept")
            continue
        verdict = "as before"
        if count > before * (1 + kept["tolerance"]):
            verdict = f"too many, more than {kept['tolerance']:.0%} above what is kept"
            passed = False
        elif count < before * (1 - kept["tolerance"]):
            verdict = "better; keep it with --update"
        lines.append(f"{name}: {count:,} instructions, {count / before - 1:+.1%}: {verdict}")
    return lines, passed


def _counted_with() -> dict[str, str]:
    """What a count depends on, besides our own code."""
    valgrind = subprocess.run(
        ["valgrind", "--version"],  # noqa: S607 - the one that PATH has
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    return {
        "python": platform.python_version(),
        "compiler": platform.python_compiler(),
        "libc": " ".join(platform.libc_ver()),
        "machine": platform.machine(),
        "valgrind": valgrind.stdout.strip(),
        # flake8 looks through all of them for plugins.
        "distributions": str(len(list(metadata.distributions()))),
        **{package: metadata.version(package) for package in _PACKAGES},
    }


def _counts() -> dict[str, int]:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        irrelevant = made.irrelevant_file(work / "irrelevant")
        relevant = made.file_of_lines(work / "relevant", _LINES)
        ours = ("hfmode_lint", "--no-cache", "made.py")
        cases = {
            "hfmode-lint, an irrelevant file": (ours, irrelevant),
            f"hfmode-lint, a relevant file of {_LINES} lines": (ours, relevant),
            "flake8 with the plugin, an irrelevant file": (("flake8", "made.py"), irrelevant),
        }
        environment = _environment(work / "bytecode")
        return {
            name: _count(arguments, where, environment)
            for name, (arguments, where) in cases.items()
        }


def _environment(bytecode: Path) -> dict[str, str]:
    """An environment in which a count repeats: one order of sets, and compiled modules."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in {"PATH", "HOME", "LD_LIBRARY_PATH"}
    }
    return {
        **kept,
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": str(_SOURCES),
        "PYTHONPYCACHEPREFIX": str(bytecode),
    }


def _count(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> int:
    command = [sys.executable, "-m", *arguments]
    # Compiles what is imported.
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    counted = subprocess.run(
        [  # noqa: S607 - the one that PATH has
            "valgrind",
            "--tool=callgrind",
            "--callgrind-out-file=/dev/null",
            *command,
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    found = _COLLECTED.search(counted.stderr)
    if found is None or counted.returncode not in (0, 1):
        raise SystemExit(f"valgrind {' '.join(command)}: {counted.stderr.strip()[-500:]}")
    return int(found[1])


if __name__ == "__main__":
    sys.exit(main())
