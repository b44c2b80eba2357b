"""Projects of several files: the same findings from each front end, whichever files are named."""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hfmode_lint import Options, check_paths, check_source
from hfmode_lint.config import load
from tests.pre_commit_runs import needs_git, stage_all, try_hook

if TYPE_CHECKING:
    from collections.abc import Callable

    # By file: the findings in it, in short.
    Found = dict[str, list[str]]

PROJECTS = Path(__file__).parent.parent / "fixtures" / "projects"
NAMES = sorted(each.name for each in PROJECTS.iterdir())

# Where and what: ``HFM001 7:17 self.net of Task``.
_SHORT = re.compile(r"(HFM\d+ \d+:\d+)(?: (self[\w.]*(?: of \w+)?)(?= is))?")


def expected(name: str, *, without: str = "") -> Found:
    text = (PROJECTS / name / "expected.json").read_text(encoding="utf-8")
    found = {
        path: [each for each in findings if not (without and each.startswith(without))]
        for path, findings in json.loads(text).items()
    }
    return {path: findings for path, findings in found.items() if findings}


def short(lines: str) -> Found:
    """What a report in one line a finding says, by file."""
    found: Found = {}
    for line in lines.splitlines():
        path, row, column, text = line.split(":", 3)
        match = _SHORT.match(f"{text.split()[0]} {row}:{column}{text[text.index('HFM') + 6 :]}")
        assert match is not None
        what = " ".join(filter(None, match.groups()))
        found.setdefault(path.removeprefix("./"), []).append(what)
    return found


def run(folder: Path, *command: str) -> str:
    result = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, check=False
    )
    assert result.stderr == b""
    return result.stdout.decode()


@functools.cache
def shown_by(*command: str) -> dict[str, list[str]]:
    """What a command says of all projects at once: each is to be looked at by itself."""
    return short(run(PROJECTS, *command))


def of(name: str, found: dict[str, list[str]]) -> dict[str, list[str]]:
    """The part of a report that is about one project."""
    return {
        path.removeprefix(f"{name}/"): each
        for path, each in found.items()
        if path.startswith(f"{name}/")
    }


def checked(*paths: str, project: bool = True) -> dict[str, list[str]]:
    """What the interface finds, in the words of the command."""
    found: dict[str, list[str]] = {}
    for each in check_paths(paths, Options(project=project)):
        line = f"{each.filename}:{each.start.line}:{each.start.column + 1}: {each.code} "
        for path, what in short(line + each.message).items():
            found.setdefault(path, []).extend(what)
    return found


def sources(name: str) -> list[str]:
    root = PROJECTS / name
    found = (each.relative_to(root).as_posix() for each in root.rglob("*.py"))
    return sorted(path for path in found if not path.startswith(".venv/"))


# Front ends: each gives what it finds in one project, by file, from its folder.

CONCISE = ("hfmode_lint", "-q", "--output-format", "concise")


def by_command(name: str) -> Found:
    return of(name, shown_by(*CONCISE))


def by_command_file_by_file(name: str) -> Found:
    """As a hook names the files that changed."""
    found: Found = {}
    for path in sources(name):
        of_file = checked(path)
        assert of_file.keys() <= {path}
        found |= of_file
    return found


def by_flake8(name: str) -> Found:
    return of(name, shown_by("flake8", "--isolated", "--select", "HFM", "."))


def by_interface(name: str) -> Found:
    del name
    return checked(".")


def by_hook(name: str, *, output: str) -> Found:
    lines = [each for each in output.splitlines() if each.startswith(f"{name}/")]
    return short("\n".join(line.removeprefix(f"{name}/") for line in lines))


FRONT_ENDS: dict[str, Callable[[str], Found]] = {
    "command": by_command,
    "command-file-by-file": by_command_file_by_file,
    "flake8": by_flake8,
    "interface": by_interface,
}


@pytest.fixture(scope="module")
def hook_output(tmp_path_factory: pytest.TempPathFactory, pre_commit_home: Path) -> str:
    """What the real hook prints in one repository that has all the projects."""
    repository = tmp_path_factory.mktemp("repository") / "projects"
    shutil.copytree(PROJECTS, repository, ignore=shutil.ignore_patterns("__pycache__"))
    stage_all(repository)
    result = try_hook(repository, "hfmode-lint", pre_commit_home)
    assert result.returncode == 1, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(params=[*FRONT_ENDS, pytest.param("pre-commit", marks=needs_git)])
def front_end(request: pytest.FixtureRequest) -> Callable[[str], Found]:
    """Gives what one front end finds in a project."""
    if request.param == "pre-commit":
        return partial(by_hook, output=request.getfixturevalue("hook_output"))
    return FRONT_ENDS[request.param]


@pytest.mark.parametrize("name", NAMES)
def test_each_front_end_finds_the_same(
    name: str, front_end: Callable[[str], Found], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(PROJECTS / name)
    # flake8 has a code of its own for what can't be parsed.
    without = "HFM000" if front_end is by_flake8 else ""
    assert front_end(name) == expected(name, without=without)


@pytest.mark.parametrize("name", NAMES)
def test_without_the_project_a_file_is_looked_at_by_itself(name: str) -> None:
    shown = of(name, shown_by(*CONCISE, "--no-project"))
    options, _ = load(str(PROJECTS / name))
    # A folder's files that can't matter by themselves are not parsed, so have no HFM000.
    alone = {
        path
        for path in sources(name)
        for finding in check_source(
            (PROJECTS / name / path).read_text(encoding="utf-8"),
            str(PROJECTS / name / path),
            options,
        )
        if finding.code != "HFM000"
    }
    assert shown.keys() == alone


@pytest.mark.parametrize("name", ["base_two_files_up", "src_layout_re_exports"])
def test_a_command_in_the_project_sees_the_same(name: str) -> None:
    assert short(run(PROJECTS / name, *CONCISE)) == expected(name)
    for path in sources(name):
        shown = short(run(PROJECTS / name, *CONCISE, path))
        assert shown == {key: each for key, each in expected(name).items() if key == path}


def test_a_finding_says_through_which_files_it_came() -> None:
    text = run(PROJECTS / "factory_network_lit", "hfmode_lint", "--output-format", "json")
    (finding,) = json.loads(text)
    assert finding["filename"] == "app/loading.py"
    assert [(each["filename"], each["message"]) for each in finding["related"]] == [
        ("app/lit.py", "Task trains it as self.net.encoder"),
        ("app/lit.py", "called from here"),
        ("app/network.py", "called from here"),
    ]
    shown = subprocess.run(
        [sys.executable, "-m", "hfmode_lint"],
        cwd=PROJECTS / "factory_network_lit",
        capture_output=True,
        check=False,
    )
    assert b"note: app/lit.py:7:7: Task trains it as self.net.encoder" in shown.stdout


def test_a_fix_in_another_file_is_checked_with_the_project(tmp_path: Path) -> None:
    for path in sources("factory_network_lit"):
        target = tmp_path / path
        target.parent.mkdir(exist_ok=True)
        target.write_text((PROJECTS / "factory_network_lit" / path).read_text())
    (tmp_path / "setup.cfg").write_text("")
    command = [sys.executable, "-m", "hfmode_lint", "--fix", "--unsafe-fixes"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")
    before = (PROJECTS / "factory_network_lit" / "app/loading.py").read_text()
    after = (tmp_path / "app/loading.py").read_text()
    assert after == before.replace("config=config)", "config=config).train()", 1)


def test_a_file_that_git_ignores_is_checked_when_it_is_named(tmp_path: Path) -> None:
    for path in sources("base_two_files_up"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text((PROJECTS / "base_two_files_up" / path).read_text())
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("tagger.py\n")
    (finding,) = check_paths([tmp_path / "task" / "tagger.py"])
    assert finding.module_path == "self.model"
    assert check_paths([tmp_path]) == []


ROOTS = {
    "a list of requirements": (["requirements.txt"], 1),
    "a build file": (["setup.py"], 1),
    "neither": ([], 0),
    "a part of a project": (["setup.cfg", "models/requirements.txt"], 1),
}


@pytest.mark.parametrize(("marks", "expected"), ROOTS.values(), ids=ROOTS)
def test_where_a_project_begins(marks: list[str], expected: int, tmp_path: Path) -> None:
    """Its folders hold no ``__init__.py``, and a file imports from the one above its own."""
    folder = PROJECTS / "base_two_files_up" / "task"
    (tmp_path / "models").mkdir()
    for name in ("root.py", "base.py"):
        shutil.copy(folder / name, tmp_path / name)
    tagger = (folder / "tagger.py").read_text().replace("from task.base", "from ..base")
    (tmp_path / "models" / "tagger.py").write_text(tagger)
    for each in marks:
        (tmp_path / each).touch()
    assert len(check_paths([tmp_path])) == expected


def test_a_configuration_that_is_no_yaml_is_told_of_if_asked() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "hfmode_lint", "--verbose"],
        cwd=PROJECTS / "hydra_broken_yaml",
        capture_output=True,
        check=False,
    )
    assert shown.returncode == 0
    assert b"conf/model/bert.yaml: not read (mapping values are not allowed" in shown.stderr


def test_a_project_that_names_no_configuration_reads_no_yaml(tmp_path: Path) -> None:
    for path in sources("base_two_files_up"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text((PROJECTS / "base_two_files_up" / path).read_text())
    (tmp_path / "setup.cfg").write_text("")
    (tmp_path / "conf.yaml").write_text("_target_: task.root.Root\n")
    code = (
        "import sys; from hfmode_lint import check_paths; check_paths(['.']); "
        "print('yaml' in sys.modules)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True
    )
    assert shown.stdout.split() == [b"False"]
