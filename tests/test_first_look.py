"""A first look at the bytes tells that nothing is to be said, and nothing else is imported then."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hfmode_lint import Options, check_paths
from hfmode_lint.discovery import discover
from hfmode_lint.first_look import nothing_to_say
from tests.programs import BUGGY

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
SILENT = {
    "empty": b"",
    "a program": b"import os\n\n\ndef main() -> None:\n    print(os.name)\n",
    "with a cookie": b"# -*- coding: latin-1 -*-\nname = '\xe9'\n",
    "with a BOM": b"\xef\xbb\xbfx = 1\r\n",
    "a library's module": b"import torch\n\n\ndef run(model):\n    return model(train=False)\n",
}
# What only a closer look can tell.
OPEN = {
    "a loader": BUGGY.encode(),
    "a mode that is set": b"class M:\n    def forward(self):\n        self.m.eval()\n",
    "a mode method that is not called": b"import torch\nmodel.train\n",
    "what makes an object of a description": b"from hydra.utils import instantiate\n",
    "a comment that may be unused": b"x = 1  # NOQA: HFM001\n",
    "no Python": b"print 'x'\n",
    "no text": b"x = '\xff'\n",
    "an unknown encoding": b"# coding: nonsense\n",
}


def looked_at(path: Path, **options: object) -> bool:
    files = discover([str(path)], Options()).files
    return not nothing_to_say(files, Options(**options))  # type: ignore[arg-type]  # passed on


@pytest.mark.parametrize("content", SILENT.values(), ids=SILENT)
def test_nothing_to_say(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "code.py"
    file.write_bytes(content)
    assert not looked_at(file)
    assert not check_paths([file], Options(select=("ALL",)))


@pytest.mark.parametrize("content", OPEN.values(), ids=OPEN)
def test_a_closer_look(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "code.py"
    file.write_bytes(content)
    assert looked_at(file)


@pytest.mark.parametrize("content", [b"print 'x'\n", b"x = '\xff'\n"])
def test_what_was_not_named_need_not_be_python(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "code.py").write_bytes(content)
    assert not looked_at(tmp_path)
    assert not check_paths([tmp_path])


def test_a_notebook_that_is_named(tmp_path: Path) -> None:
    notebook = tmp_path / "code.IPYNB"
    notebook.write_bytes(b"{")
    assert looked_at(notebook)


def test_files_with_findings_are_looked_at() -> None:
    for path in {finding.filename for finding in check_paths([FIXTURES], Options(project=False))}:
        assert looked_at(Path(path)), path


@pytest.mark.parametrize(
    ("config", "options", "expected"),
    [
        ("", {}, False),
        ("follow = ['helpers']", {}, True),
        ("follow = ['helpers']", {"project": False}, False),
        ("follow = ['helpers']", {"follow": ()}, False),
        ("", {"follow": ("helpers",)}, True),
        ("select = 'HFM001'", {}, True),
    ],
    ids=["none", "configured", "no project", "none on request", "on request", "wrong"],
)
def test_projects_that_follow_packages(
    tmp_path: Path, config: str, options: dict[str, object], *, expected: bool
) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.hfmode-lint]\n{config}\n")
    file = tmp_path / "code.py"
    file.write_text("x = 1\n")
    assert looked_at(file, **options) is expected


def test_what_is_imported(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("x = 1\n")
    script = (
        "import sys\n"
        "from hfmode_lint.cli import main\n"
        "try:\n"
        "    main(['code.py'])\n"
        "finally:\n"
        "    print(*(each for each in sys.modules if each.startswith('hfmode_lint')))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        check=True,
        cwd=tmp_path,
        encoding="utf-8",
        timeout=60,
    )
    said, imported = run.stdout.splitlines()
    assert said == "All checks passed"
    dear = ("engine", "project", "cache", "runner", "rules.hfm001_eval_mode", "analysis.symbols")
    assert not {f"hfmode_lint.{each}" for each in dear} & set(imported.split())
