"""Abstract modules and their modes: the objects that a program creates on one path."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from hfmode_lint.analysis.modes import Grads, Mode
from hfmode_lint.analysis.places import Place
from hfmode_lint.analysis.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from hfmode_lint.analysis.classes import ClassValue
    from hfmode_lint.analysis.units import Unit


@dataclass(slots=True, eq=False, repr=False)
class Origin:
    """The loader call that a module came from, in the file ``unit``.

    ``part`` names the module where the call loads several (a pipeline). ``owner`` is the class
    whose method holds the call, ``in_entry`` whether the call stands in the code that starts the
    training. ``trains`` says that the loader leaves train mode, ``chainable`` that ``.train()``
    can follow the call. ``assumed`` says that the class could not be seen and was taken for a
    model; ``model_like`` that its name is a model's all the same. ``by_version`` says that
    another version of the library leaves another mode, or freezes the module. ``chain`` are the
    calls through which the program came to it, the outermost first. Where the call makes what a
    description says, ``keys`` lead to the loader in it.
    """

    call: cst.Call
    unit: Unit
    loader: str
    owner: ClassValue | None
    in_entry: bool
    trains: bool = False
    chainable: bool = True
    assumed: bool = False
    model_like: bool = True
    by_version: bool = False
    chain: tuple[Place, ...] = ()
    part: str = ""
    keys: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Where the call stands."""
        return Place(self.unit, self.call)

    @property
    def key(self) -> tuple[cst.Call, str]:
        """What is the same for the same module on every path."""
        return self.call, ".".join([*self.keys, self.part])


@dataclass(slots=True, eq=False, repr=False)
class ModuleObject(Value):
    """One ``nn.Module`` that the program may create.

    ``mode`` and ``grads`` are those of the module itself and of every submodule that has not
    been looked at; ``mode_if_fixed`` is what ``mode`` would be had ``.train()`` followed the
    loader. A submodule gets its own object, in ``attributes``, when it is first reached.
    ``origin`` is set on what a loader returned and on all its parts. ``children`` are the names
    of the attributes that are registered submodules, in the order of registration. One that is
    ``transparent`` wraps a module that the program still thinks of as its own: it adds nothing to
    module paths. One that is ``adapted`` has new layers, and what it had before is frozen as long
    as nobody switches its gradients. ``made_by`` is the call that made it, ``mode_set_by`` and
    ``grads_set_by`` what last set ``mode`` and ``grads``; None where they are as it was made.
    """

    mode: Mode = Mode.TRAIN
    mode_if_fixed: Mode = Mode.TRAIN
    grads: Grads = Grads.TRAINABLE
    cls: ClassValue | None = None
    library_class: str = ""
    origin: Origin | None = None
    attributes: dict[str, Value] = field(default_factory=dict)
    children: dict[str, None] = field(default_factory=dict)
    transparent: bool = False
    mode_matters: bool = True
    adapted: bool = False
    made_by: Place | None = None
    mode_set_by: Place | None = None
    grads_set_by: Place | None = None

    @property
    def chosen_by(self) -> Place | None:
        """The call that chose eval mode, where that is the mode."""
        return self.mode_set_by if self.mode is Mode.CHOSEN_EVAL else None

    @property
    def opaque(self) -> bool:
        """Whether the module has submodules that can't be seen."""
        return self.cls is None

    def child_modules(self) -> Iterator[tuple[str, ModuleObject]]:
        """The registered submodules that are known, by attribute name."""
        for name in self.children:
            child = self.attributes.get(name)
            if isinstance(child, ModuleObject):
                yield name, child

    def bind(self, name: str, value: Value) -> None:
        """Assign an attribute: a module becomes a submodule, anything else replaces one."""
        self.attributes[name] = value
        if isinstance(value, ModuleObject):
            self.children[name] = None
        else:
            self.children.pop(name, None)

    def unbind(self, name: str) -> None:
        """Delete an attribute."""
        self.attributes.pop(name, None)
        self.children.pop(name, None)

    def forget_children(self) -> None:
        """Lose every submodule, as a second ``nn.Module.__init__()`` does (measured)."""
        for name in self.children:
            del self.attributes[name]
        self.children.clear()

    def part_named(self, name: str, *, mode_matters: bool = True) -> ModuleObject:
        """The submodule under ``name`` of a module that can't be seen into; made when missing."""
        known = self.attributes.get(name)
        if isinstance(known, ModuleObject):
            return known
        if self.transparent:
            # An adapter gives what it has not itself from the model around which it is (measured).
            for _, inner in self.child_modules():
                return inner.part_named(name, mode_matters=mode_matters)
        part = ModuleObject(
            mode=self.mode,
            mode_if_fixed=self.mode_if_fixed,
            grads=self.grads,
            origin=self.origin,
            mode_matters=mode_matters and self.mode_matters,
            adapted=self.adapted,
            made_by=self.made_by,
            mode_set_by=self.mode_set_by,
            grads_set_by=self.grads_set_by,
        )
        self.attributes[name] = part
        self.children[name] = None
        return part


def walk(module: ModuleObject) -> Iterator[ModuleObject]:
    """The module and every submodule below it that is known, each once."""
    seen: set[int] = set()
    pending = [module]
    while pending:
        current = pending.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        pending.extend(child for _, child in current.child_modules())


def walk_paths(root: ModuleObject) -> Iterator[tuple[str, ModuleObject]]:
    """Every known submodule with its module path below ``self``, shortest path first."""
    seen = {id(root)}
    level = [("self", root)]
    while level:
        below: list[tuple[str, ModuleObject]] = []
        for path, module in level:
            for name, child in module.child_modules():
                if id(child) not in seen:
                    seen.add(id(child))
                    below.append((path if module.transparent else f"{path}.{name}", child))
        yield from below
        level = below


def copy_module(module: ModuleObject) -> ModuleObject:
    """A deep copy, as ``copy.deepcopy`` makes it: same modes, new objects.

    What a loader made is judged apart from its copies, so they have origins of their own.
    """
    return _copy(module, {}, {})


def _copy(
    module: ModuleObject, memo: dict[int, ModuleObject], origins: dict[int, Origin]
) -> ModuleObject:
    if id(module) in memo:
        return memo[id(module)]
    origin = module.origin
    if origin is not None:
        origin = origins.setdefault(id(origin), replace(origin))
    clone = replace(module, origin=origin, attributes={}, children=dict(module.children))
    memo[id(module)] = clone
    for name, value in module.attributes.items():
        clone.attributes[name] = (
            _copy(value, memo, origins) if isinstance(value, ModuleObject) else value
        )
    return clone


def set_grads(
    module: ModuleObject, *, trainable: bool, by: Place | None, partial: bool = False
) -> None:
    """Switch gradients on or off for the module and all below it, or for a part of them.

    :param by: what does it.
    """
    for each in walk(module):
        each.grads = _new_grads(each.grads, trainable=trainable, partial=partial)
        each.grads_set_by = by
        each.adapted = each.adapted and partial


def forget_grads(module: ModuleObject, *, by: Place | None) -> None:
    """Some parameters of a module, or all, may need gradients or not.

    :param by: what does it.
    """
    for each in walk(module):
        each.grads, each.grads_set_by = Grads.UNKNOWN, by


def _new_grads(old: Grads, *, trainable: bool, partial: bool) -> Grads:
    wanted = Grads.TRAINABLE if trainable else Grads.FROZEN
    if not partial or old is wanted:
        return wanted
    return Grads.UNKNOWN if old is Grads.UNKNOWN else Grads.PARTIAL


def set_own_mode(
    module: ModuleObject, mode: Mode, *, by: Place | None, partial: bool = False
) -> None:
    """Set the mode of one object and of what can't be seen below it, not of known submodules.

    :param by: what does it.
    """
    new = _new_mode(module.mode, mode, partial=partial)
    if new is not module.mode or (new is mode and mode is not Mode.LOADED_EVAL):
        module.mode_set_by = by
    module.mode = new
    module.mode_if_fixed = _new_mode(module.mode_if_fixed, mode, partial=partial)


def _new_mode(old: Mode, new: Mode, *, partial: bool) -> Mode:
    if new is Mode.LOADED_EVAL and old is not Mode.TRAIN:
        # Switched off by nobody's choice, it stays off for the reason that it was.
        return old
    if not partial:
        return new
    # Some of its layers were switched on by hand: whether that is enough can't be known.
    return Mode.UNKNOWN if new is Mode.TRAIN and old is not Mode.TRAIN else old


class SavedModes(NamedTuple):
    """The modes of one module, to be put back later."""

    module: ModuleObject
    mode: Mode
    mode_if_fixed: Mode
    set_by: Place | None


def modes_below(module: ModuleObject) -> list[SavedModes]:
    """The modes of a module and all below it."""
    return [
        SavedModes(each, each.mode, each.mode_if_fixed, each.mode_set_by) for each in walk(module)
    ]


def restore_modes(saved: list[SavedModes]) -> None:
    """Put back what :func:`modes_below` saved.

    A part that was first looked at in between has the modes of the module that it is a part of.
    """
    known = {id(each.module) for each in saved}
    for each, mode, mode_if_fixed, set_by in saved:
        each.mode, each.mode_if_fixed, each.mode_set_by = mode, mode_if_fixed, set_by
        for _, child in each.child_modules():
            if id(child) not in known and child.origin is each.origin:
                _inherit_modes(each, child)


def _inherit_modes(module: ModuleObject, part: ModuleObject) -> None:
    for each in walk(part):
        if each.origin is module.origin:
            each.mode, each.mode_if_fixed = module.mode, module.mode_if_fixed
            each.mode_set_by = module.mode_set_by


def forget(module: ModuleObject, *, by: Place | None) -> None:
    """Code that can't be seen had the module in its hands: nothing is known of it any more.

    :param by: the call of that code.
    """
    for each in walk(module):
        each.mode = each.mode_if_fixed = Mode.UNKNOWN
        each.grads = Grads.UNKNOWN
        each.mode_set_by = each.grads_set_by = by
