"""A grammar of programs that calculate a truth: what Hypothesis draws from.

They have variables of a few kinds, whose names begin with the letter of their kind, so that each is
set and asked for again. None raises but where something catches it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Draw = Callable[[st.SearchStrategy[Any]], Any]

_Option = TypeVar("_Option")

_DEEPEST_EXPRESSION = 2
_DEEPEST_BLOCK = 2
_LETTERS = st.sampled_from("abc").map(repr)
_TRUTHS = st.sampled_from(["True", "False"])
_NUMBERS = st.integers(0, 3).map(str)
_KINDS = ("truth", "number", "word", "list", "dict")

_CLASS = """\
class {name}:
    on = {on}
    def __init__(self, given=True):
        self.own = {own}
    def get(self):
        return {get}
    def set(self, value):
        self.{attribute} = value
{made} = {name}({given})"""


class _Program:
    """A program that is being drawn: its variables, and how deep in it the next line stands."""

    def __init__(self, draw: Draw, *, flag: bool) -> None:
        self._draw = draw
        self._names: dict[str, list[str]] = {kind: [] for kind in (*_KINDS, "function", "object")}
        self._names["truth"] += ["flag"] if flag else []
        self._depth = 0
        self._count = 0

    def _choose(self, *options: _Option) -> _Option:
        chosen: _Option = self._draw(st.sampled_from(options))
        return chosen

    def _name(self, kind: str) -> str:
        """A name to set: a new one, or one that is there."""
        known = [each for each in self._names[kind] if each != "flag"]
        if known and self._draw(st.booleans()):
            return str(self._choose(*known))
        self._count += 1
        name = f"{kind[0]}{self._count}"
        self._names[kind].append(name)
        return name

    @contextmanager
    def _block(self) -> Iterator[None]:
        """Lines that may not be run: what is first set there is not asked for behind them."""
        kept = {kind: list(names) for kind, names in self._names.items()}
        self._depth += 1
        yield
        self._depth -= 1
        self._names = kept

    # Expressions

    def value(self, kind: str, depth: int = 0) -> str:
        """An expression of a kind."""
        known = self._names[kind]
        if known and self._draw(st.booleans()):
            return str(self._choose(*known))
        if depth > _DEEPEST_EXPRESSION or self._draw(st.booleans()):
            return self._literal(kind)
        return str(self._choose(*_EXPRESSIONS[kind])(self, depth + 1))

    def _literal(self, kind: str) -> str:
        if kind == "truth":
            return str(self._draw(_TRUTHS))
        if kind == "number":
            return str(self._draw(_NUMBERS))
        if kind == "word":
            return str(self._draw(_LETTERS))
        letters = self._draw(st.lists(_LETTERS, max_size=3))
        if kind == "list":
            return f"[{', '.join(letters)}]"
        return f"{{{', '.join(f'{each}: {self._draw(_TRUTHS)}' for each in letters)}}}"

    def not_(self, depth: int) -> str:
        return f"(not {self.value('truth', depth)})"

    def both_or_either(self, depth: int) -> str:
        left, right = self.value("truth", depth), self.value("truth", depth)
        return f"({left} {self._choose('and', 'or')} {right})"

    def if_else(self, depth: int) -> str:
        first, test, second = (self.value("truth", depth) for _ in range(3))
        return f"({first} if {test} else {second})"

    def compared(self, depth: int) -> str:
        kind, signs = self._choose(("number", "== != < > <= >="), ("word", "== !="))
        sign = self._choose(*signs.split())
        return f"({self.value(kind, depth)} {sign} {self.value(kind, depth)})"

    def contained(self, depth: int) -> str:
        where = self.value(self._choose("list", "dict"), depth)
        return f"({self.value('word', depth)} {self._choose('in', 'not in')} {where})"

    def truth_of(self, depth: int) -> str:
        return f"bool({self.value(self._choose('number', 'word', 'list', 'dict'), depth)})"

    def any_or_all(self, depth: int) -> str:
        test, items = self.value("truth", depth), self.value("list", depth)
        return f"{self._choose('any', 'all')}({test} for _ in {items})"

    def looked_up(self, depth: int) -> str:
        items, key = self.value("dict", depth), self.value("word", depth)
        return f"{items}.get({key}, {self.value('truth', depth)})"

    def asked(self, depth: int) -> str:
        if self._names["object"] and self._draw(st.booleans()):
            return f"{self._choose(*self._names['object'])}.{self._choose('on', 'own', 'get()')}"
        if self._names["function"]:
            return f"{self._choose(*self._names['function'])}({self.value('truth', depth)})"
        return self.value("truth", depth)

    def counted(self, depth: int) -> str:
        return f"len({self.value(self._choose('list', 'dict'), depth)})"

    def calculated(self, depth: int) -> str:
        sign = self._choose("+", "-", "*", "%", "//")
        return f"({self.value('number', depth)} {sign} {self._choose('1', '2', '3')})"

    def spelled(self, depth: int) -> str:
        return f"{self.value('word', depth)}.{self._choose('lower', 'upper', 'strip')}()"

    def filtered(self, depth: int) -> str:
        test = self._choose(f"each != {self.value('word', depth)}", self.value("truth", depth))
        return f"[each for each in {self.value('list', depth)} if {test}]"

    def listed(self, depth: int) -> str:
        return (
            f"{self._choose('sorted', 'list')}({self.value(self._choose('list', 'dict'), depth)})"
        )

    def added(self, depth: int) -> str:
        return f"({self.value('list', depth)} + {self.value('list', depth)})"

    def merged(self, depth: int) -> str:
        key, value = self._draw(_LETTERS), self.value("truth", depth)
        return f"{{**{self.value('dict', depth)}, {key}: {value}}}"

    def copied(self, depth: int) -> str:
        return f"dict({self.value('dict', depth)})"

    # Statements

    def lines(self, least: int = 1, most: int = 3) -> list[str]:
        """Some statements."""
        count = self._draw(st.integers(least, most))
        return [line for _ in range(count) for line in self._statement()]

    def _statement(self) -> list[str]:
        deep = self._depth >= _DEEPEST_BLOCK
        simple = (_Program.assignment, _Program.change, _Program.change, _Program.alias)
        nested = (_Program.branches, _Program.loop, _Program.counting, _Program.trying)
        outermost = (_Program.function, _Program.object, _Program.matching)
        options = [*simple, *([] if deep else nested), *([] if self._depth else outermost)]
        found = self._choose(*options)(self)
        assert isinstance(found, list)
        return found

    def assignment(self) -> list[str]:
        kind = self._choose(*_KINDS)
        value = self.value(kind)
        return [f"{self._name(kind)} = {value}"]

    def alias(self) -> list[str]:
        kind = self._choose("list", "dict")
        if not self._names[kind]:
            return self.assignment()
        value = self._choose(*self._names[kind])
        return [f"{self._name(kind)} = {value}"]

    def change(self) -> list[str]:
        """Something is done to a variable."""
        kind = self._choose("number", "list", "dict", "object")
        if not self._names[kind]:
            return self.assignment()
        name, word, truth = (
            self._choose(*self._names[kind]),
            self.value("word"),
            self.value("truth"),
        )
        changes = {
            "number": (f"{name} += {self.value('number')}", f"{name} -= 1"),
            "list": (
                f"{name}.append({word})",
                f"{name}.extend({self.value('list')})",
                f"{name} += {self.value('list')}",
                f"{name}.insert(0, {word})",
                f"{name}.clear()",
                f"{name}.reverse()",
                f"{name}.sort()",
                f"if {name}: {name}.pop()",
                f"if {word} in {name}: {name}.remove({word})",
            ),
            "dict": (
                f"{name}[{word}] = {truth}",
                f"{name}.update({self.value('dict')})",
                f"{name}.update(a={truth})",
                f"{name}.pop({word}, None)",
                f"{name}.setdefault({word}, {truth})",
                f"{name}.clear()",
                f"{name} |= {self.value('dict')}",
                f"if {word} in {name}: del {name}[{word}]",
            ),
            "object": (
                f"{name}.on = {truth}",
                f"{name}.own = {truth}",
                f"{name}.set({truth})",
                f"setattr({name}, 'own', {truth})",
            ),
        }
        return [self._choose(*changes[kind])]

    def _nested(self, most: int = 3) -> list[str]:
        with self._block():
            return [f"    {line}" for line in self.lines(most=most)]

    def branches(self) -> list[str]:
        lines = [f"if {self.value('truth')}:", *self._nested()]
        if self._draw(st.booleans()):
            lines += [f"elif {self.value('truth')}:", *self._nested()]
        return lines + (["else:", *self._nested()] if self._draw(st.booleans()) else [])

    def loop(self) -> list[str]:
        # A list that changes while a loop goes through it may never end.
        source = f"list({self.value('list')})"
        self._count += 1
        item = f"w{self._count}"
        with self._block():
            self._names["word"].append(item)
            body = self.lines()
            if self._draw(st.booleans()):
                leave = self._choose("break", "continue")
                body += [f"if {self.value('truth')}:", f"    {leave}", *self.lines(most=1)]
        lines = [f"for {item} in {source}:", *(f"    {line}" for line in body)]
        return lines + (["else:", *self._nested(1)] if self._draw(st.booleans()) else [])

    def counting(self) -> list[str]:
        self._count += 1
        # No other statement changes it, so that the loop ends.
        number = f"i{self._count}"
        step = self._choose(f"{number} += 1", f"{number} = {number} + 1")
        test = f"{number} < {self._draw(_NUMBERS)}"
        return [f"{number} = 0", f"while {test}:", *self._nested(2), f"    {step}"]

    def trying(self) -> list[str]:
        error = self._choose("KeyError", "ValueError")
        raised = [f"    raise {error}"] if self._draw(st.booleans()) else []
        lines = ["try:", *self._nested(), *raised, f"except {error}:", *self._nested(1)]
        return lines + (["finally:", *self._nested(1)] if self._draw(st.booleans()) else [])

    def matching(self) -> list[str]:
        cases = [self._draw(_LETTERS), f"{self._draw(_LETTERS)} | {self._draw(_LETTERS)}"]
        cases += ["_"] if self._draw(st.booleans()) else []
        lines = [f"match {self.value('word')}:"]
        for case in cases:
            lines += [f"    case {case}:", *(f"    {line}" for line in self._nested(1))]
        return lines

    def function(self) -> list[str]:
        self._count += 1
        name = f"f{self._count}"
        inner = _Program(self._draw, flag=False)
        inner._count, inner._depth = self._count + 100, 1
        inner._names["truth"].append("given")
        body = inner.lines(least=0)
        if self._draw(st.booleans()):
            body += [f"if {inner.value('truth')}:", f"    return {inner.value('truth')}"]
        body.append(f"return {inner.value('truth')}")
        self._count = inner._count
        default = self._choose("", "=True", "=False")
        lines = [f"def {name}(given{default}):", *(f"    {line}" for line in body)]
        self._names["function"].append(name)
        return lines

    def object(self) -> list[str]:
        self._count += 1
        made = f"o{self._count}"
        text = _CLASS.format(
            name=f"C{self._count}",
            on=self._draw(_TRUTHS),
            own=self._choose("given", "not given", "bool(given)"),
            get=self._choose("self.own", "self.on", "self.own and self.on", "not self.own"),
            attribute=self._choose("on", "own"),
            made=made,
            given=self._choose("", "False", "given=False"),
        )
        self._names["object"].append(made)
        return text.split("\n")


_EXPRESSIONS: dict[str, tuple[Callable[[_Program, int], str], ...]] = {
    "truth": (
        _Program.not_,
        _Program.both_or_either,
        _Program.if_else,
        _Program.compared,
        _Program.contained,
        _Program.truth_of,
        _Program.any_or_all,
        _Program.looked_up,
        _Program.asked,
    ),
    "number": (_Program.counted, _Program.calculated),
    "word": (_Program.spelled,),
    "list": (_Program.filtered, _Program.listed, _Program.added),
    "dict": (_Program.merged, _Program.copied),
}


@st.composite
def snippets(draw: Draw, *, flag: bool) -> str:
    """A program that leaves its truth in ``tune``.

    :param flag: it may ask for a ``flag`` that somebody gives.
    """
    program = _Program(draw, flag=flag)
    lines = program.lines(least=2, most=12)
    return "\n".join([*lines, f"tune = {program.value('truth')}"])
