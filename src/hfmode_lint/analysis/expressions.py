"""Expressions: what each evaluates to, and attributes of every kind of value."""

from __future__ import annotations

import operator
from dataclasses import replace
from functools import reduce
from types import NoneType
from typing import TYPE_CHECKING

import libcst as cst

from hfmode_lint.analysis import objects, texts
from hfmode_lint.analysis.classes import ClassValue
from hfmode_lint.analysis.handed_functions import may_switch
from hfmode_lint.analysis.heap import ModuleObject, forget_grads, set_grads, set_own_mode, walk
from hfmode_lint.analysis.imports import own_module
from hfmode_lint.analysis.knowledge.callables import MODULES_BY_NAME
from hfmode_lint.analysis.knowledge.enums import ENUM_VALUE
from hfmode_lint.analysis.knowledge.lightning import (
    COUNTERS,
    QUIET_METHODS,
    TRAINER_FLAGS,
    TRAINER_METHODS,
)
from hfmode_lint.analysis.knowledge.loaders import is_loader_method
from hfmode_lint.analysis.knowledge.loops import HELPER_FLAGS
from hfmode_lint.analysis.knowledge.methods import (
    BASE_OF_MODEL,
    DICT_METHODS,
    HOLDER_MODULES,
    METHODS,
    MODELESS_PARTS,
    PLAIN_ATTRIBUTES,
    MethodEffect,
)
from hfmode_lint.analysis.knowledge.names import is_bare_model_name
from hfmode_lint.analysis.modes import Grads, Mode
from hfmode_lint.analysis.names import member
from hfmode_lint.analysis.paths import Raised, Telling
from hfmode_lint.analysis.places import Place
from hfmode_lint.analysis.traces import forget
from hfmode_lint.analysis.units import MAIN
from hfmode_lint.analysis.values import (
    NONE,
    TRUE,
    UNKNOWN,
    Arguments,
    Below,
    BoundMethod,
    Choice,
    Config,
    Constant,
    DictValue,
    Element,
    External,
    FunctionValue,
    HelperValue,
    Holder,
    Instance,
    IsNone,
    LibraryMethod,
    ListValue,
    ModuleValue,
    Namespace,
    Parameters,
    PartialCall,
    PartOf,
    SuperValue,
    TextFrom,
    TextParts,
    TrainerValue,
    Unknown,
    Value,
)
from hfmode_lint.syntax import literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeGuard

    from hfmode_lint.analysis.interpreter import Interpreter

# Of more values that something may be, the others are left out.
_CHOICES = 6
# Where an object has its attributes, and a module its submodules.
_NAMESPACES = frozenset({"__dict__", "_modules"})
# A text or list that is longer is not known: ``x = x + x``, often enough, would fill the memory.
_LONGEST = 10_000
# What is followed where it can't be told of which submodule it is asked.
_OF_PARTS = frozenset(
    {
        MethodEffect.EVAL,
        MethodEffect.MODULES,
        MethodEffect.PARAMETERS,
        MethodEffect.REQUIRES_GRAD,
        MethodEffect.TRAIN,
    }
)
# Filters of these mean some of the modules.
_PARTS = (Element, ModuleObject, Parameters)
# What the program defines, of which each is equal to itself alone.
_DEFINED = (ClassValue, FunctionValue)
# Numbers that are larger are not calculated with.
_LARGEST = 1_000_000
_SAME_GRADS = {Grads.TRAINABLE: Constant(value=True), Grads.FROZEN: Constant(value=False)}
_MODES = {Mode.TRAIN: True, Mode.LOADED_EVAL: False, Mode.CHOSEN_EVAL: False}

# Each may be given any operands: failure is caught.
_ARITHMETIC: dict[type[cst.CSTNode], Callable[..., object]] = {
    cst.Add: operator.add,
    cst.AddAssign: operator.add,
    cst.BitAnd: operator.and_,
    cst.BitOr: operator.or_,
    cst.BitXor: operator.xor,
    cst.Divide: operator.truediv,
    cst.FloorDivide: operator.floordiv,
    cst.Modulo: operator.mod,
    cst.Multiply: operator.mul,
    cst.Subtract: operator.sub,
    cst.SubtractAssign: operator.sub,
}
_COMPARISONS: dict[type[cst.BaseCompOp], Callable[[object, object], bool]] = {
    cst.Equal: operator.eq,
    cst.GreaterThan: operator.gt,  # type: ignore[dict-item]  # any operands: failure is caught
    cst.GreaterThanEqual: operator.ge,  # type: ignore[dict-item]  # as above
    cst.LessThan: operator.lt,  # type: ignore[dict-item]  # as above
    cst.LessThanEqual: operator.le,  # type: ignore[dict-item]  # as above
    cst.NotEqual: operator.ne,
}


class Evaluator:
    """Evaluates expressions for one interpreter."""

    def __init__(self, machine: Interpreter) -> None:
        self._machine = machine

    def evaluate(self, node: cst.CSTNode) -> Value:
        """The value of an expression, with its effects."""
        handler = _EXPRESSIONS.get(type(node))
        return handler(self, node) if handler is not None else UNKNOWN

    # Simple expressions

    def _name(self, node: cst.Name) -> Value:
        value = self._looked_up(node)
        if isinstance(value, Parameters):
            value.taken = True
        return value

    def _looked_up(self, node: cst.Name) -> Value:
        if node.value in _LITERALS:
            return Constant(_LITERALS[node.value])
        return self._machine.lookup(node.value)

    def _literal(self, node: cst.SimpleString | cst.Integer | cst.Float) -> Value:
        known = self._machine.unit.index.literals
        if node not in known:
            known[node] = _parsed_literal(node.value)
        return known[node]

    def _concatenated(self, node: cst.ConcatenatedString) -> Value:
        return _joined([self.evaluate(node.left), self.evaluate(node.right)])

    def _formatted(self, node: cst.FormattedString) -> Value:
        return _joined([self._formatted_part(part) for part in node.parts])

    def _formatted_part(self, part: cst.BaseFormattedStringContent) -> Value:
        if isinstance(part, cst.FormattedStringText):
            return Constant(part.value)
        if isinstance(part, cst.FormattedStringExpression):
            value = self.evaluate(part.expression)
            if part.format_spec is None and part.conversion is None and part.equal is None:
                return Constant(str(value.value)) if isinstance(value, Constant) else value
        return UNKNOWN

    def _sequence(self, node: cst.Tuple | cst.List | cst.Set) -> Value:
        items: list[Value] = []
        complete = True
        for element in node.elements:
            value = self.evaluate(element.value)
            if isinstance(element, cst.StarredElement):
                items.extend(objects.elements(value))
                complete = complete and isinstance(value, ListValue) and value.complete
            else:
                items.append(value)
        made = ListValue(items[:_LONGEST], complete and len(items) <= _LONGEST)
        return objects.distinct(made) if isinstance(node, cst.Set) else made

    def _dict(self, node: cst.Dict) -> Value:
        result = DictValue()
        for element in node.elements:
            value = self.evaluate(element.value)
            if isinstance(element, cst.DictElement):
                store_item(result, self.evaluate(element.key), value)
            else:
                result.take_over(value, self._machine.new_question)
        return result

    def _named_expr(self, node: cst.NamedExpr) -> Value:
        value = self.evaluate(node.value)
        self._machine.assign(node.target, value)
        return value

    def _lambda(self, node: cst.Lambda) -> Value:
        frame = self._machine.frame
        defaults = self.defaults_of(node.params)
        return FunctionValue(node, frame.scope, frame.owner, defaults=defaults)

    def defaults_of(self, parameters: cst.Parameters) -> dict[str, Value]:
        """The defaults that parameters have from here on."""
        every = (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params)
        return {
            each.name.value: self.evaluate(each.default)
            for each in every
            if each.default is not None
        }

    def _await(self, node: cst.Await) -> Value:
        return self.evaluate(node.expression)

    def _yield(self, node: cst.Yield) -> Value:
        value: Value = NONE
        if isinstance(node.value, cst.From):
            value = self.evaluate(node.value.item)
        elif node.value is not None:
            value = self.evaluate(node.value)
        frame = self._machine.frame
        frame.gradients = self._machine.gradients
        yielded = frame.yielded
        if yielded is None:
            frame.yielded = yielded = []
        yielded.extend(objects.elements(value) if isinstance(node.value, cst.From) else [value])
        return UNKNOWN

    # Operators and tests

    def test(self, node: cst.BaseExpression) -> Value:
        """The value of a test: its truth is what matters, and no decision is taken for it."""
        if isinstance(node, cst.BooleanOperation):
            return self._boolean_test(node)
        return self.evaluate(node)

    def _boolean_test(self, node: cst.BooleanOperation) -> Value:
        left = self.test(node.left)
        stops = isinstance(node.operator, cst.Or)
        known = self._machine.known_truth(left)
        if known is stops:
            return Constant(stops)
        right = self.test(node.right)
        if known is not None:
            return right
        known = self._machine.known_truth(right)
        if known is stops:
            return Constant(stops)
        if known is not None:
            return left
        return _either(left, right) if stops else _both(left, right)

    def _boolean(self, node: cst.BooleanOperation) -> Value:
        left = self.evaluate(node.left)
        stops = isinstance(node.operator, cst.Or)
        if self._machine.decide_truth(left) is stops:
            return left
        return self.evaluate(node.right)

    def _unary(self, node: cst.UnaryOperation) -> Value:
        if not isinstance(node.operator, cst.Not):
            value = self.evaluate(node.expression)
            return _negative(value) if isinstance(node.operator, cst.Minus) else UNKNOWN
        value = self.test(node.expression)
        return value.map(_not) if isinstance(value, Choice) else _not(value)

    def _binary(self, node: cst.BinaryOperation) -> Value:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        first, second = _as_list(left), _as_list(right)
        if first is not None and second is not None:
            if not isinstance(node.operator, cst.Add):
                # Of sets.
                return ListValue([], complete=False)
            items = first.items + second.items
            complete = first.complete and second.complete and len(items) <= _LONGEST
            return ListValue(items[:_LONGEST], complete)
        if isinstance(left, DictValue) and isinstance(node.operator, cst.BitOr):
            return self._united(left, right)
        result = _calculated(node.operator, left, right)
        return _combined(type(node.operator).__name__, left, right) if result is None else result

    def _united(self, left: DictValue, right: Value) -> DictValue:
        result = left.as_plain()
        result.take_over(right, self._machine.new_question)
        return result

    def augmented(self, node: cst.AugAssign) -> None:
        """``target += value``: a list grows, and a number that is counted is not known."""
        value = self.evaluate(node.value)
        target = self.evaluate(node.target)
        if isinstance(target, ListValue) and isinstance(node.operator, cst.AddAssign):
            self._machine.caller.collections.extend(target, value)
        elif isinstance(target, ListValue):
            target.forget()
        elif isinstance(target, DictValue):
            target.take_over(value, self._machine.new_question)
        elif not isinstance(target, ModuleObject):
            counted = self._is_local(node.target) and not self._machine.sampling
            result = _calculated(node.operator, target, value) if counted else None
            self._machine.assign(node.target, result or UNKNOWN)

    def _is_local(self, target: cst.BaseExpression) -> bool:
        """Whether a name is set that only this call knows."""
        scope = self._machine.frame.scope
        return isinstance(target, cst.Name) and target.value not in scope.nonlocals

    def _comparison(self, node: cst.Comparison) -> Value:
        left = self.evaluate(node.left)
        results: list[Value] = []
        for comparison in node.comparisons:
            right = self.evaluate(comparison.comparator)
            own = self._own_comparison(comparison.operator, left, right)
            results.append(own or _compare(comparison.operator, left, right))
            left = right
        return reduce(_both, results)

    def _own_comparison(self, operator: cst.BaseCompOp, left: Value, right: Value) -> Value | None:
        """What a method of the program's own says; None where there is none."""
        if isinstance(operator, cst.In):
            return self._machine.call_method(right, "__contains__", left)
        if isinstance(operator, cst.Equal):
            return self._machine.call_method(left, "__eq__", right)
        return None

    def _if_exp(self, node: cst.IfExp) -> Value:
        chosen = self._machine.decide_truth(self.test(node.test))
        return self.evaluate(node.body if chosen else node.orelse)

    def pattern(self, pattern: cst.MatchPattern, subject: Value) -> Value:
        """Whether a ``case`` matches, with the names that it binds."""
        if isinstance(pattern, cst.MatchValue):
            return _compare(cst.Equal(), subject, self.evaluate(pattern.value))
        if isinstance(pattern, cst.MatchSingleton):
            return _compare(cst.Is(), subject, self.evaluate(pattern.value))
        if isinstance(pattern, cst.MatchAs):
            return self._capture(pattern, subject)
        if isinstance(pattern, cst.MatchOr):
            return self._any_pattern(pattern, subject)
        return UNKNOWN

    def _capture(self, pattern: cst.MatchAs, subject: Value) -> Value:
        if pattern.name is not None:
            self._machine.assign(pattern.name, subject)
        if pattern.pattern is None:
            return Constant(value=True)
        return self.pattern(pattern.pattern, subject)

    def _any_pattern(self, pattern: cst.MatchOr, subject: Value) -> Value:
        results = [objects.truth(self.pattern(each.pattern, subject)) for each in pattern.patterns]
        if any(results):
            return Constant(value=True)
        return UNKNOWN if None in results else Constant(value=False)

    # Comprehensions

    def _list_comp(self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp) -> Value:
        items: list[Value] = []
        left: list[Value] = []
        complete = self._comprehend(
            node.for_in, lambda: items.append(self.evaluate(node.elt)), left
        )
        if items and all(isinstance(item, Parameters) for item in items):
            return _some_parameters(items, node.for_in.ifs)
        made = ListValue(items, complete, emptied=bool(left))
        return objects.distinct(made) if isinstance(node, cst.SetComp) else made

    def _dict_comp(self, node: cst.DictComp) -> Value:
        result = DictValue()
        complete = self._comprehend(
            node.for_in,
            lambda: store_item(result, self.evaluate(node.key), self.evaluate(node.value)),
            [],
        )
        if not complete:
            result.lose(self._machine.new_question())
        return result

    def _comprehend(
        self, clause: cst.CompFor, produce: Callable[[], None], left: list[Value]
    ) -> bool:
        """Produce what a comprehension gives; whether that is all, and certain.

        :param left: takes the items that don't pass.
        """
        machine = self._machine
        frame = machine.frame
        outer = frame.scope
        source = self.evaluate(clause.iter)
        items = machine.iterate(source)
        complete = machine.sees_all(source, items)
        frame.scope = outer.inner()
        try:
            for item in items:
                machine.assign(clause.target, item)
                passes = self.passes([self.test(each.test) for each in clause.ifs], item)
                complete = complete and passes is not None
                if passes is False:
                    left.append(item)
                    self.pass_over(item)
                    continue
                if clause.inner_for_in is not None:
                    complete = self._comprehend(clause.inner_for_in, produce, left) and complete
                else:
                    produce()
        finally:
            frame.scope = outer
        return complete

    def pass_over(self, item: Value) -> None:
        """An item does not pass a filter: it may be parameters, or have them with their name."""
        for each in _parameters_with_names(item):
            for owner in each.owners:
                self._machine.uses.pass_over(owner)

    def pass_over_untaken(self, item: Value) -> None:
        """The body of a loop has seen an item: with what it did not take nothing is done."""
        if not any(each.taken for each in _parameters_with_names(item)):
            self.pass_over(item)

    def passes(self, tests: Sequence[Value], item: Value) -> bool | None:
        """Whether an item passes all tests of a filter; None where that can't be told.

        Which of some functions, classes or tables of them it leaves is decided.
        """
        machine = self._machine
        known = {machine.known_truth(each) for each in tests}
        if False in known or None not in known:
            return False not in known
        if not isinstance(item, _PARTS) and not objects.is_data(item) and all(map(_is_open, tests)):
            return all(machine.decide_truth(each) for each in tests)
        return None

    # Attributes

    def _attribute(self, node: cst.Attribute) -> Value:
        value = node.value
        owner = self._looked_up(value) if isinstance(value, cst.Name) else self.evaluate(value)
        return self.get_attribute(owner, node.attr.value)

    def get_attribute(self, owner: Value, name: str) -> Value:
        """``owner.name``."""
        getter = _ATTRIBUTES.get(type(owner))
        return getter(self, owner, name) if getter is not None else LibraryMethod(owner, name)

    def _unknown_attribute(self, owner: Unknown, name: str) -> Value:
        symbol = f"{owner.symbol}.{name}" if owner.symbol is not None else None
        if symbol is None and is_loader_method(name):
            symbol = f".{name}"
        return Unknown(symbol, varies=owner.varies)

    def _part_attribute(self, owner: PartOf, name: str) -> Value:
        if owner.module is not None and METHODS.get(name) in _OF_PARTS:
            return LibraryMethod(Element(owner.module, partial=True, unsure=True), name)
        return self._unknown_attribute(owner, name)

    def _constant_attribute(self, owner: Constant, name: str) -> Value:
        # Of constants those of an enum alone have such an attribute.
        return owner if name == ENUM_VALUE else LibraryMethod(owner, name)

    def _external_attribute(self, owner: External, name: str) -> Value:
        return member(owner, name)

    def _config_attribute(self, owner: Config, name: str) -> Value:
        if name in DICT_METHODS and name not in owner.items:
            return LibraryMethod(owner, name)
        return self._machine.configs.item(owner, name)

    def _file_attribute(self, owner: ModuleValue, name: str) -> Value:
        if name == "__dict__":
            return Namespace(owner)
        return self._machine.imports.member(owner.module, name)

    def _module_attribute(self, owner: ModuleObject, name: str) -> Value:
        if name in _NAMESPACES and name not in owner.attributes:
            return Namespace(owner)
        if owner.cls is not None:
            return self._seen_attribute(owner, owner.cls, name)
        if name in owner.attributes:
            return owner.attributes[name]
        if name in METHODS:
            return LibraryMethod(owner, name)
        if name in PLAIN_ATTRIBUTES:
            return self._flag(owner) if name == "training" else UNKNOWN
        if name == BASE_OF_MODEL and owner.origin is not None:
            return self._base_of_model(owner)
        return owner.part_named(name, mode_matters=name not in MODELESS_PARTS)

    def _base_of_model(self, owner: ModuleObject) -> Value:
        if not owner.library_class:
            # With or without a head: how much of the model this is can't be told.
            return Element(owner, partial=True)
        last = owner.library_class.rpartition(".")[2]
        return owner if is_bare_model_name(last) else owner.part_named(BASE_OF_MODEL)

    def _seen_attribute(self, owner: ModuleObject, cls: ClassValue, name: str) -> Value:
        found = cls.find(name)
        if isinstance(found, FunctionValue) and _is_property(found):
            return self._property(owner, found, name)
        if name in owner.attributes:
            return owner.attributes[name]
        if found is not None:
            return _bound(owner, found)
        return self._inherited(owner, cls, name)

    def _inherited(self, owner: ModuleObject, cls: ClassValue, name: str) -> Value:
        if name == "training":
            return self._flag(owner)
        if cls.is_lightning_module():
            if name in QUIET_METHODS:
                return LibraryMethod(owner, name)
            if name == "trainer" and self._machine.trainer is not None:
                return self._machine.trainer
            if name in COUNTERS and self._decides_on_first_mode():
                return Constant(0)
        if name in METHODS:
            return LibraryMethod(owner, name)
        if owner.origin is not None and name not in PLAIN_ATTRIBUTES:
            return owner.part_named(name, mode_matters=name not in MODELESS_PARTS)
        return Unknown(f"{cls.name}().{name}")

    def _flag(self, owner: ModuleObject) -> Value:
        flag = _MODES.get(owner.mode)
        return Constant(flag) if flag is not None else UNKNOWN

    def _property(self, owner: ModuleObject | Instance, found: FunctionValue, name: str) -> Value:
        cached = "cached_property" in found.decorators
        if cached and name in owner.attributes:
            return owner.attributes[name]
        value = self._machine.caller.call_function(found, Arguments([owner]))
        if cached:
            # The value goes into the instance's dictionary behind ``nn.Module``'s back: it is
            # no submodule (measured).
            owner.attributes[name] = value
        return value

    def _class_attribute(self, owner: ClassValue, name: str) -> Value:
        found = owner.find(name)
        if found is None:
            return LibraryMethod(owner, name)
        if isinstance(found, FunctionValue) and "classmethod" in found.decorators:
            return BoundMethod(owner, found)
        return found

    def _helper_attribute(self, owner: HelperValue, name: str) -> Value:
        if name in HELPER_FLAGS:
            return Unknown(f"{owner.library.value}.{name}")
        return LibraryMethod(owner, name)

    def _instance_attribute(self, owner: Instance, name: str) -> Value:
        if name in owner.attributes:
            return owner.attributes[name]
        found = owner.cls.find(name) if owner.cls is not None else None
        if isinstance(found, FunctionValue) and _is_property(found):
            return self._property(owner, found, name)
        if found is not None:
            return _bound(owner, found)
        if owner.cls is None or owner.cls.has_unseen_base() or any(owner.cls.external_bases()):
            return LibraryMethod(owner, name)
        getter = owner.cls.find("__getattr__")
        if isinstance(getter, FunctionValue):
            return self._machine.caller.call_function(getter, Arguments([owner, Constant(name)]))
        # Set where nobody looks, and the same whenever it is asked for.
        return owner.attributes.setdefault(name, Unknown(self._machine.new_question()))

    def _super_attribute(self, owner: SuperValue, name: str) -> Value:
        receiver = owner.receiver
        cls = receiver if isinstance(receiver, ClassValue) else getattr(receiver, "cls", None)
        found = cls.find(name, owner.after) if isinstance(cls, ClassValue) else None
        if isinstance(found, FunctionValue) and _is_property(found):
            return self._machine.caller.call_function(found, Arguments([receiver]))
        if found is not None:
            return _bound(receiver, found)
        return LibraryMethod(receiver, name, inherited=True)

    def _decides_on_first_mode(self) -> bool:
        """Whether the function in progress may set the modes of the first training step.

        What else it does in later steps is of interest all the same, where it sets none.
        """
        function = self._machine.frame.function
        return self._machine.first_step and function is not None and may_switch(function)

    def _trainer_attribute(self, owner: TrainerValue, name: str) -> Value:
        if name in {"model", "lightning_module"}:
            return owner.model
        if name == "strategy":
            # It has the same module, under the same names.
            return owner
        if name in TRAINER_METHODS:
            return LibraryMethod(owner, name)
        if name in COUNTERS and self._decides_on_first_mode():
            return Constant(0)
        if name in TRAINER_FLAGS and self._decides_on_first_mode():
            return Constant(TRAINER_FLAGS[name])
        # The list itself, which the program may add to.
        return (
            ListValue(owner.callbacks, complete=False)
            if name == "callbacks"
            else Unknown(f"trainer.{name}")
        )

    def _holder_attribute(self, owner: Holder, name: str) -> Value:
        if name in owner.attributes:
            return owner.attributes[name]
        if name in HOLDER_MODULES:
            part = ModuleObject(mode=Mode.LOADED_EVAL, origin=replace(owner.origin, part=name))
            owner.attributes[name] = part
            return part
        return LibraryMethod(owner, name) if name == "to" else UNKNOWN

    def _element_attribute(self, owner: Element, name: str) -> Value:
        if name in METHODS or name in PLAIN_ATTRIBUTES:
            return LibraryMethod(owner, name)
        return owner.one()

    def _parameters_attribute(self, owner: Parameters, name: str) -> Value:
        if name != "requires_grad":
            return LibraryMethod(owner, name)
        grads = {each.grads for module in owner.owners for each in walk(module)}
        if len(grads) == 1:
            return _SAME_GRADS.get(grads.pop(), Unknown(varies=True))
        return Unknown(varies=True)

    def set_attribute(
        self, owner: Value, name: str, value: Value, target: cst.Attribute | None = None
    ) -> None:
        """``owner.name = value``.

        :param target: what is assigned to; None where a call does it.
        """
        if isinstance(owner, (ModuleObject, Element)) and name == "training":
            self._set_flag(owner, value, self._setter(target))
        elif isinstance(owner, (ModuleObject, Parameters)) and name == "requires_grad":
            self.set_requires_grad(owner, value, self._setter(target))
        elif isinstance(owner, ModuleObject):
            self._set_on_module(owner, name, value)
        elif isinstance(owner, Instance):
            self._set_on_instance(owner, name, value)
        elif isinstance(owner, (Holder, ClassValue)):
            owner.attributes[name] = value
        elif isinstance(owner, Config):
            owner.items[name] = value
        elif isinstance(owner, TrainerValue) and name == "model":
            owner.model = value
        elif isinstance(owner, TrainerValue) and name == "callbacks":
            owner.callbacks = list(objects.elements(value))

    def delete_attribute(self, owner: Value, name: str) -> None:
        """``del owner.name``."""
        if isinstance(owner, ModuleObject):
            owner.unbind(name)
        elif isinstance(owner, (Instance, Holder, ClassValue)):
            owner.attributes.pop(name, None)
        elif isinstance(owner, Config):
            owner.items.pop(name, None)

    def _setter(self, target: cst.Attribute | None) -> Place | None:
        """What sets an attribute: an assignment, or a call."""
        machine = self._machine
        return Place(machine.unit, target) if target is not None else machine.innermost_call

    def _set_on_module(self, owner: ModuleObject, name: str, value: Value) -> None:
        setter = owner.cls.find(f"{name}.setter") if owner.cls is not None else None
        if isinstance(setter, FunctionValue):
            self._machine.caller.call_function(setter, Arguments([owner, value]))
        else:
            owner.bind(name, value)

    def _set_on_instance(self, owner: Instance, name: str, value: Value) -> None:
        setter = owner.cls.find(f"{name}.setter") if owner.cls is not None else None
        if isinstance(setter, FunctionValue):
            self._machine.caller.call_function(setter, Arguments([owner, value]))
            return
        own = owner.cls is not None and owner.cls.find("__setattr__") is not None
        # What a class of the program makes of it is not followed.
        owner.attributes[name] = Unknown(self._machine.new_question()) if own else value

    def _set_flag(self, owner: ModuleObject | Element, value: Value, by: Place | None) -> None:
        flag = objects.truth(value)
        mode = Mode.UNKNOWN if flag is None else Mode.TRAIN if flag else Mode.CHOSEN_EVAL
        if isinstance(owner, ModuleObject):
            # The flag of one module says nothing of its submodules (measured).
            if owner.origin is None:
                owner.mode, owner.mode_set_by = mode, by
            return
        partial = owner.partial or self._machine.partial > 0
        for each in walk(owner.owner):
            set_own_mode(each, mode, partial=partial, by=by)

    def set_requires_grad(
        self, owner: ModuleObject | Parameters, value: Value, by: Place | None
    ) -> None:
        """``parameter.requires_grad = value``, for a parameter or for all of a module.

        :param by: the assignment, or the call that does it.
        """
        varies = isinstance(value, Unknown) and value.varies
        trainable = not varies and self._machine.decide_truth(value)
        partial = varies or self._machine.partial > 0
        given = owner if isinstance(owner, Parameters) else Parameters([owner])
        partial = partial or given.partial
        for each in given.owners:
            if given.unsure:
                forget_grads(each, by=by)
            else:
                set_grads(each, trainable=trainable, partial=partial, by=by)

    # Subscripts

    def _subscript(self, node: cst.Subscript) -> Value:
        owner = self.evaluate(node.value)
        index = node.slice[0].slice
        if len(node.slice) != 1 or isinstance(index, cst.Slice):
            return self._sliced(owner, index)
        return self.get_item(owner, self._key(index))

    def _sliced(self, owner: Value, index: cst.BaseSlice) -> Value:
        bounds = self._bounds(index)
        if bounds == slice(None) and isinstance(owner, ModuleObject):
            return owner
        if isinstance(owner, ModuleObject):
            return Element(owner, partial=True)
        if isinstance(owner, Parameters):
            return Parameters(owner.owners, partial=True)
        if isinstance(owner, ListValue) and bounds is not None and owner.complete:
            return ListValue(owner.items[bounds])
        if isinstance(owner, ListValue) and all(isinstance(x, Parameters) for x in owner.items):
            found = _some_parameters(owner.items)
            return Parameters(found.owners, partial=True)
        if isinstance(owner, ListValue):
            return ListValue(list(owner.items), complete=False)
        if isinstance(owner, TextFrom) and bounds is not None:
            return texts.beginning(owner, bounds)
        if isinstance(owner, Unknown) and owner.symbol is not None and bounds is not None:
            return objects.unknown(f"{owner.symbol}[{bounds}]", varies=owner.varies)
        return Unknown(varies=isinstance(owner, Unknown) and owner.varies)

    def _bounds(self, index: cst.BaseSlice) -> slice | None:
        """The slice that is written, where its numbers are known."""
        if not isinstance(index, cst.Slice):
            return None
        written = (index.lower, index.upper, index.step)
        numbers = [self.evaluate(each) if each is not None else NONE for each in written]
        known = [each.value for each in numbers if _is_bound(each)]
        return slice(*known) if len(known) == len(written) and known[-1] != 0 else None

    def get_item(self, owner: Value, key: Value) -> Value:
        """``owner[key]``."""
        if isinstance(owner, Config):
            return self._machine.configs.item(owner, getattr(key, "value", None))
        if isinstance(owner, (DictValue, ListValue)):
            return self._collection_item(owner, key)
        if isinstance(owner, ModuleObject):
            return self._module_item(owner, key)
        if isinstance(owner, Element):
            return owner.one()
        if isinstance(owner, Unknown):
            return _item_of_unknown(owner, key)
        if isinstance(owner, Instance):
            return self._item_of_instance(owner, key)
        if isinstance(owner, Namespace):
            return self._named_item(owner.owner, key)
        if isinstance(owner, External) and owner.name == MODULES_BY_NAME:
            return self._loaded_module(key)
        if isinstance(owner, ClassValue):
            return _member_named(owner, key) if owner.is_enum() else owner
        return owner if isinstance(owner, External) else UNKNOWN

    def _item_of_instance(self, owner: Instance, key: Value) -> Value:
        if owner.is_tuple:
            return self._collection_item(ListValue(objects.elements(owner)), key)
        if owner.cls is None:
            return self._named_item(owner, key)
        return self._machine.call_method(owner, "__getitem__", key) or UNKNOWN

    def _named_item(self, owner: Value, key: Value) -> Value:
        name = objects.constant_text(key)
        if name is None and isinstance(owner, ModuleObject):
            return Element(owner, partial=True)
        return self.get_attribute(owner, name) if name is not None else UNKNOWN

    def _loaded_module(self, key: Value) -> Value:
        name = objects.constant_text(key)
        if name == MAIN:
            # That is what ``__name__`` is taken to be in each file.
            return ModuleValue(own_module(self._machine.unit))
        return self._machine.imports.by_name(name, self._machine.unit) if name else UNKNOWN

    def _collection_item(self, owner: DictValue | ListValue, key: Value) -> Value:
        if isinstance(key, Constant):
            return _item(owner, key.value)
        values = owner.all_values() if isinstance(owner, DictValue) else owner.items
        return self.choose(values, key) if values else UNKNOWN

    def choose(self, values: Sequence[Value], key: Value) -> Value:
        """One of some values: the one at the same position for the same key."""
        symbol = f"[{key.symbol}]" if isinstance(key, Unknown) and key.symbol else None
        options, others = [*values[:_CHOICES]], values[_CHOICES:]
        if any(isinstance(each, Constant) for each in others):
            # Those that are left out may say something else.
            options[-1] = UNKNOWN
        # At which row of a table a loop is tells nothing.
        is_table = symbol is None and all(map(objects.is_data, options))
        telling = Telling.NOTHING if is_table else Telling.BY_OTHERS
        return options[self._machine.decisions.decide(len(options), symbol, telling)]

    def _module_item(self, owner: ModuleObject, key: Value) -> Value:
        if not isinstance(key, Constant):
            return Element(owner, partial=True)
        name = str(key.value)
        known = owner.attributes.get(name)
        if isinstance(key.value, int) and key.value < 0:
            known = _from_end(owner, key.value)
        if known is not None:
            return known
        return owner.part_named(name) if owner.opaque else UNKNOWN

    def set_item(self, target: cst.Subscript, value: Value) -> None:
        """``owner[key] = value``."""
        index = target.slice[0].slice
        holder = target.value
        if isinstance(holder, cst.Attribute) and holder.attr.value == "__dict__":
            owner = self.evaluate(holder.value)
            self._set_unregistered(owner, self._key(index), value)
            return
        owner, key = self.evaluate(holder), self._key(index)
        if isinstance(owner, DictValue):
            if not isinstance(key, Constant):
                owner.overwrite(self._machine.new_question())
            store_item(owner, key, value)
        elif isinstance(owner, ListValue):
            _store_position(owner, key, value)
        elif isinstance(owner, ModuleObject):
            owner.bind(str(key.value) if isinstance(key, Constant) else "*", value)
        elif isinstance(owner, Namespace):
            self._set_unregistered(owner.owner, key, value)

    def delete_item(self, target: cst.Subscript) -> None:
        """``del owner[key]``."""
        key = self._key(target.slice[0].slice)
        self._machine.caller.collections.delete(self.evaluate(target.value), key)

    def _key(self, index: cst.BaseSlice) -> Value:
        return self.evaluate(index.value) if isinstance(index, cst.Index) else UNKNOWN

    def _set_unregistered(self, owner: Value, key: Value, value: Value) -> None:
        """``self.__dict__["x"] = value``: an attribute, but no submodule (measured)."""
        name = objects.constant_text(key)
        if isinstance(owner, (Instance, ModuleObject)) and name is not None:
            owner.attributes[name] = value
        elif isinstance(owner, Instance):
            forget(owner, self._machine.new_question())

    def _call(self, node: cst.Call) -> Value:
        return self._machine.caller.call(node)


def _parsed_literal(text: str) -> Value:
    try:
        return Constant(literal(text))
    except (ValueError, SyntaxError):
        return UNKNOWN


def _is_bound(value: Value) -> TypeGuard[Constant]:
    return isinstance(value, Constant) and isinstance(value.value, (int, NoneType))


def _is_property(function: FunctionValue) -> bool:
    return not function.decorators.isdisjoint({"property", "cached_property"})


def _bound(receiver: Value, found: Value) -> Value:
    if isinstance(found, PartialCall) and found.is_method:
        return replace(found, positional=[receiver, *found.positional], is_method=False)
    if not isinstance(found, FunctionValue) or "staticmethod" in found.decorators:
        return found
    if "classmethod" in found.decorators and not isinstance(receiver, ClassValue):
        cls = getattr(receiver, "cls", None)
        return BoundMethod(cls if isinstance(cls, ClassValue) else receiver, found)
    return BoundMethod(receiver, found)


def _joined(parts: list[Value]) -> Value:
    known = [objects.constant_text(part) for part in parts]
    if None in known:
        names = [objects.symbol_of(part) for part in parts]
        unknown = UNKNOWN if None in names else objects.unknown(f"text {names}")
        return texts.joined(parts) or unknown
    text = "".join(text for text in known if text is not None)
    return UNKNOWN if _is_too_long(text) else Constant(text)


def _calculated(operation: cst.CSTNode, left: Value, right: Value) -> Value | None:
    """What arithmetic gives; None where that takes more than two constants."""
    function = _ARITHMETIC.get(type(operation))
    if function is None or not isinstance(left, Constant) or not isinstance(right, Constant):
        return None
    # A text by a number may be as long as that says.
    if function is not operator.add and not (_is_small(left.value) and _is_small(right.value)):
        return UNKNOWN
    try:
        result = function(left.value, right.value)
    except (ArithmeticError, TypeError, ValueError):
        return UNKNOWN
    return UNKNOWN if _is_too_long(result) else Constant(result)


def _is_small(value: object) -> bool:
    """Whether a value is a number with which anything may be calculated at once."""
    return isinstance(value, (int, float)) and abs(value) <= _LARGEST


def _is_too_long(value: object) -> bool:
    return isinstance(value, (str, bytes)) and len(value) > _LONGEST


def _as_list(value: Value) -> ListValue | None:
    """A list, also one of all the parameters of a module."""
    if isinstance(value, Parameters):
        return ListValue([value])
    return value if isinstance(value, ListValue) else None


def _negative(value: Value) -> Value:
    number = _number(value)
    if number is not None:
        return Constant(-number)
    symbol = objects.symbol_of(value) if isinstance(value, Unknown) else None
    return UNKNOWN if symbol is None else objects.unknown(f"-{symbol}")


def _combined(operation: str, left: Value, right: Value) -> Value:
    varies = any(isinstance(each, Unknown) and each.varies for each in (left, right))
    names = [objects.symbol_of(left), objects.symbol_of(right)]
    symbol = f"({names[0]} {operation} {names[1]})" if None not in names else None
    return objects.unknown(symbol, varies=varies)


def _not(value: Value) -> Value:
    known = objects.truth(value)
    return _opposite(value) if known is None else Constant(not known)


def _compare(operation: cst.BaseCompOp, left: Value, right: Value) -> Value:
    if isinstance(left, Choice):
        return left.map(lambda each: _compare(operation, each, right))
    if isinstance(right, Choice):
        return right.map(lambda each: _compare(operation, left, each))
    if isinstance(operation, (cst.Is, cst.IsNot)):
        result = _same(left, right)
        return _opposite(result) if isinstance(operation, cst.IsNot) else result
    if isinstance(operation, (cst.In, cst.NotIn)):
        result = _contained(left, right)
        return _opposite(result) if isinstance(operation, cst.NotIn) else result
    if isinstance(left, Constant) and isinstance(right, Constant):
        try:
            return Constant(_COMPARISONS[type(operation)](left.value, right.value))
        except (TypeError, KeyError):
            return UNKNOWN
    if isinstance(operation, cst.NotEqual):
        return _opposite(_equal(left, right))
    return (
        _equal(left, right)
        if isinstance(operation, cst.Equal)
        else _ordered(operation, left, right)
    )


def _equal(left: Value, right: Value) -> Value:
    """What ``==`` gives; not of two constants."""
    if isinstance(left, TextFrom) and (text := objects.constant_text(right)) is not None:
        return texts.equals(left, text)
    if _is_true(right) and isinstance(left, Unknown):
        return left
    if isinstance(left, (External, *_DEFINED)) and isinstance(right, (External, *_DEFINED)):
        return _same(left, right)
    return _combined("Equal", left, right)


def _ordered(operation: cst.BaseCompOp, left: Value, right: Value) -> Value:
    """What ``<``, ``>``, ``<=`` and ``>=`` give."""
    if isinstance(operation, (cst.GreaterThan, cst.LessThanEqual)):
        left, right = right, left
    below = _below(left, right)
    strict = isinstance(operation, (cst.LessThan, cst.GreaterThan))
    return below if strict else _opposite(below)


def _both(left: Value, right: Value) -> Value:
    """Whether two tests are true, the second being asked where the first is."""
    return Choice.of((left, right), (TRUE, Constant(value=False)))


def _either(left: Value, right: Value) -> Value:
    """Whether one of two tests is true, the second being asked where the first is not."""
    return Choice.of((left, TRUE), (TRUE, right))


def _below(left: Value, right: Value) -> Value:
    """Whether one value is below another one."""
    bound, subject = _number(right), objects.symbol_of(left)
    if bound is not None and isinstance(left, Unknown) and subject is not None:
        return _is_below(left, subject, (bound, 0))
    bound, subject = _number(left), objects.symbol_of(right)
    if bound is not None and isinstance(right, Unknown) and subject is not None:
        # What is compared with a whole number is taken to be one.
        above = (bound + 1, 0) if isinstance(bound, int) else (bound, 1)
        return _opposite(_is_below(right, subject, above))
    return _combined("LessThan", left, right)


def _is_below(value: Unknown, subject: str, bound: tuple[float, int]) -> Value:
    symbol = f"({subject} < {bound})"
    return Below(symbol, varies=value.varies, subject=subject, bound=bound)


def _number(value: Value) -> int | float | None:
    if isinstance(value, Constant) and isinstance(value.value, (int, float)):
        return value.value
    return None


def _same(left: Value, right: Value) -> Value:
    if isinstance(left, Constant) and isinstance(right, Constant):
        alike = type(left.value) is type(right.value)
        return Constant(alike and left.value == right.value)
    if isinstance(left, Unknown) and _is_true(right):
        # What is compared with True is a flag, so that this asks what ``if flag`` asks.
        return left
    if isinstance(left, Unknown) and left.symbol and not left.negated and right == NONE:
        return IsNone(f"({left.symbol} Is None)", varies=left.varies, subject=left.symbol)
    if isinstance(left, External) or isinstance(right, External):
        return _same_in_libraries(left, right)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return _combined("Is", left, right)
    return Constant(left is right)


def _same_in_libraries(left: Value, right: Value) -> Value:
    """Whether two values are one, of which a library has the first, the second or both."""
    if isinstance(left, External) and isinstance(right, External):
        if left.name == right.name or left.last != right.last:
            return Constant(left.name == right.name)
    elif any(isinstance(each, _DEFINED) for each in (left, right)):
        return Constant(value=False)
    elif NONE in (left, right):
        other = right if left == NONE else left
        if isinstance(other, External) and not objects.may_be_plain(other):
            return Constant(value=False)
    # One thing may stand in several modules. What else it is may be any value.
    return _combined("Is", left, right)


def _is_true(value: Value) -> bool:
    return isinstance(value, Constant) and value.value is True


def _contained(left: Value, right: Value) -> Value:
    text, part = objects.constant_text(right), objects.constant_text(left)
    if text is not None and part is not None:
        return Constant(part in text)
    if isinstance(right, (TextFrom, TextParts)):
        return texts.contains(right, left)
    if isinstance(left, Constant) and isinstance(right, ListValue) and right.complete:
        known = all(isinstance(item, Constant) for item in right.items)
        return Constant(left in right.items) if known or left in right.items else UNKNOWN
    if isinstance(left, Constant) and isinstance(right, DictValue):
        is_in = _is_key(left.value, right)
        if (is_in and right.whole) or (not is_in and right.complete):
            return Constant(is_in)
        return _combined("In", left, _rest(right) or UNKNOWN)
    return _combined("In", left, right)


def _opposite(value: Value) -> Value:
    if isinstance(value, Choice):
        return value.map(_opposite)
    if isinstance(value, Constant):
        return Constant(not value.value)
    if isinstance(value, Unknown):
        return replace(value, negated=not value.negated)
    return UNKNOWN


def _parameters_with_names(item: Value) -> list[Parameters]:
    parts = [item, *(item.items if isinstance(item, ListValue) else ())]
    return [each for each in parts if isinstance(each, Parameters)]


def _some_parameters(items: Sequence[Value], tests: Sequence[cst.CompIf] = ()) -> Parameters:
    """The parameters among items that pass the tests of a comprehension."""
    parameters = [item for item in items if isinstance(item, Parameters)]
    owners = [owner for item in parameters for owner in item.owners]
    partial = any(item.partial for item in parameters)
    by_gradient = not partial and len(tests) == 1 and asks_for_gradient(tests[0].test)
    return Parameters(owners, partial=partial or bool(tests), by_gradient=by_gradient)


def asks_for_gradient(test: cst.CSTNode) -> bool:
    """Whether a test of a parameter is that it needs a gradient."""
    return isinstance(test, cst.Attribute) and test.attr.value == "requires_grad"


def _item(owner: DictValue | ListValue, key: object) -> Value:
    """The item under a key or at a place.

    :raises Raised: where nothing is.
    """
    if isinstance(owner, DictValue):
        try:
            return owner.items.get(key) or _other_item(owner, key)
        except TypeError:
            return UNKNOWN
    if isinstance(key, int) and -len(owner.items) <= key < len(owner.items):
        found = owner.items[key]
        # Where some items are not known, others may stand at another place.
        return found if owner.complete or not isinstance(found, Constant) else UNKNOWN
    if isinstance(key, int) and owner.is_surely_empty:
        raise Raised
    return UNKNOWN


def _is_open(test: Value) -> bool:
    """Whether a test has one answer, whenever it is asked."""
    return not isinstance(test, Unknown) or (test.symbol is not None and not test.varies)


def _is_key(key: object, owner: DictValue) -> bool:
    try:
        return key in owner.items
    except TypeError:
        return False


def _item_of_unknown(owner: Unknown, key: Value) -> Value:
    if isinstance(owner, TextParts):
        return texts.part_at(owner, getattr(key, "value", None))
    name, index = objects.constant_text(key), objects.symbol_of(key)
    if owner.symbol is None or (name is None and index is None):
        return Unknown(varies=owner.varies)
    # Of a configuration ``x["a"]`` is ``x.a``.
    symbol = f"{owner.symbol}.{name}" if name else f"{owner.symbol}[{index}]"
    return objects.unknown(symbol, varies=owner.varies)


def _other_item(owner: DictValue, key: object) -> Value:
    """What a key stands for that the program does not set."""
    for each in owner.others:
        if isinstance(each, Element):
            # All modules by their names: which of them it is is not told.
            return each.one()
    rest = _rest(owner)
    return UNKNOWN if rest is None else _item_of_unknown(rest, Constant(key))


def _rest(owner: DictValue) -> Unknown | None:
    """What a caller that can't be seen gives beside what is known, where that is all there is."""
    match owner.others:
        case [Unknown(symbol=str()) as rest]:
            return rest
    return None


def _member_named(enum: ClassValue, key: Value) -> Value:
    name = objects.constant_text(key)
    return (enum.find(name) if name is not None else None) or UNKNOWN


def _from_end(owner: ModuleObject, position: int) -> Value | None:
    children = [child for _, child in owner.child_modules()]
    if owner.library_class in objects.CONTAINERS and -position <= len(children):
        return children[position]
    return None


def store_item(owner: DictValue, key: Value, value: Value) -> None:
    """Put a value into a dictionary."""
    try:
        if isinstance(key, Constant):
            owner.items[key.value] = value
            return
    except TypeError:
        pass
    owner.others.append(value)


def _store_position(owner: ListValue, key: Value, value: Value) -> None:
    position = key.value if isinstance(key, Constant) else None
    if isinstance(position, int) and -len(owner.items) <= position < len(owner.items):
        owner.items[position] = value
    else:
        owner.items.append(value)
        owner.complete = False


_LITERALS = {"True": True, "False": False, "None": None}

_EXPRESSIONS: dict[type[cst.CSTNode], Callable[..., Value]] = {
    cst.Attribute: Evaluator._attribute,
    cst.Await: Evaluator._await,
    cst.BinaryOperation: Evaluator._binary,
    cst.BooleanOperation: Evaluator._boolean,
    cst.Call: Evaluator._call,
    cst.Comparison: Evaluator._comparison,
    cst.ConcatenatedString: Evaluator._concatenated,
    cst.Dict: Evaluator._dict,
    cst.DictComp: Evaluator._dict_comp,
    cst.Float: Evaluator._literal,
    cst.FormattedString: Evaluator._formatted,
    cst.GeneratorExp: Evaluator._list_comp,
    cst.IfExp: Evaluator._if_exp,
    cst.Integer: Evaluator._literal,
    cst.Lambda: Evaluator._lambda,
    cst.List: Evaluator._sequence,
    cst.ListComp: Evaluator._list_comp,
    cst.Name: Evaluator._name,
    cst.NamedExpr: Evaluator._named_expr,
    cst.Set: Evaluator._sequence,
    cst.SetComp: Evaluator._list_comp,
    cst.SimpleString: Evaluator._literal,
    cst.Subscript: Evaluator._subscript,
    cst.Tuple: Evaluator._sequence,
    cst.UnaryOperation: Evaluator._unary,
    cst.Yield: Evaluator._yield,
}

_ATTRIBUTES: dict[type[Value], Callable[..., Value]] = {
    ClassValue: Evaluator._class_attribute,
    Config: Evaluator._config_attribute,
    Constant: Evaluator._constant_attribute,
    Element: Evaluator._element_attribute,
    External: Evaluator._external_attribute,
    HelperValue: Evaluator._helper_attribute,
    Holder: Evaluator._holder_attribute,
    Instance: Evaluator._instance_attribute,
    ModuleObject: Evaluator._module_attribute,
    ModuleValue: Evaluator._file_attribute,
    Parameters: Evaluator._parameters_attribute,
    SuperValue: Evaluator._super_attribute,
    TrainerValue: Evaluator._trainer_attribute,
    PartOf: Evaluator._part_attribute,
    Unknown: Evaluator._unknown_attribute,
}
