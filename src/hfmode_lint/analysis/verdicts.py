"""From heaps to verdicts: what holds of each loaded module when training starts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from hfmode_lint.analysis.heap import ModuleObject, walk_paths
from hfmode_lint.analysis.holding import classes_by_path, holding
from hfmode_lint.analysis.knowledge.lightning import INFERENCE_STEPS, TRAINING_STEP
from hfmode_lint.analysis.knowledge.loaders import names_no_module
from hfmode_lint.analysis.knowledge.methods import BODIES, EMBEDDINGS
from hfmode_lint.analysis.modes import EVAL, Grads, Mode
from hfmode_lint.analysis.uses import Use, Uses
from hfmode_lint.findings import Verdict
from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    import libcst as cst

    from hfmode_lint.analysis.classes import ClassValue
    from hfmode_lint.analysis.heap import Origin
    from hfmode_lint.analysis.holding import ClassesByPath, Holding
    from hfmode_lint.analysis.places import Place
    from hfmode_lint.analysis.states import ModuleState
    from hfmode_lint.analysis.summaries import SeenModule
    from hfmode_lint.analysis.units import Unit


_FROZEN = frozenset({Grads.FROZEN, Grads.PARTIAL})

Key = tuple["cst.Call", str, "Place | None"]
# The LightningModule, and the module path in it.
Spot = tuple["Place", str]


class Status(Enum):
    """One loaded module on one path."""

    EVAL = "in eval mode since it was loaded, and trained"
    TRAIN = "in train mode"
    INTENDED = "in eval mode by choice, or frozen"
    UNKNOWN = "unknown"
    MODELESS = "made of layers that do the same in both modes"


class Reason(Enum):
    """Why a loaded module is reported, or why it is not."""

    TRAINS_IN_EVAL = "it is trained, in the eval mode in which it was loaded"
    TRAIN = "it is in train mode"
    INTENDED = "it is in eval mode by choice, or frozen"
    MODELESS = "its layers do the same in both modes"
    UNUSED = "it is seen to be used, and never with gradients in training"
    NOT_OPTIMIZED = "the optimizer does not get its parameters"
    NO_MODULE = "its name or its use shows that it is no module"
    UNKNOWN = "something that can't be seen may set its mode"
    BY_VERSION = "another version of the library leaves another mode, or freezes it"
    ELSEWHERE = "the same load is reported under another module path"


@immutable
class Sighting:
    """A loaded module in a LightningModule, on one path.

    ``modes`` are those of the module and of the parts of it that were looked at. ``fixable`` says
    that it would be in train mode had ``.train()`` followed the loader. ``place`` is where a
    finding about it stands.
    """

    origin: Origin
    path: str
    modes: frozenset[Mode]
    status: Status
    partly_frozen: bool
    fixable: bool
    root: ClassValue
    place: Place | None

    @property
    def key(self) -> Key:
        """What is the same for the same load on every path."""
        return (*self.origin.key, self.place)


@immutable
class PathRecord:
    """What one path showed of the LightningModule that it trains, a class ``root``.

    ``sightings`` are the loaded modules, ``trained_paths`` where other modules are in train mode,
    ``states`` all modules, loaded or not, ``classes`` those of the modules that the program
    defines; ``modules`` are all modules as well, with what set their modes, where a summary is
    made.
    A ``supposed`` path is that of a caller elsewhere, with arguments of its own: no finding
    comes from it where the file shows how the class is used, but a fix must be right there too.
    One that is not ``complete`` is of so many that some were left out. ``removed`` is what the path
    uses that Lightning 2.0 has removed, with which the training does not begin.
    """

    root: Place
    sightings: tuple[Sighting, ...]
    trained_paths: frozenset[str]
    uses: Uses
    classes: ClassesByPath = field(default_factory=dict)
    states: tuple[ModuleState, ...] = ()
    modules: tuple[SeenModule, ...] = ()
    supposed: bool = False
    complete: bool = True
    removed: str | None = None

    def concerns(self, unit: Unit) -> bool:
        """Whether it says anything of what stands in a file."""
        places = [each.chosen_by for each in self.states]
        places += [each.place for each in self.sightings]
        return any(place is not None and place.unit is unit for place in places)

    def holding_of(self, sighting: Sighting) -> Holding:
        """How a loaded module is held."""
        places = [sighting.origin.place, sighting.place]
        return holding(self.classes, sighting.path, [each.unit for each in places if each])

    def holding_in(self, state: ModuleState) -> Holding:
        """How a module is held, loaded or not."""
        places = [state.chosen_by, state.origin.place if state.origin else None]
        return holding(self.classes, state.path, [each.unit for each in places if each])

    def restricted_to(self, counts: Callable[[Holding], bool]) -> Iterator[PathRecord]:
        """What the path showed of the modules that count, and what it showed of the others.

        No finding comes from those, but a fix must be right there too.
        """
        kept = tuple(each for each in self.sightings if counts(self.holding_of(each)))
        others = tuple(each for each in self.sightings if each not in kept)
        states = tuple(each for each in self.states if counts(self.holding_in(each)))
        yield replace(self, sightings=kept, states=states)
        if others:
            yield replace(self, sightings=others, states=(), supposed=True)


@dataclass(slots=True, repr=False)
class LoadedModule:
    """The verdict on what one loader call put at one module path of one LightningModule.

    It holds over every way through the program. Each LightningModule has its own: what a subclass
    does is no reason to doubt its base.

    ``verdict`` is the mode, whoever chose it; ``reason`` says whether that is a finding.
    ``fixable`` says that ``.train()`` right after the loader would help.
    ``stays_eval`` says that the module is in eval mode on every path that loads it;
    ``partly_frozen`` that some of its parameters are frozen; ``local`` that the loader stands
    in a LightningModule or in the code that starts the training. ``root`` is the LightningModule.
    ``place`` is where the finding stands: the loader call, or where the program comes to it, for
    one of an installed package; None where it never does so itself.
    """

    origin: Origin
    path: str
    root: ClassValue
    verdict: Verdict
    reason: Reason
    stays_eval: bool
    partly_frozen: bool
    fixable: bool
    local: bool
    used_as_module: bool
    place: Place | None

    @property
    def reported(self) -> bool:
        """Whether this is a finding."""
        return self.reason is Reason.TRAINS_IN_EVAL


@dataclass(slots=True, repr=False)
class Evidence:
    """All that was seen of one loader call at one module path of one LightningModule.

    ``kinds`` are the uses at the same path of any LightningModule: what they show of what was
    loaded, a module or none, is true of all. It is ``spared`` where it is not trained on some path,
    and ``complete`` where no path was left out.
    """

    sightings: list[Sighting] = field(default_factory=list)
    uses: set[Use] = field(default_factory=set)
    kinds: set[Use] = field(default_factory=set)
    escaped: bool = False
    optimized: bool = False
    spared: bool = False
    complete: bool = True


def record_path(
    module: ModuleObject,
    root: ClassValue,
    uses: Uses,
    kept_in_eval: set[int],
    removed: str | None,
) -> PathRecord:
    """Read the heap at the end of the first training step.

    :param module: the LightningModule, of the class ``root``.
    :param kept_in_eval: identities of the modules that are in eval mode by an override.
    :param removed: what is used that Lightning 2.0 has removed.
    """
    found = [("self", module), *walk_paths(module)]
    sightings = tuple(_sightings(found, root, kept_in_eval))
    trained = frozenset(
        path
        for path, each in found
        if each.origin is None and each.mode is Mode.TRAIN and not each.transparent
    )
    classes = classes_by_path(found)
    return PathRecord(root.place, sightings, trained, uses, classes, removed=removed)


def _sightings(
    found: list[tuple[str, ModuleObject]], root: ClassValue, kept_in_eval: set[int]
) -> Iterator[Sighting]:
    by_origin: dict[Origin, tuple[str, list[ModuleObject]]] = {}
    for path, module in found:
        if module.origin is not None:
            by_origin.setdefault(module.origin, (path, []))[1].append(module)
    for origin, (path, modules) in by_origin.items():
        partly = any(each.grads in {Grads.PARTIAL, Grads.FROZEN} for each in modules)
        status = _status([each for each in modules if id(each) not in kept_in_eval])
        if status is Status.EVAL and _is_frozen_in_parts(modules[0]):
            # The rest, a head or nothing, may be trained or not be used at all.
            status = Status.UNKNOWN
        sick = [each for each in modules if _part_status(each) is Status.EVAL]
        fixable = all(each.mode_if_fixed is Mode.TRAIN for each in sick)
        modes = frozenset(each.mode for each in modules)
        place = _place_of(origin, root)
        yield Sighting(origin, path, modes, status, partly, fixable, root, place)


def _is_frozen_in_parts(module: ModuleObject) -> bool:
    """Whether the embeddings and all blocks of a loaded model are frozen, each by itself."""
    parts = dict(module.child_modules())
    embeddings = parts.get(EMBEDDINGS)
    is_frozen = embeddings is not None and embeddings.grads is Grads.FROZEN
    return is_frozen and _is_body_frozen(module)


def _is_body_frozen(module: ModuleObject) -> bool:
    bodies = [part for name, part in module.child_modules() if name in BODIES]
    return module.opaque and any(
        part.grads is Grads.FROZEN or _is_body_frozen(part) for part in bodies
    )


def _place_of(origin: Origin, root: ClassValue) -> Place | None:
    """The loader call, or the last place before it that is not of an installed package."""
    candidates = (origin.place, *reversed(origin.chain), root.place)
    return next((each for each in candidates if not each.unit.installed_as), None)


def _status(parts: list[ModuleObject]) -> Status:
    """The worst of what holds of a module and the parts of it that were looked at."""
    return worst(_part_status(part) for part in parts)


def worst(statuses: Iterable[Status]) -> Status:
    """What holds of a module, by what holds of it and of its parts."""
    found = set(statuses)
    order = (Status.EVAL, Status.UNKNOWN, Status.TRAIN, Status.INTENDED, Status.MODELESS)
    return next((status for status in order if status in found), Status.INTENDED)


def _part_status(part: ModuleObject) -> Status:
    return status_in(part, part.mode)


def status_in(part: ModuleObject, mode: Mode) -> Status:
    """What holds of a module that is trained in a mode."""
    if not part.mode_matters:
        return Status.MODELESS
    if mode is Mode.TRAIN:
        return Status.TRAIN
    if mode is Mode.CHOSEN_EVAL or part.grads is Grads.FROZEN:
        return Status.INTENDED
    if mode is Mode.UNKNOWN or part.grads is Grads.UNKNOWN:
        return Status.UNKNOWN
    return Status.EVAL


def shows(records: Sequence[PathRecord]) -> Hashable:
    """What of the records of one path could change a verdict; equal for paths that say the same."""
    return tuple(
        (
            record.root,
            record.trained_paths,
            frozenset(map(_signature, record.sightings)),
            frozenset((key.key, frozenset(uses)) for key, uses in record.uses.by_origin.items()),
            record.uses.escaped,
            None
            if record.uses.optimized is None
            else frozenset(origin.key for origin in record.uses.optimized),
            frozenset(map(_state_signature, record.states)),
        )
        for record in records
    )


def promises(records: Iterable[PathRecord]) -> bool:
    """Whether a finding can come of the records of one path."""
    return any(record.sightings or any(map(_promises, record.states)) for record in records)


def _promises(state: ModuleState) -> bool:
    modes, grads = {state.ran_in, state.later_ran_in}, {state.grads, state.later_grads}
    return not (modes.isdisjoint(EVAL) and grads.isdisjoint(_FROZEN))


def _signature(sighting: Sighting) -> Hashable:
    return (sighting.key, sighting.path, sighting.modes, sighting.status, sighting.partly_frozen)


def _state_signature(state: ModuleState) -> Hashable:
    return (state.path, state.mode, state.grads, state.trained, state.ran_in, state.later_ran_in)


def has_training_step(cls: ClassValue) -> bool:
    """Whether a LightningModule has a ``training_step``, or may have one from an unseen base."""
    return cls.find(TRAINING_STEP) is not None or cls.has_unseen_base()


def is_for_inference(cls: ClassValue) -> bool:
    """Whether a LightningModule has steps but certainly no ``training_step``."""
    if has_training_step(cls):
        return False
    return any(cls.find(step) is not None for step in INFERENCE_STEPS)


def needs_other_uses(record: PathRecord) -> bool:
    """Whether it matters what the methods do that training does not reach."""
    uses = record.uses
    return not uses.escaped and any(
        sighting.status is Status.EVAL
        and Use.TRAINED not in uses.by_origin.get(sighting.origin, ())
        for sighting in record.sightings
    )


def judge(records: Iterable[PathRecord]) -> list[LoadedModule]:
    """Join what all paths showed: a verdict for each loader call, LightningModule and module path.

    Of those of one loader call, one is reported at most.
    """
    evidence: dict[Key, dict[Spot, Evidence]] = {}
    supposed: dict[Key, list[Sighting]] = {}
    trained_paths: set[Spot] = set()
    for record in records:
        if record.supposed:
            for sighting in record.sightings:
                supposed.setdefault(sighting.key, []).append(sighting)
        else:
            _collect(record, evidence, trained_paths)
    return [
        loaded
        for key, by_spot in evidence.items()
        for loaded in _judge_loader(list(by_spot.values()), supposed.get(key, []), trained_paths)
    ]


def _collect(
    record: PathRecord,
    evidence: dict[Key, dict[Spot, Evidence]],
    trained_paths: set[Spot],
) -> None:
    uses = record.uses
    trained_paths.update((record.root, path) for path in record.trained_paths)
    for sighting in record.sightings:
        origin = sighting.origin
        by_spot = evidence.setdefault(sighting.key, {})
        seen = by_spot.setdefault((record.root, sighting.path), Evidence())
        seen.sightings.append(sighting)
        seen.uses |= uses.by_origin.get(origin, set())
        seen.escaped = seen.escaped or uses.escaped
        seen.spared = seen.spared or uses.spares(origin)
        seen.complete = seen.complete and record.complete
        seen.optimized = seen.optimized or uses.optimizes(origin)
        if sighting.status is Status.TRAIN:
            trained_paths.add((record.root, sighting.path))


def _judge_loader(
    seen: list[Evidence],
    supposed: list[Sighting],
    trained_paths: set[Spot],
) -> Iterator[LoadedModule]:
    """The verdict at each module path; the finding is the surest, of those the shortest path.

    What the same loader call gives to others only decides what a fix may touch.
    """
    _share_kinds(seen)
    judged = [_judge_path(_with_others(each, seen), trained_paths) for each in seen]
    found = [loaded for loaded in judged if loaded.reported]
    first = min(found, key=_unsureness, default=None)
    others = [sighting for each in seen for sighting in each.sightings] + supposed
    stays_eval = all(sighting.status is Status.EVAL for sighting in others)
    for loaded in judged:
        if loaded is first:
            yield replace(loaded, stays_eval=stays_eval and len(found) == len(seen))
        else:
            yield replace(loaded, reason=Reason.ELSEWHERE) if loaded.reported else loaded


def _share_kinds(seen: list[Evidence]) -> None:
    by_path: dict[str, set[Use]] = {}
    for each in seen:
        each.kinds = by_path.setdefault(each.sightings[0].path, set())
        each.kinds |= each.uses


def _with_others(own: Evidence, seen: list[Evidence]) -> Evidence:
    """What was seen of one LightningModule; where paths were left out, others stand for them."""
    path = own.sightings[0].path
    same = [own, *(each for each in seen if each is not own and each.sightings[0].path == path)]
    if own.complete or len(same) == 1:
        return own
    return Evidence(
        sightings=[sighting for each in same for sighting in each.sightings],
        uses=own.kinds,
        kinds=own.kinds,
        escaped=any(each.escaped for each in same),
        optimized=any(each.optimized for each in same),
        spared=any(each.spared for each in same),
    )


def _unsureness(loaded: LoadedModule) -> tuple[bool, int]:
    return loaded.verdict is not Verdict.EVAL, loaded.path.count(".")


def _judge_path(seen: Evidence, trained_paths: set[Spot]) -> LoadedModule:
    sick = [sighting for sighting in seen.sightings if sighting.status is Status.EVAL]
    reason = _reason(seen, sick)
    first = (sick or seen.sightings)[0]
    elsewhere = any((each.root.place, each.path) in trained_paths for each in sick)
    return LoadedModule(
        origin=first.origin,
        path=first.path,
        root=first.root,
        verdict=_verdict(seen, sick, reason, elsewhere=elsewhere),
        reason=reason,
        stays_eval=len(sick) == len(seen.sightings),
        partly_frozen=any(sighting.partly_frozen for sighting in sick),
        fixable=_is_fixable(first.origin) and all(sighting.fixable for sighting in sick),
        local=_is_local(sick),
        used_as_module=Use.AS_MODULE in seen.kinds,
        place=first.place,
    )


def _is_fixable(origin: Origin) -> bool:
    return origin.chainable and not origin.unit.installed_as


def _reason(seen: Evidence, sick: list[Sighting]) -> Reason:
    statuses = {sighting.status for sighting in seen.sightings}
    if not sick:
        by_status = {
            Status.UNKNOWN: Reason.UNKNOWN,
            Status.INTENDED: Reason.INTENDED,
            Status.MODELESS: Reason.MODELESS,
        }
        if any(sighting.origin.by_version for sighting in seen.sightings):
            by_status[Status.UNKNOWN] = Reason.BY_VERSION
        found = [reason for status, reason in by_status.items() if status in statuses]
        return found[0] if found else Reason.TRAIN
    if not seen.optimized:
        return Reason.NOT_OPTIMIZED
    if _is_unused_in_training(seen):
        return Reason.UNUSED
    return Reason.NO_MODULE if _is_no_module(sick[0], seen) else Reason.TRAINS_IN_EVAL


def _verdict(seen: Evidence, sick: list[Sighting], reason: Reason, *, elsewhere: bool) -> Verdict:
    if reason is Reason.TRAINS_IN_EVAL:
        always = len(sick) == len(seen.sightings) and not (seen.spared or elsewhere)
        return Verdict.EVAL if always else Verdict.EITHER
    modes = {mode for sighting in seen.sightings for mode in sighting.modes}
    if Mode.UNKNOWN in modes:
        return Verdict.UNKNOWN
    if modes == {Mode.TRAIN}:
        return Verdict.TRAIN
    return Verdict.EITHER if Mode.TRAIN in modes else Verdict.EVAL


def _is_unused_in_training(seen: Evidence) -> bool:
    """Whether the module is seen to be used, and never with gradients in training."""
    if seen.escaped or Use.TRAINED in seen.uses:
        return False
    return Use.NOT_TRAINED in seen.uses


def _is_no_module(sighting: Sighting, seen: Evidence) -> bool:
    """Whether what was taken for a model shows that it is none, by its name or its use."""
    if not sighting.origin.assumed:
        return False
    return names_no_module(sighting.path) or Use.AS_TOKENIZER in seen.kinds


def _is_local(sick: list[Sighting]) -> bool:
    for sighting in sick:
        origin = sighting.origin
        if origin.owner is None:
            if not origin.in_entry:
                return False
        elif not origin.owner.is_lightning_module():
            return False
    return True
