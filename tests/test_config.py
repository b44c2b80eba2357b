"""Options: which rules they turn on, where they come from, what is wrong with them."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from hfmode_lint import config
from hfmode_lint.config import ConfigError, Options, check_codes, load, load_file, override
from hfmode_lint.per_file_ignores import PerFileIgnore
from hfmode_lint.rules import RULES
from tests.programs import BUGGY

if TYPE_CHECKING:
    from pathlib import Path

ALL = frozenset(RULES)
LOOPS = frozenset(code for code, rule in RULES.items() if rule.about_loops)
DEFAULT = frozenset(code for code, rule in RULES.items() if rule.default)


# Other code may call the function.
UNSAFE = BUGGY.replace('AutoModel.from_pretrained("x")', "load()") + (
    '\n\ndef load():\n    return AutoModel.from_pretrained("x")\n'
)


def write(folder: Path, text: str) -> str:
    path = folder / "pyproject.toml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (Options(), DEFAULT),
        (Options(select=()), frozenset()),
        (Options(select=("HFM001",)), {"HFM001"}),
        (Options(select=("ALL",)), ALL),
        (Options(select=("HFM",)), DEFAULT),
        (Options(select=("HFM004",)), {"HFM004"}),
        (Options(select=("HFM00",), extend_select=("HFM004",)), DEFAULT | {"HFM004"}),
        (Options(extend_select=("HFM004",), ignore=("HFM",)), {"HFM004"}),
        (Options(ignore=("HFM",)), frozenset()),
        (Options(ignore=("ALL",)), frozenset()),
        (Options(ignore=("HFM001",)), DEFAULT - {"HFM001"}),
        (Options(select=("HFM001",), ignore=("HFM",)), {"HFM001"}),
        (Options(select=("HFM",), ignore=("HFM001",)), DEFAULT - {"HFM001"}),
        (Options(select=("HFM001",), ignore=("HFM001",)), frozenset()),
        (Options(select=("HFM001",), extend_select=("HFM003",)), {"HFM001", "HFM003"}),
        (Options(ignore=("HFM",), extend_select=("HFM003",)), {"HFM003"}),
        (Options(extend_select=("ALL",)), ALL),
        # What begins the codes of rules alone that are off by default.
        (Options(select=("HFM1",)), LOOPS),
        (Options(extend_select=("HFM10",)), DEFAULT | LOOPS),
        (Options(select=("HFM1",), ignore=("HFM102",)), LOOPS - {"HFM102"}),
        (Options(select=("HFM00",)), DEFAULT),
    ],
)
def test_the_longer_beginning_wins(options: Options, codes: frozenset[str]) -> None:
    assert options.enabled_codes == codes


@pytest.mark.parametrize(
    ("file", "command_line", "codes"),
    [
        (Options(ignore=("HFM001",)), {"select": ("HFM001",)}, {"HFM001"}),
        (Options(ignore=("HFM001",)), {"extend_select": ("HFM001",)}, DEFAULT),
        (Options(ignore=("HFM001",)), {"extend_select": ("HFM",)}, DEFAULT),
        (Options(select=("HFM001",)), {"ignore": ("HFM",)}, frozenset()),
        (Options(select=("HFM001", "HFM002")), {"ignore": ("HFM002",)}, {"HFM001"}),
        (Options(select=("HFM001",)), {"extend_select": ("HFM003",)}, {"HFM001", "HFM003"}),
        (Options(extend_select=("HFM001",)), {"ignore": ("HFM001",)}, DEFAULT - {"HFM001"}),
        (Options(select=("HFM001",)), {}, {"HFM001"}),
    ],
)
def test_the_command_line_beats_the_file(
    file: Options, command_line: dict[str, tuple[str, ...]], codes: frozenset[str]
) -> None:
    assert override(file, **command_line).enabled_codes == codes


def test_codes_are_checked() -> None:
    assert check_codes(["hfm001", "HFM", "all"], "here") == ("HFM001", "HFM", "ALL")
    for wrong in ("HFM9", "E501", "", "HFM0011"):
        with pytest.raises(ConfigError, match=r"^here: unknown rule code"):
            check_codes([wrong], "here")


def test_every_key_has_an_option_and_works(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """\
[tool.hfmode-lint]
select = ["HFM001"]
ignore = ["hfm002"]
extend-select = ["HFM003"]
exclude = ["generated/"]
force-exclude = true
output-format = "json"
lightning-version = ">=2.0,<2.2"
per-file-ignores = {"tests/" = ["hfm001"]}
""",
    )
    assert load_file(path) == Options(
        select=("HFM001",),
        ignore=("HFM002",),
        extend_select=("HFM003",),
        exclude=("generated/",),
        exclude_root=str(tmp_path),
        force_exclude=True,
        output_format="json",
        lightning_version=">=2.0,<2.2",
        per_file_ignores=(PerFileIgnore("tests/", ("HFM001",), str(tmp_path)),),
    )
    names = {key.replace("-", "_") for key in config._READERS}
    assert names | {"exclude_root", "required_lightning", "unsafe_fixes"} == {
        field.name for field in fields(Options)
    }


def test_the_nearest_file_with_our_section_counts(tmp_path: Path) -> None:
    inner = tmp_path / "package" / "inner"
    inner.mkdir(parents=True)
    outer = write(tmp_path, '[tool.hfmode-lint]\nselect = ["HFM003"]\n')
    write(tmp_path / "package", '[tool.other]\nwords = "hfmode-lint"\n')
    write(inner, "[tool.ruff\nthis is no TOML")
    options, source = load(str(inner))
    assert source == outer
    assert options.enabled_codes == {"HFM003"}


def test_without_a_file_there_are_defaults(tmp_path: Path) -> None:
    assert load(str(tmp_path)) == (Options(), None)
    assert load(str(tmp_path / "missing" / "folder")) == (Options(), None)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ('selct = ["HFM001"]', ["unknown key", "'selct'", "extend-select"]),
        ('select = "HFM001"', ["select", "list of strings"]),
        ("select = [1]", ["select", "list of strings"]),
        ('select = ["XYZ"]', ["select", "'XYZ'"]),
        ("exclude = true", ["exclude", "list of strings"]),
        ("force-exclude = 1", ["force-exclude", "true or false"]),
        ('output-format = "xml"', ["output-format", "text, concise, json"]),
        ('lightning-version = "new"', ["lightning-version", "'new'", ">=2.0,<2.2"]),
        ("lightning-version = 2.1", ["lightning-version", "a string"]),
        ("output-format = []", ["output-format", "text, concise, json"]),
        ("select = [", ["line"]),
    ],
)
def test_a_wrong_file_is_one_line_with_its_name_and_key(
    tmp_path: Path, section: str, words: list[str]
) -> None:
    path = write(tmp_path, f"[tool.hfmode-lint]\n{section}\n")
    with pytest.raises(ConfigError) as caught:
        load(str(tmp_path))
    message = str(caught.value)
    assert message.startswith(path)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_other_wrong_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.toml: No such file"):
        load_file(str(tmp_path / "missing.toml"))
    with pytest.raises(ConfigError, match=r"has no \[tool\.hfmode-lint\] section"):
        load_file(write(tmp_path, "[tool.ruff]\n"))
    with pytest.raises(ConfigError, match="must be a table"):
        load_file(write(tmp_path, "[tool]\nhfmode-lint = 1\n"))
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.hfmode-lint]\nexclude = ['\xff']\n")
    with pytest.raises(ConfigError, match=r"pyproject\.toml: "):
        load(str(tmp_path))
    (tmp_path / "pyproject.toml").unlink()
    (tmp_path / "pyproject.toml").mkdir()
    with pytest.raises(ConfigError, match=r"pyproject\.toml: Is a directory"):
        load(str(tmp_path))


def test_a_file_extends_another(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    base = tmp_path / "shared" / "base.toml"
    base.write_text(
        "[tool.hfmode-lint]\nignore = ['HFM001']\nexclude = ['old/']\nforce-exclude = true\n"
        "per-file-ignores = {'tests/' = ['HFM003']}\n"
    )
    own = "[tool.hfmode-lint]\nextend = 'shared/base.toml'\nignore = ['HFM002']\n"
    options = load_file(write(tmp_path, own))
    assert (options.ignore, options.force_exclude) == (("HFM002",), True)
    assert options.exclude == ("old/",)
    assert options.exclude_root == str(base.parent)
    assert options.per_file_ignores[0].folder == str(base.parent)
    # A file may extend one that extends another.
    top = tmp_path / "top.toml"
    top.write_text("[tool.hfmode-lint]\nextend = 'pyproject.toml'\nforce-exclude = false\n")
    options = load_file(str(top))
    assert (options.ignore, options.force_exclude) == (("HFM002",), False)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("extend = 3", "must be the name of a file"),
        ("extend = ''", "must be the name of a file"),
        ("extend = 'missing.toml'", "missing.toml: No such file"),
        ("extend = 'pyproject.toml'", "extends this file in turn"),
        ("extend = 'circle.toml'", "circle.toml: extend: pyproject.toml extends this file in turn"),
        ("extend = 'empty.toml'", r"empty.toml: has no \[tool.hfmode-lint\] section"),
        ("per-file-ignores = ['HFM001']", "must be a table"),
        ("per-file-ignores = {'a' = 'HFM001'}", "a: must be a list of strings"),
        ("per-file-ignores = {'a' = ['X1']}", "unknown rule code 'X1'"),
        ("per-file-ignores = {'!a' = ['HFM']}", "not a pattern"),
    ],
)
def test_what_is_wrong_with_it(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "empty.toml").write_text("")
    (tmp_path / "circle.toml").write_text("[tool.hfmode-lint]\nextend = 'pyproject.toml'\n")
    with pytest.raises(ConfigError, match=reason):
        load_file(write(tmp_path, f"[tool.hfmode-lint]\n{text}\n"))


@pytest.mark.parametrize(
    "said",
    [
        "unsafe-fixes = true",
        "unsafe-fixes = false",
        "fix = true",
        "add-noqa = true",
        "output-file = '../written'",
        "baseline = '../written'",
        "update-baseline = true",
        "cache-dir = '../written'",
    ],
)
@pytest.mark.parametrize("by", ["pyproject.toml", "extended", "--config"])
def test_no_file_says_what_is_written_and_where(tmp_path: Path, said: str, by: str) -> None:
    key = said.partition(" ")[0]
    project = tmp_path / "project"
    project.mkdir()
    (project / "model.py").write_text(UNSAFE)
    section = f"[tool.hfmode-lint]\n{said}\n"
    (project / "other.toml").write_text(section)
    own = "[tool.hfmode-lint]\nextend = 'other.toml'\n" if by == "extended" else section
    write(project, own if by != "--config" else "")
    named = ["--config", "other.toml"] if by == "--config" else []
    result = subprocess.run(
        [sys.executable, "-m", "hfmode_lint", *named, "--fix", "."],
        capture_output=True,
        check=False,
        cwd=project,
        encoding="utf-8",
        env=os.environ | {"HFMODE_LINT_CACHE_DIR": str(tmp_path / "cache")},
        timeout=60,
    )
    assert (result.returncode, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.endswith(f"{key}: only the command line can say that (--{key})")
    assert (project / "model.py").read_text() == UNSAFE
    assert sorted(path.name for path in tmp_path.iterdir()) == ["project"]


def test_the_command_line_allows_unsafe_fixes(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(UNSAFE)
    command = [sys.executable, "-m", "hfmode_lint", "--no-cache", "--fix", "model.py"]
    assert subprocess.run(command, capture_output=True, check=False, cwd=tmp_path).returncode == 1
    assert (tmp_path / "model.py").read_text() == UNSAFE
    subprocess.run([*command, "--unsafe-fixes"], capture_output=True, check=True, cwd=tmp_path)
    assert 'from_pretrained("x").train()' in (tmp_path / "model.py").read_text()
