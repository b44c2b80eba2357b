"""HFM008: no assertion of the mode in a LightningModule that holds loaded models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.analysis.modes import Mode
from hfmode_lint.findings import Applicability, Edit, Finding, Fix
from hfmode_lint.rules.base import Rule
from hfmode_lint.rules.states import on_every_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from hfmode_lint.analysis import FileAnalysis
    from hfmode_lint.analysis.states import ModuleState

_HOOK = "on_train_start"


def _check(analysis: FileAnalysis) -> Iterator[Finding]:
    import libcst as cst

    held: dict[cst.ClassDef, list[str]] = {}
    for place, state in on_every_path(analysis, _is_loaded_and_in_train_mode):
        if place.unit is not analysis.unit or not isinstance(place.node, cst.ClassDef):
            continue
        paths = held.setdefault(place.node, [])
        if not any(state.path.startswith(f"{path}.") for path in paths):
            paths.append(state.path)
    for root, paths in held.items():
        if root not in analysis.unit.index.asserting:
            yield _finding(analysis, root, paths)


def _is_loaded_and_in_train_mode(state: ModuleState) -> bool:
    return state.origin is not None and state.at_start is Mode.TRAIN


def _finding(analysis: FileAnalysis, root: cst.ClassDef, paths: list[str]) -> Finding:
    start, end = analysis.parsed.span(root.name)
    return Finding(
        code=RULE.code,
        message=f"nothing in {root.name.value} asserts that {', '.join(paths)} is in train mode "
        f"when training starts; add an assertion to {_HOOK}",
        start=start,
        end=end,
        fix=_fix(analysis, root, paths),
        module_path=paths[0],
    )


def _fix(analysis: FileAnalysis, root: cst.ClassDef, paths: list[str]) -> Fix | None:
    """A new hook at the end of the class; None where the class has the hook or is on one line."""
    import libcst as cst

    if not isinstance(root.body, cst.IndentedBlock) or _defines(root, _HOOK):
        return None
    if not all(part.isidentifier() for path in paths for part in path.split(".")):
        return None
    start, _ = analysis.parsed.span(root)
    _, end = analysis.parsed.span(_last_part(root))
    outer = " " * start.column
    step = root.body.indent or analysis.parsed.tree.default_indent
    lines = ["", "", f"{outer}{step}def {_HOOK}(self):", f"{outer}{step * 2}super().{_HOOK}()"]
    lines += [f"{outer}{step * 2}assert {path}.training" for path in paths]
    newline = analysis.parsed.tree.default_newline
    edit = Edit(end, end, newline.join(lines))
    return Fix(f"Add {_HOOK} with an assertion", Applicability.UNSAFE, (edit,))


def _last_part(root: cst.ClassDef) -> cst.CSTNode:
    """What the last line of a class ends with: a comment, a semicolon or a statement."""
    import libcst as cst

    line = next(_lines_from_the_end(root))
    if line.trailing_whitespace.comment is not None:
        return line.trailing_whitespace.comment
    semicolon = line.body[-1].semicolon
    return semicolon if isinstance(semicolon, cst.Semicolon) else root.body.body[-1]


def _lines_from_the_end(
    node: cst.CSTNode,
) -> Iterator[cst.SimpleStatementLine | cst.SimpleStatementSuite]:
    import libcst as cst

    if isinstance(node, (cst.SimpleStatementLine, cst.SimpleStatementSuite)):
        yield node
    else:
        for child in reversed(node.children):
            yield from _lines_from_the_end(child)


def _defines(root: cst.ClassDef, name: str) -> bool:
    import libcst as cst

    functions = [each for each in root.body.body if isinstance(each, cst.FunctionDef)]
    return any(function.name.value == name for function in functions)


RULE = Rule(
    code="HFM008",
    name="no-mode-assertion",
    summary="A LightningModule that holds loaded models does not assert their mode.",
    why=(
        "An assertion in on_train_start stops a run before its first step when a later change, "
        "another Lightning version or another loader leaves the model in eval mode. This rule is a "
        "matter of taste, and off by default."
    ),
    failing="""\
import lightning as L
from transformers import AutoModel


class Classifier(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased").train()

    def training_step(self, batch, batch_idx):
        return self.encoder(**batch).last_hidden_state.mean()
""",
    passing="""\
import lightning as L
from transformers import AutoModel


class Classifier(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased").train()

    def on_train_start(self):
        assert self.encoder.training

    def training_step(self, batch, batch_idx):
        return self.encoder(**batch).last_hidden_state.mean()
""",
    fixable=True,
    check=_check,
    default=False,
)
