"""One source text in, findings out; the same with its fixes made; and the same for files.

This is the only module that brings analysis, rules, suppression and edits together. The parser
is imported when a text needs it: most files are turned down by a look at their bytes.
"""

from __future__ import annotations

import ast
import os
from dataclasses import field, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from hfmode_lint.discovery import is_notebook
from hfmode_lint.edits import OverlapError, Splice, apply_splices, compatible, moved, splices
from hfmode_lint.file_names import shown
from hfmode_lint.findings import Applicability, Finding, Position
from hfmode_lint.immutable import immutable
from hfmode_lint.relevance import may_have_noqa, may_matter
from hfmode_lint.rules import RULES, UNPARSABLE, UNUSED_NOQA
from hfmode_lint.source import LineIndex, UndecodableError, decode, encode
from hfmode_lint.suppression import Suppressions
from hfmode_lint.syntax import BOM, REFUSALS, syntax_error, tree

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from hfmode_lint.analysis import FileAnalysis
    from hfmode_lint.analysis.holding import Holding
    from hfmode_lint.analysis.summaries import Locate
    from hfmode_lint.config import Options
    from hfmode_lint.lightning_version import LightningRange
    from hfmode_lint.model_summary import ModelSummary
    from hfmode_lint.notebooks import Notebook
    from hfmode_lint.set_elsewhere import SetElsewhere

    Parts = list[tuple[SetElsewhere | None, FileAnalysis]]

# Whether a comment is needed is known of these rules even if they are off.
_ON_BY_DEFAULT = frozenset(code for code, rule in RULES.items() if rule.default)

# Each round makes at least one fix or gives one up; this only ends what goes round in circles.
_MAX_ROUNDS = 100


@immutable
class FixRound:
    """Fixes that were made at once: their findings and changes, as they were before them."""

    findings: tuple[Finding, ...]
    changes: tuple[Splice, ...]


@immutable
class FixedText:
    """A text after its fixes, the rounds that led to it, and what is found in it."""

    text: str
    rounds: tuple[FixRound, ...]
    remaining: tuple[Finding, ...]

    @property
    def applied(self) -> tuple[Finding, ...]:
        """The findings whose fixes were made, with the positions that each fix found."""
        return tuple(finding for each in self.rounds for finding in each.findings)


@immutable
class CellText:
    """The source of a notebook's cell, before and after the fixes."""

    before: str
    after: str


@immutable
class FileReport:
    """What was found in one file, and what it would hold after its fixes.

    ``text`` is the source that the findings' positions refer to, and ``cells`` are those of the
    findings that have a cell. ``after`` equals ``before`` where no fix was asked for or none could
    be made. ``not_yet_true`` are the findings that the project's Lightning keeps from being true,
    ``set_aside`` those of modules whose mode is set elsewhere, and ``silenced`` those for which a
    ``noqa`` comment was written. ``is_finished`` is false where the check was given up.
    """

    filename: str
    text: str
    findings: tuple[Finding, ...]
    before: bytes
    after: bytes
    fixed: tuple[Finding, ...] = ()
    not_yet_true: tuple[Finding, ...] = ()
    set_aside: tuple[Finding, ...] = ()
    silenced: tuple[Finding, ...] = ()
    is_finished: bool = True
    cells: Mapping[int, CellText] = field(default_factory=dict)

    def text_of(self, cell: int | None) -> str:
        """The source that the positions of the findings of a cell, or of no cell, refer to."""
        return self.text if cell is None else self.cells[cell].after


class Surroundings(Protocol):
    """What a file is looked at with: the other files of its project, or nothing."""

    def may_matter(self, data: bytes, filename: str, *, in_json: bool = False) -> bool:
        """Whether a file with these bytes can have a finding."""

    def analyse(self, text: str, filename: str) -> FileAnalysis:
        """Analyse a source text.

        :raises SourceError: where it can't be parsed.
        """

    def summarize(self, text: str, filename: str, locate: Locate) -> list[ModelSummary]:
        """Summarize the LightningModules that a source text defines.

        :param locate: says where a position of a file is for those who read the summary.
        :raises SourceError: where it can't be parsed.
        """


class Examine(Protocol):
    """A way to go through the content of a file, which writes nothing."""

    def __call__(
        self, data: bytes, filename: str, options: Options, around: Surroundings, *, named: bool
    ) -> FileReport:
        """Tell what is found in it, and what it is to hold afterwards."""


@immutable
class _Alone:
    """A file by itself; ``loops`` says that its training loops matter."""

    loops: bool

    def may_matter(self, data: bytes, filename: str, *, in_json: bool = False) -> bool:
        del filename
        return may_matter(data, in_json=in_json, loops=self.loops)

    def analyse(self, text: str, filename: str) -> FileAnalysis:
        from hfmode_lint.analysis import analyse

        return analyse(text, os.path.realpath(filename))

    def summarize(self, text: str, filename: str, locate: Locate) -> list[ModelSummary]:
        from hfmode_lint.analysis import summarize_program
        from hfmode_lint.analysis.units import OneFile, Unit

        unit = Unit(os.path.realpath(filename), lambda: text)
        return summarize_program(OneFile(), [unit], unit, locate)


def alone(options: Options) -> Surroundings:
    """What a file is looked at with where its project doesn't count."""
    return _Alone(options.follows_loops)


def check_text(text: str, filename: str, options: Options, around: Surroundings) -> list[Finding]:
    """Check a source text, without regard to ``# noqa``.

    :returns: the findings of the enabled rules by position, then code. A text that can't be
        parsed has one, HFM000.
    """
    if not around.may_matter(text.encode("utf-8", "surrogatepass"), filename):
        return []
    found = _run_rules(text, filename, options, around, options.codes_for(filename))
    return _reported(found, options.lightning)


def check_named(text: str, filename: str, options: Options, around: Surroundings) -> list[Finding]:
    """Check a source text that the user named, respecting ``# noqa``.

    One that has no place for a finding is still given to Python's own parser, for HFM000.
    """
    found = _check_for_any_lightning(text, filename, options, around)
    return _reported(found, options.lightning)


def _check_for_any_lightning(
    text: str, filename: str, options: Options, around: Surroundings
) -> list[Finding]:
    enabled = options.codes_for(filename)
    judged = enabled | _ON_BY_DEFAULT if UNUSED_NOQA in enabled else enabled
    if around.may_matter(text.encode("utf-8", "surrogatepass"), filename):
        found = _run_rules(text, filename, options, around, judged)
    else:
        found = _check_syntax(text, filename, judged)
    suppressions = Suppressions(text)
    if UNUSED_NOQA in enabled:
        # Imported for those who ask for it only.
        from hfmode_lint.unused_noqa import unused_noqa

        unused = unused_noqa(suppressions, found, judged, filename)
        found = _in_order(each for each in (*found, *unused) if each.code in enabled)
    return suppressions.keep(found)


def fix_text(
    text: str,
    filename: str,
    options: Options,
    around: Surroundings,
    found: Sequence[Finding] | None = None,
) -> FixedText:
    """Make the fixes of a source text: the safe ones, and the others where options say so.

    A fix is made where it is shown to work: the text still parses, nothing but calls of
    ``train`` or ``eval`` was added to its syntax tree, and the finding is gone. Its finding
    remains otherwise.

    :param found: what :func:`check_named` finds in the text, where that is known.
    """
    return _Fixer(text, filename, options, around).run(found)


def check_bytes(
    data: bytes, filename: str, options: Options, around: Surroundings, *, named: bool
) -> FileReport:
    """Check the content of a file, which is a notebook where its name says so.

    :param named: the user asked for this very file, so it is parsed even if it can't matter.
    """
    if not named and not is_relevant(data, filename, options, around):
        return FileReport(filename, "", (), data, data)
    try:
        text, _ = decode(data)
    except UndecodableError as error:
        codes = options.codes_for(filename)
        findings = _unparsable(error.reason, error.position, filename, codes)
        return FileReport(filename, data.decode("utf-8", "replace"), tuple(findings), data, data)
    unchecked = FileReport(filename, text, (), data, data)
    if is_notebook(filename):
        return _check_notebook(unchecked, options, around, named=named)
    found = _check_for_any_lightning(text, filename, options, around)
    return _checked(unchecked, found, options)


def with_findings(
    data: bytes,
    filename: str,
    *,
    findings: tuple[Finding, ...],
    not_yet_true: tuple[Finding, ...],
    set_aside: tuple[Finding, ...],
) -> FileReport:
    """The report of a file that was checked before, when it held the same bytes."""
    try:
        text, _ = decode(data)
    except UndecodableError:
        text = data.decode("utf-8", "replace")
    return FileReport(
        filename,
        text,
        findings,
        data,
        data,
        not_yet_true=not_yet_true,
        set_aside=set_aside,
        cells=_cells_of(text) if is_notebook(filename) else {},
    )


def _cells_of(text: str) -> Mapping[int, CellText]:
    # Here and below: most runs look at no notebook.
    from hfmode_lint.notebooks import NotebookError, read_notebook

    try:
        return _unchanged(read_notebook(text))
    except NotebookError:
        return {}


def _unchanged(notebook: Notebook) -> Mapping[int, CellText]:
    return {number: CellText(source, source) for number, source in notebook.sources.items()}


def unfinished(data: bytes, filename: str, options: Options, reason: str) -> FileReport:
    """The report of a file whose check was given up, with HFM000 as its one finding."""
    findings = _unparsable(reason, Position(1, 0), filename, options.codes_for(filename))
    text = data.decode("utf-8", "replace")
    return FileReport(filename, text, tuple(findings), data, data, is_finished=False)


def is_relevant(data: bytes, filename: str, options: Options, around: Surroundings) -> bool:
    """Whether a file with these bytes can have a finding."""
    if _may_have_unused_noqa(data, options):
        return True
    return around.may_matter(data, filename, in_json=is_notebook(filename))


def _may_have_unused_noqa(data: bytes, options: Options) -> bool:
    return may_have_noqa(data) and UNUSED_NOQA in options.enabled_codes


def fix_bytes(
    data: bytes, filename: str, options: Options, around: Surroundings, *, named: bool
) -> FileReport:
    """Check the content of a file and make its fixes; nothing is written."""
    report = check_bytes(data, filename, options, around, named=named)
    if not any(is_fixable(finding, options) for finding in report.findings):
        return report
    text, encoding = decode(data)
    if not round_trips(data, text, encoding):
        return report
    fix = _fix_notebook if is_notebook(filename) else _fix_program
    report = fix(report, encoding, options, around)
    if report.set_aside and report.fixed:
        # They may stand elsewhere now.
        again = check_bytes(report.after, filename, options, around, named=named)
        report = replace(report, set_aside=again.set_aside)
    return report


def _fix_program(
    report: FileReport, encoding: str, options: Options, around: Surroundings
) -> FileReport:
    """Make the fixes of a checked file that is no notebook."""
    fixed = fix_text(report.text, report.filename, options, around, report.findings)
    after = encode(fixed.text, encoding)
    return replace(
        report, text=fixed.text, findings=fixed.remaining, after=after, fixed=fixed.applied
    )


def _checked(unchecked: FileReport, found: Sequence[Finding], options: Options) -> FileReport:
    """A report with what was found for any Lightning."""
    true = _true_ones(found, options.lightning)
    return replace(
        unchecked,
        findings=tuple(each for each in true if each.set_elsewhere is None),
        set_aside=tuple(each for each in true if each.set_elsewhere is not None),
        not_yet_true=tuple(
            each
            for each in found
            if each.set_elsewhere is None and not _can_be_true(each, options.lightning)
        ),
    )


def _check_notebook(
    unchecked: FileReport, options: Options, around: Surroundings, *, named: bool
) -> FileReport:
    from hfmode_lint.notebooks import NotebookError, check_json, read_notebook

    try:
        if not is_relevant(unchecked.before, unchecked.filename, options, around):
            check_json(unchecked.text)
            return unchecked
        notebook = read_notebook(unchecked.text)
    except NotebookError as error:
        codes = options.codes_for(unchecked.filename)
        findings = _unparsable(error.reason, error.position, unchecked.filename, codes)
        return replace(unchecked, findings=tuple(findings))
    sources = "\n".join(notebook.sources.values()).encode("utf-8", "surrogatepass")
    if not (
        named
        or _may_have_unused_noqa(sources, options)
        or around.may_matter(sources, unchecked.filename)
    ):
        return unchecked
    found = _check_for_any_lightning(notebook.program, unchecked.filename, options, around)
    cells = _unchanged(notebook)
    in_cells = _in_cells(notebook, found, unchecked.filename, options)
    return _checked(replace(unchecked, cells=cells), in_cells, options)


def _in_cells(
    notebook: Notebook, found: Iterable[Finding], filename: str, options: Options
) -> tuple[Finding, ...]:
    """What was found in a notebook's program, in its cells, and the cells that are no Python."""
    # All cells parse, so what can't be parsed then is a nesting that is too deep, somewhere.
    findings = [each if each.code == UNPARSABLE else notebook.placed(each) for each in found]
    for cell in notebook.cells:
        if cell.error is not None:
            codes = options.codes_for(filename)
            unparsable = _unparsable(*cell.error, filename, codes, cell.number)
            findings += Suppressions(cell.source).keep(unparsable)
    return tuple(sorted(findings, key=lambda finding: (finding.cell or 0, finding.start)))


def _fix_notebook(
    report: FileReport, encoding: str, options: Options, around: Surroundings
) -> FileReport:
    """Make the fixes of a checked notebook, if its JSON text shows the places of all changes."""
    from hfmode_lint.notebooks import NotebookError, read_notebook

    before = notebook = read_notebook(report.text)
    fixed = fix_text(notebook.program, report.filename, options, around)
    applied: list[Finding] = []
    try:
        for each in fixed.rounds:
            applied += map(notebook.placed, each.findings)
            notebook = notebook.changed(each.changes)
    except NotebookError:
        return report
    if notebook.program != fixed.text:
        return report
    after = notebook.sources
    return replace(
        report,
        text=notebook.text,
        findings=_in_cells(notebook, fixed.remaining, report.filename, options),
        after=encode(notebook.text, encoding),
        fixed=tuple(applied),
        cells={number: CellText(old, after[number]) for number, old in before.sources.items()},
    )


def round_trips(data: bytes, text: str, encoding: str) -> bool:
    """Whether a text can be written back without a change to bytes that no fix is about.

    Some encodings have several spellings of one text, or can only be read.
    """
    try:
        return encode(text, encoding) == data
    except UnicodeError:
        return False


def is_fixable(finding: Finding, options: Options) -> bool:
    """Whether a finding has a fix that the options allow."""
    if finding.fix is None:
        return False
    return options.unsafe_fixes or finding.fix.applicability is Applicability.SAFE


def _run_rules(
    text: str,
    filename: str,
    options: Options,
    around: Surroundings,
    codes: frozenset[str],
) -> list[Finding]:
    from hfmode_lint.analysis.errors import SourceError

    # Python ignores a BOM that was decoded along with the text; columns don't count it.
    try:
        analysis = around.analyse(text.removeprefix(BOM), filename)
        if analysis.unit.refusal is not None:
            raise analysis.unit.refusal
        found = [_placed_in(finding, filename) for finding in _check(analysis, codes, options)]
    except SourceError as error:
        return _unparsable(error.reason, Position(error.line, error.column), filename, codes)
    except RecursionError:
        return _unparsable("nested too deeply", Position(1, 0), filename, codes)
    return _in_order(found)


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: (finding.start, finding.code, finding.end))


def _check(analysis: FileAnalysis, codes: frozenset[str], options: Options) -> Iterator[Finding]:
    """What some rules find, with the entry for which a finding is to be set aside.

    What ``fit`` repaired before Lightning 2.2 is what a ``train()`` out of sight repairs as well.
    """
    whole: Parts = [(None, analysis)]
    parts = _parts(analysis, options.set_elsewhere) if options.set_elsewhere else whole
    for code in sorted(codes):
        rule = RULES[code]
        for entry, part in parts if rule.since_lightning_2_2 else whole:
            for finding in rule.check(part) if rule.check is not None else ():
                yield replace(finding, set_elsewhere=entry)


def _parts(analysis: FileAnalysis, entries: Sequence[SetElsewhere]) -> Parts:
    """The analysis by the first entry that covers a module, or None where none does."""
    return [
        (entry, analysis.restricted_to(partial(_is_first, entry, entries)))
        for entry in (None, *entries)
    ]


def _is_first(
    entry: SetElsewhere | None, entries: Sequence[SetElsewhere], holding: Holding
) -> bool:
    from hfmode_lint.set_elsewhere import first_that_covers

    return first_that_covers(entries, holding) is entry


def _placed_in(finding: Finding, filename: str) -> Finding:
    """A finding with the names of files as people know them: from where they stand."""
    related = tuple(replace(each, filename=shown(each.filename)) for each in finding.related)
    return replace(finding, filename=filename, related=related)


def _reported(findings: Iterable[Finding], lightning: LightningRange | None) -> list[Finding]:
    """The findings that can be true and that nothing sets aside."""
    return [each for each in _true_ones(findings, lightning) if each.set_elsewhere is None]


def _true_ones(findings: Iterable[Finding], lightning: LightningRange | None) -> list[Finding]:
    """The findings that can be true with the project's Lightning.

    Where it may be an older one as well, their messages say from which version on they are.
    """
    return [_conditional(f, lightning) for f in findings if _can_be_true(f, lightning)]


def _can_be_true(finding: Finding, lightning: LightningRange | None) -> bool:
    if not RULES[finding.code].since_lightning_2_2:
        return True
    if lightning is None or lightning.crosses:
        # A program that stops with Lightning 2.0 runs with an older one.
        return finding.removed is None
    return lightning.is_at_or_above


def _conditional(finding: Finding, lightning: LightningRange | None) -> Finding:
    if lightning is None or not (lightning.crosses and lightning.limited):
        return finding
    if not RULES[finding.code].since_lightning_2_2:
        return finding
    condition = f"true from Lightning 2.2 on ({lightning.place} allows {lightning.older})"
    return replace(finding, message=f"{finding.message}; {condition}")


def _unparsable(
    reason: str,
    where: Position,
    filename: str,
    codes: Collection[str],
    cell: int | None = None,
) -> list[Finding]:
    if UNPARSABLE not in codes:
        return []
    what = "file" if cell is None else "cell"
    message = f"{what} can't be parsed: {' '.join(reason.split())}"
    return [Finding(UNPARSABLE, message, where, where, filename, cell=cell)]


def _check_syntax(text: str, filename: str, codes: Collection[str]) -> list[Finding]:
    if UNPARSABLE not in codes:
        return []
    error = syntax_error(text)
    return _unparsable(*error, filename, codes) if error else []


class _Fixer:
    """The rounds of fixing one text.

    Fixes that touch each other wait for the next round. A round whose result is not acceptable
    is done again fix by fix, and a fix that fails on its own is given up.
    """

    def __init__(self, text: str, filename: str, options: Options, around: Surroundings) -> None:
        # Positions don't count a BOM, so it stands aside while the edits are made.
        self._bom = BOM if text.startswith(BOM) else ""
        self._text = text.removeprefix(BOM)
        self._filename = filename
        self._options = options
        self._around = around
        self._rounds: list[FixRound] = []
        # Code and offset of the findings whose fix does not work.
        self._given_up: set[tuple[str, int]] = set()

    def run(self, found: Sequence[Finding] | None) -> FixedText:
        findings = self._check(self._text) if found is None else list(found)
        for _ in range(_MAX_ROUNDS):
            wanted = self._wanted(findings)
            if not wanted:
                break
            findings = self._round(wanted, findings)
        return FixedText(self._bom + self._text, tuple(self._rounds), tuple(findings))

    def _check(self, text: str) -> list[Finding]:
        return check_named(text, self._filename, self._options, self._around)

    def _wanted(self, findings: Iterable[Finding]) -> list[Finding]:
        lines = LineIndex(self._text)
        return [
            finding
            for finding in findings
            if is_fixable(finding, self._options)
            and (finding.code, lines.offset(finding.start)) not in self._given_up
        ]

    def _round(self, wanted: Sequence[Finding], findings: list[Finding]) -> list[Finding]:
        """Make as many of the fixes as go together; the findings of the new text."""
        batch = _together(self._text, wanted)
        after = self._attempt(batch)
        if after is None and len(batch) > 1:
            batch = batch[:1]
            after = self._attempt(batch)
        if after is None:
            culprit = (batch or wanted)[0]
            start = LineIndex(self._text).offset(culprit.start)
            self._given_up.add((culprit.code, start))
            return findings
        return after

    def _attempt(self, batch: Sequence[Finding]) -> list[Finding] | None:
        """Make fixes; the findings of the new text, or None if it has to stay as it was."""
        if not batch:
            return None
        lines = LineIndex(self._text)
        changes = [change for finding in batch for change in _changes(lines, finding)]
        text = apply_splices(self._text, changes)
        if not adds_only_mode_code(self._text, text):
            return None
        findings = self._check(text)
        starts = {(f.code, moved(lines.offset(f.start), changes)) for f in batch}
        new_lines = LineIndex(text)
        if any((f.code, new_lines.offset(f.start)) in starts for f in findings):
            return None
        self._given_up = {(code, moved(at, changes)) for code, at in self._given_up}
        self._rounds.append(FixRound(tuple(batch), tuple(changes)))
        self._text = text
        return findings


def _changes(lines: LineIndex, finding: Finding) -> tuple[Splice, ...]:
    return splices(lines, finding.fix.edits) if finding.fix else ()


def _together(text: str, wanted: Iterable[Finding]) -> list[Finding]:
    """The findings whose fixes can be made at once, the earlier ones first."""
    lines = LineIndex(text)
    chosen: list[Splice] = []
    batch: list[Finding] = []
    for finding in wanted:
        try:
            changes = _changes(lines, finding)
            apply_splices(text, changes)
        except (OverlapError, ValueError):
            continue
        if compatible(chosen, changes):
            chosen += changes
            batch.append(finding)
    return batch


def adds_only_mode_code(before: str, after: str) -> bool:
    """Whether a text parses and its tree is the old one but for what fixes may add.

    Those are ``x`` that became ``x.train()`` or ``x.eval()``, ``x.train`` or ``x.eval`` that
    became a call, and a method that asserts modes at the end of a class.
    """
    try:
        return _same_but_calls(tree(before), tree(after))
    except REFUSALS:
        return False


def same_program(before: str, after: str, filename: str) -> bool:
    """Whether two contents of a file are one program, but for comments."""
    if is_notebook(filename):
        from hfmode_lint.notebooks import NotebookError, read_notebook

        try:
            before, after = read_notebook(before).program, read_notebook(after).program
        except (*REFUSALS, NotebookError):
            return False
    try:
        return ast.dump(tree(before)) == ast.dump(tree(after))
    except REFUSALS:
        return False


def _same_but_calls(old: object, new: object) -> bool:
    if type(old) is type(new) and _same_parts(old, new):
        return True
    if not isinstance(new, ast.Call) or new.args or new.keywords:
        return False
    function = new.func
    if not isinstance(function, ast.Attribute) or function.attr not in ("train", "eval"):
        return False
    return _same_but_calls(old, function) or _same_but_calls(old, function.value)


def _same_parts(old: object, new: object) -> bool:
    if isinstance(old, ast.AST) and isinstance(new, ast.AST):
        return all(
            _same_but_calls(getattr(old, name, None), getattr(new, name, None))
            for name in old._fields
        )
    if isinstance(old, list) and isinstance(new, list):
        if len(new) == len(old) + 1 and _asserts_modes(new[-1]):
            new = new[:-1]
        return len(old) == len(new) and all(map(_same_but_calls, old, new))
    # By their spelling, as 0.0 equals -0.0 and a NaN does not equal itself.
    return repr(old) == repr(new)


def _asserts_modes(node: object) -> bool:
    """Whether a node is a method that calls the inherited one and asserts modes, and no more."""
    if not isinstance(node, ast.FunctionDef) or node.decorator_list:
        return False
    inherited, *assertions = node.body
    return ast.unparse(inherited) == f"super().{node.name}()" and all(
        isinstance(each, ast.Assert) and ast.unparse(each).endswith(".training")
        for each in assertions
    )
