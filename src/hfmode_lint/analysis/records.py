"""Dataclasses and their like: a constructor that nobody wrote, from the fields of the class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
from libcst.helpers import get_full_name_for_node

from hfmode_lint.analysis.heap import ModuleObject, copy_module
from hfmode_lint.analysis.knowledge.records import (
    BASES,
    CONSTRUCTOR_ONLY,
    DECORATORS,
    FIELD_FUNCTIONS,
    KEYWORDS_FROM_HERE,
    NO_FIELD,
    FieldFunction,
    RecordKind,
)
from hfmode_lint.analysis.values import (
    UNKNOWN,
    Arguments,
    Constant,
    DictValue,
    External,
    FunctionValue,
    Instance,
    Unknown,
    Value,
)
from hfmode_lint.immutable import immutable
from hfmode_lint.syntax import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.analysis.classes import ClassValue
    from hfmode_lint.analysis.interpreter import Interpreter

_FALSE = Constant(value=False)
_TRUE = Constant(value=True)


@immutable
class _Field:
    """One field; ``described`` is the call that says more of it, if there is one."""

    name: str
    owner: ClassValue
    described: cst.Call | None = None
    by_keyword: bool = False
    constructor_only: bool = False


@immutable
class Record:
    """What makes a class a record: its kind, and the call that decorates it where it has one."""

    kind: RecordKind
    decorator: cst.Call | None = None


class Records:
    """Makes the objects of such classes, for one interpreter."""

    def __init__(self, machine: Interpreter) -> None:
        self._machine = machine
        self._known: dict[ClassValue, Record | None] = {}

    def written_for(self, cls: ClassValue) -> Record | None:
        """What writes the constructor of a class: None where the program or nobody does."""
        for each in cls.resolution_order:
            if "__init__" in each.attributes:
                return None
            record = self._record(each)
            if record is not None and not self._has_no_constructor(each, record):
                return record
        return None

    def construct(
        self, made: ModuleObject | Instance, cls: ClassValue, record: Record, given: Arguments
    ) -> None:
        """Set the fields of a new object, and run what is to run after that."""
        fields = self._fields(cls)
        positions = iter(given.positional)
        rest: list[Value] = []
        for field in fields:
            value = self._given(field, given, positions)
            if value is None:
                value = self._default(field, given)
            if isinstance(value, Constant) and _is_changed(cls, record):
                value = UNKNOWN
            value = self._converted(field, value)
            if field.constructor_only:
                rest.append(value)
            else:
                _set(made, field.name, value)
        if isinstance(made, Instance):
            made.fields = tuple(each.name for each in fields if not each.constructor_only)
            made.is_tuple = record.kind.tuple
        self._run_after(made, cls, record, rest)

    def _run_after(
        self, made: ModuleObject | Instance, cls: ClassValue, record: Record, rest: list[Value]
    ) -> None:
        after = cls.find(record.kind.after)
        if isinstance(after, FunctionValue):
            self._machine.caller.call_function(after, Arguments([made, *rest]))

    # Classes

    def _record(self, cls: ClassValue) -> Record | None:
        """What makes this very class a record, if it is one."""
        if cls not in self._known:
            # A class may be its own base, in a program that can't run.
            self._known[cls] = None
            self._known[cls] = self._by_decorator(cls) or self._by_base(cls)
        return self._known[cls]

    def _by_decorator(self, cls: ClassValue) -> Record | None:
        for decorator in cls.node.decorators:
            expression = decorator.decorator
            call = expression if isinstance(expression, cst.Call) else None
            named = self._around(cls, call.func if call is not None else expression)
            if isinstance(named, External) and named.name in DECORATORS:
                return Record(DECORATORS[named.name], call)
        return None

    def _by_base(self, cls: ClassValue) -> Record | None:
        for base in cls.bases:
            if isinstance(base, External) and base.name in BASES:
                return Record(BASES[base.name])
        for parent in cls.resolution_order[1:]:
            record = self._record(parent)
            if record is not None and record.kind.inherited:
                return record
        return None

    def _has_no_constructor(self, cls: ClassValue, record: Record) -> bool:
        return self._keyword(cls, record.decorator, "init") == _FALSE

    # Fields

    def _fields(self, cls: ClassValue) -> list[_Field]:
        """The fields in the order of the constructor: those of the bases first."""
        found: dict[str, _Field] = {}
        for each in reversed(cls.resolution_order):
            record = self._record(each)
            if record is not None:
                found.update((field.name, field) for field in self._own_fields(each, record))
        return list(found.values())

    def _own_fields(self, cls: ClassValue, record: Record) -> Iterator[_Field]:
        by_keyword = self._keyword(cls, record.decorator, "kw_only") == _TRUE
        for statement in _statements(cls.node):
            name, annotation = _declared(statement)
            described = self._description(cls, statement)
            if annotation == KEYWORDS_FROM_HERE:
                by_keyword = True
            elif name is not None and annotation != NO_FIELD and (annotation or described):
                own = self._keyword(cls, described, "kw_only") == _TRUE
                only = annotation == CONSTRUCTOR_ONLY
                yield _Field(name, cls, described, by_keyword or own, only)

    def _description(self, cls: ClassValue, statement: cst.CSTNode) -> cst.Call | None:
        value = getattr(statement, "value", None)
        if isinstance(value, cst.Call) and self._field_function(cls, value) is not None:
            return value
        return None

    def _field_function(self, cls: ClassValue, call: cst.Call) -> FieldFunction | None:
        function = self._around(cls, call.func)
        return FIELD_FUNCTIONS.get(function.name) if isinstance(function, External) else None

    def _given(self, field: _Field, given: Arguments, positions: Iterator[Value]) -> Value | None:
        if self._keyword(field.owner, field.described, "init") == _FALSE:
            return None
        position = None if field.by_keyword else next(positions, None)
        return position if position is not None else given.keywords.get(field.name)

    def _converted(self, field: _Field, value: Value) -> Value:
        """What a field gets of what the constructor is given."""
        if field.described is None:
            return value
        function = self._field_function(field.owner, field.described)
        name = function.converter if function is not None else ""
        converter = self._keyword(field.owner, field.described, name)
        if converter is None:
            return value
        return self._machine.caller.apply(converter, Arguments([value]), field.described)

    def _default(self, field: _Field, given: Arguments) -> Value:
        unknown = Unknown(f"{field.owner.name}.{field.name}")
        if given.open:
            return unknown
        if field.described is None:
            return field.owner.attributes.get(field.name) or unknown
        return self._described_default(field.owner, field.described) or unknown

    def _described_default(self, cls: ClassValue, call: cst.Call) -> Value | None:
        function = self._field_function(cls, call)
        default = self._keyword(cls, call, "default")
        if default is not None or function is None:
            return default
        factory = self._keyword(cls, call, function.factory)
        if factory is not None:
            return self._machine.caller.apply(factory, Arguments(), call)
        if function.positional_default and call.args and call.args[0].keyword is None:
            return self._around(cls, call.args[0].value)
        return None

    def _keyword(self, cls: ClassValue, call: cst.Call | None, name: str) -> Value | None:
        """The value of a keyword argument of a call that stands in or before a class."""
        for argument in call.args if call is not None else ():
            if argument.keyword is not None and argument.keyword.value == name:
                return self._around(cls, argument.value)
        return None

    def _around(self, cls: ClassValue, expression: cst.BaseExpression) -> Value:
        """The value of an expression where the class stands, which its own names may shadow."""
        with self._machine.standing_in(cls.scope):
            return self._machine.evaluate(expression)

    # Functions on records

    def replaced(self, value: Value, changes: dict[str, Value]) -> Value:
        """A copy with some fields changed, as ``dataclasses.replace`` makes it."""
        if not isinstance(value, Instance) or not value.fields:
            return UNKNOWN
        attributes = {**value.attributes, **changes}
        return Instance(value.cls, attributes, value.fields)

    def as_dict(self, value: Value) -> Value:
        """The fields by name, as ``dataclasses.asdict`` gives them: copies, records as well."""
        if not isinstance(value, Instance) or not value.fields:
            return UNKNOWN
        return DictValue.of_names(
            {name: self._copied(value.attributes.get(name, UNKNOWN)) for name in value.fields}
        )

    def _copied(self, value: Value) -> Value:
        if isinstance(value, ModuleObject):
            return copy_module(value)
        return self.as_dict(value) if isinstance(value, Instance) and value.fields else value


def _is_changed(cls: ClassValue, record: Record) -> bool:
    """Whether a method may change what the constructor is given."""
    return any(
        isinstance(each, FunctionValue) and not each.decorators.isdisjoint(record.kind.changing)
        for parent in cls.resolution_order
        for each in parent.attributes.values()
    )


def _set(made: ModuleObject | Instance, name: str, value: Value) -> None:
    if isinstance(made, Instance):
        made.attributes[name] = value
    else:
        made.bind(name, value)


def _statements(node: cst.ClassDef) -> Iterator[cst.BaseSmallStatement]:
    for line in node.body.body:
        if isinstance(line, cst.SimpleStatementLine):
            yield from line.body


def _declared(statement: cst.BaseSmallStatement) -> tuple[str | None, str]:
    """The name that a statement of a class body declares, and its annotation's last name."""
    if isinstance(statement, cst.AnnAssign) and isinstance(statement.target, cst.Name):
        return statement.target.value, _annotated_as(statement.annotation.annotation)
    if isinstance(statement, cst.Assign) and isinstance(statement.targets[0].target, cst.Name):
        return statement.targets[0].target.value, ""
    return None, ""


def _annotated_as(annotation: cst.BaseExpression) -> str:
    if isinstance(annotation, cst.SimpleString):
        return str(literal(annotation.value)).partition("[")[0].rpartition(".")[2] or "?"
    return (get_full_name_for_node(annotation) or "?").rpartition(".")[2]
