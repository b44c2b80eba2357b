"""A value that stands for whatever a program is given: a batch, an option, a model's output.

Small programs say what they do with a model, not what their data are. A stand-in goes through any
expression; where a program tests one, the run asks for a decision, so that both ways are run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Choices:
    """The decisions of one run: the given ones, and True for what was not asked before."""

    given: dict[str, bool] = field(default_factory=dict)
    asked: dict[str, bool] = field(default_factory=dict)

    def decide(self, symbol: str) -> bool:
        """Whether what the symbol stands for is true in this run."""
        return self.asked.setdefault(symbol, self.given.get(symbol, True))

    def alternatives(self) -> Iterator[dict[str, bool]]:
        """The decisions of the runs that differ from this one in the last new decision."""
        fixed = dict(self.given)
        for symbol, choice in self.asked.items():
            if symbol not in self.given:
                yield {**fixed, symbol: not choice}
            fixed[symbol] = choice


class StandIn:
    """Anything at all; ``symbol`` is the expression that it came from."""

    def __init__(self, symbol: str, choices: Choices) -> None:
        self.__dict__.update(symbol=symbol, choices=choices)

    def _of(self, text: str) -> StandIn:
        return StandIn(text, self.__dict__["choices"])

    def __getattr__(self, name: str) -> StandIn:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self._of(f"{self.symbol}.{name}")

    def __getitem__(self, key: object) -> StandIn:
        return self._of(f"{self.symbol}.{key}" if isinstance(key, str) else f"{self.symbol}[]")

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def __call__(self, *arguments: object, **keywords: object) -> StandIn:
        return self._of(f"{self.symbol}()")

    def __iter__(self) -> Iterator[StandIn]:
        return iter((self._of(f"{self.symbol}[]"), self._of(f"{self.symbol}[]")))

    def __len__(self) -> int:
        return 2

    def keys(self) -> tuple[str, ...]:
        """Nothing to spread: ``model(**batch)`` passes nothing."""
        return ()

    def items(self) -> list[tuple[str, StandIn]]:
        """Two named elements."""
        return [("first", self._of(f"{self.symbol}[]")), ("second", self._of(f"{self.symbol}[]"))]

    def values(self) -> list[StandIn]:
        """Two elements."""
        return list(self)

    def __bool__(self) -> bool:
        return bool(self.choices.decide(self.symbol))

    def __index__(self) -> int:
        return 8

    def __int__(self) -> int:
        return 8

    def __float__(self) -> float:
        return 0.5

    def __str__(self) -> str:
        return "stand-in"

    def __hash__(self) -> int:
        return hash(self.symbol)

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def __deepcopy__(self, memo: object) -> StandIn:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (StandIn, (self.symbol, Choices()))

    @classmethod
    def __torch_function__(
        cls, function: object, types: object, arguments: Any = (), keywords: Any = None
    ) -> Any:
        """Take part in torch's functions: the result is a stand-in too."""
        found = next(_stand_ins([arguments, keywords or {}]))
        return found._of(f"{getattr(function, '__name__', 'function')}({found.symbol})")


def _stand_ins(value: object) -> Iterator[StandIn]:
    if isinstance(value, StandIn):
        yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _stand_ins(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _stand_ins(each)


def stand_ins_in(*values: object) -> list[StandIn]:
    """Every stand-in among values, and in their lists and dictionaries."""
    return list(_stand_ins(list(values)))


def _operator(name: str) -> Any:
    def operate(self: StandIn, *others: object) -> StandIn:
        texts = [
            str(other.symbol) if isinstance(other, StandIn) else repr(other) for other in others
        ]
        return self._of(f"({' '.join([str(self.symbol), name, *texts])})")

    return operate


_OPERATORS = """
    add radd sub rsub mul rmul truediv rtruediv floordiv mod pow neg pos abs invert matmul rmatmul
    and or lt le gt ge eq
"""
for _name in _OPERATORS.split():
    setattr(StandIn, f"__{_name}__", _operator(_name))
setattr(StandIn, "__ne__", lambda self, other: _Not(self == other))  # noqa: B010


class _Not(StandIn):
    """The opposite of another stand-in, decided with it."""

    def __init__(self, positive: StandIn) -> None:
        super().__init__(str(positive.symbol), positive.__dict__["choices"])

    def __bool__(self) -> bool:
        return not super().__bool__()
