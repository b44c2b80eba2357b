"""What can be changed: one thing at a time in a function of the analysis or of a rule.

mutmut says what the changes are. Its own runner is not used: it collects the tests anew for each
mutant, which takes longer than to run them.
"""

from __future__ import annotations

import ast
import difflib
import json
import re
import shutil
import subprocess
import sys
import textwrap
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mutmut.mutation.file_mutation import mutate_file_contents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import CodeType

    from mutmut.mutation.file_mutation import MutatedFile

ROOT = Path(__file__).parent.parent.parent
SOURCE = ROOT / "src"
MUTATED = ("hfmode_lint/analysis", "hfmode_lint/rules")
_TYPE_CHECK = ("mypy", "src", "--output", "json", "--disable-error-code", "unused-ignore")
_MARK = "__mutmut_"
_ORIGINAL = "orig"
# Between the class and the method in mutmut's names.
_IN_CLASS = "ǁ"


@dataclass(frozen=True)
class Mutant:
    """One change of one function.

    ``key`` says which, in words that stay the same when something else is changed. ``lines`` are
    those of the changed statement in the source file. ``code`` is what the function becomes, and
    ``source`` its text.
    """

    key: str
    module: str
    function: str
    path: Path
    lines: frozenset[int]
    code: CodeType
    source: str
    refused: bool

    def defaults(self) -> tuple[list[str], dict[str, str]]:
        """The defaults of the parameters, as they are written: in their order, and by name."""
        (function,) = ast.parse(self.source).body
        assert isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        arguments = function.args
        by_name = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        return (
            [ast.unparse(each) for each in arguments.defaults],
            {name.arg: ast.unparse(each) for name, each in by_name if each is not None},
        )


def all_mutants(work: Path) -> list[Mutant]:
    """Every mutant, with whether the type checker refuses it.

    :param work: a folder for the changed sources, which the type checker reads.
    """
    # What the type checker remembers stays.
    shutil.rmtree(work / "src", ignore_errors=True)
    shutil.copytree(SOURCE, work / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", work)
    files: dict[Path, MutatedFile] = {}
    for folder in MUTATED:
        for path in sorted((SOURCE / folder).rglob("*.py")):
            relative = path.relative_to(SOURCE)
            mutated = mutate_file_contents(str(relative), path.read_text(encoding="utf-8"))
            if mutated.mutant_names:
                files[relative] = mutated
                (work / "src" / relative).write_text(mutated.code, encoding="utf-8")
    errors = _type_errors(work)
    return [
        mutant
        for relative, mutated in files.items()
        for mutant in _of_file(relative, mutated, errors.get(relative, {}))
    ]


def _type_errors(work: Path) -> dict[Path, dict[int, set[str]]]:
    """The codes of the type checker's errors by file and line."""
    command = [sys.executable, "-m", *_TYPE_CHECK]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    errors: dict[Path, dict[int, set[str]]] = {}
    for line in done.stdout.splitlines():
        error = json.loads(line)
        if error["severity"] == "error":
            by_line = errors.setdefault(Path(error["file"]).relative_to("src"), {})
            by_line.setdefault(error["line"], set()).add(error["code"])
    if not errors:
        message = f"the type checker did not run: {done.stdout}{done.stderr}"
        raise RuntimeError(message)
    return errors


def _of_file(
    relative: Path, mutated: MutatedFile, errors: Mapping[int, set[str]]
) -> Iterator[Mutant]:
    path = SOURCE / relative
    lines = mutated.code.splitlines()
    spans = {
        name: (span.start, span.end) for name, span in mutated.line_span_by_function_name.items()
    }
    wrong = _errors_by_function(spans, errors)
    codes = dict(_functions(compile(mutated.code, str(path), "exec", dont_inherit=True)))
    functions = _Functions(path)
    module = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
    seen: Counter[str] = Counter()
    for name in mutated.mutant_names:
        stem = name.rpartition(_MARK)[0]
        original = stem + _MARK + _ORIGINAL
        function = stem.removeprefix("x_").removeprefix("x" + _IN_CLASS).replace(_IN_CLASS, ".")
        text = _text(lines, spans[name])
        change = _Change.between(_text(lines, spans[original]), text)
        key = f"{module.removeprefix('hfmode_lint.')} {function}: {change.text}"
        seen[key] += 1
        if seen[key] > 1:
            key += f" #{seen[key]}"
        first, _ = functions.spans[function]
        yield Mutant(
            key=key,
            module=module,
            function=function,
            path=path,
            lines=functions.statement(first + change.first, first + change.last),
            code=codes[name],
            source=textwrap.dedent("\n".join(text)),
            # What the type checker says of the unchanged copy it says because of mutmut's names.
            refused=bool(wrong.get(name, set()) - wrong.get(original, set())),
        )


def _errors_by_function(
    spans: Mapping[str, tuple[int, int]], errors: Mapping[int, set[str]]
) -> dict[str, set[str]]:
    ordered = sorted((start, end, name) for name, (start, end) in spans.items())
    starts = [start for start, _, _ in ordered]
    found: dict[str, set[str]] = {}
    for line, codes in errors.items():
        at = bisect_right(starts, line) - 1
        if at >= 0 and line <= ordered[at][1]:
            found.setdefault(ordered[at][2], set()).update(codes)
    return found


def _functions(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    """The changed functions in compiled code, by mutmut's names."""
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            if _MARK in constant.co_name:
                yield constant.co_name, constant
            else:
                yield from _functions(constant)


def _text(lines: list[str], span: tuple[int, int]) -> list[str]:
    """A copy of a function from its ``def`` on, under a name that all copies have."""
    text = [re.sub(_MARK + r"\w+", "", line) for line in lines[span[0] - 1 : span[1]]]
    while not text[0].lstrip().startswith(("def ", "async ")):
        del text[0]
    return text


@dataclass(frozen=True)
class _Change:
    """What differs, and in which lines of the function, from 0."""

    text: str
    first: int
    last: int

    @classmethod
    def between(cls, before: list[str], after: list[str]) -> _Change:
        blocks = [
            each
            for each in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
            if each[0] != "equal"
        ]
        first, last = blocks[0][1], max(blocks[-1][2] - 1, blocks[0][1])
        removed = [line.strip() for _, i, j, _, _ in blocks for line in before[i:j]]
        added = [line.strip() for _, _, _, i, j in blocks for line in after[i:j]]
        return cls(f"{' '.join(removed)} -> {' '.join(added)}", first, last)


class _Functions:
    """The functions of a source file, and the statements in them."""

    def __init__(self, path: Path) -> None:
        self._tree = ast.parse(path.read_text(encoding="utf-8"))
        self.spans: dict[str, tuple[int, int]] = {}
        # The first line of each, the last of what stands there, and the last that runs with it.
        self._statements: list[tuple[int, int, int]] = []
        self._add_functions(self._tree, "")
        for node in ast.walk(self._tree):
            if isinstance(node, ast.stmt):
                self._statements.append((node.lineno, _end_of_head(node), _end_of_run(node)))

    def _add_functions(self, node: ast.Module | ast.ClassDef, prefix: str) -> None:
        for each in node.body:
            if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.spans[prefix + each.name] = (each.lineno, each.end_lineno or each.lineno)
            elif isinstance(each, ast.ClassDef):
                self._add_functions(each, f"{prefix}{each.name}.")

    def statement(self, first: int, last: int) -> frozenset[int]:
        """The lines of the statements that lines belong to."""
        touched = [(i, k) for i, j, k in self._statements if i <= last and first <= j]
        return frozenset(line for i, k in touched for line in range(i, k + 1))


def _end_of_run(node: ast.stmt) -> int:
    """The last line that shows that a statement matters: of a function, the last of its body.

    Its head is executed once, when the module is imported, and has the defaults in it.
    """
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return node.end_lineno or node.lineno
    return _end_of_head(node)


def _end_of_head(node: ast.stmt) -> int:
    """The last line of a statement without the blocks in it."""
    body = getattr(node, "body", None) or getattr(node, "cases", None)
    if not body:
        return node.end_lineno or node.lineno
    first = body[0]
    start: int = first.pattern.lineno if isinstance(first, ast.match_case) else first.lineno
    return max(node.lineno, start - 1)
