"""The rules that are off by default, on programs that only differ from their examples a little."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hfmode_lint import Applicability, Options, Verdict, check_paths, check_source, fix_source
from hfmode_lint.rules import RULES
from tests.analysis.programs import module

if TYPE_CHECKING:
    from hfmode_lint import Finding

_LOADED = "is loaded in eval mode by AutoModel.from_pretrained()"
_LOOPED = (
    "model is loaded in eval mode by AutoModelForSequenceClassification.from_pretrained() and "
    "still in eval mode when {} first runs (dropout is off); append .train()"
)
MESSAGES = {
    "HFM001": f"self.encoder {_LOADED} and still in eval mode when training starts (dropout is "
    "off); append .train()",
    "HFM002": f"self.encoder {_LOADED} and on some paths still in eval mode when training starts "
    "(dropout is off); append .train()",
    "HFM003": "model.train is named but not called, so no mode is set; add ()",
    "HFM004": "self.encoder is put in eval mode here, and is trained in it (dropout is off); "
    "freeze it or leave it in train mode",
    "HFM005": "self.teacher is frozen and in train mode when training starts (dropout is active); "
    "call self.teacher.eval() after what sets train mode",
    "HFM006": "self.model is put in eval mode here and not back, so it is trained with dropout off "
    "from then on; call self.model.train() afterwards",
    "HFM007": "self.lstm is an LSTM that is trained in eval mode since this call; cuDNN raises in "
    "the backward pass",
    "HFM008": "nothing in Classifier asserts that self.encoder is in train mode when training "
    "starts; add an assertion to on_train_start",
    "HFM009": f"self.encoder of Backbone {_LOADED}, and what trains it can't be seen; append "
    ".train() if a LightningModule does",
    "HFM101": _LOOPED.format("backward()"),
    "HFM102": _LOOPED.format("fabric.backward()"),
    "HFM103": _LOOPED.format("accelerator.backward()"),
}
_APPENDED = ("Append .train() to AutoModel.from_pretrained()", ".train()")
_HOOK = """

    def on_train_start(self):
        super().on_train_start()
        assert self.encoder.training"""
# What the fix of a rule's example says and inserts.
FIXES = {
    "HFM001": _APPENDED,
    "HFM002": _APPENDED,
    "HFM003": ("Call model.train()", "()"),
    "HFM008": ("Add on_train_start with an assertion", _HOOK),
    "HFM009": _APPENDED,
    **dict.fromkeys(
        ("HFM101", "HFM102", "HFM103"),
        ("Append .train() to AutoModelForSequenceClassification.from_pretrained()", ".train()"),
    ),
}
UNSAFE = {"HFM008", "HFM009"}
ORIGINS = {
    **dict.fromkeys(("HFM001", "HFM002", "HFM005", "HFM009"), "AutoModel.from_pretrained"),
    **dict.fromkeys(
        ("HFM101", "HFM102", "HFM103"), "AutoModelForSequenceClassification.from_pretrained"
    ),
}
VERDICTS = {
    "HFM002": Verdict.EITHER,
    "HFM009": Verdict.UNKNOWN,
    **dict.fromkeys(("HFM001", "HFM101", "HFM102", "HFM103"), Verdict.EVAL),
}


@pytest.mark.parametrize(("code", "message"), MESSAGES.items())
def test_what_a_rule_says_of_its_example(code: str, message: str) -> None:
    (finding,) = check_source(RULES[code].failing, options=Options(select=(code,)))
    assert finding.message == message
    assert finding.origin == ORIGINS.get(code)
    assert finding.verdict == VERDICTS.get(code)
    named = message.partition(" ")[0] if code not in {"HFM003", "HFM008"} else None
    assert finding.module_path == ("self.encoder" if code == "HFM008" else named)


@pytest.mark.parametrize("code", MESSAGES)
def test_what_the_fix_of_an_example_inserts(code: str) -> None:
    (finding,) = check_source(RULES[code].failing, options=Options(select=(code,)))
    if code not in FIXES:
        assert finding.fix is None
        return
    assert finding.fix is not None
    message, inserted = FIXES[code]
    assert (finding.fix.message, [edit.content for edit in finding.fix.edits]) == (
        message,
        [inserted],
    )
    assert (finding.fix.applicability is Applicability.UNSAFE) == (code in UNSAFE)


@pytest.mark.parametrize("kind", ["a GRU", "an LSTM", "an RNN"])
def test_the_article_of_a_recurrent_layer(kind: str) -> None:
    name = kind.partition(" ")[2]
    (finding,) = check_source(
        RULES["HFM007"].failing.replace("LSTM", name), options=Options(select=("HFM007",))
    )
    assert finding.message.startswith(f"self.lstm is {kind} that is trained")


def test_a_recurrent_layer_of_a_loaded_model_is_fixed_at_the_loader() -> None:
    """The layer came in eval mode with the model."""
    program = module(
        """
class Net(transformers.PreTrainedModel):
    def __init__(self, config):
        super().__init__(config)
        self.lstm = nn.LSTM(8, 8)
    def forward(self, batch):
        return self.lstm(batch)
self.m = Net.from_pretrained(name)
"""
    )
    result = fix_source(program, options=Options(select=("HFM007",), unsafe_fixes=True))
    assert result.source == program.replace(
        "Net.from_pretrained(name)", "Net.from_pretrained(name).train()"
    )
    (finding,) = result.applied
    assert (finding.module_path, finding.origin) == ("self.m.lstm", None)
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.UNSAFE


LOADED = "self.m = AutoModel.from_pretrained(name)\n"


def findings_of(
    code: str, lines: str, methods: str = "", *, step: str = "return self.m(batch)"
) -> list[Finding]:
    """What one rule finds in a LightningModule with these lines in its constructor."""
    return check_source(module(lines, methods, step=step), options=Options(select=(code,)))


def test_what_was_taken_for_a_model() -> None:
    (finding,) = findings_of("HFM001", "self.m = flag.kind.from_pretrained(name)")
    assert finding.assumed
    (finding,) = findings_of("HFM001", LOADED)
    assert not finding.assumed


EVAL_IN_A_STEP = {
    "a part that is seen later": (
        LOADED + "self.m.eval()",
        "",
        "part = self.m.encoder\nreturn part(batch)",
        ["self.m.encoder"],
    ),
    "a part that validation sees first": (
        LOADED + "self.m.eval()",
        "def validation_step(self, batch, batch_idx):\n    part = self.m.encoder\n    part(batch)",
        "part = self.m.encoder\nreturn part(batch)",
        ["self.m.encoder"],
    ),
    "all of it": (
        LOADED + "self.eval()",
        "def forward(self, batch):\n    return self.m(batch)",
        "return self(batch)",
        ["self.m"],
    ),
    "two modules by one call, and a third": (
        """
        self.a, self.b = AutoModel.from_pretrained(name), AutoModel.from_pretrained(flag)
        self.m = AutoModel.from_pretrained(name)
        for model in (self.a, self.b):
            model.eval()
        self.m.eval()
        """,
        "",
        "return self.m(batch) + self.a(batch) + self.b(batch)",
        ["self.a", "self.m"],
    ),
    "switched off for the step alone": (
        LOADED + "self.m.train()",
        "",
        "self.m.eval()\nloss = self.m(batch)\nself.m.train()\nreturn loss",
        [],
    ),
}


@pytest.mark.parametrize(
    ("lines", "methods", "step", "paths"), EVAL_IN_A_STEP.values(), ids=EVAL_IN_A_STEP
)
def test_explicit_eval(lines: str, methods: str, step: str, paths: list[str]) -> None:
    findings = findings_of("HFM004", lines, methods, step=step)
    assert [finding.module_path for finding in findings] == paths


FROZEN = LOADED + "self.m.requires_grad_(False)\n"
TRAINED = "self.m.train()\n"

FROZEN_IN_TRAIN_MODE = {
    "two of three": (
        FROZEN
        + TRAINED
        + """
self.n = AutoModel.from_pretrained(name).train()
self.o = AutoModel.from_pretrained(flag).train()
self.o.requires_grad_(False)
""",
        "",
        "return self.m(batch) + self.n(batch) + self.o(batch)",
        ["self.m", "self.o"],
    ),
    "two by one load": (
        """
for key in ("a", "b"):
    setattr(self, key, AutoModel.from_pretrained(key).train())
self.requires_grad_(False)
self.m = AutoModel.from_pretrained(name).train()
self.m.requires_grad_(False)
""",
        "",
        "return self.m(batch)",
        ["self.a", "self.m"],
    ),
    "runs in eval mode": (
        FROZEN + TRAINED,
        "",
        "self.m.eval()\nloss = self.m(batch)\nself.m.train()\nreturn loss",
        [],
    ),
    "in train mode behind the step": (
        FROZEN + "self.m.eval()",
        "",
        "loss = flag(batch)\nself.m.train()\nreturn loss",
        [],
    ),
    "thawed after the first epoch": (
        FROZEN + TRAINED,
        """
def on_train_epoch_end(self):
    self.m.requires_grad_(True)
    self.other.eval()
""",
        "return self.m(batch)",
        [],
    ),
}


@pytest.mark.parametrize(
    ("lines", "methods", "step", "paths"), FROZEN_IN_TRAIN_MODE.values(), ids=FROZEN_IN_TRAIN_MODE
)
def test_frozen_in_train_mode(lines: str, methods: str, step: str, paths: list[str]) -> None:
    findings = findings_of("HFM005", lines, methods, step=step)
    assert [finding.module_path for finding in findings] == paths


def test_what_says_where_a_frozen_module_came_from() -> None:
    embedding = "self.m = torch.nn.Embedding.from_pretrained(name)\nself.m.requires_grad_(False)"
    (own,) = findings_of("HFM005", embedding)
    assert own.origin == "torch.nn.Embedding.from_pretrained"
    assert own.fix is not None
    assert own.fix.message == "Append .eval() to torch.nn.Embedding.from_pretrained()"
    assert own.message.endswith("; append .eval()")
    (other,) = findings_of("HFM005", FROZEN + TRAINED)
    assert other.origin == "AutoModel.from_pretrained"
    assert other.fix is None
    assert other.message.endswith("; call self.m.eval() after what sets train mode")


TWO_MODELS = """\
import lightning as L
from transformers import AutoModel
if True:
  class Pair(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.a = AutoModel.from_pretrained("a").train()
        self.b = AutoModel.from_pretrained("b").train()

    def training_step(self, batch, batch_idx):
        return self.a(batch) + self.b(batch)

    size = 1
"""
HOOK = """

    def on_train_start(self):
      super().on_train_start()
      assert self.a.training
      assert self.b.training
"""


@pytest.mark.parametrize("end", ["", " ;", "  # noqa: E501", " ; # why"])
def test_an_assertion_is_added_at_the_end_of_the_class(end: str) -> None:
    models = TWO_MODELS.rstrip() + end
    result = fix_source(f"{models}\n", options=Options(select=("HFM008",), unsafe_fixes=True))
    assert result.source == models + HOOK
    (finding,) = result.applied
    assert "asserts that self.a, self.b is in train mode" in finding.message


def test_a_flag_that_no_assertion_reads() -> None:
    """An assertion in one class is none in another, nor is what stands behind it."""
    lines = LOADED + TRAINED
    asserting = "def on_train_start(self):\n    assert self.m.training"
    assert findings_of("HFM008", lines, asserting) == []
    reading = "def on_train_start(self):\n    assert self.m\n    print(self.m.training)"
    assert len(findings_of("HFM008", lines, reading)) == 1


SOME_PARTS = """
for n, p in self.m.named_parameters():
    if "encoder" in n:
        self.m.train()
"""


def test_what_may_be_in_eval_mode_needs_no_assertion() -> None:
    assert findings_of("HFM008", LOADED + SOME_PARTS) == []
    assert len(findings_of("HFM008", LOADED + TRAINED)) == 1


TWICE = {
    "HFM006": (
        """
for key in ("a", "b"):
    setattr(self, key, AutoModel.from_pretrained(key).train())
self.m = AutoModel.from_pretrained(name).train()
""",
        """
def on_train_epoch_end(self):
    for model in (self.a, self.b):
        model.eval()
    self.m.eval()
""",
        "return self.a(batch) + self.b(batch) + self.m(batch)",
        ["self.a", "self.m"],
    ),
    "HFM006 ": (
        LOADED + TRAINED + "self.n = AutoModel.from_pretrained(flag).train()",
        "def on_train_epoch_end(self):\n    self.m.eval()\n    del self.n",
        "return self.m(batch) + self.n(batch)",
        ["self.m"],
    ),
    "HFM007": (
        """
self.encoder = AutoModel.from_pretrained(name).train()
self.a, self.b, self.m = nn.LSTM(8, 8), nn.GRU(8, 8), nn.RNN(8, 8)
for layer in (self.a, self.b):
    layer.eval()
self.m.eval()
""",
        "",
        "return self.a(batch) + self.b(batch) + self.m(batch)",
        ["self.a", "self.m"],
    ),
    "HFM008": (
        LOADED + TRAINED + "self.n = AutoModel.from_pretrained(flag).train()",
        "",
        "return self.m(batch) + self.n(batch)",
        ["self.m"],
    ),
}


@pytest.mark.parametrize("code", TWICE)
def test_what_one_place_does_twice_is_reported_once(code: str) -> None:
    lines, methods, step, paths = TWICE[code]
    findings = findings_of(code.strip(), lines, methods, step=step)
    assert [finding.module_path for finding in findings] == paths


FILES = {
    "setup.cfg": "",
    "loading.py": """\
from transformers import AutoModel


def load(name):
    return AutoModel.from_pretrained(name)


def load_again(name):
    return load(name)
""",
    "building.py": """\
from loading import load_again as load


def build(name):
    return load(name)
""",
    "stopping.py": """\
class Stopping:
    def stop(self, *models):
        for model in models:
            model.eval()

    def on_fit_start(self):
        pass
""",
}
IMPORTING = """\
from building import build
from stopping import Stopping
"""

# What one class does with a model of another file and with one of its own.
ELSEWHERE_TOO = {
    "HFM001": (
        "",
        "",
        ["lit.py 16 self.n is loaded", "loading.py 5 self.m of Lit is loaded"],
    ),
    "HFM004": (
        "self.stop(self.m)\nself.n.eval()",
        "",
        ["lit.py 18 self.n is put in eval mode", "stopping.py 4 self.m of Lit is put in eval mode"],
    ),
    "HFM005": (
        "self.requires_grad_(False)\nself.train()",
        "",
        ["lit.py 16 self.n is frozen", "loading.py 5 self.m of Lit is frozen"],
    ),
    "HFM006": (
        "self.train()",
        "def on_train_epoch_end(self):\n    self.stop(self.m)\n    self.n.eval()",
        ["lit.py 22 self.n is put in eval mode", "stopping.py 4 self.m of Lit is put in eval mode"],
    ),
    "HFM007": (
        "self.m, self.lstm = nn.RNN(8, 8), nn.LSTM(8, 8)\nself.stop(self.m)\nself.lstm.eval()",
        "",
        ["lit.py 19 self.lstm is an LSTM that", "stopping.py 4 self.m of Lit is an RNN that"],
    ),
    "HFM008": (
        "self.train()",
        "",
        [
            "lit.py 13 nothing in Lit asserts that self.m, self.n is in train mode",
            "sub.py 5 nothing in Sub asserts that self.m, self.n, self.o is in train mode",
        ],
    ),
}


@pytest.mark.parametrize("code", ELSEWHERE_TOO)
def test_each_finding_stands_in_its_own_file(code: str, tmp_path: Path) -> None:
    lines, methods, shown = ELSEWHERE_TOO[code]
    own = "self.m, self.n = build(name), AutoModel.from_pretrained(flag)\n"
    step = "return self.m(batch) + self.n(batch) + self.lstm(batch)"
    program = module(own + lines, methods, step=step).replace("(pl.", "(Stopping, pl.")
    files = FILES | {"lit.py": IMPORTING + program}
    if code == "HFM008":
        files["sub.py"] = SUBCLASS
    findings = of_project(tmp_path, files, code)
    assert len(findings) == len(shown)
    for finding, beginning in zip(findings, shown, strict=True):
        assert in_short(finding).startswith(beginning)


def test_what_a_module_holds_is_reported_where_it_is_loaded(tmp_path: Path) -> None:
    held = RULES["HFM009"].failing.replace(
        'AutoModel.from_pretrained("bert-base-uncased")', 'load("x")'
    )
    lit = module("self.m = AutoModel.from_pretrained(name).train()")
    files = {
        "loading.py": FILES["loading.py"],
        # It imports a file that loads as well, something else.
        "held.py": f"import lit\nfrom loading import load\n{held}",
        "lit.py": lit,
    }
    (finding,) = of_project(tmp_path, files, "HFM009")
    assert in_short(finding).startswith("loading.py 5 self.encoder of Backbone is loaded")


SUBCLASS = """\
from lit import Lit
from transformers import AutoModel


class Sub(Lit):
    def __init__(self, name):
        super().__init__(name, "x")
        self.o = AutoModel.from_pretrained(name).train()
"""


def of_project(folder: Path, files: dict[str, str], code: str) -> list[Finding]:
    """What one rule finds in the files of a project."""
    for name, text in files.items():
        (folder / name).write_text(text)
    return check_paths([folder], Options(select=(code,)))


def in_short(finding: Finding) -> str:
    return f"{Path(finding.filename).name} {finding.start.line} {finding.message}"


def test_the_way_to_a_loader_in_another_file(tmp_path: Path) -> None:
    program = module("self.m = build(name)").replace("(pl.", "(Stopping, pl.")
    (finding,) = of_project(tmp_path, FILES | {"lit.py": IMPORTING + program}, "HFM001")
    assert [
        (Path(each.filename).name, each.start.line, each.message) for each in finding.related
    ] == [
        ("lit.py", 13, "Lit trains it as self.m"),
        ("lit.py", 16, "called from here"),
        ("building.py", 5, "called from here"),
    ]


LOADS_IN_A_MODULE = {
    "two by one load, and a third": (
        (
            "for key in ('a', 'b'): setattr(self, key, AutoModel.from_pretrained(key))\n"
            "        self.encoder = AutoModel.from_pretrained('c')"
        ),
        [("self.a", False, Applicability.UNSAFE), ("self.encoder", False, Applicability.UNSAFE)],
    ),
    "a class that is not known": (
        "self.encoder = self.kind.from_pretrained('x')",
        [("self.encoder", True, Applicability.UNSAFE)],
    ),
    "an option says otherwise by default": (
        (
            "self.encoder = AutoModel.from_pretrained('x')\n"
            "        if tuned:\n            self.encoder.train()"
        ),
        [("self.encoder", False, Applicability.UNSAFE)],
    ),
    "frozen": (
        "self.encoder = AutoModel.from_pretrained('x').requires_grad_(False)",
        [],
    ),
    "a part without dropout": ("self.encoder = AutoModel.from_pretrained('x').lm_head", []),
    "train() can't follow": (
        "self.encoder, info = AutoModel.from_pretrained('x', output_loading_info=True)",
        [("self.encoder", False, None)],
    ),
    "train() can't follow an adapter": (
        (
            "self.encoder = AutoModel.from_pretrained('x').train()\n"
            "        self.encoder.load_adapter('a')\n"
            "        self.encoder.requires_grad_(True)"
        ),
        [("self.encoder", False, None)],
    ),
}


@pytest.mark.parametrize(("lines", "shown"), LOADS_IN_A_MODULE.values(), ids=LOADS_IN_A_MODULE)
def test_what_a_module_holds(
    lines: str, shown: list[tuple[str, bool, Applicability | None]]
) -> None:
    program = RULES["HFM009"].failing.replace(
        'self.encoder = AutoModel.from_pretrained("bert-base-uncased")', lines
    )
    program = program.replace("__init__(self)", "__init__(self, tuned=True)", 1)
    findings = check_source(program, options=Options(select=("HFM009",)))
    assert [
        (each.module_path, each.assumed, each.fix and each.fix.applicability) for each in findings
    ] == shown
