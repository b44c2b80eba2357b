"""The Python of a notebook's cell: what IPython would run, as far as that is Python.

Magics, shell commands and questions give way to a name that nothing binds, as their value can't be
known; what a magic like ``%time`` runs stays. Every character keeps its place, so that offsets,
lines and columns mean the same in the cell and in its Python.
"""

from __future__ import annotations

import re

from hfmode_lint.syntax import syntax_error

# One character, so that it has room wherever a magic had; no program binds this one.
_UNKNOWN = "\u01c3"

# Magics of IPython and of much used extensions that run their text in the notebook itself.
_RUNS_PYTHON = frozenset(
    [
        "capture",
        "debug",
        "lprun",
        "memit",
        "mprun",
        "prun",
        "pyinstrument",
        "scalene",
        "snakeviz",
        "time",
        "timeit",
        "wandb",
    ]
)

# The prompts of Python's own console, which IPython takes away from a cell that begins with one.
_PROMPT = re.compile(r"^(?:>>>|\.\.\.)(?= |$)", re.MULTILINE)

_CELL_MAGIC = re.compile(r"\s*%%(?P<name>[\w!]+)(?![\w?])[^\r\n]*")

# The only line of a cell may leave out the percent sign of these.
_AUTOMAGIC = re.compile(
    r"\s*(?P<magic>(?:cat|cd|conda|cp|env|ls|mamba|matplotlib|mkdir|mv|pip|pwd|rm|run|time|timeit|uv)"
    r"\b[^\r\n]*)\s*"
)

# Databricks, too, gives a whole cell to another language, with one percent sign.
_OTHER_LANGUAGE = re.compile(r"\s*%(?:fs|md|r|scala|sh|sql)\b")

# As IPython has it: these characters at the start of a statement, up to the end of the line,
# where a backslash joins the next one.
_MAGIC = re.compile(r"(?P<indent>[ \t\f]*)(?P<magic>[%!?,;/](?:\\(?:\r\n|\r|\n)|[^\r\n])*)")
_STARTED = re.compile(r"%?(?P<name>\w+)[ \t]+")
_WORD = re.compile(r"(?<!\S)\S")

_TOKEN = re.compile(
    r"""
    \#[^\r\n]*
    | ''' (?: [^\\] | \\. )*? ''' | \"\"\" (?: [^\\] | \\. )*? \"\"\"
    | ' (?: [^'\\\r\n] | \\\r\n | \\. )* ' | " (?: [^"\\\r\n] | \\\r\n | \\. )* "
    | \\ (?: \r\n | \r | \n )
    | (?P<open> [(\[{] )
    | (?P<close> [)\]}] )
    | (?P<end> \r\n | \r | \n )
    | = [ \t]* (?P<value> [%!] (?: \\ (?: \r\n | \r | \n ) | [^\r\n] )* )
    | (?P<question> \?+ [ \t]* (?=[\r\n]|\Z) )
    """,
    re.DOTALL | re.VERBOSE,
)


def as_python(source: str) -> str:
    """The Python of a cell, in a text of the same length and lines.

    A cell in another language becomes blank. What is neither Python nor known to IPython stays.
    """
    # Nearly all cells are plain Python, and what Python accepts has no magic in it.
    if _parses(source):
        return source
    if source.startswith(">>>"):
        source = _PROMPT.sub("   ", source)
    start = 0
    while match := _CELL_MAGIC.match(source, start):
        if match["name"] not in _RUNS_PYTHON:
            return blank(source)
        start = match.end()
    code = blank(source[:start]) + _without_magics(source[start:])
    if _OTHER_LANGUAGE.match(source) and not _parses(code):
        return blank(source)
    return code


def blank(text: str) -> str:
    """A text of the same length and lines that has nothing in it."""
    return re.sub(r"[^\r\n]", " ", text)


def _without_magics(source: str) -> str:
    if automagic := _AUTOMAGIC.fullmatch(source):
        start, end = automagic.span("magic")
        return source[:start] + _statement(automagic["magic"]) + source[end:]
    pieces: list[str] = []
    at = 0
    while at < len(source):
        if magic := _MAGIC.match(source, at):
            piece, at = magic["indent"] + _statement(magic["magic"]), magic.end()
        else:
            piece, at = _logical_line(source, at)
        pieces.append(piece)
    return "".join(pieces)


def _logical_line(source: str, start: int) -> tuple[str, int]:
    """The Python of the statements from ``start`` to the end of their line, and where that is."""
    at = start
    depth = 0
    while token := _TOKEN.search(source, at):
        at = token.end()
        if token["open"]:
            depth += 1
        elif token["close"]:
            depth = max(depth - 1, 0)
        elif depth == 0 and token["end"]:
            return source[start:at], at
        elif depth == 0 and token["value"]:
            return source[start : token.start("value")] + _expression(token["value"]), at
        elif depth == 0 and token["question"]:
            line = source[start:at]
            question = line.lstrip(" \t\f")
            return line[: -len(question)] + _unknown(question), at
    return source[start:], len(source)


def _statement(magic: str) -> str:
    """A statement in the place of a magic."""
    prefix = f"{_UNKNOWN};"
    code = _run_by(magic, prefix)
    return _unknown(magic) if code is None else prefix.ljust(len(magic) - len(code)) + code


def _expression(magic: str) -> str:
    """An expression in the place of a magic whose value is assigned."""
    code = _run_by(magic, f"{_UNKNOWN} =")
    return _unknown(magic) if code is None else code.rjust(len(magic))


def _run_by(magic: str, before: str) -> str | None:
    """The Python that a line magic runs, if it runs any and that can stand behind ``before``."""
    start = _STARTED.match(magic)
    if start is None or start["name"] not in _RUNS_PYTHON:
        return None
    # Options come first. Which of them take a value is not known here, so the word behind one is
    # its value if it can't begin the code.
    may_be_value = False
    for word in _WORD.finditer(magic, start.end()):
        code = magic[word.start() :]
        is_option = code.startswith("-")
        if not is_option and _parses(f"{before} {code}"):
            return code
        if not is_option and not may_be_value:
            break
        may_be_value = is_option
    return None


def _unknown(text: str) -> str:
    return _UNKNOWN + blank(text[1:])


def _parses(code: str) -> bool:
    return syntax_error(code) is None
