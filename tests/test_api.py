"""The Python API: pure functions on text and bytes; fixes that change nothing else."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfmode_lint import check_paths, check_source, fix_source
from hfmode_lint.config import Options
from tests.programs import BUGGY, FIXED, MESSAGE

LOADER = 'AutoModel.from_pretrained("x")'


def test_text_and_bytes_give_the_same() -> None:
    (finding,) = check_source(BUGGY, filename="m.py")
    assert f"{finding.code} {finding.message}" == MESSAGE
    assert finding.filename == "m.py"
    assert check_source(BUGGY.encode(), filename="m.py") == [finding]
    assert fix_source(BUGGY).source == FIXED
    assert fix_source(BUGGY.encode()).source == FIXED.encode()
    assert fix_source(FIXED).applied == ()


SHAPES = {
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "latin-1": lambda text: ("# coding: latin-1\n# é\n" + text).encode("latin-1"),
    "tabs": lambda text: text.replace("    ", "\t").encode(),
    "form feed": lambda text: text.replace("\n\n\n", "\n\f\n\n").encode(),
    "no last newline": lambda text: text.rstrip("\n").encode(),
    "lone carriage return": lambda text: text.replace("\n\n\n", "\n\r\r\n").encode(),
    "separators in a string": lambda text: ("S = '\u2028\x0b\x1c'\n" + text).encode(),
    "comments in the call": lambda text: text.replace(
        '("x")', '(  # which\n  "x",  # this )\n  )'
    ).encode(),
    "backslashes": lambda text: text.replace(".from_", " \\\n            .from_").encode(),
    # libcst refuses the one and loses a line at the other.
    "statement behind a backslash": lambda text: text.replace(
        "        super", "        \\\nsuper"
    ).encode(),
    "loader behind backslashes": lambda text: text.replace(
        "        self.enc", "        \\\n    \\\n  self.enc"
    ).encode(),
    "loader behind a backslash without blanks": lambda text: text.replace(
        "        self.enc", "\\\n        self.enc"
    ).encode(),
    "class behind a backslash after a carriage return": lambda text: text.replace(
        "\n\n\nclass", "\r\\\nclass"
    ).encode(),
    "parentheses": lambda text: text.replace(LOADER, f"({LOADER})").encode(),
    "wide characters before": lambda text: text.replace(LOADER, f"'é😀' and {LOADER}").encode(),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_other_byte_stays(shape: object) -> None:
    assert callable(shape)
    before: bytes = shape(BUGGY)
    result = fix_source(before)
    assert isinstance(result.source, bytes)
    assert len(result.applied) == 1
    assert result.remaining == ()
    assert result.source.replace(b".train()", b"", 1) == before
    assert ast.dump(ast.parse(result.source)).count("'train'") == 1
    assert fix_source(result.source).source == result.source


@given(st.lists(st.sampled_from(["\n", "# é\r\n", "X = '''\r\v\x85'''\n", "\f\n", "\t\n"])))
def test_whatever_stands_before(lines: list[str]) -> None:
    before = "".join(lines) + BUGGY
    assert fix_source(before).source == "".join(lines) + FIXED


def test_several_and_nested_loads_are_fixed_in_one_run() -> None:
    nested = BUGGY.replace(
        LOADER,
        'peft.PeftModel.from_pretrained(AutoModel.from_pretrained("x"), "p", is_trainable=True)\n'
        "        self.a, self.b = (AutoModel.from_pretrained(n) for n in 'ab')\n"
        '        self.c = AutoModel.from_pretrained("c"); self.d = AutoModel.from_pretrained("d")',
    ).replace("import lightning", "import peft, lightning")
    result = fix_source(nested)
    assert result.source.count(".train()") >= 3
    assert not [each for each in result.remaining if each.fix is not None]
    assert fix_source(result.source).source == result.source


def test_unsafe_fixes_need_to_be_asked_for() -> None:
    shared = BUGGY.replace(LOADER, "load()") + f"\n\ndef load():\n    return {LOADER}\n"
    assert fix_source(shared).applied == ()
    assert len(fix_source(shared, options=Options(unsafe_fixes=True)).applied) == 1


def test_what_can_t_be_parsed_is_a_finding() -> None:
    (finding,) = check_source("def (:\n# lightning from_pretrained\n")
    assert finding.code == "HFM000"
    assert fix_source("def (:\n").source == "def (:\n"


def test_one_byte_order_mark_is_ignored_and_a_second_one_refused() -> None:
    """As Python does."""
    for text, code in (("\ufeff" + BUGGY, "HFM001"), ("\ufeff\ufeff" + BUGGY, "HFM000")):
        for source in (text, text.encode()):
            assert [each.code for each in check_source(source)] == [code]


def test_paths(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(BUGGY)
    (finding,) = check_paths([tmp_path])
    assert Path(finding.filename).name == "m.py"
    with pytest.raises(OSError, match=r"missing\.py"):
        check_paths([tmp_path / "missing.py"])


def test_a_link_and_the_permissions_stay(tmp_path: Path) -> None:
    target, link = tmp_path / "real.py", tmp_path / "link.py"
    target.write_text(BUGGY)
    target.chmod(0o640)
    link.symlink_to(target)
    subprocess.run([sys.executable, "-m", "hfmode_lint", "--fix", str(link)], check=True)
    assert link.is_symlink()
    assert target.read_text() == FIXED
    assert target.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(tmp_path)) == ["link.py", "real.py"]


def test_importing_the_package_is_cheap() -> None:
    code = "import sys, hfmode_lint; sys.exit('libcst' in sys.modules or 'click' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
