"""What holds for every source, whatever stands in it.

* Nothing is raised that is not documented, nothing warns, and nothing takes longer than the limit.
* Each position lies in the file.
* A fixed source is the old one with the edits of its fixes made, byte by byte; its syntax tree is
  the old one but for what the edits put there; and there is nothing left in it to fix.
* A source without a fix is as it was, and has the findings that a check has.
* flake8 shows what the command shows.
* Comments that hide findings hide them, and change no program.

None of this is computed with the code that it judges: lines, offsets, edits and trees are.
"""

from __future__ import annotations

import ast
import io
import json
import re
import warnings
from argparse import Namespace
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

# flake8 has no types of its own.
from flake8.processor import FileProcessor  # type: ignore[import-untyped]
from flake8.violation import Violation  # type: ignore[import-untyped]

from hfmode_lint import Options, SetElsewhere, check_source, fix_source, summarize_source
from hfmode_lint.engine import alone
from hfmode_lint.flake8_plugin import Plugin
from hfmode_lint.noqa_comments import add_noqa
from hfmode_lint.printable import printable
from hfmode_lint.rules import RULES
from hfmode_lint.source import UndecodableError, decode
from hfmode_lint.time_limit import OutOfTimeError, time_limit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from hfmode_lint import Finding, FixResult, Position

    _Fixed = FixResult[str] | FixResult[bytes]

SECONDS = 20
"""Of computing on one source. The slowest of a thousand takes half a second on a busy machine."""

_ALL = Options(select=("ALL",))
PROFILES: Mapping[str, Options] = {
    "default": Options(),
    "all": _ALL,
    "unsafe": replace(_ALL, unsafe_fixes=True),
    "old": replace(_ALL, unsafe_fixes=True, lightning_version=">=2.0"),
    "elsewhere": replace(_ALL, set_elsewhere=(SetElsewhere(class_name="*er"),)),
}
_UNPARSABLE = "HFM000"
# flake8 has its own words for what can't be parsed, and reads noqa comments itself.
_NOT_IN_FLAKE8 = frozenset({_UNPARSABLE, "HFM010"})
_BOM = "\ufeff"
# With what Python's own parser refuses a source.
_REFUSALS = (SyntaxError, ValueError, RecursionError, MemoryError)
_LINE_END = re.compile(r"\r\n|\r|\n")


class BrokenError(AssertionError):
    """A source for which something does not hold."""


@dataclass(frozen=True, slots=True)
class Case:
    """A source, as a file's bytes or as text, and how it is looked at: the name of a profile."""

    source: str | bytes
    profile: str = "default"
    filename: str = "model.py"

    @property
    def is_notebook(self) -> bool:
        """Whether the source is the JSON of a notebook."""
        return self.filename.endswith(".ipynb")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a source: whether it is Python, the codes of its findings, its fixes."""

    parsed: bool
    codes: tuple[str, ...]
    fixes: int


def check(case: Case, *, thorough: bool = True) -> Outcome:
    """Look at one source.

    :param thorough: compare with a check by itself, with a summary and with flake8 as well.
    :raises BrokenError: where something does not hold.
    """
    try:
        with time_limit(SECONDS), warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            outcome = _check(case, thorough=thorough)
    except OutOfTimeError as error:
        raise BrokenError(f"no end after {SECONDS} seconds") from error
    if warned:
        raise BrokenError(f"warned: {warned[0].message}")
    return outcome


def _check(case: Case, *, thorough: bool) -> Outcome:
    options = PROFILES[case.profile]
    result = _fix(case.source, case.filename, options)
    if result.applied:
        _expect_only_the_fixes(case, result)
        _expect_nothing_to_fix(case, result, options)
    elif result.source != case.source:
        raise BrokenError("changed without a fix")
    _expect_places(case, result.source, result.remaining)
    if thorough:
        _compare(case, result, options)
    found = (*result.applied, *result.remaining)
    codes = tuple(each.code for each in found)
    return Outcome(_UNPARSABLE not in codes, codes, len(result.applied))


def _fix(source: str | bytes, filename: str, options: Options) -> _Fixed:
    if isinstance(source, str):
        return fix_source(source, filename, options)
    return fix_source(source, filename, options)


def _expect_nothing_to_fix(case: Case, result: _Fixed, options: Options) -> None:
    again = _fix(result.source, case.filename, options)
    if again.applied or again.source != result.source:
        raise BrokenError(f"fixed twice: {_listed(again.applied)}")
    if again.remaining not in (result.remaining, _without_cells(result.remaining)):
        raise BrokenError(
            f"left: {_listed(result.remaining)}; then found: {_listed(again.remaining)}"
        )


def _without_cells(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings without those on cells that are no Python.

    A notebook that has no place for another finding any more is not asked for these.
    """
    return tuple(each for each in findings if each.code != _UNPARSABLE or each.cell is None)


def _expect_places(case: Case, source: str | bytes, findings: Sequence[Finding]) -> None:
    """Positions are those of the text or cell, and a message is one line of a known rule."""
    if not findings:
        return
    whole = _LINE_END.split(_text_of(source))
    for finding in findings:
        if finding.code not in RULES or not _is_one_line(finding.message):
            raise BrokenError(f"{finding.code}: {finding.message!r}")
        places = [(finding.cell, finding.start, finding.end)]
        if finding.fix is not None:
            places += [(edit.cell, edit.start, edit.end) for edit in finding.fix.edits]
        for cell, start, end in places:
            lines = whole if cell is None else _lines_of_cell(source, cell)
            if end < start or not all(_is_in(lines, place) for place in (start, end)):
                raise BrokenError(f"{finding.code}: {start} to {end} is not in the file")
        if case.is_notebook and finding.cell is None and finding.code != _UNPARSABLE:
            raise BrokenError(f"{finding.code}: in no cell")


def _lines_of_cell(source: str | bytes, number: int) -> list[str]:
    notebook = json.loads(_text_of(source))
    cell = _cells(notebook)[number - 1]
    content = cell.get("source", cell.get("input", ""))
    if isinstance(content, list):
        # Before version 4 lines could be without their ends, as those of the first one tell.
        is_without_ends = notebook["nbformat"] < 4 and not "".join(content[:1]).endswith(
            ("\n", "\r")
        )
        content = ("\n" if is_without_ends else "").join(content)
    return _LINE_END.split(content)


def _cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """All cells; before version 4 they were in worksheets, and their sources were called input."""
    sheets = notebook.get("worksheets") or [notebook]
    return [cell for sheet in sheets for cell in sheet["cells"]]


def _is_in(lines: Sequence[str], place: Position) -> bool:
    return 1 <= place.line <= len(lines) and 0 <= place.column <= len(lines[place.line - 1])


def _is_one_line(message: str) -> bool:
    return bool(message.strip()) and len(message.splitlines()) == 1


def _text_of(source: str | bytes) -> str:
    """The text that positions refer to."""
    if isinstance(source, str):
        return source.removeprefix(_BOM)
    try:
        return decode(source)[0].removeprefix(_BOM)
    except UndecodableError:
        return source.decode("utf-8", "replace")


def _is_text(source: str | bytes) -> bool:
    try:
        return isinstance(source, str) or bool(decode(source))
    except UndecodableError:
        return False


# What a fix has changed.


@dataclass(frozen=True, slots=True, order=True)
class _Splice:
    start: int
    end: int
    content: str


@dataclass(frozen=True, slots=True)
class _Round:
    """Edits that were made at once."""

    before: str
    splices: tuple[_Splice, ...]
    after: str


def _expect_only_the_fixes(case: Case, result: _Fixed) -> None:
    if case.is_notebook:
        _expect_only_cells(case.source, result)
        return
    rounds = _replayed(_text_of(case.source), result.applied, _text_of(result.source))
    if rounds is None:
        raise BrokenError("the fixed source is not the old one with the edits made")
    for each in rounds:
        _expect_only_additions(each)
    if isinstance(case.source, bytes):
        expected = _with_bytes(case.source, rounds)
    else:
        bom = _BOM if case.source.startswith(_BOM) else ""
        expected = (bom + rounds[-1].after).encode("utf-8", "surrogatepass")
    if expected != _as_bytes(result.source):
        raise BrokenError("other bytes than those of the edits were changed")


def _replayed(text: str, applied: Sequence[Finding], wanted: str) -> list[_Round] | None:
    """The rounds in which the fixes were made; None where none lead to the wanted text.

    Which fixes made up a round is not told, but a fix has the positions of its round.
    """
    if not applied:
        return [] if text == wanted else None
    for count in range(len(applied), 0, -1):
        splices = _splices(text, applied[:count])
        if splices is None:
            continue
        after = _spliced(text, splices)
        rest = _replayed(after, applied[count:], wanted)
        if rest is not None:
            return [_Round(text, splices, after), *rest]
    return None


def _splices(text: str, findings: Sequence[Finding]) -> tuple[_Splice, ...] | None:
    """The changes of some fixes in the order of the text; None where they don't go together."""
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    lines = _LINE_END.split(text)
    splices = set()
    for finding in findings:
        for edit in finding.fix.edits if finding.fix else ():
            # Behind the end of its line a place is one of a later round, which has a longer line.
            if not (_is_in(lines, edit.start) and _is_in(lines, edit.end)):
                return None
            start, end = (starts[p.line - 1] + p.column for p in (edit.start, edit.end))
            splices.add(_Splice(start, end, edit.content))
    ordered = tuple(sorted(splices))
    for one, other in pairwise(ordered):
        if other.start < one.end:
            return None
    return ordered


def _spliced(text: str, splices: Sequence[_Splice]) -> str:
    for splice in reversed(splices):
        text = text[: splice.start] + splice.content + text[splice.end :]
    return text


def _with_bytes(data: bytes, rounds: Sequence[_Round]) -> bytes:
    """The bytes of a file with the edits made in them."""
    _, encoding = decode(data)
    for each in rounds:
        for splice in reversed(each.splices):
            start, end = (
                len(each.before[:offset].encode(encoding)) for offset in (splice.start, splice.end)
            )
            data = data[:start] + splice.content.encode(encoding.removesuffix("-sig")) + data[end:]
    return data


def _as_bytes(source: str | bytes) -> bytes:
    return source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source


def _expect_only_additions(made: _Round) -> None:
    """The tree is the old one but for calls and methods that stand where something was put in."""
    old, new = _tree(made.before), _tree(made.after)
    cleaned = _Remover(tuple(_added(made))).visit(new)
    if ast.dump(old) != ast.dump(cleaned):
        raise BrokenError("the fixed source is another program")


def _tree(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _is_program(text: str) -> bool:
    try:
        _tree(text)
    except _REFUSALS:
        return False
    return True


def _is_notebook(text: str) -> bool:
    try:
        notebook = json.loads(text)
        cells = _cells(notebook)
        return isinstance(notebook["nbformat"], int) and all(isinstance(x, dict) for x in cells)
    except (*_REFUSALS, KeyError, TypeError, AttributeError):
        return False


@dataclass(frozen=True, slots=True)
class _Added:
    """A piece of text that was put in, from and to a line and a column in bytes."""

    content: str
    start: tuple[int, int]
    end: tuple[int, int]


def _added(made: _Round) -> Iterator[_Added]:
    shift = 0
    for splice in made.splices:
        start = splice.start + shift
        end = start + len(splice.content)
        shift += len(splice.content) - (splice.end - splice.start)
        if splice.content:
            yield _Added(splice.content, _place(made.after, start), _place(made.after, end))


def _place(text: str, offset: int) -> tuple[int, int]:
    """The line and the column as syntax trees have them."""
    lines = _LINE_END.split(text[:offset])
    return len(lines), len(lines[-1].encode("utf-8"))


class _Remover(ast.NodeTransformer):
    """Takes out of a tree what was put into its source."""

    def __init__(self, added: Sequence[_Added]) -> None:
        self._added = added

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        for each in self._added:
            if (node.end_lineno, node.end_col_offset) == each.end and not node.args:
                return _without(node, each.content)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        self.generic_visit(node)
        start, end = (
            (node.lineno, node.col_offset),
            (node.end_lineno or 0, node.end_col_offset or 0),
        )
        return None if any(a.start <= start and end <= a.end for a in self._added) else node


def _without(node: ast.Call, content: str) -> ast.AST:
    if content.endswith((".train()", ".eval()")) and isinstance(node.func, ast.Attribute):
        return node.func.value
    return node.func if content == "()" else node


def _expect_only_cells(source: str | bytes, result: _Fixed) -> None:
    """A fixed notebook is the old one but for the sources of the cells that fixes are in."""
    changed = {
        edit.cell for each in result.applied if each.fix is not None for edit in each.fix.edits
    }
    old, new = (_without_sources(each, changed) for each in (source, result.source))
    if old != new:
        raise BrokenError("a notebook was changed outside of the cells with fixes")


def _without_sources(source: str | bytes, numbers: Collection[int | None]) -> str:
    """What a notebook holds, but for the sources of some cells."""
    notebook = json.loads(_text_of(source))
    cells = _cells(notebook)
    for number in numbers:
        cells[(number or 0) - 1].update(source="", input="")
    return repr(notebook)


# What the other ways to the same findings say.


def _compare(case: Case, result: _Fixed, options: Options) -> None:
    found = check_source(case.source, case.filename, options)
    _expect_places(case, case.source, found)
    if not result.applied and tuple(found) != result.remaining:
        raise BrokenError(f"checked: {_listed(found)}; to be fixed: {_listed(result.remaining)}")
    _expect_a_summary(case, parsed=not any(each.code == _UNPARSABLE for each in found))
    _expect_comments_to_hide(case, options)
    # What is set elsewhere the plugin reads from a file, and what can't be read flake8 reads as
    # Latin-1.
    if not case.is_notebook and options.set_elsewhere is None and _is_text(case.source):
        _expect_the_same_of_flake8(case, found)


def _expect_a_summary(case: Case, *, parsed: bool) -> None:
    try:
        summarize_source(case.source, case.filename)
    except ValueError as error:
        # The one documented error; a file without a place for a finding needs no parser for that,
        # and a comment may hide that it can't be parsed.
        text = _text_of(case.source)
        if parsed and (_is_notebook(text) if case.is_notebook else _is_program(text)):
            raise BrokenError("it has findings and no summary") from error


def _expect_comments_to_hide(case: Case, options: Options) -> None:
    report = add_noqa(_as_bytes(case.source), case.filename, options, alone(options), named=True)
    if report.after == report.before:
        return
    left = check_source(report.after, case.filename, options)
    if {each.code for each in left} - {_UNPARSABLE, "HFM010"}:
        raise BrokenError(f"not hidden: {_listed(left)}")
    if case.is_notebook:
        return
    old, new = (_tree(_text_of(each)) for each in (report.before, report.after))
    if ast.dump(old) != ast.dump(new):
        raise BrokenError("comments made another program")


def _expect_the_same_of_flake8(case: Case, found: Sequence[Finding]) -> None:
    shown = _shown_by_flake8(_text_of(case.source), case.profile)
    if shown is None:
        return
    ours = sorted(
        (each.start.line, each.start.column, f"{each.code} {printable(each.message)}")
        for each in found
        if each.code not in _NOT_IN_FLAKE8
    )
    if ours != shown:
        raise BrokenError(f"the command finds {ours}, flake8 shows {shown}")


_FLAKE8 = Namespace(
    disable_noqa=False,
    hang_closing=False,
    indent_size=4,
    max_doc_length=None,
    max_line_length=79,
    verbose=0,
)


def _shown_by_flake8(text: str, profile: str) -> list[tuple[int, int, str]] | None:
    """The places and texts that flake8 shows; None where it refuses the file."""
    try:
        # It reads a file with universal line ends.
        lines = io.StringIO(text, newline=None).readlines()
        processor = FileProcessor("model.py", _FLAKE8, lines)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = processor.build_ast()
    except _REFUSALS:
        return None
    if processor.should_ignore_file():
        return []
    return sorted(
        (line, column, message)
        for line, column, message, _ in _plugin(profile)(tree, processor.lines, "model.py").run()
        if not _is_ignored(processor, line, column, message)
    )


def _is_ignored(processor: FileProcessor, line: int, column: int, message: str) -> bool:
    code, text = message.split(" ", 1)
    physical = processor.noqa_line_for(line)
    violation = Violation(code, "model.py", line, column + 1, text, physical)
    return bool(violation.is_inline_ignored(disable_noqa=False))


@cache
def _plugin(profile: str) -> type[Plugin]:
    """The plugin as flake8's options make it for a profile."""
    options = PROFILES[profile]

    class OfProfile(Plugin):
        pass

    OfProfile.parse_options(
        Namespace(
            select=options.select,
            extend_select=(),
            hfm_lightning_version=options.lightning_version,
            hfm_no_project=True,
            hfm_follow=(),
        )
    )
    return OfProfile


def _listed(findings: Sequence[Finding]) -> str:
    return ", ".join(f"{f.start.line}:{f.start.column} {f.code} {f.message}" for f in findings)
