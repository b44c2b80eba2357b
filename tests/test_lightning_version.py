"""Which Lightning a project allows, and what that does to the findings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from hfmode_lint import Options, check_paths, check_source, fix_source
from hfmode_lint.lightning_version import (
    LightningRange,
    Projects,
    chosen_range,
    required_range,
)
from hfmode_lint.requirements.releases import FUTURE, RELEASES
from hfmode_lint.rules import RULES
from tests.programs import BUGGY, FIXED, MESSAGE, PLACE
from tests.test_fixtures import expectation, name_of
from tests.test_recorded_truth import OLD, RECORDS, RUN, held, runs_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.test_recorded_truth import Load

BELOW, ABOVE, ACROSS = "below", "at or above", "across"

UV_LOCK = """\
version = 1
requires-python = ">=3.11"

[[package]]
name = "lightning"
version = "2.1.4"
source = { registry = "https://pypi.org/simple" }
dependencies = [
    { name = "fsspec", extra = ["http"] },
    { name = "pytorch-lightning" },
]
wheels = [
    { url = "https://example.org/lightning-2.1.4-py3-none-any.whl", hash = "sha256:00" },
]

[[package]]
name = "lightning-utilities"
version = "0.11.2"
"""
POETRY_LOCK = """\
[[package]]
name = "pytorch-lightning"
version = "1.9.5"
description = "The lightweight PyTorch wrapper."
optional = false
python-versions = ">=3.7"

[metadata]
lock-version = "2.0"
"""
PDM_LOCK = """\
[metadata]
groups = ["default"]

[[package]]
name = "lightning"
version = "2.6.1"
requires_python = ">=3.10"
"""
PYLOCK = """\
lock-version = "1.0"
created-by = "pip"

[[packages]]
name = "lightning"
version = "2.0.9.post0"
"""
REQUIREMENTS = """\
# Everything for the training.
--extra-index-url https://download.pytorch.org/whl/cpu
torch==2.1.0 \\
    --hash=sha256:1111 \\
    --hash=sha256:2222
Lightning[extra] == 2.1.3 ; python_version >= "3.8" \\
    --hash=sha256:3333  # pinned
lightning-utilities>=0.8
-e git+https://github.com/Lightning-AI/torchmetrics@master#egg=torchmetrics
https://example.org/lightning-0.1.zip
./local/lightning
"""
ENVIRONMENT = """\
name: train
channels: [pytorch, conda-forge]
dependencies:
  - python=3.10
  - conda-forge::lightning=2.1
  - pip
  - pip:
    - transformers
"""


def pyproject(dependencies: str) -> dict[str, str]:
    return {"pyproject.toml": f'[project]\nname = "x"\ndependencies = [{dependencies}]\n'}


def poetry(table: str) -> dict[str, str]:
    return {"pyproject.toml": f"[tool.poetry.dependencies]\npython = '^3.10'\n{table}\n"}


def conda(specification: str) -> dict[str, str]:
    return {"environment.yml": f"dependencies:\n  - pip\n  - {specification}\n"}


SOURCES: dict[str, tuple[dict[str, str], str, str | None]] = {
    "uv": ({"uv.lock": UV_LOCK}, BELOW, "2.1.4"),
    "poetry.lock": ({"poetry.lock": POETRY_LOCK}, BELOW, "1.9.5"),
    "pdm": ({"pdm.lock": PDM_LOCK}, ABOVE, None),
    "pylock": ({"pylock.toml": PYLOCK}, BELOW, "2.0.9.post0"),
    "a named pylock": ({"pylock.train.toml": PYLOCK}, BELOW, "2.0.9.post0"),
    "both distributions": (
        {"uv.lock": UV_LOCK + '[[package]]\nname = "pytorch-lightning"\nversion = "2.6.1"\n'},
        ACROSS,
        "2.1.4",
    ),
    "a package from git": (
        {"uv.lock": '[[package]]\nname = "lightning"\nsource = { git = "https://example.org" }\n'},
        ACROSS,
        "2.1.4",
    ),
    "PEP 621": (pyproject('"torch", "lightning[extra]>=2.0,<2.4"'), ACROSS, "2.0"),
    "a capital": (pyproject('"LIGHTNING<2"'), BELOW, "1.9.5"),
    "an underscore": (pyproject('"pytorch_lightning~=2.1.0"'), BELOW, "2.1.0"),
    "a dot": (pyproject('"PyTorch.Lightning >= 2.3"'), ABOVE, None),
    "a direct reference": (
        pyproject('"lightning @ git+https://github.com/Lightning-AI/lightning@2.1.4"'),
        ACROSS,
        "2.1.4",
    ),
    "an extra": (
        {
            "pyproject.toml": "[project]\ndependencies = ['torch']\n"
            "[project.optional-dependencies]\ntrain = ['lightning==2.1.*']\n"
        },
        BELOW,
        "2.1",
    ),
    "a dependency group": (
        {
            "pyproject.toml": "[dependency-groups]\n"
            "dev = ['pytest']\ntrain = [{include-group = 'dev'}, 'lightning>2.1.4']\n"
        },
        ABOVE,
        None,
    ),
    "either by a marker": (
        pyproject(
            "\"lightning==2.1.4; python_version<'3.9'\", \"lightning>=2.4; python_version>='3.9'\""
        ),
        ACROSS,
        "2.1.4",
    ),
    "poetry's caret": (poetry("lightning = '^2.0'"), ACROSS, "2.0"),
    "poetry's caret of an old major": (poetry("pytorch-lightning = '^1.6'"), BELOW, "1.6"),
    "poetry's caret of a zero": (poetry("pytorch-lightning = '^0.9.0'"), BELOW, "0.9.0"),
    "poetry's tilde": (poetry("lightning = '~2.1'"), BELOW, "2.1"),
    "poetry's tilde of a major": (poetry("lightning = '~2'"), ACROSS, "2.0"),
    "poetry's plain version": (poetry("lightning = '2.1.2'"), BELOW, "2.1.2"),
    "poetry's equals sign": (poetry("lightning = '= 2.3'"), ABOVE, None),
    "poetry's star": (poetry("lightning = '*'"), ACROSS, "2.1.4"),
    "poetry's series": (poetry("lightning = '2.1.*'"), BELOW, "2.1"),
    "poetry's PEP 440": (poetry("lightning = '~=2.0,!=2.0.1'"), ACROSS, "2.0"),
    "poetry's blank": (poetry("lightning = '>=2.0 <2.2'"), BELOW, "2.0"),
    "poetry's bars": (poetry("lightning = '^1.9 || >=2.3,<3'"), ACROSS, "1.9"),
    "poetry's table": (
        poetry("lightning = {version = '^2.2', extras = ['extra'], optional = true}"),
        ABOVE,
        None,
    ),
    "poetry's repository": (poetry("lightning = {git = 'https://example.org'}"), ACROSS, "2.1.4"),
    "poetry's list": (
        poetry(
            "lightning = [{version = '2.0.1', python = '<3.9'}, {version = '~2.4', python = '*'}]"
        ),
        ACROSS,
        "2.0.1",
    ),
    "poetry's groups": (
        {"pyproject.toml": "[tool.poetry.group.train.dependencies]\nlightning = '<2.2'\n"},
        BELOW,
        "2.1.4",
    ),
    "poetry's old development table": (
        {"pyproject.toml": "[tool.poetry.dev-dependencies]\nlightning = '<2.2'\n"},
        BELOW,
        "2.1.4",
    ),
    "setup.cfg": (
        {
            "setup.cfg": "[options]\ninstall_requires =\n    torch>=2\n"
            "    pytorch-lightning>=1.5,<2; python_version > '3.7'\n"
        },
        BELOW,
        "1.5",
    ),
    "setup.cfg on one line": (
        {"setup.cfg": "[options]\ninstall_requires = torch; lightning>=2.2\n"},
        ABOVE,
        None,
    ),
    "setup.cfg's extra": (
        {"setup.cfg": "[options.extras_require]\ntrain =\n    lightning%3\n    lightning==2.1\n"},
        BELOW,
        "2.1",
    ),
    "requirements": ({"requirements.txt": REQUIREMENTS}, BELOW, "2.1.3"),
    "requirements by another name": ({"requirements-train.txt": "lightning<2.2\n"}, BELOW, "2.1.4"),
    "a folder of requirements": ({"requirements/train.txt": "lightning<2.2\n"}, BELOW, "2.1.4"),
    "an arbitrary equality": ({"requirements.txt": "lightning===2.1.4\n"}, BELOW, "2.1.4"),
    "a local version": ({"requirements.txt": "lightning==2.1.4+cpu\n"}, BELOW, "2.1.4+cpu"),
    "a name alone": ({"requirements.txt": "lightning\n"}, ACROSS, "2.1.4"),
    "a name alone does not hide a version": (
        {"requirements.txt": "lightning==2.1.4\n", "requirements-docs.txt": "lightning\n"},
        BELOW,
        "2.1.4",
    ),
    "a name alone of the other distribution": (
        {"requirements.txt": "pytorch-lightning==2.1.4\nlightning\n"},
        ACROSS,
        "2.1.4",
    ),
    "includes": (
        {
            "requirements.txt": "-r deep/base.in\n--requirement=missing.txt\n-r https://x.org/\n",
            "deep/base.in": "-r ../requirements.txt\n-rmore.in\n",
            "deep/more.in": "lightning<2.2\n",
        },
        BELOW,
        "2.1.4",
    ),
    "constraints": (
        {
            "requirements.txt": "-c pins.txt\n-r requirements-base.txt\n",
            "requirements-base.txt": "lightning>=2.0\n",
            "pins.txt": "lightning==2.1.4\npytorch-lightning==2.6.1\n",
        },
        BELOW,
        "2.1.4",
    ),
    "a comment that ends with a backslash": (
        {"requirements.txt": "# from C:\\\nlightning<2.2\n"},
        BELOW,
        "2.1.4",
    ),
    "conda": ({"environment.yml": ENVIRONMENT}, BELOW, "2.1"),
    "conda by another name": ({"conda.yaml": ENVIRONMENT}, BELOW, "2.1"),
    "conda's range": (conda("pytorch-lightning >=2, <2.2"), BELOW, "2.0"),
    "conda's exact version": (conda("lightning==2.1.4"), BELOW, "2.1.4"),
    "conda's version and build": (conda("lightning=2.1.4=pyhd8ed1ab_0"), BELOW, "2.1.4"),
    "conda's blanks": (conda("lightning 2.1.* py_0"), BELOW, "2.1"),
    "conda's bar": (conda('"lightning 2.0.*|>=2.3"'), ACROSS, "2.0"),
    "conda's key": (conda("\"lightning[version='>=2.2,<3', build=py_0]\""), ABOVE, None),
    "conda's star behind an order": (conda("lightning>=2.2.*"), ABOVE, None),
    "conda's star": (conda('"lightning *"'), ACROSS, "2.1.4"),
    "conda's pre-release": (conda("lightning=2.1.0rc1"), BELOW, "2.1.0rc1"),
    "pip in conda": (
        {"environment.yaml": "dependencies:\n  - pip:\n    - torch\n    - lightning>=2.2\n"},
        ABOVE,
        None,
    ),
    "an include of pip in conda": (
        {
            "environment.yaml": "dependencies:\n  - pip:\n    - -r deps.in\n",
            "deps.in": "lightning<2.2\n",
        },
        BELOW,
        "2.1.4",
    ),
}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder that ends the search, with a program that is reported."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "model.py").write_text(BUGGY)
    return tmp_path


def side(known: LightningRange | None) -> str | None:
    if known is None:
        return None
    answers = {
        BELOW: known.is_below,
        ABOVE: known.is_at_or_above,
        ACROSS: known.crosses,
    }
    (answer,) = [name for name, holds in answers.items() if holds]
    return answer


@pytest.mark.parametrize(("files", "expected", "older"), SOURCES.values(), ids=SOURCES)
def test_every_kind_of_file(
    project: Path, files: dict[str, str], expected: str, older: str | None
) -> None:
    write(project, files)
    known = required_range(str(project))
    assert known is not None
    assert (side(known), known.older) == (expected, older)
    assert Path(known.path).is_file()
    assert project / known.place == Path(known.path)
    assert "ightning" in known.text.lower()


def test_powershell_writes_utf_16(project: Path) -> None:
    (project / "requirements.txt").write_text("lightning==2.1.4\n", encoding="utf-16")
    assert side(required_range(str(project))) == BELOW


NOTHING: dict[str, dict[str, str]] = {
    "no file": {},
    "no mention": {"requirements.txt": "torch\n", "environment.yml": "dependencies: [python]\n"},
    "others of the name": {"requirements.txt": "lightning-utilities==0.8\nlightning_fabric==2.1\n"},
    "a constraint alone": {"requirements.txt": "-c pins.txt\ntorch\n", "pins.txt": "lightning<2\n"},
    "no version fits": {"requirements.txt": "lightning>2.1.4,<2.2\n"},
    "an arbitrary string": {"requirements.txt": "lightning===new\n"},
    "no constraint of poetry's": poetry("lightning = '^new'"),
    "no specification of conda's": conda("'lightning[build=x] 2.1'"),
    "a word in a table of others": {"pyproject.toml": "[tool.lightning]\nlightning = '2.1'\n"},
    "wrong types": {
        "uv.lock": "package = 'lightning'\n",
        "poetry.lock": "[[package]]\nname = 1\nversion = 'lightning'\n",
        "pyproject.toml": "project = 'lightning'\n[tool]\npoetry = [{}]\n\n",
        "environment.yml": "- lightning\n",
        "conda.yml": "dependencies: {pip: lightning}\n",
    },
}


@pytest.mark.parametrize("files", NOTHING.values(), ids=NOTHING)
def test_nothing_is_known(project: Path, files: dict[str, str]) -> None:
    write(project, files)
    assert required_range(str(project)) is None


BROKEN = {
    "uv.lock": "[[package]]\nname = 'lightning'\nversion = 'x y'\n",
    "pdm.lock": "[[package\nname = 'lightning'\n",
    "pyproject.toml": "[project\nlightning",
    "setup.cfg": "lightning\n",
    "requirements.txt": "lightning==2.1.4foo\nlightning; (((\n-r \0\n",
    "environment.yml": "dependencies: [lightning\n",
    "conda.yaml": "dependencies: [lightning, 2020-99-99]\n",
}


def test_a_file_that_can_t_be_understood_is_passed_over(project: Path) -> None:
    write(project, BROKEN)
    write(project, {"requirements-dev.txt": "lightning==2.1.4\n"})
    (project / "requirements-pipe.txt").mkdir()
    projects = Projects(Options())
    assert side(projects.range_in(str(project))) == BELOW
    described = "\n".join(projects.described())
    for name in ("uv.lock", "pdm.lock", "pyproject.toml", "setup.cfg", "requirements.txt"):
        assert f"{name}: ignored: " in described
    assert "requirements-pipe.txt: ignored: no regular file" in described
    (project / "requirements-dev.txt").unlink()
    again = Projects(Options())
    assert again.range_in(str(project)) is None
    assert "environment.yml: ignored: " in "\n".join(again.described())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_not_waited_for(project: Path) -> None:
    os.mkfifo(project / "requirements.txt")
    assert required_range(str(project)) is None


PIECES = st.sampled_from(
    [
        *("lightning", "pytorch-lightning", ">=", "==", "~", "^", "2.1.4", "2.2", ".*", ",", "|"),
        *("[[package]]", "[project]", "dependencies", "name", "version", " = ", "[", "]", "{", "}"),
        *("'", '"', "- ", ": ", "\n", "\n  ", " ", "-r ", "-c ", "requirements.txt", "\\\n", "#"),
        *("[options]\n", "install_requires", "[tool.poetry.dependencies]\n", "pip", "&a", "*a"),
        *("9" * 5000, ";", "(" * 500, "\0", "\x1b", "é"),
    ]
)
NAMES = ("uv.lock", "pyproject.toml", "setup.cfg", "requirements.txt", "environment.yml")


# The first call imports the parsers.
@given(name=st.sampled_from(NAMES), pieces=st.lists(PIECES, max_size=40))
def test_no_file_is_an_accident(
    tmp_path_factory: pytest.TempPathFactory, name: str, pieces: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("project")
    write(folder, {".git": "", name: "".join(pieces)})
    assert side(required_range(str(folder))) in (BELOW, ABOVE, ACROSS, None)


@pytest.mark.parametrize(
    ("files", "expected", "place"),
    [
        ({"uv.lock": UV_LOCK, **pyproject('"lightning>=2.2"')}, BELOW, "uv.lock"),
        (
            {**pyproject('"lightning>=2.2"'), "requirements.txt": "lightning==2.1\n"},
            ABOVE,
            "pyproject.toml",
        ),
        (
            {**pyproject('"lightning"'), "requirements.txt": "lightning==2.1\n"},
            BELOW,
            "requirements.txt",
        ),
        ({**pyproject('"torch"'), "environment.yml": ENVIRONMENT}, BELOW, "environment.yml"),
        (
            {"setup.cfg": "[options]\ninstall_requires = lightning<2\n", **conda("lightning=2.4")},
            BELOW,
            "setup.cfg",
        ),
        (
            {"requirements.txt": "lightning<2.2\n", "requirements/dev.txt": "lightning>=2.3\n"},
            ACROSS,
            "requirements.txt",
        ),
    ],
)
def test_which_file_counts(project: Path, files: dict[str, str], expected: str, place: str) -> None:
    write(project, files)
    known = required_range(str(project))
    assert known is not None
    assert (side(known), known.place) == (expected, place)


def test_what_several_files_say_is_told_with_their_names(project: Path) -> None:
    write(
        project,
        {"requirements.txt": "lightning<2.2\n", "requirements/dev.txt": "lightning>=2.3\n"},
    )
    known = required_range(str(project))
    assert known is not None
    assert known.text == "lightning<2.2, requirements/dev.txt: lightning>=2.3"


def test_from_the_folder_up_to_the_root_of_the_project(project: Path) -> None:
    inner = project / "package" / "models"
    write(project, {"requirements.txt": "lightning==2.1.4\n", "package/models/m.py": ""})
    assert side(required_range(str(inner))) == BELOW
    write(project, {"package/requirements.txt": "lightning==2.6.1\n"})
    assert side(required_range(str(inner))) == ABOVE
    (project / "package" / "requirements.txt").write_text("lightning\n")
    assert side(required_range(str(inner))) == BELOW
    (inner / "setup.py").write_text("raise SystemExit('setup.py was run')\n")
    assert required_range(str(inner)) is None
    assert side(required_range(str(project / "package" / "missing"))) == BELOW


@pytest.mark.parametrize(
    ("text", "expected", "older"),
    [
        ("2.1.4", BELOW, "2.1.4"),
        ("2.1", BELOW, "2.1"),
        ("2.2", ABOVE, None),
        ("2", ACROSS, "2.0"),
        ("2.7.3", ABOVE, None),
        (">=2.0,<2.2", BELOW, "2.0"),
        ("~=2.1", ACROSS, "2.1"),
        ("~=2.1.0", BELOW, "2.1.0"),
        ("==2.1.*", BELOW, "2.1"),
        ("!=2.1.*", ACROSS, "2.0.9.post0"),
        ("!=2.2.*", ACROSS, "2.1.4"),
        (">2.1.4", ABOVE, None),
        (">2.1.3", ACROSS, "2.1.4"),
        ("<=2.1.4", BELOW, "2.1.4"),
        ("<2.2", BELOW, "2.1.4"),
        ("<=2.2", ACROSS, "2.1.4"),
        ("===2.1.4", BELOW, "2.1.4"),
        ("<3", ACROSS, "2.1.4"),
        (">2.6.6,<3", ABOVE, None),
        (">=3", ABOVE, None),
        ("2.1.0rc1", BELOW, "2.1.0rc1"),
        ("2.2.0rc0", ABOVE, None),
        ("<2.2.0rc0", BELOW, "2.1.4"),
        ("<2.2.0.dev0", BELOW, "2.1.4"),
        (">=2.2.0.dev0", ABOVE, None),
        (">=2.1.0rc0,<2.2", BELOW, "2.1.0rc0"),
        ("==2.3.0.dev20240318", ABOVE, None),
        ("1.9.0.dev0", BELOW, "1.9.0.dev0"),
        ("0.8.1", BELOW, "0.8.1"),
    ],
)
def test_a_chosen_version_or_range(text: str, expected: str, older: str | None) -> None:
    known = chosen_range(text)
    assert (side(known), known.older) == (expected, older)


@pytest.mark.parametrize(
    "text", ["", " ", "new", "2.1.x", "^2.1", ">2.1.4,<2.2", ">=" + "9" * 5000]
)
def test_a_choice_that_says_nothing(text: str) -> None:
    with pytest.raises(ValueError, match=r"a range such as >=2\.0,<2\.2") as caught:
        chosen_range(text)
    assert "\n" not in str(caught.value)
    if text:
        with pytest.raises(ValueError, match="must be a version"):
            Options(lightning_version=text)


OPERATORS = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "~="])
SPECIFIERS = st.builds(str.__add__, OPERATORS, st.sampled_from(RELEASES)) | st.builds(
    "{}{}.*".format, st.sampled_from(["==", "!="]), st.sampled_from(["1", "2", "2.1", "2.2"])
)


def sides_by_brute_force(alternatives: list[list[str]]) -> Iterator[bool]:
    """For each release that one of the alternatives allows: is it below 2.2?"""
    for release in (*RELEASES, *FUTURE):
        if any(
            SpecifierSet(",".join(each)).contains(release, prereleases=True)
            for each in alternatives
        ):
            yield Version(release) < Version("2.2")


@given(st.lists(st.lists(SPECIFIERS, min_size=1, max_size=4), min_size=1, max_size=3))
def test_the_range_is_what_brute_force_says(
    tmp_path_factory: pytest.TempPathFactory, alternatives: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("project")
    lines = [f"lightning{','.join(each)}\n" for each in alternatives]
    write(folder, {".git": "", "requirements.txt": "".join(lines)})
    sides = set(sides_by_brute_force(alternatives))
    expected = {(): None, (True,): BELOW, (False,): ABOVE}.get(tuple(sides), ACROSS)
    known = required_range(str(folder))
    assert side(known) == expected
    if known is not None and known.older is not None:
        assert any(SpecifierSet(",".join(each)).contains(known.older) for each in alternatives)


def test_the_releases_are_stable_and_in_order() -> None:
    versions = [Version(release) for release in RELEASES]
    assert versions == sorted(set(versions))
    assert not any(version.is_prerelease for version in versions)
    assert {"1.0.0", "2.1.4", "2.2.0", "2.6.6"} <= set(RELEASES)


def run(
    folder: Path, module: str, *arguments: str, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        input=stdin,
        timeout=120,
    )


def command(
    folder: Path, *arguments: str, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    return run(folder, "hfmode_lint", "--output-format=concise", *arguments, stdin=stdin)


OLD_PROJECT = {"requirements.txt": "lightning==2.1.4\n"}
WIDE_PROJECT = {"requirements.txt": "lightning>=2.0\n"}
FOUND = f"model.py:{PLACE}: {MESSAGE}"
CONDITION = "; true from Lightning 2.2 on"


@pytest.mark.parametrize(
    ("files", "choice", "found"),
    [
        ({}, None, [FOUND]),
        ({"requirements.txt": "lightning\n"}, None, [FOUND]),
        ({"requirements.txt": "lightning>=2.2\n"}, None, [FOUND]),
        (WIDE_PROJECT, None, [f"{FOUND}{CONDITION} (requirements.txt allows 2.0)"]),
        (OLD_PROJECT, None, []),
        (OLD_PROJECT, "2.2", [FOUND]),
        (OLD_PROJECT, "<3", [f"{FOUND}{CONDITION} (lightning-version allows 2.1.4)"]),
        ({}, ">=2.0,<2.2", []),
    ],
)
def test_the_same_answer_everywhere(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    files: dict[str, str],
    choice: str | None,
    found: list[str],
) -> None:
    write(project, files)
    monkeypatch.chdir(project)
    by_option = [] if choice is None else [f"--lightning-version={choice}"]
    by_flake8 = [] if choice is None else [f"--hfm-lightning-version={choice}"]
    findings = check_paths(["model.py"], Options(lightning_version=choice or ""))
    assert [f"{f.filename}:{PLACE}: {f.code} {f.message}" for f in findings] == found
    assert command(project, *by_option, "model.py").stdout.splitlines() == found
    shown = run(project, "flake8", "--select=HFM", *by_flake8, "model.py")
    assert (shown.stdout.splitlines(), shown.stderr) == (found, "")


def test_the_note_is_one_line_a_project(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "d"):
        write(tmp_path, {f"{name}/.git": "", f"{name}/m.py": BUGGY, f"{name}/n.py": BUGGY})
    write(tmp_path / "a", OLD_PROJECT)
    write(tmp_path / "b", {"setup.cfg": "[options]\ninstall_requires = lightning<2\n"})
    write(tmp_path / "c", WIDE_PROJECT)
    write(tmp_path / "d", {**OLD_PROJECT, "m.py": FIXED, "n.py": BUGGY + "# noqa\n"})
    (tmp_path / "d" / "n.py").write_text(BUGGY.replace('("x")', '("x")  # noqa'))
    result = command(tmp_path, ".")
    assert result.returncode == 1
    assert [line[:6] for line in result.stdout.splitlines()] == ["c/m.py", "c/n.py"]
    first, second = result.stderr.splitlines()
    assert first == (
        f"hfmode-lint: {os.path.join('a', 'requirements.txt')} keeps Lightning below 2.2 "
        "(lightning==2.1.4), where fit() sets train mode itself; not reported: 2 problems (HFM001) "
        "that an upgrade to 2.2 or later would bring (--lightning-version 2.2 shows them)"
    )
    assert os.path.join("b", "setup.cfg") in second
    assert command(tmp_path, "--quiet", "a").stderr == ""
    assert command(tmp_path, "a").returncode == 0


def test_verbose_tells_one_line_a_project(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "d", "e"):
        write(tmp_path, {f"{name}/.git": "", f"{name}/m.py": BUGGY, f"{name}/in/n.py": BUGGY})
    write(tmp_path / "a", OLD_PROJECT)
    write(tmp_path / "b", {"uv.lock": PDM_LOCK, "pdm.lock": "[["})
    write(tmp_path / "c", WIDE_PROJECT)
    write(tmp_path / "d", {"requirements.txt": "lightning\n"})
    lines = command(tmp_path, "--verbose", ".").stderr.splitlines()
    told = [line.removeprefix("hfmode-lint: ") for line in lines if ": Lightning " in line]
    assert told == [
        "Lightning below 2.2 (a/requirements.txt: lightning==2.1.4)",
        "Lightning 2.2 or later (b/uv.lock: lightning 2.6.1)",
        "Lightning below 2.2 as well as 2.2 or later (c/requirements.txt: lightning>=2.0)",
        "Lightning of any version (d/requirements.txt: lightning)",
        "Lightning of unknown version: no file up to e names one",
    ]
    (chosen,) = [
        line
        for line in command(tmp_path, "-v", "--lightning-version=2.3", ".").stderr.splitlines()
        if ": Lightning " in line
    ]
    assert chosen == "hfmode-lint: Lightning 2.2 or later (lightning-version: 2.3)"


def test_nothing_is_fixed_that_is_not_true(project: Path) -> None:
    write(project, OLD_PROJECT)
    for options in (["--fix"], ["--fix", "--unsafe-fixes"], ["--diff"], ["--select", "HFM001"]):
        result = command(project, *options, ".")
        assert (result.returncode, result.stdout) == (0, "")
        assert len(result.stderr.splitlines()) == 1
    assert (project / "model.py").read_text() == BUGGY
    assert command(project, "--fix", "--lightning-version=2.2", ".").returncode == 0
    assert (project / "model.py").read_text() == FIXED


def test_a_fix_of_another_rule_is_made_and_the_rest_told(project: Path) -> None:
    write(project, OLD_PROJECT)
    (project / "model.py").write_text(BUGGY + "\n    def on_fit_end(self):\n        self.train\n")
    result = command(project, "--fix", ".")
    assert result.returncode == 0
    assert "self.train()" in (project / "model.py").read_text()
    assert "1 problem (HFM001)" in result.stderr


def test_standard_input_belongs_to_the_project_of_its_name(project: Path) -> None:
    write(project, {"old/requirements.txt": "lightning==2.1.4\n"})
    options = ["--stdin-filename", "old/m.py"]
    inside = command(project, *options, "-", stdin=BUGGY)
    assert (inside.stdout, inside.returncode) == ("", 0)
    assert "requirements.txt keeps Lightning below 2.2" in inside.stderr
    assert command(project, "--fix", *options, "-", stdin=BUGGY).stdout == BUGGY
    assert command(project, "-", stdin=BUGGY).returncode == 1
    shown = run(
        project, "flake8", "--select=HFM", "--stdin-display-name=old/m.py", "-", stdin=BUGGY
    )
    assert shown.stdout == ""


def test_the_json_report_keeps_its_shape(project: Path) -> None:
    def report() -> list[dict[str, object]]:
        shown = run(project, "hfmode_lint", "--output-format=json", ".").stdout
        reported: list[dict[str, object]] = json.loads(shown)
        return reported

    (before,) = report()
    write(project, WIDE_PROJECT)
    (after,) = report()
    assert after.keys() == before.keys()
    assert {key for key in before if after[key] != before[key]} == {"message"}
    write(project, OLD_PROJECT)
    assert report() == []


def test_the_key_of_the_configuration_and_what_beats_it(project: Path) -> None:
    write(project, {"pyproject.toml": '[tool.hfmode-lint]\nlightning-version = "2.1"\n'})
    result = command(project, ".")
    assert (result.returncode, result.stdout) == (0, "")
    assert "lightning-version keeps Lightning below 2.2 (2.1)" in result.stderr
    assert command(project, "--lightning-version=>=2.2", ".").returncode == 1
    (project / ".flake8").write_text("[flake8]\nhfm-lightning-version = 2.1\nselect = HFM\n")
    assert run(project, "flake8", "model.py").stdout == ""
    assert run(project, "flake8", "--hfm-lightning-version=2.2", "model.py").stdout != ""


def test_a_wrong_choice_is_one_line_and_exit_code_2(project: Path) -> None:
    result = command(project, "--lightning-version", "new", ".")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "hfmode-lint: error: --lightning-version: must be a version of Lightning or a range such "
        "as >=2.0,<2.2: 'new'\n"
    )
    shown = run(project, "flake8", "--hfm-lightning-version=new", "model.py")
    assert shown.returncode == 2
    assert "argument --hfm-lightning-version: must be a version" in shown.stderr


def test_the_interface_for_one_source_reads_no_file(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, OLD_PROJECT)
    monkeypatch.chdir(project)
    assert len(check_source(BUGGY, "model.py")) == 1
    old = Options(lightning_version="2.1.4", unsafe_fixes=True)
    assert check_source(BUGGY, "model.py", old) == []
    assert check_source(BUGGY.encode(), "model.py", old) == []
    assert fix_source(BUGGY, "model.py", old).source == BUGGY
    wide = Options(lightning_version=">=2.1")
    (finding,) = check_source(BUGGY, "model.py", wide)
    assert finding.message.endswith(f"{CONDITION} (lightning-version allows 2.1)")
    assert fix_source(BUGGY, "model.py", wide).source == FIXED


def test_several_processes_know_the_versions_too(project: Path) -> None:
    padding = "#" * 60_000 + "\n"
    for name, version in (("old", "2.1.4"), ("new", "2.6.1")):
        write(project, {f"{name}/requirements.txt": f"lightning=={version}\n"})
        for number in range(3):
            write(project, {f"{name}/m{number}.py": BUGGY + padding})
    result = command(project, "old", "new")
    assert [line[:7] for line in result.stdout.splitlines()] == ["new/m0.", "new/m1.", "new/m2."]
    assert "not reported: 3 problems" in result.stderr


def test_parsers_are_imported_for_those_who_need_them() -> None:
    code = (
        "import sys, hfmode_lint.cli, hfmode_lint.flake8_plugin\n"
        "sys.exit(any(name in sys.modules for name in ('packaging', 'yaml', 'tomllib', 'tomli')))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# What is in eval mode on 2.1.4 all the same, and is given up there: it was loaded or put in eval
# mode after fit() had set train mode.
LATER_THAN_FIT = {
    "callbacks/loads_every_epoch",
    "hfm004/eval_first_in_step",
    "lifecycle/on_validation_model_train_does_nothing",
    "lifecycle/on_validation_model_train_of_one_part",
    "ways_in/hooks_that_load",
    "ways_in/lazy_in_training_step",
}


def recorded_on_2_1(codes: set[str]) -> Iterator[tuple[str, str, Load]]:
    """For each finding of some rules: its program, its code, and what its module did on 2.1.4."""
    for program in (each for each in RUN if each.is_file()):
        loads = held(runs_of(RECORDS[name_of(program)], OLD)).values()
        for finding in expectation(program):
            for load in (load for each in loads for load in each):
                if finding["code"] in codes and load["path"] == finding["module_path"]:
                    yield name_of(program), finding["code"], load


def test_what_is_not_reported_below_2_2_was_in_train_mode_there() -> None:
    rules = {code for code, rule in RULES.items() if rule.since_lightning_2_2}
    records = list(recorded_on_2_1(rules))
    assert len(records) > 200
    in_eval = {name for name, _, load in records if "eval" in (load["first"], load["second"])}
    assert in_eval == LATER_THAN_FIT


def test_what_is_still_reported_below_2_2_was_true_there() -> None:
    records = list(recorded_on_2_1({"HFM005", "HFM006"}))
    later = {(code, load["second"]) for _, code, load in records}
    assert later == {("HFM005", "train"), ("HFM006", "eval")}
