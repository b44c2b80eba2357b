"""Values that the interpreter computes: what an expression can be, short of running it.

Module objects, which carry modes, are in ``heap``; everything else is here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    import libcst as cst

    from hfmode_lint.analysis.classes import ClassValue
    from hfmode_lint.analysis.heap import ModuleObject, Origin
    from hfmode_lint.analysis.knowledge.loops import Library
    from hfmode_lint.analysis.scopes import Scope
    from hfmode_lint.analysis.units import Module


# A program may double a choice with each statement: ``x = not (x and x)``.
_MOST_VALUES = 64


class Value:
    """Base of everything an expression can evaluate to."""

    __slots__ = ()


@immutable
class Constant(Value):
    """A literal: a string, number, boolean or None."""

    value: object


@immutable
class Unknown(Value):
    """A value that can't be known.

    ``symbol`` names it where the same expression has the same value each time (a parameter, an
    option); two tests of one symbol then take the same branch. ``negated`` is its opposite.
    ``varies`` says that the value differs between the elements that a loop goes through, as
    the name of a parameter does: both branches of a test on it are taken, each for some.
    """

    symbol: str | None = None
    negated: bool = False
    varies: bool = False


@immutable
class Choice(Unknown):
    """One of some values, which tests decide that have not been asked yet.

    ``options`` has each test with the value behind it; the last test is true. ``weight`` is the
    number of values in it, at any depth.
    """

    options: tuple[tuple[Value, Value], ...] = ()
    weight: int = 1

    @classmethod
    def of(cls, *options: tuple[Value, Value]) -> Unknown:
        """A choice between options; what can't be known where it would be too large."""
        values = [each for option in options for each in option]
        varies = any(isinstance(each, Unknown) and each.varies for each in values)
        weight = sum(each.weight if isinstance(each, Choice) else 1 for each in values)
        if weight > _MOST_VALUES:
            return Unknown(varies=varies)
        return cls(varies=varies, options=options, weight=weight)

    def map(self, function: Callable[[Value], Value]) -> Unknown:
        """The same choice between what a function makes of the values."""
        return Choice.of(*((test, function(value)) for test, value in self.options))


@immutable
class Below(Unknown):
    """Whether a number that can't be known is below a bound.

    ``subject`` is the number's symbol. ``bound`` is a number and 0, or 1 where the number itself
    is below as well; so bounds are in order.
    """

    subject: str = ""
    bound: tuple[float, int] = (0, 0)


@immutable
class IsNone(Unknown):
    """Whether what can't be known is None; ``subject`` is its symbol."""

    subject: str = ""


@immutable
class PartOf(Unknown):
    """Some attribute of a module, which may be one of its submodules."""

    module: ModuleObject | None = None


@immutable
class TextFrom(Unknown):
    """A text that begins with ``start``: the name of one of some parameters.

    ``others`` are the beginnings of other names, which nobody expects further on in this one.
    """

    start: str = ""
    others: frozenset[str] = frozenset()


@immutable
class TextParts(Unknown):
    """The parts into which such a text is split; the last of ``known`` goes on."""

    known: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()


@immutable
class External(Value):
    """Something imported, by its canonical dotted name: ``transformers.AutoModel``."""

    name: str

    @property
    def last(self) -> str:
        """The last component of the name."""
        return self.name.rpartition(".")[2]


@immutable
class ModuleValue(Value):
    """A module of the program: one of its files, or a folder of them."""

    module: Module


@immutable
class Namespace(Value):
    """The attributes of something by their names: ``globals()``, ``vars(x)``, ``x.__dict__``."""

    owner: Value


@immutable
class Pending(Value):
    """A name that was imported from another file of the program and not used yet."""

    module: Module
    name: str


@dataclass(slots=True, eq=False, repr=False)
class ListValue(Value):
    """A list, tuple or set; ``complete`` is False when there may be more items than known.

    ``emptied`` says that a filter has let none of some items through.
    """

    items: list[Value]
    complete: bool = True
    emptied: bool = False

    @property
    def is_surely_empty(self) -> bool:
        """Whether nothing is in it; others may fill a list that was made empty."""
        return self.emptied and self.complete and not self.items

    def copy(self) -> ListValue:
        """A list of its own, with the same items."""
        return ListValue(list(self.items), self.complete)

    def forget(self) -> None:
        """Take what is no module for unknown: items may have come, gone or changed places.

        Nobody does so with modules.
        """
        self.items = [each for each in self.items if not isinstance(each, (Constant, Unknown))]
        self.complete = False


@dataclass(slots=True, eq=False, repr=False)
class DictValue(Value):
    """A dictionary by constant key; ``others`` are values under keys that can't be known.

    ``whole`` is False where some of the items may be gone.
    """

    items: dict[object, Value] = field(default_factory=dict)
    others: list[Value] = field(default_factory=list)
    whole: bool = True

    @classmethod
    def of_names(cls, named: Mapping[str, Value]) -> DictValue:
        """A dictionary by name."""
        result = cls()
        for name, value in named.items():
            result.items[name] = value
        return result

    @property
    def complete(self) -> bool:
        """Whether all its items are known, and that they are there."""
        return self.whole and not self.others

    def all_values(self) -> list[Value]:
        """Every value, in the order of insertion."""
        return [*self.items.values(), *self.others]

    def as_plain(self) -> DictValue:
        """A dictionary of its own with the same items, which is no configuration."""
        return DictValue(dict(self.items), list(self.others), self.whole)

    def take_over(self, value: Value, new_question: Callable[[], str]) -> None:
        """Put what is known of another dictionary over what is there.

        :param new_question: names what is there then, where not all of the other one is known.
        """
        if not isinstance(value, DictValue):
            self.overwrite(new_question())
            return
        if not value.complete:
            self.overwrite(new_question(), self.items)
            self.others.extend(value.others)
            self.whole = self.whole and value.whole
        self.items.update(value.items)

    def overwrite(self, question: str, keys: Container[object] | None = None) -> None:
        """Take constants for unknown, as something may have been put over them.

        Nobody does so with modules.

        :param question: a name of its own for what is there then.
        :param keys: where it was put; None for anywhere.
        """
        for key, value in self.items.items():
            if isinstance(value, Constant) and (keys is None or key in keys):
                self.items[key] = Unknown(f"{question}[{key!r}]")
        if keys is None and not self.others:
            self.others.append(Unknown(question))

    def lose(self, question: str) -> None:
        """Take what is there for unknown, as any of it may be gone.

        :param question: as for :meth:`overwrite`.
        """
        self.overwrite(question)
        self.whole = False


@dataclass(slots=True, eq=False, repr=False)
class Config(DictValue):
    """A configuration: its keys are attributes as well.

    ``symbol`` names it. ``choices`` has, by key, what usually stands there, and what makes the
    other options of a group, of which the program's user takes one.
    """

    symbol: str = ""
    choices: dict[str, tuple[Value, list[Callable[[], Value]]]] = field(default_factory=dict)

    def missing(self, key: object) -> Unknown:
        """What stands under a key that no file shows: the user may have set it."""
        return Unknown(f"{self.symbol}.{key}")


@dataclass(slots=True, eq=False, repr=False)
class FunctionValue(Value):
    """A function, method or lambda of the file, with the scope that it closes over.

    ``defaults`` are those of its parameters that were evaluated, which happens once.
    """

    node: cst.FunctionDef | cst.Lambda
    scope: Scope
    owner: ClassValue | None = None
    decorators: frozenset[str] = frozenset()
    defaults: dict[str, Value] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name it was defined under."""
        name = getattr(self.node, "name", None)
        return name.value if name is not None else "<lambda>"


@dataclass(slots=True, eq=False, repr=False)
class BoundMethod(Value):
    """A function of the file with its first argument."""

    receiver: Value
    function: FunctionValue


@dataclass(slots=True, eq=False, repr=False)
class LibraryMethod(Value):
    """A method that a library defines, looked up on ``receiver``.

    One that is ``inherited`` was looked up in its base classes alone.
    """

    receiver: Value
    name: str
    inherited: bool = False


@dataclass(slots=True, eq=False, repr=False)
class PartialCall(Value):
    """``functools.partial(function, …)``; one that ``is_method`` is given an object first."""

    function: Value
    positional: list[Value]
    keywords: dict[str, Value]
    is_method: bool = False


@dataclass(slots=True, eq=False, repr=False)
class SuperValue(Value):
    """``super()``: attributes are looked up after ``after`` in the receiver's resolution order."""

    receiver: Value
    after: ClassValue


@dataclass(slots=True, eq=False, repr=False)
class Parameters(Value):
    """The parameters of modules, all of them or (``partial``) some; also one of them in a loop.

    ``by_gradient`` says that those are the ones that need a gradient, ``unsure`` that they are of
    some submodules, and it can't be told of which. ``taken`` says that they were used by a name,
    for more than an attribute of theirs.
    """

    owners: Sequence[ModuleObject]
    partial: bool = False
    by_gradient: bool = False
    unsure: bool = False
    taken: bool = False


@dataclass(slots=True, eq=False, repr=False)
class OptimizerValue(Value):
    """An optimizer of a training loop, with the parameters that it was given."""

    parameters: list[Parameters]


@immutable
class ContextValue(Value):
    """A context that a library makes, or a ``contextmanager`` function of the program.

    ``entered`` is what entering it gives, if that is known. ``gradients`` says whether they are
    computed meanwhile, where it sets that; ``suppressing`` that the program goes on behind an
    exception.
    """

    entered: Value | None = None
    gradients: bool | None = None
    suppressing: bool = False


@immutable
class HelperValue(Value):
    """What a training loop is written with: a Fabric or an Accelerator."""

    library: Library


@dataclass(slots=True, eq=False, repr=False)
class Element(Value):
    """One of the submodules of ``owner`` in a loop that visits all, or (``partial``) some.

    Of one that is ``unsure`` it can't be told which it is, and whether it is the only one.
    """

    owner: ModuleObject
    partial: bool = False
    unsure: bool = False

    def one(self) -> Element:
        """One of them, and not the others."""
        return Element(self.owner, partial=True)


@dataclass(slots=True, eq=False, repr=False)
class Instance(Value):
    """An object of a class that is no module: a callback, a data module, a project's own.

    Of a dataclass and its like, ``fields`` are the names of the attributes that it is made of;
    where it ``is_tuple``, they are its items as well.
    """

    cls: ClassValue | None
    attributes: dict[str, Value] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    is_tuple: bool = False


@dataclass(slots=True, eq=False, repr=False)
class TrainerValue(Value):
    """A Lightning Trainer, with what is known of its callbacks.

    ``removed`` is how it is made, where no Trainer can be made like that since Lightning 2.0.
    """

    callbacks: list[Value] = field(default_factory=list)
    sanity_check: bool = True
    model: Value = field(default_factory=Unknown)
    removed: str | None = None


@dataclass(slots=True, eq=False, repr=False)
class Holder(Value):
    """A pipeline: no module, but its attributes are modules that ``origin`` loaded."""

    origin: Origin
    attributes: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True, repr=False)
class Arguments:
    """What a call passes.

    ``open`` says that more may be passed (``*args``, ``**kwargs``, or a caller that can't be
    seen), so that a parameter that is not given may still differ from its default.
    """

    positional: list[Value] = field(default_factory=list)
    keywords: dict[str, Value] = field(default_factory=dict)
    open: bool = False

    def get(self, index: int, *names: str) -> Value | None:
        """The argument at a position or under one of the names, or None."""
        if index < len(self.positional):
            return self.positional[index]
        return next((self.keywords[name] for name in names if name in self.keywords), None)

    def all_values(self) -> list[Value]:
        """Every argument."""
        return [*self.positional, *self.keywords.values()]

    def with_first(self, receiver: Value) -> Arguments:
        """The same arguments behind a first one."""
        return Arguments([receiver, *self.positional], self.keywords, self.open)


NONE = Constant(None)
TRUE = Constant(value=True)
UNKNOWN = Unknown()
