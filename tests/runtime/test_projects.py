"""Projects that a configuration puts together: what the real libraries do with them.

Each script is run for real, with tiny models; each finding is a module in eval mode, and where
nothing is found, nothing that was loaded is trained in eval mode.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from tests.runtime.record import FIXTURES
from tests.runtime.recorder import record

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("hydra")

PROJECTS = FIXTURES / "projects"
# By project: its scripts, and the words that follow a script's name on the command line.
SCRIPTS = [
    ("hydra_frozen_by_default/train.py", []),
    ("hydra_loader_in_yaml/train.py", []),
    ("hydra_loader_in_yaml_trained/train.py", []),
    ("hydra_other_option/train.py", []),
    ("hydra_other_option/train.py", ["net=frozen"]),
    ("hydra_other_option/train.py", ["net=forgotten"]),
    ("hydra_template/src/train.py", []),
    ("hydra_template/src/train.py", ["experiment=longer"]),
    ("hydra_template_trained/src/train.py", []),
    ("module_named_in_a_string/train.py", []),
    ("omegaconf_load/train_plain.py", []),
    ("omegaconf_load/train_trained.py", []),
    ("parts_in_a_dataclass/train.py", []),
]
# What is found in these only shows with other words, or where the script trains last.
ELSEWHERE = [("hydra_other_option/train.py", []), ("hydra_other_option/train.py", ["net=frozen"])]


def _found_paths(project: Path, script: Path) -> set[str]:
    """The module paths of a project's findings, but for those in another script."""
    expected = json.loads((project / "expected.json").read_text(encoding="utf-8"))
    scripts = {each.split("/", 1)[1] for each, _ in SCRIPTS if each.startswith(f"{project.name}/")}
    others = scripts - {script.relative_to(project).as_posix()}
    return {
        finding.split()[2]
        for path, findings in expected.items()
        if path not in others
        for finding in findings
    }


@pytest.mark.skipif(version("lightning") < "2.2", reason="there fit() sets train mode itself")
@pytest.mark.parametrize(("name", "words"), SCRIPTS, ids=str)
def test_what_is_found_is_in_eval_mode(name: str, words: list[str]) -> None:
    script = PROJECTS / name
    project = PROJECTS / name.partition("/")[0]
    runs = record(script.read_text(encoding="utf-8"), str(script), words=words, folder=project)
    for run in runs:
        in_eval = {
            load.path
            for load in run.loads
            if load.path is not None and load.first == "eval" and load.parameters != "none"
        }
        found = set() if (name, words) in ELSEWHERE else _found_paths(project, script)
        assert in_eval == found
