"""``python -m tests.mutation``: see docs/mutants.md."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.mutation.killing import Killer
from tests.mutation.mutants import ROOT, all_mutants

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.mutation.mutants import Mutant

WORK = ROOT / "build" / "mutants"
RESULTS = WORK / "results.json"
EXPLAINED = Path(__file__).with_name("explained.json")
PROJECTS = ROOT / "fixtures" / "projects"
_FRONT_ENDS = "tests/test_projects.py::test_each_front_end_finds_the_same"
_LOOPS = (
    "a_loop_over_three_files",
    "each_load_is_reported_in_its_own_file",
    "each_script_is_run_by_itself",
    "the_twin_that_sets_train_mode",
)
_FOLLOWED = (
    "each_place_that_calls_one_loader_is_judged_by_itself",
    "a_class_that_gets_its_model_from_the_package_is_reported_at_its_name",
    "without_it_the_package_is_unknown",
    "a_library_that_only_lies_beside_the_package_is_not_read",
    "the_package_sees_no_file_of_the_project",
)
_SUMMARIES = (
    "the_json_is_as_it_was_kept",
    "what_set_the_mode",
    "the_mode_of_the_first_training_step_counts",
    "what_is_seen_not_to_be_trained_does_not_stand_out",
    "a_tokenizer_is_no_module",
    "modules_that_nothing_loads",
    "the_files_of_a_project_count",
    "what_nothing_trains_is_named",
    "text_bytes_and_notebooks",
)
_SET_ELSEWHERE = (
    "a_class_its_bases_and_files",
    "a_library_s_own_class_names_no_module_of_the_project",
    "a_base_that_cannot_be_seen_counts_by_its_name",
    "one_loader_call_for_two_classes_is_reported_for_the_other_one",
    "a_class_in_train_mode_beside_one_that_is_named",
    "a_fix_leaves_them_alone",
)
# Those that need neither torch nor a process of their own.
TESTS = (
    "tests/analysis",
    "tests/test_mode_rules.py",
    "tests/test_rules.py",
    "tests/test_fixtures.py",
    "tests/test_recorded_truth.py",
    "tests/test_recorded_loops.py",
    "tests/test_runtime_truth.py",
    *(f"{_FRONT_ENDS}[interface-{each.name}]" for each in sorted(PROJECTS.iterdir())),
    "tests/test_reach.py",
    "tests/test_configurations.py",
    *(f"tests/test_loop_projects.py::test_{each}" for each in _LOOPS),
    *(f"tests/test_follow.py::test_{each}" for each in _FOLLOWED),
    *(f"tests/test_summary.py::test_{each}" for each in _SUMMARIES),
    *(f"tests/test_set_elsewhere.py::test_{each}" for each in _SET_ELSEWHERE),
    "tests/test_projects.py::test_a_file_that_git_ignores_is_checked_when_it_is_named",
    "tests/test_notebooks.py",
    "tests/test_api.py",
)


def main() -> int:
    """Try mutants; 1 where one survives that nothing is said about, or is killed though it is."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=main.__doc__)
    parser.add_argument("--only", default="", help="the mutants whose name has this pattern")
    parser.add_argument("--open", action="store_true", help="those that no test has killed yet")
    parser.add_argument("tests", nargs="*", default=TESTS, help="what to try them with")
    options = parser.parse_args()
    known = _read(RESULTS)
    mutants = all_mutants(WORK / "sources")
    chosen = [
        mutant
        for mutant in mutants
        if not mutant.refused
        and re.search(options.only, mutant.key)
        and not (options.open and known.get(mutant.key))
    ]
    refused = sum(mutant.refused for mutant in mutants)
    print(f"{len(mutants)} mutants, {refused} refused by the type checker", flush=True)
    started = time.monotonic()
    known.update(_killers(chosen, options.tests))
    print(f"{len(chosen)} tried in {time.monotonic() - started:.0f} s")
    return _report(mutants, known)


def _read(path: Path) -> dict[str, str | None]:
    if not path.exists():
        return {}
    found: dict[str, str | None] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _killers(mutants: Sequence[Mutant], tests: Sequence[str]) -> Mapping[str, str | None]:
    before = _read(RESULTS)

    def save(killers: Mapping[str, str | None]) -> None:
        RESULTS.write_text(json.dumps({**before, **killers}, indent=0), encoding="utf-8")

    killer = Killer(mutants, save)
    arguments = ["-q", "-p", "no:cacheprovider", "--tb=native", *tests]
    if status := pytest.main(arguments, plugins=[killer]):
        raise SystemExit(status)
    save(killer.killers)
    return killer.killers


def _report(mutants: Sequence[Mutant], known: Mapping[str, str | None]) -> int:
    explained = {
        key
        for group in json.loads(EXPLAINED.read_text(encoding="utf-8"))
        for key in group["mutants"]
    }
    run = [mutant.key for mutant in mutants if not mutant.refused]
    survived = {key for key in run if known.get(key, "") is None}
    new, stale = survived - explained, explained - survived
    for key in sorted(new):
        print(f"survived: {key}")
    for key in sorted(stale):
        print(f"explained, but {'killed' if known.get(key) else 'gone or not tried'}: {key}")
    print(
        f"{sum(bool(known.get(key)) for key in run)} killed, {len(survived & explained)} explained,"
        f" {len(new)} survived, {sum(key not in known for key in run)} not run"
    )
    return 1 if new or stale else 0


if __name__ == "__main__":
    sys.exit(main())
