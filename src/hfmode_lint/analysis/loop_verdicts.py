"""What training loops do with loaded modules: on one path, and joined over all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hfmode_lint.analysis.heap import ModuleObject, walk, walk_paths
from hfmode_lint.analysis.lifecycle import kept_in_eval
from hfmode_lint.analysis.loop_calls import LoopCalls, LoopUses
from hfmode_lint.analysis.modes import Grads, Mode
from hfmode_lint.analysis.values import (
    DictValue,
    Instance,
    ListValue,
    Value,
)
from hfmode_lint.analysis.verdicts import Status, status_in, worst
from hfmode_lint.findings import Verdict
from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from hfmode_lint.analysis.heap import Origin
    from hfmode_lint.analysis.interpreter import Interpreter
    from hfmode_lint.analysis.knowledge.loops import Library
    from hfmode_lint.analysis.values import OptimizerValue


@immutable
class LoopSighting:
    """A loaded module at the first step of an optimizer that trains it, on one path.

    ``path`` is what the program calls it; empty where it has no name. ``fixable`` says that it
    would be in train mode had ``.train()`` followed the loader; ``local`` that the loader stands in
    the code that trains; ``alone`` that nothing else has the module that may want it in eval mode.
    """

    origin: Origin
    path: str
    library: Library
    status: Status
    partly_frozen: bool
    fixable: bool
    local: bool
    alone: bool = True


@immutable
class LoopedModule:
    """What one loader call gave to loops that train it in eval mode, on some path at least.

    ``verdict`` says whether on all of them. ``safe`` says that ``.train()`` behind the loader
    changes nothing but the training.
    """

    origin: Origin
    path: str
    library: Library
    verdict: Verdict
    fixable: bool
    safe: bool


class LoopPath:
    """One path through training loops: listens to the optimizers' steps."""

    def __init__(self, machine: Interpreter, *, repeated: bool) -> None:
        """Listen to the steps of a machine.

        :param repeated: who starts the path does so again and again; otherwise a step that stands
            in no loop only shows how that is done.
        """
        self._machine = machine
        self._repeated = repeated
        self._uses = LoopUses()
        self._calls = LoopCalls(machine, self._uses, self._step)
        # Each with the modules that it is about.
        self._seen: list[tuple[LoopSighting, list[ModuleObject]]] = []
        machine.uses = self._uses
        machine.loops = self._calls

    def end(self, result: Value) -> list[LoopSighting]:
        """What the path showed.

        :param result: what the entry point returned, to whoever called it.
        """
        elsewhere = self._uses.evaluated | set(_origins_in([result]))
        return [
            replace(sighting, alone=sighting.origin not in elsewhere and _are_known(modules))
            for sighting, modules in self._seen
        ]

    def _step(self, optimizer: OptimizerValue, library: Library) -> None:
        if self._repeated or self._machine.repeating:
            self._look_at(optimizer, library)
        for owner in _owners(optimizer):
            for each in walk(owner):
                self._uses.passed.pop(each, None)

    def _look_at(self, optimizer: OptimizerValue, library: Library) -> None:
        known = {sighting.origin for sighting, _ in self._seen}
        kept: set[int] | None = None
        for origin, (path, modules) in self._loaded_in(optimizer).items():
            passed = [each for each in modules if each in self._uses.passed]
            if passed and origin not in known and self._is_optimized(origin):
                kept = self._kept_in_eval(optimizer) if kept is None else kept
                sighting = self._sighting(origin, path, passed, library, kept)
                self._seen.append((sighting, modules))

    def _kept_in_eval(self, optimizer: OptimizerValue) -> set[int]:
        return {each for owner in _owners(optimizer) for each in kept_in_eval(self._machine, owner)}

    def _loaded_in(self, optimizer: OptimizerValue) -> dict[Origin, tuple[str, list[ModuleObject]]]:
        """The loaded modules of an optimizer by their origin, each with the path of its first."""
        found: dict[Origin, tuple[str, list[ModuleObject]]] = {}
        for owner in _owners(optimizer):
            name = self._calls.names.get(owner, "")
            for path, each in [("self", owner), *walk_paths(owner)]:
                if each.origin is not None:
                    shown = f"{name}{path.removeprefix('self')}" if name else ""
                    found.setdefault(each.origin, (shown, []))[1].append(each)
        return found

    def _is_optimized(self, origin: Origin) -> bool:
        """Whether the optimizers have all that ran of a loaded module, or several parts of it.

        One part, or one group of parameters that is picked by name, may be a new head alone; two
        of them are usually all there is.
        """
        groups = [
            group
            for optimizer in self._calls.optimizers
            for group in optimizer.parameters
            if any(each.origin is origin for owner in group.owners for each in walk(owner))
        ]
        whole = [group for group in groups if not group.partial or group.by_gradient]
        covered = {each for group in whole for owner in group.owners for each in walk(owner)}
        ran = {each for each in self._uses.passed if each.origin is origin}
        return ran <= covered or len(groups) > 1

    def _sighting(
        self,
        origin: Origin,
        path: str,
        passed: list[ModuleObject],
        library: Library,
        kept: set[int],
    ) -> LoopSighting:
        modes = [
            (each, Mode.CHOSEN_EVAL if id(each) in kept else self._uses.passed[each])
            for each in passed
        ]
        states = [(each, status_in(each, mode)) for each, mode in modes]
        sick = [each for each, status in states if status is Status.EVAL]
        return LoopSighting(
            origin=origin,
            path=path,
            library=library,
            status=worst(status for _, status in states),
            partly_frozen=any(each.grads in {Grads.PARTIAL, Grads.FROZEN} for each in passed),
            fixable=all(each.mode_if_fixed is Mode.TRAIN for each in sick),
            local=self._is_local(origin),
        )

    def _is_local(self, origin: Origin) -> bool:
        """Whether the calls around the loader are still open: the code that loads also trains."""
        outer = origin.chain[:-1]
        return origin.owner is None and tuple(self._machine.calls[: len(outer)]) == outer


def judge(sightings: Iterable[LoopSighting]) -> list[LoopedModule]:
    """Join what all paths showed: what is trained in eval mode, once for each loader call."""
    by_key: dict[Hashable, list[LoopSighting]] = {}
    for sighting in sightings:
        by_key.setdefault(sighting.origin.key, []).append(sighting)
    judged = (_judge_loader(seen) for seen in by_key.values())
    return [each for each in judged if each is not None]


def _judge_loader(seen: Sequence[LoopSighting]) -> LoopedModule | None:
    sick = [sighting for sighting in seen if sighting.status is Status.EVAL]
    if not sick:
        return None
    first = sick[0]
    always = len(sick) == len(seen)
    harmless = all(each.local and each.alone and not each.partly_frozen for each in seen)
    return LoopedModule(
        origin=first.origin,
        path=first.path,
        library=first.library,
        verdict=Verdict.EVAL if always else Verdict.EITHER,
        fixable=first.origin.chainable and all(sighting.fixable for sighting in sick),
        safe=always and harmless,
    )


def shows(sightings: Sequence[LoopSighting]) -> Hashable:
    """What of one path could change a verdict; equal for paths that say the same."""
    return frozenset(
        (each.origin.key, each.library, each.status, each.partly_frozen, each.local, each.alone)
        for each in sightings
    )


def _owners(optimizer: OptimizerValue) -> Iterator[ModuleObject]:
    for group in optimizer.parameters:
        yield from group.owners


def _are_known(modules: Sequence[ModuleObject]) -> bool:
    """Whether no code that can't be seen had the modules in its hands."""
    return all(each.mode is not Mode.UNKNOWN for each in modules)


def _origins_in(values: Sequence[Value]) -> Iterator[Origin]:
    for value in values:
        if isinstance(value, ModuleObject):
            yield from (each.origin for each in walk(value) if each.origin is not None)
        elif isinstance(value, ListValue):
            yield from _origins_in(value.items)
        elif isinstance(value, DictValue):
            yield from _origins_in(value.all_values())
        elif isinstance(value, Instance):
            parts = value.attributes.values()
            yield from _origins_in([each for each in parts if not isinstance(each, Instance)])
