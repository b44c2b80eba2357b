"""Modules of the program that hold loaded models, with no visible way to a LightningModule."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from hfmode_lint.analysis.classes import ClassValue
from hfmode_lint.analysis.heap import ModuleObject, walk_paths
from hfmode_lint.analysis.holding import classes_by_path, holding
from hfmode_lint.analysis.interpreter import Frame
from hfmode_lint.analysis.modes import TRAINED, Mode
from hfmode_lint.analysis.paths import PathEnded, explore
from hfmode_lint.analysis.values import Arguments
from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from hfmode_lint.analysis.entrypoints import Program
    from hfmode_lint.analysis.heap import Origin
    from hfmode_lint.analysis.holding import Holding
    from hfmode_lint.analysis.interpreter import Interpreter
    from hfmode_lint.analysis.paths import Decisions
    from hfmode_lint.analysis.units import Unit


@immutable
class HeldModule:
    """A loaded model in eval mode, at a module path of an object of the class ``holder``."""

    origin: Origin
    path: str
    holder: str
    holding: Holding


def held_modules(program: Program, unit: Unit) -> list[HeldModule]:
    """What a file loads that modules of the program hold in eval mode, and no record tells of.

    :param program: one that has run.
    """
    if not program.uses_lightning():
        return []
    known = {sighting.origin.key for record in program.records for sighting in record.sightings}
    return [
        held
        for other in program.modules.importing([unit])
        if other.readable
        for held in _held_in(program, other)
        if held.origin.unit is unit and held.origin.key not in known
    ]


def _held_in(program: Program, unit: Unit) -> list[HeldModule]:
    """What the classes of a file hold, whoever asks first."""
    if unit not in program.held:
        program.held[unit] = [
            held
            for node in unit.index.classes
            # Most classes have nothing to do with loaders.
            if program.liveness.matters(unit, node.name.value)
            for held in _held_by(program, unit, node)
        ]
    return program.held[unit]


def _held_by(program: Program, unit: Unit, node: cst.ClassDef) -> Iterator[HeldModule]:
    def follow(decisions: Decisions) -> list[HeldModule]:
        machine = program.machine(decisions)
        with suppress(PathEnded):
            return list(_made_of(machine, unit, node))
        return []

    for held in explore(follow).results:
        yield from held


def _made_of(machine: Interpreter, unit: Unit, node: cst.ClassDef) -> Iterator[HeldModule]:
    cls = machine.global_of(unit, node.name.value)
    if not isinstance(cls, ClassValue) or cls.node is not node or cls.is_lightning_module():
        return
    if not cls.is_module():
        return
    machine.frames.append(Frame(machine.globals_of(unit)))
    made = machine.caller.instantiate(cls, Arguments(open=True))
    if not isinstance(made, ModuleObject):
        return
    classes = classes_by_path([("self", made), *walk_paths(made)])
    for path, each in walk_paths(made):
        sick = each.mode is Mode.LOADED_EVAL and each.grads in TRAINED and each.mode_matters
        if sick and each.origin is not None:
            held_in = holding(classes, path, [each.origin.unit])
            yield HeldModule(each.origin, path, cls.name, held_in)
