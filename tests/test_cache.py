"""The cache: what it gives back is what a new run finds, whatever was edited, broken or shared."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hfmode_lint import (
    Applicability,
    Edit,
    Finding,
    Fix,
    Position,
    Related,
    SetElsewhere,
    Verdict,
    cache,
    cli,
)
from hfmode_lint.cache import Cache
from hfmode_lint.stored_findings import restored, stored
from tests.programs import BUGGY, FIXED, NOTEBOOK

if TYPE_CHECKING:
    from collections.abc import Callable

FIXTURES = Path(__file__).parent.parent / "fixtures"
PROJECTS = FIXTURES / "projects"
FOLDERS = sorted(
    each.name for each in FIXTURES.iterdir() if each != PROJECTS and any(each.rglob("*.[pi]*"))
)
NAMES = sorted(each.name for each in PROJECTS.iterdir())
SEVERAL = [
    "base_two_files_up",
    "followed_package",
    "hydra_other_option",
    "hydra_template",
    "omegaconf_load",
    "registry_by_decorator",
    "set_elsewhere_by_path",
]
# What was changed just before a run may change again unnoticed, so such a run is not kept.
TICK = 0.06
FROM_CACHE = "from the cache"


class Command:
    """The command in one folder."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """The exit code, and what is printed on both streams."""
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            cli.main(list(arguments))
        code = exit_.value.code
        assert isinstance(code, int)
        return (code, *self._capsys.readouterr())

    def is_cached(self, *arguments: str) -> bool:
        return FROM_CACHE in self("--verbose", *arguments)[2]

    def remembers(self, *arguments: str) -> None:
        """Run, and make sure that the next run would need no analysis."""
        time.sleep(TICK)
        # Who wants to see more asks the cache of files too of which a first look is enough.
        self("--verbose", *arguments)
        assert self.is_cached(*arguments)

    def is_right(self, *arguments: str) -> None:
        """A run that may use the cache finds what one without it finds."""
        assert self(*arguments) == self("--no-cache", *arguments)


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    monkeypatch.chdir(tmp_path)
    return Command(tmp_path, capsys)


@pytest.fixture
def tagger(command: Command) -> Command:
    """A program in three files: what a class inherits, reads and is started with."""
    base = BUGGY.replace("class Tagger", "class Base")
    write(command.folder, "base.py", base)
    write(command.folder, "lit.py", "from base import Base\n\n\nclass Lit(Base):\n    pass\n")
    write(command.folder, "pyproject.toml", '[project]\nname = "tagger"\n')
    command.remembers(".")
    return command


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def entries(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


# The same as without


@pytest.mark.parametrize("name", NAMES)
def test_a_project_is_reported_alike(command: Command, name: str) -> None:
    shutil.copytree(PROJECTS / name, command.folder, dirs_exist_ok=True, symlinks=True)
    arguments = ("--output-format", "json", "--extend-select", "ALL", ".")
    cold = command("--no-cache", *arguments)
    time.sleep(TICK)
    assert command(*arguments) == cold
    assert command.is_cached(*arguments)
    assert command(*arguments) == cold


@pytest.mark.parametrize("name", FOLDERS)
def test_files_are_reported_alike(
    command: Command, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(FIXTURES)
    arguments = ("--output-format", "text", "--extend-select", "ALL", name)
    cold = command("--no-cache", *arguments)
    assert command(*arguments) == cold
    assert command.is_cached(*arguments)
    assert command(*arguments) == cold


def test_what_is_no_python_is_reported_alike(command: Command) -> None:
    write(command.folder, "broken.py", f"{BUGGY}\nx = (\n")
    (command.folder / "undecodable.py").write_bytes(b"# \xff\n" + BUGGY.encode())
    write(command.folder, "cells.ipynb", NOTEBOOK)
    write(command.folder, "broken.ipynb", NOTEBOOK[:-2])
    names = ("broken.py", "undecodable.py", "cells.ipynb", "broken.ipynb")
    for form in ("text", "json", "sarif", "html"):
        command.remembers("--output-format", form, *names)
        command.is_right("--output-format", form, *names)


def test_notes_are_those_of_the_first_run(command: Command) -> None:
    write(command.folder, "model.py", BUGGY)
    write(command.folder, "requirements.txt", "lightning==2.1.4\n")
    command.remembers(".")
    command.is_right(".")
    assert "keeps Lightning below 2.2" in command(".")[2]


def test_a_path_that_is_no_unicode(command: Command) -> None:
    try:
        Path(os.fsdecode(os.fsencode(command.folder) + b"/mod\xe9l.py")).write_text(BUGGY)
    except OSError:
        pytest.skip("the file system has no such names")
    command.remembers(".")
    command.is_right(".")


# Edits


@pytest.mark.parametrize(
    "edit",
    [
        lambda folder: write(folder, "base.py", FIXED.replace("class Tagger", "class Base")),
        lambda folder: write(folder, "lit.py", "from base import Base\n"),
        lambda folder: write(folder, "start.py", "from lit import Lit\n\nLit().train()\n"),
        lambda folder: write(folder, "requirements.txt", "lightning==2.1.4\n"),
        lambda folder: write(folder, "pyproject.toml", '[project]\ndependencies=["lightning<2"]\n'),
        lambda folder: write(folder, ".gitignore", "lit.py\n"),
        lambda folder: write(folder, "base/__init__.py", "Base = object\n"),
        lambda folder: write(folder, "lib/pyproject.toml", ""),
        lambda folder: (folder / "base.py").unlink(),
        lambda folder: (folder / "base.py").rename(folder / "other.py"),
        lambda folder: write(
            folder,
            "pyproject.toml",
            '[[tool.hfmode-lint.set-elsewhere]]\nclass = "Lit"\n',
        ),
    ],
)
@pytest.mark.parametrize("paths", [(".",), ("lit.py",), ("lit.py", "base.py")])
def test_an_edit_anywhere_in_the_project_is_noticed(
    tagger: Command, edit: Callable[[Path], object], paths: tuple[str, ...]
) -> None:
    tagger.remembers(*paths)
    edit(tagger.folder)
    tagger.is_right(*paths)
    time.sleep(TICK)
    tagger.is_right(*paths)
    tagger.is_right(*paths)


def test_a_stored_finding_is_the_whole_finding() -> None:
    start, end = Position(1, 2), Position(3, 4)
    finding = Finding(
        "HFM001",
        "a message",
        start,
        end,
        "model.py",
        Fix("Append .train()", Applicability.SAFE, (Edit(end, end, ".train()", 2),)),
        "self.encoder",
        Verdict.EVAL,
        "AutoModel.from_pretrained",
        assumed=True,
        cell=2,
        related=(Related("other.py", start, end, "called from here"),),
        set_elsewhere=SetElsewhere("Tagger", "encoder", "a callback", "folder"),
        removed="Trainer(gpus=…)",
    )
    for each in fields(Finding):
        assert getattr(finding, each.name) != each.default, each.name
    assert restored(json.loads(json.dumps(stored([finding])))) == (finding,)


def test_an_edit_is_noticed_with_size_and_time_restored(tagger: Command) -> None:
    path = tagger.folder / "base.py"
    before = path.stat()
    text = path.read_text(encoding="utf-8")
    edited = text.replace('("x")\n', '("x").train()\n').replace("batch_idx", "")
    edited += "#" * (len(text) - len(edited))
    edited = edited[: len(text)]
    path.write_text(edited, encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert not tagger.is_cached(".")
    tagger.is_right(".")


def test_an_edit_right_after_a_run_is_noticed(command: Command) -> None:
    path = write(command.folder, "model.py", BUGGY)
    for number in range(20):
        path.write_text((BUGGY, FIXED)[number % 2], encoding="utf-8")
        assert command(".")[0] == (number + 1) % 2


def test_a_file_that_was_only_touched_is_not_checked_again(tagger: Command) -> None:
    (tagger.folder / "base.py").touch()
    assert tagger.is_cached(".")
    os.utime(tagger.folder / "lit.py", (1, 1))
    assert tagger.is_cached(".")


def test_a_file_that_changes_during_the_run_is_not_remembered(
    tagger: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tagger.folder / "base.py"
    text = path.read_text(encoding="utf-8")
    write(tagger.folder, "new.py", "")
    time.sleep(TICK)
    from hfmode_lint import runner

    examine = runner._examine_all

    def meanwhile(*arguments: object) -> object:
        examined = examine(*arguments)  # type: ignore[arg-type] # passed on as they are
        path.write_text(FIXED.replace("Tagger", "Base"), encoding="utf-8")
        return examined

    monkeypatch.setattr(runner, "_examine_all", meanwhile)
    assert tagger(".")[0] == 1
    monkeypatch.undo()
    monkeypatch.chdir(tagger.folder)
    path.write_text(text, encoding="utf-8")
    tagger.is_right(".")
    path.write_text(FIXED.replace("Tagger", "Base"), encoding="utf-8")
    tagger.is_right(".")


def test_a_configuration_that_a_program_reads_is_noticed(command: Command) -> None:
    """It may have any name: what counts is that a program reads it."""
    shutil.copytree(PROJECTS / "omegaconf_load", command.folder, dirs_exist_ok=True)
    program = next(path for path in command.folder.rglob("*.py") if ".yaml" in path.read_text())
    program.write_text(program.read_text(encoding="utf-8").replace(".yaml", ".txt"))
    for path in list(command.folder.rglob("*.yaml")):
        path.rename(path.with_suffix(".txt"))
    command.remembers(".")
    command.is_right(".")
    for path in list(command.folder.rglob("*.txt")):
        text = path.read_text(encoding="utf-8")
        path.write_text("{}", encoding="utf-8")
        command.is_right(".")
        path.write_text(text, encoding="utf-8")
    command.remembers(".")


def test_a_package_that_is_followed_is_noticed(command: Command) -> None:
    shutil.copytree(PROJECTS / "followed_package", command.folder, dirs_exist_ok=True)
    command.remembers(".")
    for path in sorted((command.folder / ".venv").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("from_pretrained", "from_config"), encoding="utf-8")
        if path.read_text(encoding="utf-8") != text:
            assert not command.is_cached(".")
        command.is_right(".")
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", SEVERAL)
def test_random_edits(command: Command, name: str) -> None:
    shutil.copytree(PROJECTS / name, command.folder, dirs_exist_ok=True)
    chance = random.Random(name)  # noqa: S311 - the same edits each time
    originals = {
        path: path.read_bytes()
        for path in sorted(command.folder.rglob("*"))
        if path.is_file() and path.suffix in {".py", ".yaml", ".toml"}
    }
    hits = 0
    for _ in range(12):
        path = chance.choice(list(originals))
        edit = chance.choice(["restore", "empty", "lines", "delete", "nothing", "nothing"])
        if edit == "delete":
            path.unlink(missing_ok=True)
        elif edit == "empty":
            path.write_bytes(b"")
        elif edit == "restore":
            path.write_bytes(originals[path])
        elif edit == "lines" and path.suffix == ".py":
            lines = originals[path].splitlines(keepends=True)
            path.write_bytes(b"".join(each for each in lines if chance.random() > 0.2))
        hits += command.is_cached(".")
        command.is_right("--output-format", "json", ".")
        time.sleep(TICK)
        command.is_right(".")
        command.is_right(".")
    assert hits


# Requests


@pytest.mark.parametrize(
    "options",
    [
        ("--select", "HFM008"),
        ("--extend-select", "ALL"),
        ("--no-project",),
        ("--lightning-version", "2.1"),
        ("--per-file-ignores", "base.py:HFM001"),
        ("--isolated",),
        ("--exclude", "base.py"),
    ],
)
def test_other_options_are_another_request(tagger: Command, options: tuple[str, ...]) -> None:
    assert not tagger.is_cached(*options, ".")
    tagger.is_right(*options, ".")
    assert tagger.is_cached(".")


def test_how_findings_are_shown_is_no_other_request(tagger: Command) -> None:
    for options in (("--output-format", "json"), ("--unsafe-fixes",), ("--statistics",)):
        assert tagger.is_cached(*options, ".")
        tagger.is_right(*options, ".")


def test_another_folder_is_another_request(
    tagger: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tagger.folder.parent)
    tagger.is_right(tagger.folder.name)


def test_another_version_of_the_tool_is_another_request(
    tagger: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hfmode_lint.repeated_run.__version__", "99")
    assert not tagger.is_cached(".")


def test_other_code_of_the_tool_is_another_request(tagger: Command, tmp_path: Path) -> None:
    package = Path(cli.__file__).parent
    copy = tmp_path.parent / f"{tmp_path.name}_copy" / "hfmode_lint"
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__"))
    environment = os.environ | {"PYTHONPATH": str(copy.parent)}
    arguments = [sys.executable, "-m", "hfmode_lint", "-v", "."]

    def is_cached() -> bool:
        result = subprocess.run(
            arguments, cwd=tagger.folder, env=environment, capture_output=True, check=False
        )
        return FROM_CACHE.encode() in result.stderr

    assert is_cached()
    with (copy / "analysis" / "lifecycle.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert not is_cached()
    assert is_cached()


def test_fixes_are_made_anew(tagger: Command) -> None:
    assert "+" in tagger("--diff", ".")[1]
    tagger("--fix", "--unsafe-fixes", ".")
    assert ".train()" in (tagger.folder / "base.py").read_text(encoding="utf-8")
    assert tagger(".")[0] == 0


def test_a_file_that_cannot_be_read_is_asked_about_each_time(tagger: Command) -> None:
    for _ in range(2):
        assert tagger(".", "missing.py")[0] == 2
        assert not tagger.is_cached("missing.py")


# The folder


def test_no_cache_writes_nothing(command: Command, cache_folder: Path) -> None:
    write(command.folder, "model.py", BUGGY)
    time.sleep(TICK)
    command("--no-cache", ".")
    assert not cache_folder.exists()


def test_the_folder_of_the_command_line_counts_most(command: Command, cache_folder: Path) -> None:
    write(command.folder, "model.py", BUGGY)
    folder = command.folder / "deep" / "cache"
    command.remembers("--cache-dir", str(folder), ".")
    assert not cache_folder.exists()
    assert (folder / ".gitignore").read_text() == "*\n"
    assert (folder / "CACHEDIR.TAG").read_bytes().startswith(b"Signature: 8a477f597d28d172789f")
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_folder_of_the_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    platformdirs = pytest.importorskip("platformdirs")
    monkeypatch.delenv(cache.FOLDER_VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.default_folder() == platformdirs.user_cache_dir("hfmode-lint", appauthor=False)


def test_a_file_is_no_folder(command: Command) -> None:
    write(command.folder, "model.py", BUGGY)
    code, _, told = command("--cache-dir", "model.py", ".")
    assert code == 2
    assert told == "hfmode-lint: error: Invalid value for --cache-dir: model.py is a file\n"


def test_a_configuration_cannot_name_the_folder(command: Command) -> None:
    write(command.folder, "pyproject.toml", '[tool.hfmode-lint]\ncache-dir = "/tmp/x"\n')
    assert "cache-dir: only the command line can say that" in command(".")[2]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:0],
        lambda content: content[: len(content) // 2],
        lambda content: content + b" ",
        lambda content: content.replace(b"HFM001", b"HFM002"),
        lambda content: bytes(reversed(content)),
        lambda content: sealed([*decoded(content)]),
        lambda content: sealed({}, *decoded(content)),
        lambda content: sealed(dict.fromkeys(decoded(content), 1)),
        lambda content: sealed(dict.fromkeys(decoded(content))),
        lambda content: sealed({key: [[[]]] for key in decoded(content)}),
        lambda content: sealed(decoded(content), reports=[[0, [["HFM001", 1]], [], []]]),
        lambda content: sealed(decoded(content), checked=[99]),
        lambda content: sealed(decoded(content), answers=[[1]]),
        lambda content: sealed(decoded(content), files=[]),
    ],
)
def test_a_broken_entry_is_replaced(
    tagger: Command, cache_folder: Path, damage: Callable[[bytes], bytes]
) -> None:
    before = tagger(".")
    for path in entries(cache_folder):
        path.write_bytes(damage(path.read_bytes()))
    assert tagger(".") == before
    assert tagger.is_cached(".")
    tagger.is_right(".")


def sealed(value: object, *without: str, **changes: object) -> bytes:
    """A file as the cache writes it, whatever it says."""
    if isinstance(value, dict):
        value = {key: each for key, each in (value | changes).items() if key not in without}
    content = json.dumps(value).encode()
    return cache.digest(content).encode() + b"\n" + content


def decoded(content: bytes) -> dict[str, object]:
    value = json.loads(content.partition(b"\n")[2])
    assert isinstance(value, dict)
    return value


def test_an_entry_that_is_nested_too_deeply(tagger: Command, cache_folder: Path) -> None:
    content = b"[" * 100_000
    for path in entries(cache_folder):
        path.write_bytes(cache.digest(content).encode() + b"\n" + content)
    tagger.is_right(".")


def test_a_folder_in_place_of_an_entry(tagger: Command, cache_folder: Path) -> None:
    before = tagger(".")
    for path in entries(cache_folder):
        path.unlink()
        path.mkdir()
    assert tagger(".") == before
    assert not list(cache_folder.glob("*.tmp"))


def test_a_file_in_place_of_the_folder(command: Command, cache_folder: Path) -> None:
    write(command.folder, "model.py", BUGGY)
    time.sleep(TICK)
    cache_folder.write_text("")
    command.is_right(".")


def test_a_folder_that_cannot_be_made(command: Command) -> None:
    write(command.folder, "model.py", BUGGY)
    write(command.folder, "file", "")
    time.sleep(TICK)
    for folder in ("file/cache", "/proc/none/cache"):
        assert command("--cache-dir", folder, ".") == command("--no-cache", ".")


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owners")
def test_the_folder_of_another_user(
    tagger: Command, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in entries(cache_folder)}
    uid = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: uid + 1)
    assert not tagger.is_cached(".")
    tagger.is_right(".")
    write(tagger.folder, "new.py", BUGGY)
    time.sleep(TICK)
    tagger(".")
    assert {path: path.read_bytes() for path in entries(cache_folder)} == before


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owners")
def test_a_folder_in_which_everybody_may_write(tagger: Command, cache_folder: Path) -> None:
    cache_folder.chmod(0o777)
    assert not tagger.is_cached(".")


def test_entries_that_nobody_needs_are_removed(tagger: Command, cache_folder: Path) -> None:
    old = [cache_folder / "old.json", cache_folder / "old.tmp"]
    other = cache_folder / "mine.txt"
    for path in (*old, other):
        path.write_text("")
        os.utime(path, (1, 1))
    kept = entries(cache_folder)[:-1]
    week_ago = time.time() - 7 * 24 * 60 * 60
    for path in kept:
        if path not in old:
            os.utime(path, (week_ago, week_ago))
    assert tagger.is_cached(".")
    write(tagger.folder, "new.py", "")
    tagger.remembers(".")
    assert not any(path.exists() for path in old)
    assert other.exists()
    assert all(path.exists() for path in kept if path not in old)


def test_an_entry_that_is_used_stays_young(tagger: Command, cache_folder: Path) -> None:
    (entry,) = cache_folder.glob("run-*.json")
    os.utime(entry, (1, 1))
    assert tagger.is_cached(".")
    assert entry.stat().st_mtime > 1


@pytest.mark.usefixtures("tagger")
def test_the_cache_holds_no_source(cache_folder: Path) -> None:
    assert entries(cache_folder)
    assert not any(b"training_step(self" in path.read_bytes() for path in entries(cache_folder))


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    saved = {"a": [1, None, "\udc80", {"b": True}]}
    Cache(str(tmp_path / "cache")).save("name", saved)
    assert Cache(str(tmp_path / "cache")).load("name") == saved


# Processes


def test_two_runs_at_once(command: Command, cache_folder: Path) -> None:
    shutil.copytree(PROJECTS / "hydra_template", command.folder, dirs_exist_ok=True)
    expected = command("--no-cache", ".")[:2]
    time.sleep(TICK)
    for _ in range(2):
        runs = [
            subprocess.Popen(
                [sys.executable, "-m", "hfmode_lint", "."],
                cwd=command.folder,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(3)
        ]
        printed = [process.communicate(timeout=240)[0] for process in runs]
        assert [(run.returncode, text) for run, text in zip(runs, printed, strict=True)] == [
            expected
        ] * 3
    assert not list(cache_folder.glob("*.tmp"))


def test_a_warm_run_loads_no_parser(tagger: Command) -> None:
    program = (
        "import sys\n"
        "from hfmode_lint import cli\n"
        "try:\n"
        "    cli.main(['--verbose', '.'])\n"
        "except SystemExit:\n"
        "    print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tagger.folder,
        capture_output=True,
        check=True,
        text=True,
    )
    assert FROM_CACHE in result.stderr
    loaded = set(result.stderr.splitlines()[-1].split())
    assert "hfmode_lint.repeated_run" in loaded
    assert not loaded & {
        "concurrent.futures",
        "hfmode_lint.analysis.interpreter",
        "hfmode_lint.analysis.parsing",
        "libcst",
        "multiprocessing",
        "platformdirs",
        "yaml",
    }
