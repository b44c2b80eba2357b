"""Training loops that a program writes itself: small programs and what is found in them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from hfmode_lint import Applicability, Options, check_paths, check_source
from hfmode_lint.rules import RULES

LOOPS = Options(select=tuple(code for code, rule in RULES.items() if rule.about_loops))
IMPORTS = """\
import abc, copy, itertools
import torch
from torch import nn
from transformers import AutoModel, AutoModelForCausalLM
"""
STEP = """\
for batch in batches:
    loss = model(**batch).loss
    loss.backward()
    optimizer.step()
"""
LOADED = "model = AutoModel.from_pretrained('x')\n"
OPTIMIZER = "optimizer = torch.optim.AdamW(model.parameters())\n"


def found(program: str) -> list[str]:
    return [
        f"{each.code} {each.module_path} {each.verdict.value if each.verdict else None}"
        for each in check_source(IMPORTS + dedent(program), options=LOOPS)
    ]


def in_main(*parts: str, parameters: str = "batches") -> str:
    return f"def main({parameters}):\n" + indent("".join(map(dedent, parts)), "    ")


SICK = ["HFM101 model eval"]
MAYBE = ["HFM101 model either"]


@pytest.mark.parametrize(
    ("optimizer", "findings"),
    [
        (OPTIMIZER, SICK),
        ("optimizer = torch.optim.Adam(params=model.parameters())", SICK),
        ("optimizer = getattr(torch.optim, name)(model.parameters())", SICK),
        (
            "optimizer = {'a': torch.optim.Adam, 'b': torch.optim.SGD}[name](model.parameters())",
            SICK,
        ),
        ("optimizer = make_optimizer(model.parameters())", SICK),
        ("import bitsandbytes as bnb\noptimizer = bnb.optim.AdamW8bit(model.parameters())", SICK),
        ("optimizer = AdamW(model.parameters())", SICK),
        ("optimizer = torch.optim.AdamW([{'params': model.parameters()}])", SICK),
        (
            "optimizer = torch.optim.AdamW(filter(lambda p: p.requires_grad, model.parameters()))",
            SICK,
        ),
        ("optimizer = torch.optim.AdamW(filter(wanted, model.parameters()))", []),
        ("optimizer = torch.optim.AdamW(list(model.parameters())[-2:])", []),
        ("optimizer = torch.optim.AdamW(p for p in model.parameters() if p.requires_grad)", SICK),
        ("optimizer = torch.optim.AdamW(p for p in model.parameters() if p.ndim == 1)", []),
        ("optimizer = torch.optim.AdamW(itertools.chain(model.parameters(), []))", SICK),
        ("optimizer = DistributedOptimizer(torch.optim.AdamW(model.parameters()))", SICK),
        (
            (
                "optimizer = torch.optim.AdamW(nn.Linear(1, 1).parameters())\n"
                "optimizer.add_param_group({'params': model.parameters()})\noptimizer.zero_grad()"
            ),
            SICK,
        ),
        # What is no optimizer, or is none of the model's.
        ("optimizer = Average(model.parameters())", []),
        ("optimizer = torch.optim.AdamW(nn.Linear(1, 1).parameters())", []),
        ("optimizer = torch.optim.AdamW(copy.deepcopy(model).parameters())", []),
        ("optimizer = make(model)", []),
        ("optimizer = unknown", []),
        (f"{OPTIMIZER}optimizer = torch.optim.lr_scheduler.StepLR(optimizer, 1)", []),
    ],
)
def test_what_the_optimizer_has(optimizer: str, findings: list[str]) -> None:
    assert found(in_main(LOADED, optimizer + "\n", STEP)) == findings


@pytest.mark.parametrize(
    ("before", "findings"),
    [
        ("model.train()", []),
        ("model.train(True)", []),
        ("model.train(False)", []),
        ("model.requires_grad_(False)", []),
        ("model.gradient_checkpointing_enable()", SICK),
        ("for name, p in model.named_parameters():\n    p.requires_grad = 'x' in name", SICK),
        ("for module in model.modules():\n    module.train()", []),
        ("if flag:\n    model.train()", MAYBE),
        ("if flag:\n    raise ValueError", SICK),
        ("assert not flag", SICK),
        ("unseen(model)", []),
        ("print(model)", SICK),
        ("model(**batches[0])", SICK),
        ("model.eval()\nmodel(**batches[0])", []),
        ("model = torch.compile(model)", SICK),
        ("with torch.no_grad():\n    model(**batches[0])", SICK),
    ],
)
def test_what_happens_before_the_loop(before: str, findings: list[str]) -> None:
    program = in_main(LOADED, OPTIMIZER, before + "\n", STEP, parameters="batches, flag")
    assert found(program) == findings


@pytest.mark.parametrize(
    ("step", "findings"),
    [
        (STEP, SICK),
        ("while True:\n    model(x).loss.backward()\n    optimizer.step()", SICK),
        ("model(x).loss.backward()\noptimizer.step()", []),
        ("for x in batches:\n    model(x).loss.backward()", []),
        ("for x in batches:\n    model(x)\n    optimizer.step()", []),
        ("for x in batches:\n    model(x).backward()\n    xm.optimizer_step(optimizer)", SICK),
        ("for x in batches:\n    torch.autograd.backward(model(x))\n    optimizer.step()", SICK),
        ("for x in batches:\n    model(x).sum().backward()\n    scaler.step(optimizer)", SICK),
        ("for x in batches:\n    (-model(x)).backward()\n    optimizer.step()", SICK),
        ("for x in batches:\n    model.train()\n    model(x).backward()\n    optimizer.step()", []),
        # The mode changes between the forward pass and the backward pass.
        (("for x in batches:\n    y = model(x)\n    model.train()\n    y.backward()\n"
         "    optimizer.step()"), []),
        (("for x in batches:\n    with torch.no_grad():\n        y = model(x)\n    y.backward()\n"
         "    optimizer.step()"), []),
        (("for x in batches:\n    def closure():\n        model(x).backward()\n"
         "    optimizer.step(closure)"), SICK),
        ("for x in batches:\n    optimizer.step(lambda: model(x).backward())", SICK),
        ("for x in batches:\n    model.forward(x).backward()\n    optimizer.step()", SICK),
        ("for x in batches:\n    model.encode_image(x).backward()\n    optimizer.step()", SICK),
        (("try:\n    for x in batches:\n        model(x).backward()\n        optimizer.step()\n"
         "except KeyboardInterrupt:\n    pass"), SICK),
    ],
)  # fmt: skip
def test_how_the_loop_is_written(step: str, findings: list[str]) -> None:
    assert found(in_main(LOADED, OPTIMIZER, step + "\n")) == findings


TRAINS_ONCE = "model(batches).loss.backward()\noptimizer.step()\n"
AROUND = {
    "behind a loop in a loop": (
        "for epoch in range(3):\n    for batch in batches:\n        print(batch)\n{inner}",
        SICK,
    ),
    "behind a loop": ("for epoch in range(3):\n    print(epoch)\n{same}", []),
    "behind a while in a while": (
        "while batches:\n    while batches.pop():\n        print()\n{inner}",
        SICK,
    ),
    "behind a while": ("while batches.pop():\n    print()\n{same}", []),
}


@pytest.mark.parametrize(("around", "findings"), AROUND.values(), ids=AROUND)
def test_what_is_done_again_and_again(around: str, findings: list[str]) -> None:
    loop = around.format(inner=indent(TRAINS_ONCE, "    "), same=TRAINS_ONCE)
    assert found(in_main(LOADED, OPTIMIZER, loop)) == findings


def test_a_backward_of_the_program_s_own_is_none() -> None:
    program = """
    class Loss:
        def backward(self):
            pass

    def main(batches):
        model = AutoModel.from_pretrained('x')
        optimizer = torch.optim.AdamW(model.parameters())
        for batch in batches:
            model(batch)
            Loss().backward()
            optimizer.step()
    """
    assert found(program) == []


TRAINER = """
class Trainer{bases}:
    def __init__(self):
        self.model = AutoModel.from_pretrained('x')
        self.optimizer = torch.optim.AdamW(self.model.parameters())

    def fit(self, batches):
        self.step(batches)

    def step(self, batch):
        self.model(batch).loss.backward()
        self.optimizer.step()
"""


@pytest.mark.parametrize(
    ("bases", "findings"),
    [
        ("", ["HFM101 self.model eval"]),
        ("(object)", ["HFM101 self.model eval"]),
        ("(abc.ABC)", ["HFM101 self.model eval"]),
        # What calls the methods can't be seen, and what it does before.
        ("(nn.Module)", []),
        ("(unseen.Trainer)", []),
    ],
)
def test_a_class_that_nobody_is_seen_to_use(bases: str, findings: list[str]) -> None:
    assert found(TRAINER.format(bases=bases)) == findings


def test_a_class_that_is_seen_to_be_used_is_judged_by_that() -> None:
    used = TRAINER.format(bases="") + dedent("""
    def main(batches):
        trainer = Trainer()
        trainer.model.train()
        for batch in batches:
            trainer.step(batch)
    """)
    assert found(used) == []
    assert found(used.replace("    trainer.model.train()\n", "")) == ["HFM101 self.model eval"]


def test_a_static_method_that_trains() -> None:
    program = f"class Trainer:\n    @staticmethod\n    {in_main(LOADED, OPTIMIZER, STEP)}"
    assert found(program.replace("\n    ", "\n        ").replace("        @", "    @").replace(
        "        def", "    def")) == SICK  # fmt: skip


def test_a_model_without_a_name() -> None:
    program = """
    def main(batches):
        models = {'a': AutoModel.from_pretrained('x')}
        optimizer = torch.optim.AdamW([p for m in models.values() for p in m.parameters()])
        for batch in batches:
            models['a'](batch).loss.backward()
            optimizer.step()
    """
    (finding,) = check_source(IMPORTS + dedent(program), options=LOOPS)
    assert finding.module_path == "m"


def test_the_message_where_a_model_without_a_name_was_loaded_elsewhere() -> None:
    program = """
    def load():
        return {'a': AutoModel.from_pretrained('x')}

    def main(batches):
        models = load()
        optimizer = torch.optim.AdamW(models['a'].parameters())
        for batch in batches:
            models['a'](batch).loss.backward()
            optimizer.step()
    """
    (finding,) = check_source(IMPORTS + dedent(program), options=LOOPS)
    assert finding.module_path is None
    assert finding.message == (
        "a model is loaded in eval mode by AutoModel.from_pretrained() and still in eval mode when "
        "backward() first runs (dropout is off); call its train() before the loop"
    )


def test_what_was_taken_for_a_model() -> None:
    program = in_main(
        "model = kind.from_pretrained('x')\n", OPTIMIZER, STEP, parameters="batches, kind"
    )
    (finding,) = check_source(IMPORTS + program, options=LOOPS)
    assert finding.assumed


def test_the_message_where_the_loader_can_t_be_followed_by_train() -> None:
    program = in_main(
        "model, info = AutoModel.from_pretrained('x', output_loading_info=True)\n", OPTIMIZER, STEP
    )
    (finding,) = check_source(IMPORTS + program, options=LOOPS)
    assert finding.fix is None
    assert finding.message == (
        "model is loaded in eval mode by AutoModel.from_pretrained() and still in eval mode when "
        "backward() first runs (dropout is off); call model.train() before the loop"
    )


def test_the_message_where_one_way_alone_is_in_eval_mode() -> None:
    program = in_main(
        LOADED, OPTIMIZER, "if flag:\n    model.train()\n", STEP, parameters="batches, flag"
    )
    (finding,) = check_source(IMPORTS + program, options=LOOPS)
    assert "and on some paths still in eval mode" in finding.message


FABRIC = """
from lightning.fabric import Fabric

def main(batches, fabric):
    {before}
    model = AutoModel.from_pretrained('x')
    optimizer = torch.optim.AdamW(model.parameters())
    {setup}
    for batch in batches:
        fabric.backward(model(batch).loss)
        optimizer.step()
"""


@pytest.mark.parametrize(
    ("before", "setup", "findings"),
    [
        ("fabric = Fabric()", "model, optimizer = fabric.setup(model, optimizer)", True),
        ("pass", "model, optimizer = fabric.setup(model, optimizer)", True),
        ("pass", "model, optimizer = fabric.setup(module=model, optimizer=optimizer)", True),
        ("pass", "model = fabric.setup(model)", True),
        ("pass", "model, optimizer = fabric.setup(model, optimizer, *more)", True),
        ("pass", "model, optimizer = fabric.setup(*more)", False),
        ("fabric.seed_everything(1)", "model = fabric.setup_module(model.train())", False),
        ("fabric = Fabric()\n    if fabric.is_global_zero:\n        print()", "pass", True),
        ("fabric.launch()", "fabric.print(model)", True),
    ],
)
def test_fabric(before: str, setup: str, *, findings: bool) -> None:
    program = FABRIC.format(before=before, setup=setup)
    assert found(program) == (["HFM102 model eval"] if findings else [])


def test_each_loop_has_the_rule_of_its_library() -> None:
    program = FABRIC.format(before="pass", setup="pass").replace("main(", "second(")
    both = in_main(LOADED, OPTIMIZER, STEP) + program
    assert found(both) == ["HFM101 model eval", "HFM102 model eval"]


def test_a_flag_of_a_helper_is_the_same_each_time() -> None:
    made = "accelerator = accelerate.Accelerator()\n"
    first = "if accelerator.is_main_process:\n    model.train()\n"
    other = "if not accelerator.is_main_process:\n    model.train()\n"
    parts = ("import accelerate\n", made, LOADED, OPTIMIZER, first)
    assert found(in_main(*parts, STEP)) == MAYBE
    assert found(in_main(*parts, other, STEP)) == []


def test_a_name_that_is_no_fabric() -> None:
    program = FABRIC.format(before="pass", setup="model = loom.setup(model)")
    assert found(program) == []


NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = AutoModel.from_pretrained('x')

    def forward(self, batch):
        return self.body(batch)
"""
KEPT = """
    def train(self, mode=True):
        super().train(mode)
        self.body.eval()
        return self
"""


def test_what_holds_the_model() -> None:
    main = in_main("model = Net()\n", OPTIMIZER, STEP)
    assert found(NET + main) == ["HFM101 model.body eval"]
    assert found(NET + KEPT + main) == []
    unnamed = main.replace("model = Net()", "models = {'a': Net()}").replace(
        "model.parameters", "models['a'].parameters"
    )
    assert found(NET + unnamed.replace("model(", "models['a'](")) == ["HFM101 None eval"]


PARTS = "optimizer = torch.optim.AdamW([{params}])\n"
GIVEN = "{'params': model.%s.parameters()}"


@pytest.mark.parametrize(
    ("optimizer", "findings"),
    [
        (PARTS.format(params=GIVEN % "head"), []),
        (
            PARTS.format(params=f"{GIVEN % 'head'}, {GIVEN % 'encoder'}"),
            ["HFM101 model.head eval"],
        ),
        (
            """
            chosen = []
            for name, p in model.named_parameters():
                if 'head' in name:
                    chosen.append(p)
            optimizer = torch.optim.AdamW(chosen)
            """,
            [],
        ),
        (
            """
            chosen = []
            for name, p in model.named_parameters():
                chosen.append(p)
            optimizer = torch.optim.AdamW(chosen)
            """,
            SICK,
        ),
        (
            """
            decayed, others = [], []
            for name, p in model.named_parameters():
                if 'bias' in name:
                    others.append(p)
                else:
                    decayed.append(p)
            optimizer = torch.optim.AdamW([{'params': decayed}, {'params': others}])
            """,
            SICK,
        ),
        (
            """
            models = []
            for name, p in model.named_parameters():
                if 'head' in name:
                    models.append(model)
            models[0].train()
            optimizer = torch.optim.AdamW(model.parameters())
            """,
            [],
        ),
    ],
)
def test_parts_of_the_model(optimizer: str, findings: list[str]) -> None:
    assert found(in_main(LOADED, optimizer, STEP)) == findings


SAFE, UNSAFE = Applicability.SAFE, Applicability.UNSAFE
LOAD = "def load():\n    return AutoModel.from_pretrained('x')\n\n"
PAIR = "class Pair:\n    def __init__(self, model):\n        self.model = model\n\n"
WITHOUT = "with torch.no_grad():\n    model(batches[0])\n"


@pytest.mark.parametrize(
    ("program", "applicability"),
    [
        (in_main(LOADED, OPTIMIZER, STEP), SAFE),
        (in_main(LOADED, OPTIMIZER, STEP) + "main(data)\n", SAFE),
        (LOADED + OPTIMIZER + STEP, SAFE),
        # Loaded in another function, or in a method.
        (LOAD + in_main("model = load()\n", OPTIMIZER, STEP), UNSAFE),
        (LOAD + in_main("model = load()\n", OPTIMIZER, STEP) + "main(data)\n", UNSAFE),
        (TRAINER.format(bases=""), UNSAFE),
        # Others have it as well, who may want it in eval mode.
        (in_main(LOADED, WITHOUT, OPTIMIZER, STEP), UNSAFE),
        (in_main(LOADED, OPTIMIZER, STEP, WITHOUT), UNSAFE),
        (in_main(LOADED, OPTIMIZER, STEP, "unseen(model)\n"), UNSAFE),
        (in_main(LOADED, OPTIMIZER, STEP, "return model\n"), UNSAFE),
        (in_main(LOADED, OPTIMIZER, STEP, "return [model]\n"), UNSAFE),
        (in_main(LOADED, OPTIMIZER, STEP, "return {'model': model}\n"), UNSAFE),
        (PAIR + in_main(LOADED, OPTIMIZER, STEP, "return Pair(model)\n"), UNSAFE),
        (in_main(LOADED, "model.encoder.requires_grad_(False)\n", OPTIMIZER, STEP), UNSAFE),
        # Something else sets eval mode behind the loader.
        (
            in_main(
                LOADED,
                "model.load_adapter('a', is_trainable=False)\nmodel.requires_grad_(True)\n",
                OPTIMIZER,
                STEP,
            ),
            None,
        ),
    ],
)
def test_whether_train_behind_the_loader_is_safe(
    program: str, applicability: Applicability | None
) -> None:
    (finding,) = check_source(IMPORTS + program, options=LOOPS)
    assert (finding.fix and finding.fix.applicability) == applicability


READY = "if ready:\n    model.train()\n"


@pytest.mark.parametrize(
    ("program", "findings"),
    [
        # Who calls it may say otherwise.
        (in_main(LOADED, OPTIMIZER, READY, STEP, parameters="batches, ready=True"), MAYBE),
        # Callers that are seen say it, on whichever path.
        (
            in_main(LOADED, OPTIMIZER, READY, STEP, parameters="batches, ready")
            + "def second(batches):\n    main(batches, True)\n",
            [],
        ),
        (
            in_main(LOADED, OPTIMIZER, READY, STEP, parameters="batches, ready")
            + "def second(batches, flag):\n    if flag:\n        main(batches, True)\n"
            "    else:\n        print(batches)\n",
            [],
        ),
    ],
)
def test_who_calls_a_function(program: str, findings: list[str]) -> None:
    assert found(program) == findings


def trainer(*methods: str, init: str = "", parameters: str = "self") -> str:
    """A class that trains in its method ``step``."""
    head = TRAINER.format(bases="").partition("    def fit")[0].rstrip()
    step = TRAINER.format(bases="").partition("    def step")[2]
    made = head.replace("__init__(self)", f"__init__({parameters})") + indent(init, " " * 8)
    return "\n\n".join(
        [made, *(indent(dedent(each), "    ").rstrip() for each in methods)]
    ).replace("    def step(self): ...", f"    def step{step}".rstrip())


OWN = ["HFM101 self.model eval"]
OWN_MAYBE = ["HFM101 self.model either"]
FIT = "def fit(self, batch):\n    self.model.train()\n    self.step(batch)"
TRAINS = "def start(self):\n    self.model.train()"


@pytest.mark.parametrize(
    ("program", "findings"),
    [
        (trainer("def step(self): ..."), OWN),
        (trainer("def step(self): ...", "def save(self):\n    print(self)"), OWN),
        # Somebody may call it first.
        (trainer("def step(self): ...", TRAINS), []),
        (trainer(TRAINS, "def step(self): ..."), []),
        # What one of its methods calls is called by that alone.
        (trainer("def step(self): ...", FIT), []),
        (
            trainer(
                "def fit(self, batch):\n    self.step(batch)\n    self.finish()",
                "def step(self): ...",
                "def finish(self):\n    self.start()",
                TRAINS,
            ),
            OWN,
        ),
        # What it is given may differ from the defaults.
        (
            trainer(
                "def step(self): ...",
                init="\nif ready:\n    self.model.train()",
                parameters="self, ready=True",
            ),
            OWN_MAYBE,
        ),
        (
            trainer(
                "def step(self): ...",
                "def fit(self, batch, ready=True):\n    if ready:\n        self.model.train()\n"
                "    self.step(batch)",
            ),
            OWN_MAYBE,
        ),
        (
            "class Trainer:\n    @staticmethod\n"
            + indent(in_main(LOADED, OPTIMIZER, READY, STEP, parameters="ready, batches"), "    "),
            MAYBE,
        ),
        # Each class by itself.
        (
            trainer("def step(self): ...")
            + trainer("def step(self): ...").replace("Trainer", "Other"),
            OWN * 2,
        ),
    ],
)
def test_what_leads_to_a_step_in_a_class(program: str, findings: list[str]) -> None:
    assert found(program) == findings


LAUNCHED = """
from lightning.fabric import Fabric

def train(fabric, model, ready=False):
    if ready:
        model.train()
    optimizer = torch.optim.AdamW(model.parameters())
    for batch in range(9):
        fabric.backward(model(batch).loss)
        optimizer.step()

def main(more):
    loom = Fabric()
    loom.launch(train, {given})
"""


@pytest.mark.parametrize(
    ("given", "findings"),
    [
        ("AutoModel.from_pretrained('x')", ["HFM102 model eval"]),
        ("AutoModel.from_pretrained('x').train()", []),
        ("AutoModel.from_pretrained('x'), True", []),
        ("AutoModel.from_pretrained('x'), ready=True", []),
        ("AutoModel.from_pretrained('x'), **more", ["HFM102 model either"]),
    ],
)
def test_what_fabric_launches(given: str, findings: list[str]) -> None:
    assert found(LAUNCHED.format(given=given)) == findings


@pytest.mark.parametrize(
    ("helper", "code"),
    [("loom = Fabric()", "HFM102"), ("loom.fabric = batches", "HFM102"), ("pass", "HFM101")],
)
def test_a_helper_by_any_name(helper: str, code: str) -> None:
    name = "loom.fabric" if "." in helper else "loom"
    program = FABRIC.format(before="pass", setup=helper).replace("fabric.back", f"{name}.back")
    assert found(program) == [f"{code} model eval"]


LOADING = "from transformers import AutoModel\ndef load(): return AutoModel.from_pretrained('x')\n"
SCRIPT = "import torch\nfrom loading import load\nmodel = load(){mode}\n" + OPTIMIZER + STEP
STEPPING = """\
def with_batch(batch):
    def with_optimizer(optimizer):
        def with_model(model):
            model(batch).backward()
            optimizer.step()
        return with_model
    return with_optimizer
"""
STEPPED = f"""\
{IMPORTS}
from stepping import with_batch
{LOADED}{OPTIMIZER}
for batch in batches:
    with_batch(batch)(optimizer)(model)
"""
PROJECTS: dict[str, tuple[dict[str, str], list[str]]] = {
    "two scripts, of which one sets train mode": (
        {
            "loading.py": LOADING,
            "a.py": SCRIPT.format(mode=".train()"),
            "b.py": SCRIPT.format(mode=""),
        },
        ["loading.py model either"],
    ),
    "a step of another file that gets no model at first": (
        {"stepping.py": STEPPING, "train.py": STEPPED},
        ["train.py model eval"],
    ),
}


@pytest.mark.parametrize(("files", "findings"), PROJECTS.values(), ids=PROJECTS)
def test_loops_of_several_files(files: dict[str, str], findings: list[str], tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert [
        f"{Path(each.filename).name} {each.module_path} {each.verdict and each.verdict.value}"
        for each in check_paths([tmp_path], LOOPS)
    ] == findings
