"""What a project says once: the train mode of some modules is set where nobody can see it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hfmode_lint import Options, SetElsewhere, check_paths, check_source, fix_source
from hfmode_lint.analysis.holding import Holder, Holding
from hfmode_lint.config import ConfigError, load_file
from hfmode_lint.rules import RULES
from tests.programs import BUGGY, FIXED, NOTEBOOK

if TYPE_CHECKING:
    from pathlib import Path

# What BUGGY is, under another name and not named by any entry.
OTHER = BUGGY.replace("Tagger", "Reader")
BY_CLASS = '[[tool.hfmode-lint.set-elsewhere]]\nclass = "Tagger"\nreason = "train.sh does it"\n'


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        timeout=120,
    )


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "hfmode_lint", *arguments)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(BY_CLASS)
    (tmp_path / "tagger.py").write_text(BUGGY)
    (tmp_path / "reader.py").write_text(OTHER)
    return tmp_path


# Which modules an entry means

HELD = Holding(
    (
        Holder(("home", "me", "proj", "src", "app", "lit", "LitTagger"), "/proj/src/app/lit.py"),
        Holder(("home", "me", "proj", "src", "base", "Base"), "/proj/src/base.py"),
        Holder(("company", "tasks", "Task"), ""),
    ),
    frozenset({"/proj/src/zoo/load.py"}),
)


@pytest.mark.parametrize(
    ("class_name", "path", "covered"),
    [
        ("LitTagger", "", True),
        ("Lit*", "", True),
        ("*", "", True),
        ("lit.LitTagger", "", True),
        ("app.lit.LitTagger", "", True),
        ("app.*.Lit*", "", True),
        ("Base", "", True),
        ("company.tasks.Task", "", True),
        ("Task", "", True),
        ("Lit", "", False),
        ("litTagger", "", False),
        ("app.LitTagger", "", False),
        ("other.lit.LitTagger", "", False),
        ("lit", "", False),
        ("x.*.*.*.*.*.*.*.LitTagger", "", False),
        ("", "src/app/lit.py", True),
        ("", "./src/app/lit.py", True),
        ("", "lit.py", True),
        ("", "src/app", True),
        ("", "src/app/**", True),
        ("", "src/zoo/", True),
        ("", "/src/base.py", True),
        ("", "*.py", True),
        ("", "/app/", False),
        ("", "src/app/*.pyi", False),
        ("LitTagger", "src/app/", True),
        ("LitTagger", "src/zoo/", False),
        ("Base", "src/app/", False),
        ("Task", "*", False),
    ],
)
def test_a_class_its_bases_and_files(class_name: str, path: str, *, covered: bool) -> None:
    assert SetElsewhere(class_name, path, folder="/proj").covers(HELD) is covered


def test_a_path_counts_from_the_folder_of_its_configuration() -> None:
    assert not SetElsewhere(path="src/app/", folder="/other").covers(HELD)
    assert not SetElsewhere(path="/src/app/", folder="/proj/src").covers(HELD)


# Which findings are set aside

EVERYTHING = Options(select=("ALL",))


@pytest.mark.parametrize("code", sorted(RULES))
def test_what_is_said_of_the_mode_when_training_starts_is_set_aside(code: str) -> None:
    rule = RULES[code]
    options = Options(select=(code,), set_elsewhere=(SetElsewhere("*"),))
    before = check_source(rule.failing, options=Options(select=(code,)))
    assert before
    after = check_source(rule.failing, options=options)
    assert after == ([] if rule.since_lightning_2_2 else before)


def test_a_library_s_own_class_names_no_module_of_the_project() -> None:
    assert check_source(BUGGY, options=Options(set_elsewhere=(SetElsewhere("LightningModule"),)))
    assert check_source(BUGGY, options=Options(set_elsewhere=(SetElsewhere("lightning.*"),)))


def test_a_base_that_cannot_be_seen_counts_by_its_name() -> None:
    program = BUGGY.replace("(L.", "(company.tasks.Mixin, L.").replace(
        "import l", "import company\nimport l"
    )
    assert check_source(program)
    for name in ("company.tasks.Mixin", "Mixin", "tasks.Mix*"):
        assert not check_source(program, options=Options(set_elsewhere=(SetElsewhere(name),)))


SHARED = """\
import lightning as L
from transformers import AutoModel


def load():
    return AutoModel.from_pretrained("x")


class Task(L.LightningModule):
    def training_step(self, batch, batch_idx):
        return self.model(batch).sum()


class First(Task):
    def __init__(self):
        super().__init__()
        self.model = load()


class Second(Task):
    def __init__(self):
        super().__init__()
        self.inner = First()
        self.other = self.model = load()
"""


def test_one_loader_call_for_two_classes_is_reported_for_the_other_one() -> None:
    (before,) = check_source(SHARED)
    assert before.module_path == "self.model"
    (after,) = check_source(SHARED, options=Options(set_elsewhere=(SetElsewhere("First"),)))
    assert (after.code, after.start) == (before.code, before.start)
    assert check_source(SHARED, options=Options(set_elsewhere=(SetElsewhere("Task"),))) == []


def test_a_class_in_train_mode_beside_one_that_is_named() -> None:
    """What is set aside leaves no trace in a verdict."""
    program = SHARED.replace("self.model = load()\n\n", "self.model = load().train()\n\n")
    program = program.replace("self.inner = First()\n        self.other = ", "")
    (before,) = check_source(program)
    assert before.code == "HFM001"
    (after,) = check_source(program, options=Options(set_elsewhere=(SetElsewhere("First"),)))
    assert after.code == "HFM001"
    assert check_source(program, options=Options(set_elsewhere=(SetElsewhere("Second"),))) == []


def test_a_fix_leaves_them_alone() -> None:
    program = BUGGY + "\n\n" + OTHER.split("\n\n\n", 1)[1]
    options = Options(unsafe_fixes=True, set_elsewhere=(SetElsewhere("Tagger"),))
    result = fix_source(program, options=options)
    head, _, tail = program.rpartition('("x")')
    assert result.source == f'{head}("x").train(){tail}'
    assert result.remaining == ()


# Where it is said


def test_the_interface(project: Path) -> None:
    (finding,) = check_paths([project])
    assert finding.filename.endswith("reader.py")
    named = Options(set_elsewhere=(SetElsewhere(path="reader.py", folder=str(project)),))
    (finding,) = check_paths([project], named)
    assert finding.filename.endswith("tagger.py")
    assert len(check_paths([project], Options(set_elsewhere=()))) == 2


def test_each_front_end(project: Path) -> None:
    for each in (
        command(project, "--output-format", "concise"),
        command(project, "--output-format", "concise", "--no-project"),
        run(project, "flake8", "--isolated", "--select", "HFM", "."),
        run(project, "flake8", "--isolated", "--select", "HFM", "--hfm-no-project", "."),
        run(project, "flake8", "--isolated", "--select", "HFM", "-j2", "reader.py", "tagger.py"),
    ):
        assert each.stderr == ""
        assert each.returncode == 1
        found = [line for line in each.stdout.splitlines() if "HFM" in line]
        assert len(found) == 1
        assert "reader.py" in found[0]


def test_standard_input(project: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "hfmode_lint", "-", "--stdin-filename", "tagger.py"],
        capture_output=True,
        check=False,
        cwd=project,
        encoding="utf-8",
        input=BUGGY,
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_an_option_that_names_the_file_or_none(project: Path) -> None:
    shown = command(project, "--isolated", "-q", "--output-format", "concise").stdout
    assert len(shown.splitlines()) == 2
    (project / "other.toml").write_text("[tool.hfmode-lint]\n")
    shown = command(project, "--config", "other.toml", "-q", "--output-format", "concise").stdout
    assert len(shown.splitlines()) == 2


def test_each_file_has_what_is_said_around_it(project: Path) -> None:
    """Whichever configuration the command itself takes its options from."""
    inner = project / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").write_text(BY_CLASS.replace("Tagger", "Reader"))
    for name, text in (("tagger.py", BUGGY), ("reader.py", OTHER)):
        (inner / name).write_text(text)
    expected = {"reader.py", "inner/tagger.py"}
    by_command = command(project, "-q", "--output-format", "concise").stdout
    by_flake8 = run(project, "flake8", "--isolated", "--select", "HFM", ".").stdout
    for shown in (by_command, by_flake8):
        names = {line.split(":")[0].removeprefix("./") for line in shown.splitlines()}
        assert names == expected


def test_notebooks(project: Path) -> None:
    (project / "train.ipynb").write_text(NOTEBOOK)
    result = command(project, "train.ipynb", "-v")
    assert result.returncode == 0
    assert '"Tagger": 1 problem not reported (train.sh does it)' in result.stderr


# What the report tells of it


def test_the_text_says_how_many(project: Path) -> None:
    result = command(project)
    last = result.stdout.splitlines()[-1]
    assert last == (
        "Found 1 problem (1 fixable with --fix); 1 not reported, as train mode is set elsewhere"
    )
    (project / "reader.py").write_text(FIXED)
    result = command(project)
    assert result.returncode == 0
    assert result.stdout == "All checks passed; 1 not reported, as train mode is set elsewhere\n"


def test_verbose_says_for_which_entry(project: Path) -> None:
    (project / "pyproject.toml").write_text(
        BY_CLASS + '[[tool.hfmode-lint.set-elsewhere]]\npath = "a/"\nclass = "Lit*"\n'
    )
    lines = [line for line in command(project, "-v").stderr.splitlines() if "elsewhere" in line]
    assert lines == [
        'hfmode-lint: set-elsewhere: class = "Tagger": 1 problem not reported (train.sh does it)',
        'hfmode-lint: set-elsewhere: class = "Lit*", path = "a/": no problem to set aside',
    ]


def test_an_entry_that_is_not_needed_any_more_is_told(project: Path) -> None:
    (project / "tagger.py").write_text(FIXED)
    assert '"Tagger": no problem to set aside' in command(project, "-v").stderr
    (project / "tagger.py").write_text("x = 1\n")
    (project / "reader.py").unlink()
    assert '"Tagger": no problem to set aside' in command(project, "-v").stderr


def test_json_has_them_on_request(project: Path) -> None:
    (finding,) = json.loads(command(project, "--output-format", "json").stdout)
    assert finding["set_elsewhere"] is None
    both = json.loads(command(project, "--output-format", "json", "-v").stdout)
    assert [(each["filename"], each["set_elsewhere"]) for each in both] == [
        ("reader.py", None),
        ("tagger.py", {"class": "Tagger", "path": None, "reason": "train.sh does it"}),
    ]


def test_after_a_fix_they_stand_where_they_stand_now(project: Path) -> None:
    (project / "reader.py").unlink()
    program = OTHER + "    def more(self): pass\n\n\n" + BUGGY.split("\n\n\n", 1)[1]
    (project / "tagger.py").write_text(program)
    shown = command(
        project,
        "--output-format",
        "json",
        "-v",
        "--fix",
        "--unsafe-fixes",
        "--select",
        "HFM001,HFM008",
    ).stdout
    text = (project / "tagger.py").read_text()
    (finding,) = json.loads(shown)
    assert finding["set_elsewhere"]["class"] == "Tagger"
    line = text.splitlines()[finding["location"]["row"] - 1]
    assert line[finding["location"]["column"] - 1 :] == 'AutoModel.from_pretrained("x")'


def test_a_noqa_comment_comes_first(project: Path) -> None:
    (project / "tagger.py").write_text(BUGGY.replace('("x")', '("x")  # noqa: HFM001'))
    assert '"Tagger": no problem to set aside' in command(project, "-v").stderr


def test_what_an_old_lightning_repairs_is_told_as_that(project: Path) -> None:
    shown = command(project, "-v", "--lightning-version", "2.1").stderr
    assert '"Tagger": no problem to set aside' in shown
    assert "not reported: 1 problem (HFM001)" in shown


# What is wrong in it


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ('set-elsewhere = "Tagger"', ["must be a list of tables", "[[tool.hfmode-lint.set-"]),
        ('set-elsewhere = ["Tagger"]', ["must be a list of tables"]),
        ('set-elsewhere = {class = "Tagger"}', ["must be a list of tables"]),
        ("set-elsewhere = [{}]", ["entry 1", "needs a class or a path"]),
        ('set-elsewhere = [{class = "A"}, {reason = "x"}]', ["entry 2", "needs a class or a path"]),
        (
            'set-elsewhere = [{clas = "A"}]',
            ["entry 1", "unknown key 'clas'", "class, path, reason"],
        ),
        ('set-elsewhere = [{class_name = "A"}]', ["unknown key 'class_name'"]),
        ("set-elsewhere = [{class = 1}]", ["entry 1", "class must be a string"]),
        ('set-elsewhere = [{class = ["A"]}]', ["class must be a string"]),
        ('set-elsewhere = [{class = "A", reason = true}]', ["reason must be a string"]),
        ('set-elsewhere = [{class = "a b"}]', ["class must be a name", "'a b'"]),
        ('set-elsewhere = [{class = "a..b"}]', ["class must be a name"]),
        ('set-elsewhere = [{class = "src/a.py"}]', ["class must be a name"]),
        ('set-elsewhere = [{path = " "}]', ["path must be a pattern"]),
        ('set-elsewhere = [{path = "!a.py"}]', ["path must be a pattern"]),
        ('set-elsewhere = [{path = "# a"}]', ["path must be a pattern"]),
    ],
)
def test_a_wrong_entry_is_one_line(project: Path, section: str, words: list[str]) -> None:
    (project / "pyproject.toml").write_text(f"[tool.hfmode-lint]\n{section}\n")
    with pytest.raises(ConfigError) as caught:
        load_file(str(project / "pyproject.toml"))
    for word in [f"{project / 'pyproject.toml'}: set-elsewhere", *words]:
        assert word in str(caught.value)
    result = command(project)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr == f"hfmode-lint: error: {caught.value}\n"


def test_flake8_tells_of_a_wrong_entry_in_a_line_for_each_file(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.hfmode-lint]\nset-elsewhere = 1\n")
    for jobs in ("1", "2"):
        result = run(project, "flake8", "--isolated", "-j", jobs, "tagger.py", "reader.py")
        assert result.returncode == 1
        assert result.stderr == ""
        lines = sorted(result.stdout.splitlines())
        for name, line in zip(("reader.py", "tagger.py"), lines, strict=True):
            assert line.startswith(f"{name}:1:1: HFM000 file can't be checked: ")
            assert "set-elsewhere: must be a list of tables" in line


def test_a_wrong_entry_in_a_folder_below_is_told_once(project: Path) -> None:
    inner = project / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").write_text("[tool.hfmode-lint]\nset-elsewhere = 1\n")
    (inner / "a.py").write_text(BUGGY)
    (inner / "b.py").write_text(BUGGY)
    result = command(project, "--output-format", "concise")
    assert result.returncode == 2
    assert result.stderr.count("must be a list of tables") == 1
    assert "reader.py" in result.stdout
    with pytest.raises(OSError, match="must be a list of tables"):
        check_paths([project])


@pytest.mark.parametrize("wrong", [{}, {"class_name": "a b"}, {"path": "!x"}])
def test_a_wrong_entry_of_a_caller_is_a_value_error(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"class|path"):
        SetElsewhere(**wrong)
