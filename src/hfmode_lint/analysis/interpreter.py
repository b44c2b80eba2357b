"""Statements: runs a program abstractly, along one path."""

from __future__ import annotations

import builtins
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from math import inf
from typing import TYPE_CHECKING

import libcst as cst
from libcst.helpers import get_full_name_for_node

from hfmode_lint.analysis import objects
from hfmode_lint.analysis.calls import Caller
from hfmode_lint.analysis.classes import ClassValue
from hfmode_lint.analysis.configs import Configs
from hfmode_lint.analysis.expressions import Evaluator
from hfmode_lint.analysis.heap import ModuleObject
from hfmode_lint.analysis.imports import Imports
from hfmode_lint.analysis.inert import Branch, InertIf, dotted_name, inert_if
from hfmode_lint.analysis.knowledge.callables import EXITS
from hfmode_lint.analysis.knowledge.enums import UNCOUNTED
from hfmode_lint.analysis.names import unbound
from hfmode_lint.analysis.paths import Raised, Telling
from hfmode_lint.analysis.scopes import Scope
from hfmode_lint.analysis.symbols import MODE_METHODS
from hfmode_lint.analysis.telling import what_tells
from hfmode_lint.analysis.traces import forget
from hfmode_lint.analysis.units import MAIN
from hfmode_lint.analysis.uses import Uses
from hfmode_lint.analysis.values import (
    NONE,
    TRUE,
    UNKNOWN,
    Arguments,
    Below,
    Choice,
    Constant,
    ContextValue,
    DictValue,
    External,
    FunctionValue,
    Holder,
    Instance,
    IsNone,
    ListValue,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from hfmode_lint.analysis.liveness import Liveness
    from hfmode_lint.analysis.loop_calls import LoopCalls
    from hfmode_lint.analysis.paths import Decisions
    from hfmode_lint.analysis.places import Place
    from hfmode_lint.analysis.source_index import Binding
    from hfmode_lint.analysis.units import Modules, Unit
    from hfmode_lint.analysis.values import TrainerValue

    _Bound = tuple[float, int]

_UNBOUNDED = ((-inf, 0), (inf, 1))
_DEFAULT_ITERATIONS = 16


class Flow(Enum):
    """How a statement ends."""

    NEXT = "next"
    RETURN = "return"
    BREAK = "break"
    CONTINUE = "continue"


@dataclass(slots=True, eq=False, repr=False)
class Frame:
    """One call in progress.

    ``entry`` marks the code that the analysis starts from, as a script's own. ``gradients`` says
    whether they are computed for what uses what it has ``yielded``; ``detached`` are the calls in
    it whose results lead to no gradient.
    """

    scope: Scope
    function: FunctionValue | None = None
    owner: ClassValue | None = None
    entry: bool = False
    result: Value = NONE
    yielded: list[Value] | None = None
    gradients: bool = True
    detached: AbstractSet[cst.CSTNode] = frozenset()


@dataclass(slots=True, eq=False, repr=False)
class Hooks:
    """What the layer above wants to hear of.

    Training that starts, LightningModules that are made, before their constructors run and behind
    them, and those made from a checkpoint.
    """

    on_fit: Callable[[ModuleObject, TrainerValue, Value], None]
    on_instance: Callable[[ModuleObject, Arguments], None]
    on_built: Callable[[ModuleObject], None]
    on_restored: Callable[[ClassValue], None]


@dataclass(slots=True, eq=False, repr=False)
class Interpreter:
    """The state of one path, and the statements.

    ``partial`` counts the open branches that only some elements of a loop take, ``detached`` the
    calls in progress whose results lead to no gradient, ``repeating`` the loop statements in
    progress, ``sampling`` the code in progress of which one run stands for any number.
    ``gradients`` says whether torch computes them. ``entries`` are the functions that the analysis
    starts from, ``entered`` those that it came through, ``calls`` the calls in
    progress, ``waiting`` the LightningModules that no other path can make alike. ``loops``
    performs the calls of training loops, where these are followed. ``questions`` counts the tests
    that had no name of their own. ``offered`` is the class that the user of a command line is taken
    to name, ``asked`` whether some command line leaves that to the user. ``rest`` says that the
    program itself has ended, and others go on with what it has made, ``first_step`` that it is
    between the sanity check and the end of the first training step.
    """

    modules: Modules
    decisions: Decisions
    hooks: Hooks
    liveness: Liveness
    uses: Uses = field(default_factory=Uses)
    frames: list[Frame] = field(default_factory=list)
    partial: int = 0
    detached: int = 0
    repeating: int = 0
    sampling: int = 0
    gradients: bool = True
    trainer: TrainerValue | None = None
    waiting: list[ModuleObject] = field(default_factory=list)
    calls: list[Place] = field(default_factory=list)
    entries: set[cst.CSTNode] = field(default_factory=set)
    entered: set[cst.CSTNode] = field(default_factory=set)
    loops: LoopCalls | None = None
    questions: int = 0
    offered: ClassValue | None = None
    asked: bool = False
    rest: bool = False
    first_step: bool = False
    evaluator: Evaluator = field(init=False)
    caller: Caller = field(init=False)
    imports: Imports = field(init=False)
    configs: Configs = field(init=False)
    # By the symbol of an option: whether it was decided to be another thing than None.
    _given: dict[str, bool] = field(default_factory=dict)
    # By the symbol of a number: what it is at least, and what it is below.
    _bounds: dict[str, tuple[_Bound, _Bound]] = field(default_factory=dict)
    _globals: dict[Unit, Scope] = field(default_factory=dict)
    _resolving: set[tuple[Unit, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Make the parts that need the whole."""
        self.imports = Imports(self, self.modules)
        self.evaluator = Evaluator(self)
        self.caller = Caller(self)
        self.configs = Configs(self)

    @property
    def frame(self) -> Frame:
        """The innermost call."""
        return self.frames[-1]

    @property
    def unit(self) -> Unit:
        """The file that the program is in."""
        return self.frame.scope.unit

    @property
    def units(self) -> Iterable[Unit]:
        """The files that the program has come through."""
        return self._globals.keys()

    @property
    def no_grad(self) -> bool:
        """Whether nothing is trained with what runs now."""
        return self.detached > 0 or not self.gradients

    @property
    def innermost_call(self) -> Place | None:
        """The call that the program is in; None before the first."""
        return self.calls[-1] if self.calls else None

    def evaluate(self, node: cst.BaseExpression) -> Value:
        """The value of an expression, with its effects."""
        return self.evaluator.evaluate(node)

    @contextmanager
    def with_gradients(self) -> Iterator[None]:
        """Run what Lightning runs: with gradients, whatever was set before or is set in it."""
        before = self.gradients
        self.gradients = True
        try:
            yield
        finally:
            self.gradients = before

    @contextmanager
    def standing_in(self, scope: Scope) -> Iterator[None]:
        """Look at something in another place than where the program now is."""
        self.frames.append(Frame(scope))
        try:
            yield
        finally:
            self.frames.pop()

    # Names

    def lookup(self, name: str) -> Value:
        """The value of a name where the program now is."""
        return self.imports.resolve(self.frame.scope.lookup(name))

    def globals_of(self, unit: Unit) -> Scope:
        """The global names of a file."""
        scope = self._globals.get(unit)
        if scope is None:
            scope = Scope(None, unit, partial(self._resolve_global, unit))
            self._globals[unit] = scope
        return scope

    def global_of(self, unit: Unit, name: str) -> Value:
        """The value of one global name of a file."""
        return self.imports.resolve(self.globals_of(unit).lookup(name))

    def _resolve_global(self, unit: Unit, name: str) -> Value:
        """The value of a global name that no statement has bound yet on this path."""
        bindings = unit.index.bindings.get(name)
        if not bindings or (unit, name) in self._resolving:
            return self._outside_name(unit, name)
        scope = self.globals_of(unit)
        self._resolving.add((unit, name))
        try:
            self.run_apart(unit, bindings[-1])
            value = scope.values.get(name)
            if value is not None:
                self.imports.fill(unit, name, value)
                self._unsettle(unit, name, scope)
        finally:
            self._resolving.discard((unit, name))
        return scope.values.get(name, UNKNOWN)

    def _unsettle(self, unit: Unit, name: str, scope: Scope) -> None:
        """Take what one statement shows of a global for unknown, where others may change it."""
        value = scope.values[name]
        question = f"{unit.name}:{name}"
        if isinstance(value, Constant) and name in unit.index.unsettled:
            scope.values[name] = Unknown(question)
        elif name in unit.index.changing:
            forget(value, question)

    def run_apart(self, unit: Unit, node: Binding, *, decorators_of: str | None = None) -> None:
        """Execute one statement of a file's top level.

        :param decorators_of: call the decorators of a definition that begin with this name.
        """
        self.frames.append(Frame(self.globals_of(unit)))
        place = self.decisions.place
        try:
            if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
                self.execute(node)
                if decorators_of is not None:
                    self._decorate(node, decorators_of)
            else:
                self._small(node)
        finally:
            self.frames.pop()
            self.decisions.place = place

    def _decorate(self, node: cst.FunctionDef | cst.ClassDef, name: str) -> None:
        """Call the decorators that begin with a name, for what they do with the definition."""
        defined = self.lookup(node.name.value)
        for decorator in reversed(node.decorators):
            expression = decorator.decorator
            if (get_full_name_for_node(expression) or "").partition(".")[0] == name:
                called = self.evaluate(expression)
                self.caller.apply(called, Arguments([defined]), cst.Call(expression))

    def _outside_name(self, unit: Unit, name: str) -> Value:
        source = self.imports.from_star(unit, name)
        if source is not None:
            return self.global_of(source, name)
        if name == "__name__":
            return Constant(MAIN)
        if hasattr(builtins, name):
            return External(f"builtins.{name}")
        return unbound(name, self.imports.library_stars(unit))

    # Tests

    def decide_truth(self, value: Value) -> bool:
        """Whether a value is true: known, decided before, or decided now."""
        known = self.known_truth(value)
        if known is not None:
            return known
        if isinstance(value, Choice):
            return self.decide_truth(self._chosen(value))
        if isinstance(value, External):
            value = Unknown(value.name)
        negated = isinstance(value, Unknown) and value.negated
        symbol = value.symbol if isinstance(value, Unknown) else None
        # Most of what is given is something.
        usual = 1 if isinstance(value, IsNone) else 0
        choice = self.decisions.decide(2, symbol, self._telling(), usual)
        true = (choice == 0) is not negated
        self._learn(value, true=true)
        if isinstance(value, IsNone):
            self._given[value.subject] = true is value.negated
        return true

    def _telling(self) -> Telling:
        """How much it seems to matter which way the statement goes that the program is at."""
        place = self.decisions.place
        if not isinstance(place, cst.CSTNode):
            return Telling.NOTHING
        return what_tells(place, self.unit, self.liveness)

    def known_truth(self, value: Value) -> bool | None:
        """Whether a value is true, or None where only a decision can tell."""
        if isinstance(value, Choice):
            truths = {self.known_truth(each) for _, each in self._open_options(value)}
            return truths.pop() if len(truths) == 1 else None
        if not isinstance(value, Unknown):
            known = objects.truth(value)
            if known is not None or not isinstance(value, External):
                return known
            value = Unknown(value.name)
        choice = self.decisions.known(value.symbol)
        if choice is not None:
            return (choice == 0) is not value.negated
        if isinstance(value, Below):
            return self._known_bound(value)
        known = self._known_given(value)
        return None if known is None else known is not value.negated

    def _known_given(self, value: Unknown) -> bool | None:
        """Whether an option is given, by another way to ask that.

        What is not None is taken to be true: nobody means an empty path.
        """
        if isinstance(value, IsNone):
            return False if self.decisions.known(value.subject) == 0 else None
        return self._given.get(value.symbol) if value.symbol is not None else None

    def _known_bound(self, value: Below) -> bool | None:
        """Whether a number is below a bound, by what was decided of others."""
        at_least, below = self._bounds.get(value.subject, _UNBOUNDED)
        if value.bound >= below:
            return not value.negated
        return value.negated if value.bound <= at_least else None

    def _learn(self, value: Value, *, true: bool) -> None:
        """Keep what the answer to a test says of a number."""
        if isinstance(value, Below):
            at_least, below = self._bounds.get(value.subject, _UNBOUNDED)
            if true is not value.negated:
                self._bounds[value.subject] = (at_least, min(below, value.bound))
            else:
                self._bounds[value.subject] = (max(at_least, value.bound), below)

    def _open_options(self, choice: Choice) -> Iterator[tuple[Value, Value]]:
        """The options that what is known of the tests leaves."""
        for test, value in choice.options:
            known = self.known_truth(test)
            if known is not False:
                yield test, value
            if known:
                return

    def _chosen(self, choice: Choice) -> Value:
        """Decide which value it is."""
        return next(value for test, value in choice.options if self.decide_truth(test))

    def assume(self, value: Value, *, true: bool) -> None:
        """Go on only where a value is true (or false).

        :raises PathEnded: where it is known not to be.
        """
        known = self.known_truth(value)
        if known is None and isinstance(value, Choice):
            self._assume_choice(value, true=true)
        elif known is None and isinstance(value, Unknown):
            self.decisions.assume(value.symbol, 0 if true is not value.negated else 1)
            self._learn(value, true=true)
        elif known is not None and known is not true:
            raise Raised

    def _assume_choice(self, choice: Choice, *, true: bool) -> None:
        """Decide no more of a choice than the assumption leaves open."""
        options = list(self._open_options(choice))
        fitting = [self.known_truth(value) is not (not true) for _, value in options]
        for position, (test, value) in enumerate(options):
            if not fitting[position]:
                self.assume(test, true=False)
            elif not any(fitting[position + 1 :]):
                self.assume(test, true=True)
                self.assume(value, true=true)
                return
            elif self.decide_truth(test):
                self.assume(value, true=true)
                return
        raise Raised

    # Statements

    def run_block(self, statements: Sequence[cst.CSTNode]) -> Flow:
        """Execute statements until one leaves the block."""
        for statement in statements:
            flow = self.execute(statement)
            if flow is not Flow.NEXT:
                return flow
        return Flow.NEXT

    def execute(self, node: cst.CSTNode) -> Flow:
        """Execute one statement."""
        self.decisions.step()
        self.decisions.place = node
        if isinstance(node, cst.SimpleStatementLine):
            return self._run_small(node.body)
        handler = _COMPOUND.get(type(node))
        return handler(self, node) if handler is not None else Flow.NEXT

    def run_suite(self, node: cst.BaseSuite) -> Flow:
        """Execute the body of a compound statement."""
        if isinstance(node, cst.SimpleStatementSuite):
            return self._run_small(node.body)
        return self.run_block(node.body)

    def _run_small(self, statements: Sequence[cst.BaseSmallStatement]) -> Flow:
        for statement in statements:
            flow = self._small(statement)
            if flow is not Flow.NEXT:
                return flow
        return Flow.NEXT

    def _small(self, node: cst.CSTNode) -> Flow:
        handler = _SMALL.get(type(node))
        return handler(self, node) if handler is not None else Flow.NEXT

    def _expr(self, node: cst.Expr) -> Flow:
        self.evaluate(node.value)
        return Flow.NEXT

    def _assign(self, node: cst.Assign) -> Flow:
        value = self.evaluate(node.value)
        if self.sampling and isinstance(value, Constant) and _counts(node):
            value = Unknown(self.new_question())
        for target in node.targets:
            self.assign(target.target, value)
        return Flow.NEXT

    def _ann_assign(self, node: cst.AnnAssign) -> Flow:
        if node.value is not None:
            self.assign(node.target, self.evaluate(node.value))
        return Flow.NEXT

    def _aug_assign(self, node: cst.AugAssign) -> Flow:
        self.evaluator.augmented(node)
        return Flow.NEXT

    def _return(self, node: cst.Return) -> Flow:
        self.frame.result = self.evaluate(node.value) if node.value is not None else NONE
        return Flow.RETURN

    def _raise(self, node: cst.Raise) -> Flow:
        if isinstance(node.exc, cst.Call) and get_full_name_for_node(node.exc.func) == "SystemExit":
            # Its status may be what the whole program gives: ``raise SystemExit(main())``.
            self.evaluate(node.exc)
        raise Raised

    def _break(self, node: cst.Break) -> Flow:
        return Flow.BREAK

    def _continue(self, node: cst.Continue) -> Flow:
        return Flow.CONTINUE

    def _assert(self, node: cst.Assert) -> Flow:
        self.assume(self.evaluator.test(node.test), true=True)
        return Flow.NEXT

    def _delete(self, node: cst.Del) -> Flow:
        targets = node.target.elements if isinstance(node.target, cst.Tuple) else (node,)
        for target in targets:
            expression = target.value if isinstance(target, cst.BaseElement) else node.target
            self._delete_target(expression)
        return Flow.NEXT

    def _delete_target(self, target: cst.BaseExpression) -> None:
        if isinstance(target, cst.Name):
            self.frame.scope.unbind(target.value)
        elif isinstance(target, cst.Attribute):
            self.evaluator.delete_attribute(self.evaluate(target.value), target.attr.value)
        elif isinstance(target, cst.Subscript):
            self.evaluator.delete_item(target)

    def _import(self, node: cst.Import | cst.ImportFrom) -> Flow:
        for name, value in self.imports.bound_by(node, self.unit):
            self.frame.scope.bind(name, value)
        return Flow.NEXT

    def _names_elsewhere(self, node: cst.Global | cst.Nonlocal) -> Flow:
        self.frame.scope.nonlocals.update(item.name.value for item in node.names)
        return Flow.NEXT

    def _if(self, node: cst.If) -> Flow:
        self.decisions.place = node
        test = self.evaluator.test(node.test)
        known = self.known_truth(test)
        if known is None:
            known = self._undecided(node, test)
        if known is None:
            return Flow.NEXT
        if known:
            return self.run_suite(node.body)
        return self.execute_else(node.orelse)

    def _undecided(self, node: cst.If, test: Value) -> bool | None:
        """Which branch a test takes that can't be evaluated; None when nothing is left to do."""
        if isinstance(test, Unknown) and test.varies:
            self._for_some(node)
            return None
        if _only_raises(node.body):
            self.assume(test, true=False)
            return False
        if isinstance(node.orelse, cst.Else) and _only_raises(node.orelse.body):
            # A program that raises trains nothing.
            self.assume(test, true=True)
            return True
        if self._skip_inert(node, test):
            return None
        return self.decide_truth(test)

    def _for_some(self, node: cst.If) -> None:
        """Take both branches, each for some of the elements that a loop goes through."""
        self.partial += 1
        flows = {self.run_suite(node.body), self.execute_else(node.orelse)}
        if flows == {Flow.NEXT}:
            self.partial -= 1
        # Otherwise some elements have left the iteration: what follows is for the others, and
        # the loop or the call takes the count back.

    def _skip_inert(self, node: cst.If, test: Value) -> bool:
        """Skip an ``if`` in which nothing happens but plain values being set."""
        known = self.unit.index.inert
        if node not in known:
            known[node] = inert_if(node)
        inert = known[node]
        if inert is None or any(self._holds_module(target) for target in inert.targets):
            return False
        left = self._left_by(inert, test) if inert.branches else {}
        for target in inert.targets:
            self.assign(target, left.get(dotted_name(target), UNKNOWN))
        return True

    def _left_by(self, inert: InertIf, test: Value) -> Mapping[str, Value]:
        """What an ``if`` leaves in names of which it is known, as choices between its branches."""
        tests = [test, *(self._test_of(branch) for branch in inert.branches[1:])]
        if any(isinstance(each, Unknown) and each.varies for each in tests):
            return {}
        sets = [branch.literals for branch in inert.branches]
        if inert.branches[-1].test is not None:
            tests.append(TRUE)
            sets.append({})
        questions = [self._as_question(each) for each in tests]
        found: dict[str, Value] = {}
        for target in inert.targets:
            name = dotted_name(target)
            before = self.evaluate(target)
            values = [self._literal(each[name]) if name in each else before for each in sets]
            if all(isinstance(each, (Constant, Choice)) for each in values):
                found[name] = Choice.of(*zip(questions, values, strict=True))
        return found

    def _test_of(self, branch: Branch) -> Value:
        return TRUE if branch.test is None else self.evaluator.test(branch.test)

    def _literal(self, node: cst.BaseExpression | None) -> Value:
        return UNKNOWN if node is None else self.evaluate(node)

    def _as_question(self, test: Value) -> Value:
        """A test that has the same answer whenever it is asked."""
        known = self.known_truth(test)
        if known is not None:
            return Constant(known)
        if isinstance(test, Choice) or (isinstance(test, Unknown) and test.symbol):
            return test
        return Unknown(self.new_question())

    def new_question(self) -> str:
        """A name for what has none of its own."""
        self.questions += 1
        return f"question {self.questions}"

    def _holds_module(self, target: cst.BaseExpression) -> bool:
        value = self.evaluate(target)
        return isinstance(value, (ModuleObject, Holder, ClassValue, External))

    def execute_else(self, orelse: cst.If | cst.Else | None) -> Flow:
        """Execute an ``elif`` or ``else``."""
        if orelse is None:
            return Flow.NEXT
        return self._if(orelse) if isinstance(orelse, cst.If) else self.run_suite(orelse.body)

    def _for(self, node: cst.For) -> Flow:
        partial = self.partial
        source = self.evaluate(node.iter)
        items = self.iterate(source)
        with self._loop(sampling=not self.sees_all(source, items)):
            for item in items:
                self.assign(node.target, item)
                flow = self.run_suite(node.body)
                self.partial = partial
                if self.uses.in_configure_optimizers:
                    self.evaluator.pass_over_untaken(item)
                if flow is Flow.RETURN:
                    return flow
                if flow is Flow.BREAK:
                    return Flow.NEXT
        return self.execute_else(node.orelse)

    @contextmanager
    def _loop(self, *, sampling: bool) -> Iterator[None]:
        self.repeating += 1
        self.sampling += sampling
        try:
            yield
        finally:
            self.sampling -= sampling
            self.repeating -= 1

    @contextmanager
    def standing_for_many(self) -> Iterator[None]:
        """Run something that the program may run any number of times."""
        self.sampling += 1
        try:
            yield
        finally:
            self.sampling -= 1

    def iterate(self, value: Value) -> list[Value]:
        """The elements that a loop sees; for what can't be known, one that stands for all."""
        return objects.elements(value)[:_DEFAULT_ITERATIONS]

    def sees_all(self, value: Value, items: Sequence[Value]) -> bool:
        """Whether these, of :meth:`iterate`, are certainly what a loop sees, and all of it."""
        if not isinstance(value, (ListValue, DictValue)):
            return isinstance(value, (ModuleObject, Instance)) and Unknown() not in items
        return value.complete and len(items) == len(objects.elements(value))

    def _while(self, node: cst.While) -> Flow:
        todo = self.evaluator.test(node.test)
        if self.known_truth(todo) is False:
            return self.execute_else(node.orelse)
        with self._loop(sampling=True):
            before = list(todo.items) if isinstance(todo, ListValue) else []
            flow = self.run_suite(node.body)
            if isinstance(todo, ListValue) and todo.items and todo.items != before:
                # It goes on with what it has put there itself.
                flow = self.run_suite(node.body)
        return flow if flow is Flow.RETURN else Flow.NEXT

    def _with(self, node: cst.With) -> Flow:
        gradients = self.gradients
        suppressing = False
        entered: list[Value] = []
        for item in node.items:
            value = self.evaluate(item.item)
            if isinstance(value, ContextValue):
                suppressing |= value.suppressing
            given = self._enter(value)
            entered.append(value)
            if item.asname is not None:
                self.assign(item.asname.name, value if given is None else given)
        try:
            flow = self.run_suite(node.body)
        except Raised:
            if not suppressing:
                raise
            flow = Flow.NEXT
        finally:
            self.gradients = gradients
        for value in reversed(entered):
            self.call_method(value, "__exit__", NONE, NONE, NONE)
        return flow

    def _enter(self, context: Value) -> Value | None:
        """What entering a context of the program's own gives; None for others."""
        if isinstance(context, ContextValue):
            if context.gradients is not None:
                self.gradients = context.gradients
            return context.entered
        return self.call_method(context, "__enter__")

    def call_method(self, owner: Value, name: str, *given: Value) -> Value | None:
        """What a method of an object's own class gives; None where it has none."""
        cls = owner.cls if isinstance(owner, Instance) else None
        method = cls.find(name) if cls is not None else None
        if not isinstance(method, FunctionValue):
            return None
        return self.caller.call_function(method, Arguments([owner, *given]))

    def _try(self, node: cst.Try | cst.TryStar) -> Flow:
        flow = self._try_body(node)
        if node.finalbody is not None:
            final = self.run_suite(node.finalbody.body)
            return final if final is not Flow.NEXT else flow
        return flow

    def _try_body(self, node: cst.Try | cst.TryStar) -> Flow:
        handlers = [handler for handler in node.handlers if not _only_raises(handler.body)]
        taken = 0
        if handlers and _can_fail(node.body):
            taken = self.decisions.decide(len(handlers) + 1, telling=self._telling())
        if taken:
            return self._handle(handlers[taken - 1])
        try:
            flow = self.run_suite(node.body)
        except Raised:
            if not handlers:
                raise
            return self._handle(handlers[0])
        return self.execute_else(node.orelse) if flow is Flow.NEXT else flow

    def _handle(self, handler: cst.ExceptHandler | cst.ExceptStarHandler) -> Flow:
        if handler.name is not None:
            self.assign(handler.name.name, UNKNOWN)
        return self.run_suite(handler.body)

    def _match(self, node: cst.Match) -> Flow:
        subject = self.evaluate(node.subject)
        for case in node.cases:
            if self._case_matches(case, subject):
                return self.run_suite(case.body)
        return Flow.NEXT

    def _case_matches(self, case: cst.MatchCase, subject: Value) -> bool:
        matches = self.evaluator.pattern(case.pattern, subject)
        if not self.decide_truth(matches):
            return False
        return case.guard is None or self.decide_truth(self.evaluator.test(case.guard))

    def _function_def(self, node: cst.FunctionDef) -> Flow:
        names = frozenset(_decorator_names(node))
        # A method closes over what is around its class, not over the class body.
        scope, owner = self.frame.scope, self.frame.owner
        in_class_body = owner is not None and owner.scope is scope
        closure = scope.parent if in_class_body and scope.parent is not None else scope
        # At the top level a default is the same whenever it is asked for, and most never are.
        inner = self.frame.function is not None
        defaults = self.evaluator.defaults_of(node.params) if inner else {}
        function = FunctionValue(node, closure, owner, names, defaults)
        name = f"{node.name.value}.setter" if "setter" in names else node.name.value
        scope.bind(name, function)
        return Flow.NEXT

    def _class_def(self, node: cst.ClassDef) -> Flow:
        bases = [self._base(argument.value) for argument in node.bases if not argument.star]
        scope = self.frame.scope.inner()
        cls = ClassValue(node, scope, bases, scope.values)
        self.frames.append(Frame(scope, owner=cls))
        try:
            self.run_suite(node.body)
        finally:
            self.frames.pop()
        if cls.is_enum():
            _tell_apart(cls)
        self._tell_bases(node, cls)
        self.frame.scope.bind(node.name.value, cls)
        return Flow.NEXT

    def _tell_bases(self, node: cst.ClassDef, cls: ClassValue) -> None:
        """Run what a base of the program does with each class that extends it."""
        told = cls.find("__init_subclass__", cls)
        if isinstance(told, FunctionValue):
            given = {
                each.keyword.value: self.evaluate(each.value)
                for each in node.keywords
                if each.keyword is not None
            }
            self.caller.call_function(told, Arguments([cls], given))

    def _base(self, node: cst.BaseExpression) -> Value:
        while isinstance(node, cst.Subscript):
            node = node.value
        return self.evaluate(node)

    # Assignment

    def assign(self, target: cst.CSTNode, value: Value) -> None:
        """Bind a target of any shape."""
        if isinstance(target, cst.Name):
            self.frame.scope.bind(target.value, value)
        elif isinstance(target, cst.Attribute):
            owner = self.evaluate(target.value)
            self.evaluator.set_attribute(owner, target.attr.value, value, target)
        elif isinstance(target, cst.Subscript):
            self.evaluator.set_item(target, value)
        elif isinstance(target, (cst.Tuple, cst.List)):
            self._unpack(target.elements, value)
        elif isinstance(target, cst.StarredElement):
            self.assign(target.value, value)

    def _unpack(self, targets: Sequence[cst.BaseElement], value: Value) -> None:
        for target, item in zip(targets, _positions(value, targets), strict=True):
            self.assign(target.value, item)


def _positions(value: Value, targets: Sequence[cst.BaseElement]) -> list[Value]:
    """What each target of an unpacking gets."""
    count = len(targets)
    starred = [isinstance(target, cst.StarredElement) for target in targets]
    if any(starred) and isinstance(value, ListValue) and len(value.items) >= count - 1:
        first = starred.index(True)
        last = len(value.items) - (count - first - 1)
        rest = ListValue(value.items[first:last], value.complete)
        return [*value.items[:first], rest, *value.items[last:]]
    if isinstance(value, Unknown):
        items: list[Value] = [Unknown(varies=value.varies)] * count
    else:
        items = [*objects.elements(value), *[UNKNOWN] * count][:count]
    return [
        ListValue([item], complete=False) if is_rest else item
        for item, is_rest in zip(items, starred, strict=True)
    ]


def _counts(node: cst.Assign) -> bool:
    """Whether what is set is calculated from itself: ``n = n + 1``, ``x.on = not x.on``."""
    if isinstance(node.value, cst.BinaryOperation):
        parts = [node.value.left, node.value.right]
    elif isinstance(node.value, cst.UnaryOperation):
        parts = [node.value.expression]
    else:
        return False
    names = {get_full_name_for_node(each) for each in parts}
    return any(get_full_name_for_node(each.target) in names for each in node.targets)


def _tell_apart(enum: ClassValue) -> None:
    """Number the members whose values nobody has written: ``A = auto()``."""
    counts = not UNCOUNTED.intersection(enum.external_bases())
    last = 0
    for name, value in enum.attributes.items():
        if isinstance(value, Unknown):
            last += 1
            enum.attributes[name] = Constant(last if counts else f"{enum.name}.{name}")
        elif isinstance(value, Constant) and isinstance(value.value, int):
            last = max(last, value.value)


def _decorator_names(node: cst.FunctionDef) -> Iterator[str]:
    for decorator in node.decorators:
        expression = decorator.decorator
        if isinstance(expression, cst.Call):
            expression = expression.func
        name = get_full_name_for_node(expression)
        if name is not None:
            yield name.rpartition(".")[2]


def _only_raises(body: cst.BaseSuite) -> bool:
    """Whether a block ends with an exception, or ends the program."""
    last: cst.CSTNode = body.body[-1]
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1]
    if isinstance(last, cst.Expr) and isinstance(last.value, cst.Call):
        return get_full_name_for_node(last.value.func) in EXITS
    return isinstance(last, cst.Raise)


def _can_fail(body: cst.BaseSuite) -> bool:
    """Whether the handlers of a ``try`` are worth a path: importing is taken to work."""
    for statement in body.body:
        small = statement.body if isinstance(statement, cst.SimpleStatementLine) else (statement,)
        if not all(map(_works, small)):
            return True
    return False


def _works(statement: cst.CSTNode) -> bool:
    """Whether a statement is one that does not raise."""
    if isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Call):
        called = statement.value.func
        return isinstance(called, cst.Attribute) and called.attr.value in MODE_METHODS
    if isinstance(statement, cst.Assign):
        if not all(isinstance(each.target, cst.Name) for each in statement.targets):
            return False
        return _is_plain(statement.value)
    if isinstance(statement, cst.Return):
        return _is_plain(statement.value)
    return isinstance(statement, (cst.Import, cst.ImportFrom, cst.Pass))


def _is_plain(value: cst.BaseExpression | None) -> bool:
    """Whether an expression is a constant."""
    if isinstance(value, cst.Name):
        return value.value in {"False", "None", "True"}
    return value is None or isinstance(value, (cst.Integer, cst.SimpleString))


_COMPOUND: dict[type[cst.CSTNode], Callable[..., Flow]] = {
    cst.ClassDef: Interpreter._class_def,
    cst.For: Interpreter._for,
    cst.FunctionDef: Interpreter._function_def,
    cst.If: Interpreter._if,
    cst.Match: Interpreter._match,
    cst.Try: Interpreter._try,
    cst.TryStar: Interpreter._try,
    cst.While: Interpreter._while,
    cst.With: Interpreter._with,
}

_SMALL: dict[type[cst.CSTNode], Callable[..., Flow]] = {
    cst.AnnAssign: Interpreter._ann_assign,
    cst.Assert: Interpreter._assert,
    cst.Assign: Interpreter._assign,
    cst.AugAssign: Interpreter._aug_assign,
    cst.Break: Interpreter._break,
    cst.Continue: Interpreter._continue,
    cst.Del: Interpreter._delete,
    cst.Expr: Interpreter._expr,
    cst.Global: Interpreter._names_elsewhere,
    cst.Import: Interpreter._import,
    cst.ImportFrom: Interpreter._import,
    cst.Nonlocal: Interpreter._names_elsewhere,
    cst.Raise: Interpreter._raise,
    cst.Return: Interpreter._return,
}
