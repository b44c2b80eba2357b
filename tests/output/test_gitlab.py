"""GitLab's code quality report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import validate

from tests.output.reports import buggy, hostile, report, run
from tests.programs import BUGGY, MESSAGE

SCHEMA = json.loads(
    (Path(__file__).parent.parent / "schemas" / "gitlab-code-quality.json").read_text("utf-8")
)


def issues(text: str) -> list[dict[str, Any]]:
    found = json.loads(text)
    validate(found, SCHEMA)
    assert isinstance(found, list)
    return found


def test_an_issue_is_what_gitlab_documents(tmp_path: Path) -> None:
    _, issue = issues(report(buggy(tmp_path), "gitlab"))
    assert issue["description"] == MESSAGE
    assert issue["check_name"] == "HFM001"
    assert issue["location"] == {"path": "sub dir/model.py", "lines": {"begin": 8, "end": 8}}


def test_fingerprints_are_stable_and_unique(tmp_path: Path) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(BUGGY)
    before = [issue["fingerprint"] for issue in issues(report(tmp_path, "gitlab"))]
    assert len(set(before)) == 2
    (tmp_path / "a.py").write_text(f"# moved\n{BUGGY}")
    assert [issue["fingerprint"] for issue in issues(report(tmp_path, "gitlab"))] == before


def test_nothing_found_is_an_empty_list(tmp_path: Path) -> None:
    assert issues(run(tmp_path, "--output-format", "gitlab").stdout) == []


def test_any_name_is_valid(tmp_path: Path) -> None:
    assert len(issues(report(hostile(tmp_path), "gitlab"))) == 1
