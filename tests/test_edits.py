"""Edits on text, and the replacement of files."""

from __future__ import annotations

import os
import re
import stat
import struct
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfmode_lint.edits import (
    FileChangedError,
    OverlapError,
    Splice,
    apply_edits,
    apply_splices,
    compatible,
    moved,
    replace_file,
)
from hfmode_lint.findings import Edit, Position
from hfmode_lint.source import LineIndex, UndecodableError, decode, encode, split_lines

if TYPE_CHECKING:
    from pathlib import Path

# What line handling trips over: all line ends, and what only looks like one.
TEXTS = st.text(
    st.sampled_from("\n\r\f\v\t\x1c\x85\u2028\ufeffaé😀") | st.characters(codec="utf-8")
)


def lines_by_the_letter(text: str) -> list[str]:
    """The lines of a text, found without a regular expression."""
    lines = [""]
    index = 0
    while index < len(text):
        if text[index] in "\r\n":
            index += text[index : index + 2] == "\r\n"
            lines.append("")
        else:
            lines[-1] += text[index]
        index += 1
    return lines


@st.composite
def inserts(draw: st.DrawFn) -> tuple[str, list[tuple[int, str]]]:
    text = draw(TEXTS)
    offsets = draw(st.lists(st.integers(0, len(text)), unique=True, max_size=5))
    # An offset between CR and LF is no place where code could end.
    places = [o for o in sorted(offsets) if text[o - 1 : o + 1] != "\r\n"]
    return text, [(offset, f"<{number}>") for number, offset in enumerate(places)]


@given(TEXTS)
def test_lines_end_where_python_ends_them(text: str) -> None:
    assert split_lines(text) == lines_by_the_letter(text)


@given(TEXTS, st.data())
def test_positions_and_offsets_translate_into_each_other(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    lines = LineIndex(text)
    position = lines.position(offset)
    assert lines.offset(position) == offset
    before = re.split(r"\r\n|\r|\n", text[:offset])
    if not text[:offset].endswith("\r"):
        assert position == Position(len(before), len(before[-1]))


@given(inserts())
def test_inserting_changes_nothing_else(case: tuple[str, list[tuple[int, str]]]) -> None:
    text, places = case
    lines = LineIndex(text)
    wanted = [
        Edit(lines.position(offset), lines.position(offset), content) for offset, content in places
    ]
    result = apply_edits(text, reversed(wanted))
    assert re.sub(r"<\d>", "", result) == re.sub(r"<\d>", "", text)
    for offset, content in places:
        assert result.index(content) == len(text[:offset]) + 3 * places.index((offset, content))


@given(inserts())
def test_moved_follows_the_characters(case: tuple[str, list[tuple[int, str]]]) -> None:
    text, places = case
    changes = [Splice(offset, offset, content) for offset, content in places]
    result = apply_splices(text, changes)
    for offset, character in enumerate(text):
        assert result[moved(offset, changes)] == character


@given(TEXTS.map(lambda text: text.lstrip("\ufeff")), st.booleans())
def test_utf8_goes_back_to_its_bytes(text: str, bom: bool) -> None:  # noqa: FBT001 - drawn
    data = text.encode("utf-8-sig" if bom else "utf-8")
    if re.search(rb"coding", data[:200]):
        return
    decoded, encoding = decode(data)
    assert decoded == text
    assert encode(decoded, encoding) == data


def test_equal_edits_count_once() -> None:
    edit = Edit(Position(1, 1), Position(1, 1), "x")
    assert apply_edits("ab", [edit, edit]) == "axb"


def test_colliding_edits_are_refused() -> None:
    with pytest.raises(OverlapError):
        apply_splices("abcd", [Splice(0, 2, "x"), Splice(1, 3, "y")])
    with pytest.raises(OverlapError):
        apply_splices("abcd", [Splice(1, 1, "x"), Splice(1, 1, "y")])
    assert apply_splices("abcd", [Splice(0, 2, "x"), Splice(2, 3, "y")]) == "xyd"


def test_shared_splices_are_compatible() -> None:
    one, other = Splice(1, 1, "x"), Splice(1, 1, "y")
    assert compatible([one], [one])
    assert not compatible([one], [other])


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (Position(0, 0), Position(1, 0)),
        (Position(3, 0), Position(3, 0)),
        (Position(1, -1), Position(1, 0)),
        (Position(2, 99), Position(2, 99)),
        (Position(1, 1), Position(1, 0)),
    ],
)
def test_edits_outside_of_the_text_are_refused(start: Position, end: Position) -> None:
    with pytest.raises(ValueError, match=r"position|ends before"):
        apply_edits("ab\ncd", [Edit(start, end, "")])


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", "é"),
        (b"#!/usr/bin/python\r\n# vim: set fileencoding=cp1252 :\r\nx = '\x80'\r\n", "€"),
        (b"# coding: latin-1\rx = '\xe9'\r", "é"),
        (b"# first\r# second\rcoding = 'latin-1'\rx = '\xc3\xa9'\r", "é"),
        (b"\xef\xbb\xbf# coding: utf-8\nx = '\xc3\xa9'\n", "é"),
        (b"x = 1\n# coding: latin-1\ny = '\xc3\xa9'\n", "é"),
    ],
)
def test_cookies_are_read_as_python_reads_them(data: bytes, text: str) -> None:
    decoded, encoding = decode(data)
    assert text in decoded
    assert not decoded.startswith("\ufeff")
    assert encode(decoded, encoding) == data


@pytest.mark.parametrize(
    ("data", "reason", "position"),
    [
        (b"a = 1\r\nb = '\xc3\xa9\xff'\n", "not valid UTF-8", Position(2, 6)),
        (b"\xff\xfea\0", "not valid UTF-8", Position(1, 0)),
        (b"\xef\xbb\xbf\xef\xbb\xbfx = 1\n", "non-printable character", Position(1, 0)),
        (b"# coding: klingon\n", "klingon", Position(1, 0)),
        (b"\xef\xbb\xbf# coding: latin-1\n", "", Position(1, 0)),
        (b"# coding: rot13\n", "rot13", Position(1, 0)),
        (b"# coding: ascii\n'\xe9'\n", "ascii", Position(2, 1)),
    ],
)
def test_undecodable_bytes_have_a_reason_and_a_place(
    data: bytes, reason: str, position: Position
) -> None:
    with pytest.raises(UndecodableError) as caught:
        decode(data)
    assert reason in caught.value.reason
    assert "\n" not in caught.value.reason
    assert caught.value.position == position


def test_a_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    path.chmod(0o751)
    replace_file(str(path), b"old", b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o751
    assert os.listdir(tmp_path) == ["a.py"]


# A POSIX access control list as Linux keeps it: version 2, then tag, permissions and id of each
# entry (acl(5), linux/posix_acl_xattr.h). The user 1234 may read.
_ENTRIES = [(1, 6, -1), (2, 4, 1234), (4, 4, -1), (16, 6, -1), (32, 0, -1)]
_ACCESS_LIST = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *each) for each in _ENTRIES)


@pytest.mark.skipif(sys.platform != "linux", reason="Python has no functions for them elsewhere")
@pytest.mark.parametrize(
    ("name", "value"),
    [("user.origin", b"a notebook"), ("system.posix_acl_access", _ACCESS_LIST)],
    ids=["attribute", "access list"],
)
def test_a_replaced_file_keeps_what_the_system_knows_of_it(
    tmp_path: Path, name: str, value: bytes
) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    try:
        os.setxattr(path, name, value)
    except OSError as error:
        pytest.skip(f"no such attributes on this file system: {error}")
    replace_file(str(path), b"old", b"new")
    assert path.read_bytes() == b"new"
    assert os.getxattr(path, name) == value


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="the superuser alone gives files away"
)
def test_a_replaced_file_keeps_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    os.chown(path, 1234, 4321)
    path.chmod(0o4755)
    replace_file(str(path), b"old", b"new")
    seen = path.stat()
    assert (seen.st_uid, seen.st_gid, stat.S_IMODE(seen.st_mode)) == (1234, 4321, 0o4755)


def test_other_names_of_a_file_keep_the_old_content(tmp_path: Path) -> None:
    path, other = tmp_path / "a.py", tmp_path / "b.py"
    path.write_bytes(b"old")
    other.hardlink_to(path)
    replace_file(str(path), b"old", b"new")
    assert (path.read_bytes(), other.read_bytes()) == (b"new", b"old")


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "a.py"
    target.write_bytes(b"old")
    link = tmp_path / "link.py"
    link.symlink_to(target)
    replace_file(str(link), b"old", b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_changed_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"somebody else was here")
    with pytest.raises(FileChangedError, match="changed"):
        replace_file(str(path), b"old", b"new")
    assert path.read_bytes() == b"somebody else was here"
    assert os.listdir(tmp_path) == ["a.py"]


def test_a_read_only_file_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    # The superuser may write anything, so that permission bits would prove nothing here.
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(PermissionError, match="read-only"):
        replace_file(str(path), b"old", b"new")
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_nothing_is_left_behind_by_a_failure(
    step: str, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, step, fail)
    with pytest.raises(type(error)):
        replace_file(str(path), b"old", b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.py"]
