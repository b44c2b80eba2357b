"""Names of files in reports, on Windows too, and what a terminal of another encoding is shown."""

from __future__ import annotations

import locale
import ntpath
import os
import subprocess
import sys
from pathlib import PureWindowsPath
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from hfmode_lint import baseline, file_names, patterns
from hfmode_lint.baseline import Baseline
from tests.programs import BUGGY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REPOSITORY = PureWindowsPath(r"C:\Users\me\repository")


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the modules know of paths is what Windows says of them."""
    paths = SimpleNamespace(
        path=SimpleNamespace(
            **{name: getattr(ntpath, name) for name in ("abspath", "dirname", "join", "relpath")},
            exists=lambda path: PureWindowsPath(path) == REPOSITORY / ".git",
        ),
        sep="\\",
        pardir="..",
        getcwd=lambda: str(REPOSITORY / "src"),
    )
    for module in (baseline, file_names, patterns):
        monkeypatch.setattr(module, "os", paths)
    file_names.root.cache_clear()
    yield
    file_names.root.cache_clear()


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize(
    ("path", "from_root", "shown"),
    [
        (REPOSITORY / "src" / "a b" / "model.py", "src/a b/model.py", r"a b\model.py"),
        (REPOSITORY / "src" / "..model.py", "src/..model.py", "..model.py"),
        (REPOSITORY / "model.py", "model.py", r"C:\Users\me\repository\model.py"),
        (PureWindowsPath(r"C:\other\m.py"), "C:/other/m.py", r"C:\other\m.py"),
        (PureWindowsPath(r"D:\work\m.py"), "D:/work/m.py", r"D:\work\m.py"),
        (PureWindowsPath(r"\\host\share\m.py"), "//host/share/m.py", r"\\host\share\m.py"),
    ],
)
def test_names_on_windows(path: PureWindowsPath, from_root: str, shown: str) -> None:
    assert file_names.from_root(str(path)) == from_root
    assert file_names.shown(str(path)) == shown


@pytest.mark.usefixtures("windows")
def test_a_baseline_on_windows() -> None:
    known = Baseline(str(REPOSITORY / "baseline.json"))
    assert known._name(str(REPOSITORY / "src" / "model.py")) == "src/model.py"
    assert known._name(r"C:\Users\me\model.py") == "../model.py"
    assert known._name(r"D:\work\model.py") == "D:/work/model.py"


@pytest.mark.usefixtures("windows")
def test_patterns_on_windows() -> None:
    ignored = patterns.patterns(
        str(REPOSITORY), ["third_party/", "/src/*", "!/src/kept/", "old/*.py"]
    )
    assert ignored is not None
    covered = {
        "third_party\\": True,
        r"src\third_party\m.py": True,
        r"src\m.py": True,
        "src\\kept\\": False,
        r"app\old\m.py": False,
        r"old\m.py": True,
    }
    assert {path: ignored.covers(str(REPOSITORY) + "\\" + path) for path in covered} == covered
    assert not ignored.covers(r"D:\third_party\m.py")


def _is_there(name: str) -> bool:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, name)
    except locale.Error:
        return False
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return True


# The encoding is set where the machine has no such locale: for Python it is the same.
@pytest.mark.parametrize(
    ("name", "encoding"),
    [("C", ""), ("C", "ascii"), ("de_DE.ISO8859-1", "latin-1"), ("ja_JP.SJIS", "cp932")],
)
def test_a_terminal_of_another_encoding(tmp_path: Path, name: str, encoding: str) -> None:
    """Files are read as Python reads them; what can't be shown is spelled out."""
    source = BUGGY.replace('"x"', '"modèle—日本"')
    (tmp_path / "modèle.py").write_text(source, encoding="utf-8")
    environment = {
        "LC_ALL": name if _is_there(name) else "C",
        "PATH": os.environ["PATH"],
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": encoding,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONUTF8": "0",
    }
    for arguments, code in ((), 1), (["--diff"], 1), (["--summary"], 0), (["--fix"], 0):
        result = subprocess.run(
            [sys.executable, "-m", "hfmode_lint", "--no-cache", *arguments, "."],
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env=environment,
            timeout=60,
        )
        assert result.returncode == code
        # Nothing but the last line of --diff.
        assert len(result.stderr.splitlines()) <= 1
        assert b"AutoModel.from_pretrained" in result.stdout or arguments == ["--fix"]
        # A diff has the bytes of the file, whoever reads it.
        if arguments != ["--diff"]:
            result.stdout.decode(encoding or "utf-8")
    mended = source.replace('日本")', '日本").train()')
    assert (tmp_path / "modèle.py").read_text(encoding="utf-8") == mended
