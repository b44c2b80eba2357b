"""Which files are found, compared with git where git has a say."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hfmode_lint.config import Options
from hfmode_lint.discovery import SKIPPED_FOLDERS, discover

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(*names: str) -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def found(*paths: str, options: Options | None = None) -> list[str]:
    return [file.path for file in discover(paths or (".",), options or Options()).files]


def problems(*paths: str, options: Options | None = None) -> list[tuple[str, bool]]:
    discovery = discover(paths or (".",), options or Options())
    return [(problem.message, problem.is_error) for problem in discovery.problems]


def test_python_files_of_a_folder_in_order() -> None:
    make("b.py", "a/z.pyi", "a/b/c.py", "a.txt", "a/noext", "c.pyc", ".hidden.py", ".config/x.py")
    assert found() == [".config/x.py", ".hidden.py", "a/b/c.py", "a/z.pyi", "b.py"]
    assert problems() == []


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("a", "a/b.py"),
        ("a/", "a/b.py"),
        ("./a", "a/b.py"),
        ("././a//", "a/b.py"),
        ("a/../a", "a/../a/b.py"),
    ],
)
def test_names_are_shown_as_they_were_given(path: str, shown: str) -> None:
    make("a/b.py")
    assert found(path) == [shown]
    assert found(os.path.abspath(path)) == [os.path.abspath("a/b.py")]


def test_usual_folders_are_skipped_unless_named() -> None:
    make(*(f"{folder}/x.py" for folder in SKIPPED_FOLDERS), "x.egg-info/x.py", "src/build.py")
    assert found() == ["src/build.py"]
    assert found("build") == ["build/x.py"]


def test_each_file_counts_once() -> None:
    make("a/x.py")
    os.symlink("a/x.py", "link.py")
    assert len(found("a", "a/x.py", ".", "./a", os.path.abspath("a"), "link.py")) == 1
    assert [file.named for file in discover(["a", "a/x.py", "a"], Options()).files] == [True]


def test_links_to_files_are_followed_and_to_folders_not() -> None:
    make("a/x.py", "elsewhere/y.txt")
    os.symlink("..", "a/loop")
    os.symlink("elsewhere/y.txt", "y.py")
    os.symlink("nowhere", "broken.py")
    os.symlink("itself.py", "itself.py")
    os.symlink("a", "folder.py")
    assert found() == ["a/x.py", "y.py"]
    assert [message for message, is_error in problems() if not is_error] == [
        "broken.py: skipped, as it is no regular file",
        "itself.py: skipped, as it is no regular file",
    ]


def test_what_is_no_file() -> None:
    os.mkfifo("pipe.py")
    make("x.py")
    assert found() == ["x.py"]
    assert problems() == [("pipe.py: skipped, as it is no regular file", False)]
    assert problems("pipe.py") == [("pipe.py: skipped, as it is no regular file", True)]
    assert problems("/dev/null") == [("/dev/null: skipped, as it is no regular file", True)]


def test_what_is_missing() -> None:
    make("x.py")
    assert problems("missing.py", "x.py") == [("missing.py: No such file or directory", True)]
    assert found("missing.py", "x.py") == ["x.py"]
    assert problems("nul\0.py")[0][1]
    assert problems("")[0][1]


def test_a_folder_that_can_t_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    make("a/x.py", "b/y.py")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("/a"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert found() == ["b/y.py"]
    assert problems() == [("a: Permission denied", True)]


def test_a_folder_without_python_files() -> None:
    make("a/x.txt", "b/x.py")
    assert problems("a") == [("a: no Python files in here", False)]
    assert problems() == []


def test_names_that_are_no_text() -> None:
    name = os.fsdecode(b"caf\xe9.py")
    try:
        make(name)
    except OSError:
        pytest.skip("the file system wants names in UTF-8")
    Path(".gitignore").write_text("nothing\n")
    Path(".git").mkdir()
    assert found() == [name]


def test_exclude_takes_patterns_as_gitignore_does() -> None:
    make("a/x.py", "a/b/x.py", "a/b/keep.py", "c/a/x.py", "gen_1.py")
    assert found(options=Options(exclude=("/a/",))) == ["c/a/x.py", "gen_1.py"]
    assert found(options=Options(exclude=("a",))) == ["gen_1.py"]
    assert found(options=Options(exclude=("gen_*.py", "x.py", "!a/b/x.py"))) == [
        "a/b/keep.py",
        "a/b/x.py",
    ]
    assert found("a", options=Options(exclude=("a/b",))) == ["a/x.py"]


def test_exclude_counts_from_its_root(here: Path) -> None:
    make("a/x.py", "a/b/x.py")
    assert found(options=Options(exclude=("/b",), exclude_root=str(here / "a"))) == ["a/x.py"]


def test_named_files_are_checked_in_spite_of_patterns() -> None:
    make("a/x.py", "script")
    Path(".git").mkdir()
    Path(".gitignore").write_text("a/\n")
    assert found("a/x.py", "script", options=Options(exclude=("*",))) == ["a/x.py", "script"]
    assert found("a/x.py", "script", options=Options(exclude=("a",), force_exclude=True)) == [
        "script"
    ]
    assert found() == []
    assert found("a") == ["a/x.py"]


def test_gitignore_counts_from_the_root_of_the_repository() -> None:
    make("r/p/x.py", "r/p/y.py", "r/z.py", "y.py")
    Path(".gitignore").write_text("*.py\n")
    Path("r/.git").mkdir()
    Path("r/.gitignore").write_bytes(b"\xef\xbb\xbfy.py\r\n\r\n# x.py\r\n[bad\r\n")
    assert found("r/p") == ["r/p/x.py"]
    assert found("r") == ["r/p/x.py", "r/z.py"]


def test_gitignore_that_can_t_be_read() -> None:
    make("x.py")
    Path(".gitignore").mkdir()
    assert found() == ["x.py"]


NAMES = [
    *("a.py", "b.py", "ab.py", "a/a.py", "a/b.py", "a/b/a.py", "a/b/c.py", "b/a/c.py", "c/a.py"),
    *("c/a/b.py", "c/d/e.py", "#x.py", "!x.py", "a b.py", "x[1].py"),
]
IGNORES = {
    "names": {"": "a.py\n"},
    "anchored": {"": "/a.py\n/a/b\n"},
    "folders": {"": "a/\nb.py/\n"},
    "negation": {"": "*.py\n!a.py\n"},
    "negation in an ignored folder": {"": "a/\n!a/b.py\n!a/b/a.py\n"},
    "negation of a folder": {"": "a/*\n!a/b/\n"},
    "order": {"": "!a.py\na.py\n!c/a.py\n"},
    "allow list": {"": "*\n!*/\n!c.py\n!b/**/*.py\n"},
    "stars": {"": "**/b/*.py\nc/**\n"},
    "stars in the middle": {"": "a/**/c.py\n?b.py\n"},
    "classes": {"": "[ab].py\nx\\[1\\].py\n[!c]/a.py\n"},
    "escapes": {"": "\\#x.py\n\\!x.py\na\\ b.py\n"},
    "blanks at the end": {"": "a.py  \nb.py\\ \n  \n"},
    "nested": {"": "*.py\n", "a": "!*.py\n", "a/b": "a.py\n"},
    "nested anchors": {"a": "/b.py\nb/a.py\n", "c": "/d/\n"},
    "nested beats outer": {"": "!b.py\n", "a": "b.py\n", "c": "a/\n"},
}


@needs_git
@pytest.mark.parametrize("files", IGNORES.values(), ids=IGNORES)
def test_gitignore_is_read_as_git_reads_it(files: dict[str, str], here: Path) -> None:
    make(*NAMES)
    for folder, text in files.items():
        (here / folder / ".gitignore").write_text(text)
    subprocess.run(["git", "init", "-q"], check=True)
    listed = subprocess.run(
        ["git", "-c", "core.excludesFile=/dev/null", "ls-files", "-zco", "--exclude-standard"],
        capture_output=True,
        check=True,
        text=True,
    )
    expected = [name for name in listed.stdout.split("\0") if name.endswith(".py")]
    assert found() == sorted(expected)
    inside = [name for name in sorted(expected) if name.startswith("c/")]
    if inside:
        # A folder that is ignored as a whole is searched all the same when it is named.
        assert found("c") == inside
