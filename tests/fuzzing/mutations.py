"""Changes to a program that mostly leave it a program, and changes to bytes that don't care."""

from __future__ import annotations

import ast
import re
import warnings
from keyword import iskeyword
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

_NAME = re.compile(r"[^\W\d]\w*")
_TOKEN = re.compile(r"[^\W\d]\w*|\d+|\"[^\"\n]*\"|'[^'\n]*'|[^\w\s]")
_INDENT = re.compile(r"[ \t]*")
# How often another change is tried where one left no program.
_TRIES = 6
LARGEST = 6_000

_WRAPPERS = (
    "if True:",
    "if flag:",
    "for each in range(2):",
    "while True:",
    "try:",
    "with torch.no_grad():",
    "def inner():",
    "class Inner:",
    "match x:\n case 1:",
    "async def inner():",
)
_LINES = (
    "self.train()",
    "self.eval()",
    "self.encoder.eval()",
    "self.encoder.train",
    "self.encoder.requires_grad_(False)",
    "self.freeze()",
    "super().__init__()",
    "return self",
    "return",
    "pass",
    "break",
    "del self.encoder",
    "raise ValueError",
    "global x",
    "x = x + x",
    "self.encoder = self",
    "self = AutoModel.from_pretrained('x')",
    "self.x, *self.y = AutoModel.from_pretrained('x'), 1",
    "yield self.encoder",
    "x: int = AutoModel.from_pretrained('x')",
    "(x := AutoModel.from_pretrained('x')).eval()",
    "setattr(self, 'encoder', AutoModel.from_pretrained('x'))",
    "import lightning as L",
    "from lightning import *",
    "lambda: self.eval()",
    "assert self.training",
    "'''\n# noqa\n'''",
    "x = f'{AutoModel.from_pretrained(f\"{1}\")!r:>{10}}'",
)
_COMMENTS = (
    "  # noqa",
    "  # noqa: HFM001",
    "  # noqa: HFM001,HFM002 words",
    "  # NOQA:HFM",
    "  # noqa : E501",
    "  # é😀",
    " ;",
    " \\",
    "\f",
)
_ENCODINGS = (
    "ascii",
    "cp037",
    "cp1252",
    "euc-jp",
    "gb18030",
    "hz",
    "iso-2022-jp",
    "iso8859-15",
    "latin-1",
    "shift_jis",
    "utf-16",
    "utf-7",
    "utf-8",
    "utf-8-sig",
)
_LETTERS = ("é", "€", "あいう", "😀", "\x85", "\u2028", "\ufeff", "~\\\\", "¥‾", "+-")
_BYTES = (
    *(bytes([number]) for number in (0, 9, 10, 12, 13, 26, 27, 34, 39, 40, 41, 92, 128, 192, 255)),
    b"\r\n",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xe2\x80\xa8",
    b"\xf0\x9f\x98\x80",
    b"# coding: latin-1\n",
    b"# coding: utf-7\n",
    b"# coding: cp037\n",
    b"'''",
    b"(" * 50,
    b"\\\n",
)


def mutated(text: str, others: Sequence[str], chance: Random) -> str:
    """A program after some changes, of which most leave it one.

    :param others: programs from which lines and names are taken.
    """
    for _ in range(_often(chance)):
        text = _changed(text, others, chance)
    return text


def mutated_bytes(data: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    """Bytes after some changes that don't care what they mean."""
    for _ in range(_often(chance)):
        data = chance.choice(_OF_BYTES)(data, others, chance)[:LARGEST]
    return data


def encoded(text: str, chance: Random) -> bytes:
    """A program in some encoding, which its first line mostly says, with letters that need it."""
    encoding = chance.choice(_ENCODINGS)
    letters = chance.choice(_LETTERS)
    text = re.sub(r"([\"'])(?=\w)", rf"\1{letters}", text, count=chance.randint(0, 3))
    cookie = chance.choice((encoding, encoding, encoding.upper(), chance.choice(_ENCODINGS)))
    head = chance.choice(("", "#!/bin/sh\n", "\n"))
    return f"{head}# -*- coding: {cookie} -*-\n{text}".encode(encoding, "replace")


def with_names_of(text: str, other: str, chance: Random) -> str:
    """A program in which each name has become one of another program, the same everywhere."""
    words = [word for word in _NAME.findall(other) if not iskeyword(word)] or ["x"]
    names: dict[str, str] = {}

    def renamed(match: re.Match[str]) -> str:
        name = match.group()
        return name if iskeyword(name) else names.setdefault(name, chance.choice(words))

    return _NAME.sub(renamed, text)


def is_program(text: str) -> bool:
    """Whether Python takes a text for a program."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _often(chance: Random) -> int:
    return 1 + min(int(chance.expovariate(0.6)), 7)


def _changed(text: str, others: Sequence[str], chance: Random) -> str:
    for _ in range(_TRIES):
        after = chance.choice(_OF_TEXT)(text, others, chance)
        if len(after) <= LARGEST and (is_program(after) or chance.random() < 0.02):
            return after
    return text


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _indent(line: str) -> str:
    match = _INDENT.match(line)
    return match.group() if match else ""


def _block(lines: Sequence[str], start: int) -> int:
    """Where the block that begins with a line ends: behind what is indented deeper."""
    end = start + 1
    depth = len(_indent(lines[start]))
    while end < len(lines) and (not lines[end].strip() or len(_indent(lines[end])) > depth):
        end += 1
    return end


def _a_line(lines: Sequence[str], chance: Random) -> int:
    """The place of a line that is not empty, if there is one."""
    full = [number for number, line in enumerate(lines) if line.strip()]
    return chance.choice(full) if full else 0


def _delete_line(text: str, others: Sequence[str], chance: Random) -> str:
    del others
    lines = _lines(text) or [""]
    del lines[_a_line(lines, chance)]
    return "".join(lines)


def _delete_block(text: str, others: Sequence[str], chance: Random) -> str:
    del others
    lines = _lines(text) or [""]
    start = _a_line(lines, chance)
    del lines[start : _block(lines, start)]
    return "".join(lines)


def _repeat_block(text: str, others: Sequence[str], chance: Random) -> str:
    del others
    lines = _lines(text) or [""]
    start = _a_line(lines, chance)
    block = lines[start : _block(lines, start)]
    return with_block(lines, block, chance)


def _move_block(text: str, others: Sequence[str], chance: Random) -> str:
    del others
    lines = _lines(text) or [""]
    start = _a_line(lines, chance)
    end = _block(lines, start)
    block = lines[start:end]
    return with_block([*lines[:start], *lines[end:]], block, chance)


def _take_block(text: str, others: Sequence[str], chance: Random) -> str:
    """A block of another program, with that program's imports now and then."""
    other = _lines(chance.choice(others)) or [""]
    start = _a_line(other, chance)
    after = with_block(_lines(text), other[start : _block(other, start)], chance)
    if chance.random() < 0.5:
        imports = "".join(line for line in other if line.startswith(("import ", "from ")))
        return imports + after if is_program(imports) else after
    return after


def with_block(lines: Sequence[str], block: Sequence[str], chance: Random) -> str:
    """Lines with a block, indented like the line that it is put before."""
    if not lines:
        return "".join(block)
    place = _a_line(lines, chance)
    old, new = _indent(block[0]), _indent(lines[place])
    shifted = [new + line.removeprefix(old) if line.strip() else line for line in block]
    if not shifted[-1].endswith(("\n", "\r")):
        shifted.append("\n")
    return "".join([*lines[:place], *shifted, *lines[place:]])


def _take_line(text: str, others: Sequence[str], chance: Random) -> str:
    """A line of another program in place of one that is indented alike."""
    lines = _lines(text) or [""]
    place = _a_line(lines, chance)
    other = _lines(chance.choice(others))
    indent = _indent(lines[place])
    alike = [line for line in other if line.strip() and _indent(line) == indent]
    lines[place] = chance.choice(alike or lines)
    return "".join(lines)


def _swap_lines(text: str, others: Sequence[str], chance: Random) -> str:
    del others
    lines = _lines(text) or [""]
    one = _a_line(lines, chance)
    indent = _indent(lines[one])
    alike = [n for n, line in enumerate(lines) if line.strip() and _indent(line) == indent]
    other = chance.choice(alike or [one])
    lines[one], lines[other] = lines[other], lines[one]
    return "".join(lines)


def _add_line(text: str, others: Sequence[str], chance: Random) -> str:
    del others
    return with_block(_lines(text), [chance.choice(_LINES) + "\n"], chance)


def _add_comment(text: str, others: Sequence[str], chance: Random) -> str:
    del others
    lines = _lines(text) or [""]
    place = _a_line(lines, chance)
    line = lines[place].rstrip("\r\n")
    lines[place] = line + chance.choice(_COMMENTS) + lines[place][len(line) :]
    return "".join(lines)


def _wrap_block(text: str, others: Sequence[str], chance: Random) -> str:
    del others
    lines = _lines(text) or [""]
    start = _a_line(lines, chance)
    end = _block(lines, start)
    indent = _indent(lines[start])
    wrapper = chance.choice(_WRAPPERS)
    head = "".join(f"{indent}{line}\n" for line in wrapper.split("\n"))
    tail = f"{indent}finally: pass\n" if wrapper == "try:" else ""
    return "".join(
        [*lines[:start], head, *(f"    {x}" for x in lines[start:end]), tail, *lines[end:]]
    )


def _reindent(text: str, others: Sequence[str], chance: Random) -> str:
    del others
    if chance.random() < 0.3:
        return text.replace("    ", chance.choice(("\t", " ", "  ", "        ")))
    lines = _lines(text) or [""]
    start = _a_line(lines, chance)
    for number in range(start, _block(lines, start)):
        line = lines[number]
        lines[number] = f"    {line}" if chance.random() < 0.5 else line.removeprefix("    ")
    return "".join(lines)


def _rename(text: str, others: Sequence[str], chance: Random) -> str:
    """A name becomes another one, at one place or everywhere."""
    names = list(_NAME.finditer(text))
    if not names:
        return text
    one = chance.choice(names)
    words = _NAME.findall(chance.choice((text, chance.choice(others)))) or ["x"]
    new: str = chance.choice(words)
    if chance.random() < 0.5:
        return text[: one.start()] + new + text[one.end() :]
    return re.sub(rf"\b{re.escape(one.group())}\b", new, text)


def _take_token(text: str, others: Sequence[str], chance: Random) -> str:
    tokens = list(_TOKEN.finditer(text))
    if not tokens:
        return text
    one = chance.choice(tokens)
    new: str = chance.choice(_TOKEN.findall(chance.choice(others)) or ["x"])
    return text[: one.start()] + new + text[one.end() :]


def _take_expression(text: str, others: Sequence[str], chance: Random) -> str:
    """What stands right of an equals sign, in brackets, or in place of a name, from elsewhere."""
    names = list(_NAME.finditer(text))
    right = re.findall(r"(?:= |return |\()([^=\n]+)$", chance.choice(others), re.MULTILINE)
    if not names or not right:
        return text
    one = chance.choice(names)
    shape = chance.choice(
        ("{}", "({})", "[{}, {}]", "({} if x else {})", "(lambda: {})()", "({},)")
    )
    new = shape.replace("{}", chance.choice(right).strip())
    return text[: one.start()] + new + text[one.end() :]


def _break_line(text: str, others: Sequence[str], chance: Random) -> str:
    """A line end, joined lines or blanks between two tokens."""
    del others
    tokens = list(_TOKEN.finditer(text))
    if not tokens:
        return text
    at = chance.choice(tokens).start()
    return text[:at] + chance.choice(("\n", "\\\n", " ", "\f", "  # )\n", "\r\n")) + text[at:]


def _other_line_ends(text: str, others: Sequence[str], chance: Random) -> str:
    del others
    end = chance.choice(("\r\n", "\r"))
    if chance.random() < 0.5:
        return text.replace("\n", end)
    return "".join(
        line.replace("\n", end) if chance.random() < 0.2 else line for line in _lines(text)
    )


def _other_head(text: str, others: Sequence[str], chance: Random) -> str:
    del others
    return chance.choice(("\ufeff", "# coding: utf-8\n", "#!/bin/sh\n", "\f", "'é😀'; ")) + text


def _join(text: str, others: Sequence[str], chance: Random) -> str:
    return f"{text}\n{chance.choice(others)}"


_OF_TEXT: Sequence[Callable[[str, Sequence[str], Random], str]] = (
    _delete_line,
    _delete_block,
    _repeat_block,
    _move_block,
    _take_block,
    _take_block,
    _take_line,
    _take_line,
    _swap_lines,
    _add_line,
    _add_line,
    _add_comment,
    _wrap_block,
    _reindent,
    _rename,
    _rename,
    _take_token,
    _take_expression,
    _take_expression,
    _break_line,
    _other_line_ends,
    _other_head,
    _join,
)


def _cut(data: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    del others
    return data[: chance.randint(0, len(data))]


def _drop(data: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    del others
    start = chance.randint(0, len(data))
    return data[:start] + data[start + chance.randint(1, 20) :]


def _splice(data: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    other = chance.choice(others)
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]


def _duplicate(data: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    del others
    start = chance.randint(0, len(data))
    piece = data[start : start + chance.randint(1, 40)]
    return data[:start] + piece * chance.choice((2, 2, 2, 30)) + data[start + len(piece) :]


def _flip(data: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    del others
    if not data:
        return data
    changed = bytearray(data)
    changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _insert(data: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    del others
    at = chance.choice((0, chance.randint(0, len(data))))
    return data[:at] + chance.choice(_BYTES) + data[at:]


_OF_BYTES: Sequence[Callable[[bytes, Sequence[bytes], Random], bytes]] = (
    _cut,
    _drop,
    _splice,
    _duplicate,
    _flip,
    _insert,
)
