"""The audit of a corpus: what its processes find is what the library finds, file by file."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from hfmode_lint import Options, check_paths, check_source

ROOT = Path(__file__).parent.parent
AUDIT = ROOT / "examples" / "audit_corpus"
CORPUS = ("branches", "issue_20105", "not_modules")
BROKEN = "print 'from_pretrained LightningModule'\n"
WITHOUT_SYNTAX = Options(ignore=("HFM000",), project=False)


def started(script: str, *arguments: str) -> str:
    """What a script of the example prints."""
    command = [sys.executable, str(AUDIT / script), *arguments]
    done = subprocess.run(
        command, capture_output=True, check=False, cwd=ROOT, encoding="utf-8", timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_audit_finds_what_the_library_finds(tmp_path: Path) -> None:
    pytest.importorskip("dask.dataframe")
    parquet = pytest.importorskip("pyarrow.parquet")
    (tmp_path / "for_python_2.py").write_text(BROKEN)
    folders = [f"fixtures/{name}" for name in CORPUS]
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    table, found = str(tmp_path / "files.parquet"), str(tmp_path / "findings.parquet")
    told = started("build_table.py", table, str(tmp_path), *folders)
    assert told.startswith(f"{len(files) + 1} files, ")
    told = started("audit.py", table, found, "--workers", "2")
    rows = parquet.read_table(found).to_pylist()
    assert f"{len(files) + 1} files, 2 workers, " in told
    assert f" {len(rows)} findings\n" in told

    audited = [
        (row["path"], row["row"], row["column"], row["code"], row["message"]) for row in rows
    ]
    expected = check_paths([ROOT / folder for folder in folders], WITHOUT_SYNTAX)
    assert sorted(audited) == sorted(
        (
            Path(each.filename).relative_to(ROOT).as_posix(),
            each.start.line,
            each.start.column + 1,
            each.code,
            each.message,
        )
        for each in expected
    )
    assert len(audited) > 10


def test_what_goes_to_another_process_and_comes_back_is_the_same() -> None:
    options = pickle.loads(pickle.dumps(WITHOUT_SYNTAX))  # noqa: S301 - our own
    assert options == WITHOUT_SYNTAX
    program = next((ROOT / "fixtures" / "issue_20105").glob("*auto_model.py")).read_bytes()
    findings = check_source(program, "model.py", options)
    assert findings
    assert pickle.loads(pickle.dumps(findings)) == findings  # noqa: S301 - our own


def test_who_asks_for_no_syntax_errors_gets_none() -> None:
    assert [each.code for each in check_source(BROKEN)] == ["HFM000"]
    assert check_source(BROKEN, options=WITHOUT_SYNTAX) == []
    assert check_source("print 'x'\n", options=WITHOUT_SYNTAX) == []
