"""What other static tools find of the fixtures: ``python -m benchmarks.neighbours``.

Needs ``semgrep``, ``torchfix`` and ``ruff`` on PATH. Each is asked about every program in
``fixtures/``; what counts is the lines of HFM001 and HFM002 in the expectations beside them. The
fixtures are made to be hard, half of them are there to stay silent, and hfmode-lint is tested with
them: this says what a rule without a run of the lifecycle can find, not how often cases are met.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXTURES = Path("fixtures")
PROJECTS = str(FIXTURES / "projects")
RULE = Path(__file__).with_name("semgrep.yml")
_SAID = {"HFM001", "HFM002"}

Place = tuple[str, int]


def main() -> None:
    """Print one line a tool."""
    reported = set(_of_semgrep())
    for name, wanted in (("programs", set(_of_programs())), ("projects", set(_of_projects()))):
        found = {each for each in reported if (PROJECTS in each[0]) == (name == "projects")}
        print(f"{name}: {len(wanted)} loader calls to be found; semgrep with {RULE.name}:")
        print(f"  {len(found & wanted)} found, {len(wanted - found)} missed")
        print(f"  {len(found - wanted)} reported without reason")
    for name, codes in (("torchfix", _of_torchfix()), ("ruff", _of_ruff())):
        print(f"{name} with all its rules: {dict(codes.most_common())}")


def _of_programs() -> Iterator[Place]:
    """What is expected of programs of one file."""
    for path in FIXTURES.rglob("*.expected.json"):
        program = path.with_name(path.name.replace(".expected.json", ".py"))
        for entry in json.loads(path.read_text(encoding="utf-8")):
            if entry["code"] in _SAID and program.exists():
                yield str(program), entry["line"]


def _of_projects() -> Iterator[Place]:
    """What is expected of projects of several files."""
    for path in FIXTURES.rglob("expected.json"):
        for file, lines in json.loads(path.read_text(encoding="utf-8")).items():
            for code, place, *_ in map(str.split, lines):
                if code in _SAID:
                    yield str(path.parent / file), int(place.split(":")[0])


def _of_semgrep() -> Iterator[Place]:
    report = _json(
        *("semgrep", "scan", "--metrics", "off", "--disable-version-check", "--no-git-ignore"),
        *("--quiet", "--json", "--config", str(RULE), str(FIXTURES)),
    )
    for result in report["results"]:
        yield result["path"], result["start"]["line"]


def _of_torchfix() -> Counter[str]:
    lines = _output("torchfix", "--select", "ALL", str(FIXTURES)).splitlines()
    return Counter(line.split()[1] for line in lines if line.startswith(f"{FIXTURES}/"))


def _of_ruff() -> Counter[str]:
    command = ("ruff", "check", "--isolated", "--no-cache", "--preview", "--select", "ALL")
    found = _json(*command, "--output-format", "json", str(FIXTURES))
    return Counter(each["code"] or "syntax" for each in found)


def _json(*command: str) -> Any:  # noqa: ANN401 - a report of another tool
    return json.loads(_output(*command))


def _output(*command: str) -> str:
    # Most say by their exit code that they found something.
    return subprocess.run(command, capture_output=True, check=False, encoding="utf-8").stdout


if __name__ == "__main__":
    main()
