"""Type checkers see the types of the installed package."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import hfmode_lint

if TYPE_CHECKING:
    from pathlib import Path

    from tests.release.conftest import Environment

CONSUMER = """\
from __future__ import annotations

from hfmode_lint import Finding, FixResult, Options, check_paths, check_source, fix_source


def lines(findings: list[Finding]) -> list[str]:
    return [f"{each.start.line}: {each.code} {each.message}" for each in findings]


def repaired(source: bytes) -> bytes:
    result: FixResult[bytes] = fix_source(source, options=Options(unsafe_fixes=True))
    return result.source


print(lines(check_source("import lightning")), lines(check_paths(["."])))
verdicts = {each.verdict.value for each in check_source(b"") if each.verdict is not None}
print(sorted(verdicts), fix_source("").source.upper(), repaired(b""))
"""
# Of these the members count as well.
_CLASSES = ("Finding", "Fix", "FixResult", "Options", "SetElsewhere")

MISUSE = """\
from hfmode_lint import check_source

check_source(1)
check_source("").append("a finding")
"""


def test_mypy(neighbours: Environment, tmp_path: Path) -> None:
    (tmp_path / "consumer.py").write_text(CONSUMER)
    (tmp_path / "misuse.py").write_text(MISUSE)
    good = neighbours.run("mypy", "--strict", "--no-incremental", "consumer.py", cwd=tmp_path)
    assert good.returncode == 0, good.stdout + good.stderr
    bad = neighbours.run("mypy", "--strict", "--no-incremental", "misuse.py", cwd=tmp_path)
    assert bad.stdout.count("error: Argument 1") == 2, bad.stdout + bad.stderr


def test_pyright(neighbours: Environment, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.pyright]\ntypeCheckingMode = "strict"\n')
    (tmp_path / "consumer.py").write_text(CONSUMER)
    (tmp_path / "misuse.py").write_text(MISUSE)
    good = neighbours.run("pyright", "consumer.py", cwd=tmp_path)
    assert good.returncode == 0, good.stdout + good.stderr
    assert "0 errors, 0 warnings" in good.stdout
    bad = neighbours.run("pyright", "misuse.py", cwd=tmp_path)
    assert bad.stdout.count("reportArgumentType") == 2, bad.stdout + bad.stderr


def test_all_that_is_public_has_types(neighbours: Environment, tmp_path: Path) -> None:
    report = neighbours.run("pyright", "--outputjson", "--verifytypes", "hfmode_lint", cwd=tmp_path)
    symbols = json.loads(report.stdout)["typeCompleteness"]["symbols"]
    known = {each["name"]: each["isTypeKnown"] for each in symbols}
    public = {f"{hfmode_lint.__name__}.{name}" for name in hfmode_lint.__all__} & known.keys()
    assert f"{hfmode_lint.__name__}.Finding" in public
    defined = tuple(f"{getattr(hfmode_lint, name).__module__}.{name}" for name in _CLASSES)
    checked = public | {name for name in known if name.startswith(defined)}
    assert {name for name in checked if not known[name]} == set()
