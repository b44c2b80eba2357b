"""Classes whose constructors are written by a library, from the fields that the class lists.

Measured with the dataclasses of Python 3.11, attrs 26.1 and pydantic 2.14.
"""

from __future__ import annotations

from hfmode_lint.immutable import immutable


@immutable
class RecordKind:
    """One way to make such classes.

    ``after`` is the method that the constructor calls in the end, and gives what is only for the
    constructor. Methods with decorators whose names are in ``changing`` may change what it is
    given. ``inherited`` says that each subclass is made so as well. Of a ``tuple``, the fields are
    its items.
    """

    after: str = ""
    changing: frozenset[str] = frozenset()
    inherited: bool = False
    tuple: bool = False


@immutable
class FieldFunction:
    """A call that describes a field: where it has the default, and what makes one.

    With an argument called ``converter``, what is given is not what the field gets.
    """

    factory: str
    positional_default: bool = False
    converter: str = ""


_DATACLASS = RecordKind("__post_init__")
_ATTRS = RecordKind("__attrs_post_init__")
_VALIDATORS = frozenset({"field_validator", "model_validator", "root_validator", "validator"})
_ATTRS_FIELD = FieldFunction("factory", converter="converter")

# By what decorates the class.
DECORATORS = {
    "attr.attrs": _ATTRS,
    "attr.dataclass": _ATTRS,
    "attr.define": _ATTRS,
    "attr.frozen": _ATTRS,
    "attr.mutable": _ATTRS,
    "attr.s": _ATTRS,
    "attrs.define": _ATTRS,
    "attrs.frozen": _ATTRS,
    "attrs.mutable": _ATTRS,
    "dataclasses.dataclass": _DATACLASS,
    "pydantic.dataclasses.dataclass": RecordKind("__post_init__", _VALIDATORS),
}

# By what the class extends. pydantic's ``BaseSettings`` reads the environment, so that a default
# says nothing.
BASES = {
    "pydantic.BaseModel": RecordKind("model_post_init", _VALIDATORS, inherited=True),
    "typing.NamedTuple": RecordKind(tuple=True),
}

FIELD_FUNCTIONS = {
    "attr.attrib": _ATTRS_FIELD,
    "attr.field": _ATTRS_FIELD,
    "attr.ib": _ATTRS_FIELD,
    "attrs.field": _ATTRS_FIELD,
    "dataclasses.field": FieldFunction("default_factory"),
    "pydantic.Field": FieldFunction("default_factory", positional_default=True),
}

# Annotations by the last part of their name: no field; given to the constructor alone; from here
# on by keyword alone.
NO_FIELD = "ClassVar"
CONSTRUCTOR_ONLY = "InitVar"
KEYWORDS_FROM_HERE = "KW_ONLY"
