"""Summaries of LightningModules: what each path shows of every module, joined in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.analysis.knowledge.callables import ADAPTED_AS, EFFECTS, Effect
from hfmode_lint.analysis.knowledge.loaders import names_no_module
from hfmode_lint.analysis.liveness import Liveness
from hfmode_lint.analysis.modes import TRAINED, Grads, Mode
from hfmode_lint.analysis.uses import Use
from hfmode_lint.findings import Verdict
from hfmode_lint.immutable import immutable
from hfmode_lint.model_summary import (
    Cause,
    CauseKind,
    Extent,
    ModelSummary,
    Parameters,
    SummaryNode,
)
from hfmode_lint.source import split_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import libcst as cst

    from hfmode_lint.analysis.classes import ClassValue
    from hfmode_lint.analysis.heap import ModuleObject, Origin
    from hfmode_lint.analysis.lifecycle import Lifecycle
    from hfmode_lint.analysis.places import Place
    from hfmode_lint.analysis.units import Unit
    from hfmode_lint.analysis.uses import Uses
    from hfmode_lint.analysis.verdicts import PathRecord
    from hfmode_lint.findings import Position
    from hfmode_lint.model_summary import Location

    # Where the program's own words put a position of a file.
    Locate = Callable[[Unit, Position], Location]

ROOT = "self"
# What peft calls the model inside of its adapters (measured).
_INSIDE_ADAPTER = "model"
_ADAPTER = "PeftModel"
# Who asks a layer for one of these, which may be a submodule for all that is known, gets none.
_PARAMETERS_OF_LAYERS = ("weight", "bias")
_HOLDERS = frozenset({Effect.CONTAIN, Effect.WRAP})
_VERDICTS = {
    Mode.TRAIN: Verdict.TRAIN,
    Mode.LOADED_EVAL: Verdict.EVAL,
    Mode.CHOSEN_EVAL: Verdict.EVAL,
    Mode.UNKNOWN: Verdict.UNKNOWN,
}
_PARAMETERS = {
    Grads.TRAINABLE: Parameters.TRAINABLE,
    Grads.PARTIAL: Parameters.PARTLY_FROZEN,
    Grads.FROZEN: Parameters.FROZEN,
    Grads.UNKNOWN: Parameters.UNKNOWN,
}


class Everything(Liveness):
    """In a summary, code matters that loads nothing: it makes modules all the same."""

    def matters(self, unit: Unit, name: str) -> bool:
        """Whatever it is."""
        del unit, name
        return True


@immutable
class SeenModule:
    """One module on one path, in the first training step.

    ``parent`` is the module path of what holds it, None of the LightningModule. ``grads`` are
    those of its parameters and of what is below.
    """

    name: str
    path: str
    parent: str | None
    type_name: str
    cls: ClassValue | None
    mode: Mode
    mode_cause: _Why | None
    grads: Grads
    grads_cause: _Why | None
    origin: Origin | None
    mode_matters: bool


@immutable
class _Why:
    kind: CauseKind
    place: Place
    loader: str = ""


def see(module: ModuleObject, lifecycle: Lifecycle, uses: Uses) -> tuple[SeenModule, ...]:
    """Read all modules below a LightningModule at the end of its first training step.

    They come in the order of ``named_modules``: each once, before what is below it.
    """
    return tuple(_Reader(lifecycle, uses).read(module))


class _Reader:
    """One reading of one heap."""

    def __init__(self, lifecycle: Lifecycle, uses: Uses) -> None:
        self._lifecycle = lifecycle
        self._uses = uses
        self._seen: set[int] = set()

    def read(
        self,
        module: ModuleObject,
        name: str = ROOT,
        above: str | None = None,
        holder: ModuleObject | None = None,
    ) -> Iterator[SeenModule]:
        """A module and all below it that has not been read yet."""
        if id(module) in self._seen:
            return
        self._seen.add(id(module))
        path = name if above is None else f"{above}.{name}"
        mode, set_by = self._mode_in_step(module)
        is_part = holder is not None and holder.origin is module.origin is not None
        yield SeenModule(
            name=name,
            path=path,
            parent=above,
            type_name=_type_name(module, is_part=is_part),
            cls=module.cls,
            mode=mode,
            mode_cause=_why(module, set_by),
            grads=_grads_below(module, set()),
            grads_cause=_set(module.grads_set_by),
            origin=module.origin,
            mode_matters=module.mode_matters and not module.transparent,
        )
        for child_name, child in module.child_modules():
            inside = module.transparent and child_name == ADAPTED_AS
            shown = f"{child_name}.{_INSIDE_ADAPTER}" if inside else child_name
            yield from self.read(child, shown, path, module)

    def _mode_in_step(self, module: ModuleObject) -> tuple[Mode, Place | None]:
        """The mode in which it runs in the step, or in which that began; and what set it."""
        began = self._lifecycle.at_step.get(id(module))
        ran_in = self._uses.trained_in.get(id(module))
        if began is None:
            return ran_in or module.mode, module.mode_set_by
        if ran_in is None or ran_in is began.mode:
            return began.mode, began.set_by
        return ran_in, module.mode_set_by


def _type_name(module: ModuleObject, *, is_part: bool) -> str:
    """The class by which the program makes a module, or nothing where that is a function."""
    if module.cls is not None:
        return module.cls.name
    if module.transparent:
        return _ADAPTER
    loader = module.origin.loader if module.origin is not None and not is_part else ""
    last = (module.library_class or loader).rpartition(".")[2]
    return last if last[:1].isupper() else ""


def _why(module: ModuleObject, set_by: Place | None) -> _Why | None:
    if set_by is not None:
        return _set(set_by)
    origin = module.origin
    if origin is not None:
        return _Why(CauseKind.LOADED, origin.place, origin.loader)
    if module.made_by is not None:
        return _Why(CauseKind.CONSTRUCTED, module.made_by)
    return _Why(CauseKind.DEFINED, module.cls.place) if module.cls is not None else None


def _set(by: Place | None) -> _Why | None:
    return _Why(CauseKind.SET, by) if by is not None else None


def _grads_below(module: ModuleObject, seen: set[int]) -> Grads:
    """What holds of the parameters of a module and of those below it."""
    seen.add(id(module))
    below = {_grads_below(c, seen) for _, c in module.child_modules() if id(c) not in seen}
    if not below or _may_have_own_parameters(module):
        new_ones_alone = module.adapted and module.grads is Grads.TRAINABLE
        below.add(Grads.PARTIAL if new_ones_alone else module.grads)
    if len(below) == 1:
        return below.pop()
    return Grads.UNKNOWN if Grads.UNKNOWN in below else Grads.PARTIAL


def _may_have_own_parameters(module: ModuleObject) -> bool:
    if module.origin is not None:
        return True
    if module.cls is None:
        return not module.transparent and EFFECTS.get(module.library_class) not in _HOLDERS
    return any(_names_parameter(each) for each in module.cls.resolution_order)


def _names_parameter(cls: ClassValue) -> bool:
    names = cls.unit.symbols.names.get(cls.name, set())
    return not names.isdisjoint({"Parameter", "register_parameter"})


def join(
    records: Iterable[PathRecord], classes: Sequence[Place], locate: Locate
) -> list[ModelSummary]:
    """Summaries of some LightningModules.

    :param records: what the paths of the program showed.
    :param classes: where the LightningModules are defined.
    """
    by_root: dict[Place, list[PathRecord]] = {place: [] for place in classes}
    for record in records:
        if record.root in by_root:
            by_root[record.root].append(record)
    return [_Join(locate, place, found).summary() for place, found in by_root.items()]


class _Join:
    """All that was seen of one LightningModule."""

    def __init__(self, locate: Locate, root: Place, records: Sequence[PathRecord]) -> None:
        self._locate = locate
        self._root = root
        self._records = records
        # What each path showed, by module path.
        self._seen: dict[str, list[tuple[SeenModule, Uses]]] = {}
        self._below: dict[str | None, list[str]] = {}
        for record in records:
            for module in record.modules:
                if module.path not in self._seen:
                    self._below.setdefault(module.parent, []).append(module.path)
                self._seen.setdefault(module.path, []).append((module, record.uses))

    def summary(self) -> ModelSummary:
        import libcst as cst

        unit, node = self._root
        start, _ = unit.parsed.span(node)
        return ModelSummary(
            name=cst.ensure_type(node, cst.ClassDef).name.value,
            location=self._locate(unit, start),
            root=self._node(ROOT) if ROOT in self._seen else None,
            complete=all(record.complete for record in self._records),
        )

    def _node(self, path: str) -> SummaryNode:
        seen = [module for module, _ in self._seen[path]]
        below = [each for each in self._below.get(path, ()) if self._is_module(each)]
        children = tuple(map(self._node, below))
        stands_out = any(_trains_in_eval(*each) for each in self._seen[path])
        if children and not any(each.origin for each in seen):
            # Its own flag does nothing where all that it runs is in train mode.
            stands_out = stands_out and any(child.trained_in_eval for child in children)
        return SummaryNode(
            name=seen[0].name,
            path=path,
            types=tuple(dict.fromkeys(each.type_name for each in seen if each.type_name)),
            mode=_verdict({_VERDICTS[each.mode] for each in seen}),
            mode_causes=self._causes(each.mode_cause for each in seen),
            parameters=_parameters({_PARAMETERS[each.grads] for each in seen}),
            parameter_causes=self._causes(each.grads_cause for each in seen),
            trained_in_eval=stands_out,
            on_every_way=len(seen) == len(self._records),
            children=children,
            classes=self._classes(each.cls for each in seen),
        )

    def _is_module(self, path: str) -> bool:
        """Whether what was taken for a module may be one, by its name and by its use."""
        seen = self._seen[path]
        if not any(module.type_name for module, _ in seen) and path.endswith(_PARAMETERS_OF_LAYERS):
            return False
        return not all(_is_no_module(module, uses) for module, uses in seen)

    def _causes(self, found: Iterable[_Why | None]) -> tuple[Cause, ...]:
        return tuple(self._cause(why) for why in dict.fromkeys(found) if why is not None)

    def _classes(self, found: Iterable[ClassValue | None]) -> tuple[Extent, ...]:
        defined = (each for cls in found if cls is not None for each in cls.resolution_order)
        return tuple(self._extent(place) for place in dict.fromkeys(cls.place for cls in defined))

    def _extent(self, place: Place) -> Extent:
        start, end = place.unit.parsed.span(place.node)
        return Extent(self._locate(place.unit, start), self._locate(place.unit, end).start)

    def _cause(self, why: _Why) -> Cause:
        unit, node = why.place
        start, _ = unit.parsed.span(node)
        return Cause(why.kind, _text_of(why), self._locate(unit, start))


def _verdict(found: set[Verdict]) -> Verdict:
    if len(found) == 1:
        return found.pop()
    return Verdict.UNKNOWN if Verdict.UNKNOWN in found else Verdict.EITHER


def _parameters(found: set[Parameters]) -> Parameters:
    if len(found) == 1:
        return found.pop()
    return Parameters.UNKNOWN if Parameters.UNKNOWN in found else Parameters.EITHER


def _trains_in_eval(module: SeenModule, uses: Uses) -> bool:
    """Whether a module is in eval mode and trained; what is seen not to be trained is not."""
    if _VERDICTS[module.mode] is not Verdict.EVAL or module.grads not in TRAINED:
        return False
    if not module.mode_matters:
        return False
    origin = module.origin
    if origin is not None and not uses.optimizes(origin):
        return False
    if uses.escaped or origin is None:
        return True
    used = uses.by_origin.get(origin, set())
    return Use.TRAINED in used or Use.NOT_TRAINED not in used


def _is_no_module(module: SeenModule, uses: Uses) -> bool:
    origin = module.origin
    if origin is None or not origin.assumed:
        return False
    return names_no_module(module.name) or Use.AS_TOKENIZER in uses.by_origin.get(origin, set())


def _text_of(why: _Why) -> str:
    import libcst as cst

    unit, node = why.place
    if why.loader:
        return f"{why.loader}()"
    if isinstance(node, cst.ClassDef):
        return f"class {node.name.value}"
    if isinstance(node, cst.FunctionDef):
        return f"def {node.name.value}"
    if isinstance(node, cst.Call):
        if why.kind is CauseKind.CONSTRUCTED:
            return f"{unit.parsed.text(node.func)}()"
        return unit.parsed.text(node)
    return _line_of(unit, node)


def _line_of(unit: Unit, node: cst.CSTNode) -> str:
    """The source line that an assignment stands in."""
    start, _ = unit.parsed.span(node)
    return split_lines(unit.parsed.tree.code)[start.line - 1].strip()
