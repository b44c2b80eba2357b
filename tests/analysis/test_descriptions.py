"""Objects that dictionaries describe, names in strings, and classes that are records."""

from __future__ import annotations

import pytest

from hfmode_lint import check_source
from tests.analysis.programs import found

IMPORTS = """\
import attr, attrs, dataclasses, importlib, pkgutil, sys, typing
from dataclasses import KW_ONLY, InitVar, dataclass, field
from typing import ClassVar, NamedTuple
import hydra, torch
from hydra.utils import get_method, instantiate
from omegaconf import DictConfig, OmegaConf
from pydantic import BaseModel, Field, field_validator
import lightning as L
from torch import nn
from transformers import AutoModel
LOADER = "transformers.AutoModel.from_pretrained"
MODEL = {"_target_": LOADER, "_args_": ["x"]}
class Net(nn.Module):
    def __init__(self, model=None, switch=False, **more):
        super().__init__()
        self.model = model
        if switch:
            self.train()
class Loading(Net):
    def __init__(self, switch=False):
        super().__init__(AutoModel.from_pretrained("x"), switch)
"""


def task(*lines: str, before: str = "") -> list[str]:
    """What is found in a LightningModule whose constructor has these lines."""
    return found(program(*lines, before=before))


def program(*lines: str, before: str = "") -> str:
    """A LightningModule whose constructor has these lines."""
    init = "\n".join(f"        {line}" for text in lines for line in text.split("; "))
    return (
        f"{IMPORTS}{before}\nclass Lit(L.LightningModule):\n    def __init__(self, unknown):\n"
        f"        super().__init__()\n{init}\n"
        "    def training_step(self, batch, batch_idx):\n        return self.m(batch)\n"
    )


SICK = ["HFM001 self.m"]
INNER = ["HFM001 self.m.model"]
PARTLY = ["HFM002 self.m"]
IF = "if cfg.switch: self.m.train()"
LOADING = "AutoModel.from_pretrained('x')"
LOAD = f"self.m = {LOADING}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("self.m = instantiate(MODEL)", SICK),
        ("self.m = instantiate(config=MODEL)", SICK),
        ("self.m = hydra.utils.call(MODEL)", SICK),
        ("self.m = instantiate({'_target_': LOADER}, 'x')", SICK),
        ("self.m = instantiate({'_target_': LOADER}, pretrained_model_name_or_path='x')", SICK),
        ("self.m = instantiate({'_target_': unknown, 'model': MODEL})", []),
        ("self.m = instantiate({'_target_': LOADER, '_partial_': unknown})", []),
        ("self.m = instantiate(unknown)", []),
        ("m = AutoModel.from_pretrained('x'); instantiate(unknown, m); self.m = m", []),
        (
            "m = AutoModel.from_pretrained('x'); instantiate({'_target_': unknown}, m); self.m = m",
            [],
        ),
        ("m = AutoModel.from_pretrained('x'); instantiate(None, m); self.m = m", SICK),
        ("self.m = instantiate({'_target_': '__main__.Net', 'model': MODEL})", INNER),
        ("self.m = instantiate({'_target_': '__main__.Net', 'model': MODEL, 'switch': True})", []),
        ("self.m = instantiate({'_target_': '__main__.Net', 'model': MODEL}, switch=True)", []),
        (
            (
                "self.m = instantiate("
                "{'_target_': '__main__.Net', '_recursive_': False, 'model': MODEL})"
            ),
            [],
        ),
        ("self.m = instantiate([MODEL])[0]", SICK),
        ("self.m = instantiate({'a': [MODEL]})['a'][0]", SICK),
        ("self.m = instantiate({'a': {'_target_': LOADER}}, a={'_args_': ['x']})['a']", SICK),
        ("self.m = instantiate({unknown: 1, 'a': MODEL})['a']", []),
        ("self.m = instantiate({'_target_': LOADER, '_partial_': True})('x')", SICK),
        ("self.m = instantiate({'_target_': LOADER, '_args_': unknown})", SICK),
        ("self.m = L.pytorch.cli.instantiate_class('x', {'class_path': LOADER})", SICK),
        (
            (
                "c = {'class_path': '__main__.Net', 'init_args': {'switch': True}}; "
                "self.m = L.pytorch.cli.instantiate_class((AutoModel.from_pretrained('x'),), c)"
            ),
            [],
        ),
        (
            (
                "c = {'class_path': '__main__.Net', 'init_args': {'switch': False}}; "
                "self.m = L.pytorch.cli.instantiate_class((AutoModel.from_pretrained('x'),), c)"
            ),
            INNER,
        ),
        (
            (
                "c = {'class_path': '__main__.Net', 'init_args': {'model': MODEL}}; "
                "self.m = L.pytorch.cli.instantiate_class((), c)"
            ),
            [],
        ),
        (
            (
                "c = {'class_path': '__main__.Loading', 'init_args': {'switch': True}}; "
                "self.m = L.pytorch.cli.instantiate_class(args=(), init=c)"
            ),
            [],
        ),
        ("a, b = map(instantiate, [MODEL, MODEL]); self.m = b.train()", []),
        (
            "self.m = nn.ModuleList(instantiate([MODEL, MODEL]))",
            ["HFM001 self.m.0", "HFM001 self.m.1"],
        ),
        ("cfg = instantiate(OmegaConf.create({'a': MODEL})); self.m = cfg.a", SICK),
        ("self.m = instantiate({'_target_': '__main__.Net', '_args_': [MODEL]})", INNER),
        (
            (
                "c = {'a': {'_target_': '__main__.Net', 'model': MODEL}}; "
                "self.m = instantiate(c, a={'switch': True})['a']"
            ),
            [],
        ),
        *(
            (line, ["HFM002 self.m.model"])
            for line in (
                "self.m = instantiate({'_target_': '__main__.Net', 'model': MODEL}, **unknown)",
                "self.m = instantiate({'_target_': '__main__.Net', 'model': MODEL, unknown: 1})",
                (
                    "c = {'_target_': '__main__.Loading', '_args_': unknown}; "
                    "Loading; self.m = instantiate(c)"
                ),
                (
                    "c = {'_target_': '__main__.Loading', '_recursive_': unknown}; "
                    "Loading; self.m = instantiate(c)"
                ),
                (
                    "c = {'a': {'_target_': '__main__.Net', 'model': MODEL, unknown: 1}}; "
                    "self.m = instantiate(c, a={'other': 1})['a']"
                ),
            )
        ),
    ],
)
def test_what_is_described_is_made(line: str, expected: list[str]) -> None:
    assert task(line) == expected


OPTIONS = """
class Switched(nn.Module):
    def __init__(self, options):
        super().__init__()
        self.model = AutoModel.from_pretrained("x")
        if options["a"]["switch"]:
            self.model.train()
        if options["a"]["frozen"]:
            self.model.requires_grad_(False)
"""


@pytest.mark.parametrize(
    ("switch", "frozen", "expected"),
    [(True, False, []), (False, True, []), (False, False, ["HFM001 self.m.model"])],
)
def test_what_a_call_gives_is_merged_at_every_depth(
    *, switch: bool, frozen: bool, expected: list[str]
) -> None:
    described = f"{{'_target_': '__main__.Switched', 'options': {{'a': {{'switch': {switch}}}}}}}"
    made = f"self.m = instantiate({described}, options={{'a': {{'frozen': {frozen}}}}})"
    assert task(made, before=OPTIONS) == expected


@pytest.mark.parametrize(
    ("target", "line", "origin"),
    [
        ("LOADER", "self.m = instantiate(MODEL)", "AutoModel.from_pretrained"),
        (
            "'transformers.models.bert.BertModel.from_pretrained'",
            "self.m = instantiate(MODEL)",
            "BertModel.from_pretrained",
        ),
        (
            "LOADER, 'output_loading_info': True",
            "self.m, info = instantiate(MODEL)",
            "AutoModel.from_pretrained",
        ),
    ],
)
def test_a_loader_in_a_description_is_called_by_its_own_name(
    target: str, line: str, origin: str
) -> None:
    described = f"MODEL = {{'_target_': {target}, '_args_': ['x']}}"
    (finding,) = check_source(program(line, before=described))
    assert finding.origin == origin
    assert finding.fix is None
    assert finding.message.endswith("; call self.m.train()")


def test_a_description_may_be_a_dataclass() -> None:
    before = (
        "@dataclass\nclass Description:\n    _target_: str = LOADER\n    _partial_: bool = True"
    )
    assert task("self.m = instantiate(Description())('x')", before=before) == SICK
    assert (
        task("self.m = instantiate(OmegaConf.structured(Description()))('x')", before=before)
        == SICK
    )


def test_what_describes_itself_ends() -> None:
    assert task("a = {'b': {}}; a['b']['a'] = a; self.m = instantiate(a)") == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"cfg = OmegaConf.create({{'switch': False}}); {LOAD}; {IF}", SICK),
        (f"cfg = OmegaConf.create({{'switch': True}}); {LOAD}; {IF}", []),
        (f"cfg = OmegaConf.create({{'switch': '${{a}}'}}); {LOAD}; {IF}", PARTLY),
        (f"cfg = OmegaConf.create({{'other': 1}}); {LOAD}; {IF}", PARTLY),
        (f"cfg = OmegaConf.create(unknown); {LOAD}; {IF}", PARTLY),
        (f"cfg = OmegaConf.load('x.yaml'); {LOAD}; {IF}", PARTLY),
        (f"cfg = OmegaConf.create(); cfg.switch = True; {LOAD}; {IF}", []),
        (f"cfg = OmegaConf.create(); cfg['switch'] = False; {LOAD}; {IF}", SICK),
        (
            (
                f"cfg = OmegaConf.create({{'a': {{'b': 1}}}}); {LOAD}; "
                f"if cfg.a.get('b') == 1: self.m.train()"
            ),
            [],
        ),
        (f"cfg = OmegaConf.create(); {LOAD}; if cfg.get('b', True): self.m.train()", []),
        (f"cfg = OmegaConf.create(); {LOAD}; if cfg.get('b'): self.m.train()", SICK),
        (
            f"cfg = OmegaConf.create({{unknown: 1}}); {LOAD}; if cfg.get('b'): self.m.train()",
            PARTLY,
        ),
        (f"cfg = OmegaConf.create(); {LOAD}; if isinstance(cfg, DictConfig): self.m.train()", []),
        (f"{LOAD}; if isinstance(unknown, DictConfig): self.m.train()", PARTLY),
        (f"cfg = OmegaConf.create({{'b': 1}}); {LOAD}; if hasattr(cfg, 'b'): self.m.train()", []),
        (f"cfg = OmegaConf.create({{'b': 1}}); {LOAD}; if hasattr(cfg, 'c'): self.m.train()", SICK),
        (
            (
                f"a = OmegaConf.create({{'switch': False}}); "
                f"cfg = OmegaConf.merge(a, {{'switch': True}}); {LOAD}; {IF}"
            ),
            [],
        ),
        (f"cfg = OmegaConf.merge(unknown, {{'switch': True}}); {LOAD}; {IF}", PARTLY),
        (
            (
                f"a = OmegaConf.create({{'b': {{'c': True}}}}); {LOAD}; "
                f"if OmegaConf.select(a, 'b.c'): self.m.train()"
            ),
            [],
        ),
        (f"a = OmegaConf.create([{{'c': True}}]); {LOAD}; if a[0].c: self.m.train()", []),
        (
            (
                f"a = OmegaConf.create({{'c': True}}); self.save_hyperparameters(a); {LOAD}; "
                f"if self.hparams.c: self.m.train()"
            ),
            [],
        ),
        (f"cfg = OmegaConf.create(obj={{'switch': True}}); {LOAD}; {IF}", []),
        (f"cfg = OmegaConf.merge({{'switch': False}}, *unknown); {LOAD}; {IF}", PARTLY),
        (
            (
                "a = OmegaConf.create({'b': {'switch': True, 'd': 1}}); "
                f"cfg = OmegaConf.merge(a, {{'b': {{'d': 2}}}}).b; {LOAD}; {IF}"
            ),
            [],
        ),
        (
            (
                f"a = OmegaConf.create({{'b': {{'c': True}}}}); {LOAD}; "
                "if OmegaConf.select(cfg=a, key='b.c'): self.m.train()"
            ),
            [],
        ),
        (
            (
                f"a = OmegaConf.create({{'b': 1}}); {LOAD}; "
                "if OmegaConf.select(a, unknown): self.m.train()"
            ),
            PARTLY,
        ),
        # What is not known is the same each time, and only then.
        (f"cfg = OmegaConf.create(); {LOAD}; {IF}; if not cfg.switch: self.m.train()", []),
        (f"cfg = OmegaConf.create(); {LOAD}; {IF}; if not cfg.other: self.m.train()", PARTLY),
        (
            (
                f"cfg = OmegaConf.create(); other = OmegaConf.create(); {LOAD}; {IF}; "
                "if not other.switch: self.m.train()"
            ),
            PARTLY,
        ),
        (
            (
                f"cfg = OmegaConf.create({{'switch': '${{a}}'}}); {LOAD}; {IF}; "
                "if not cfg.switch: self.m.train()"
            ),
            [],
        ),
        (
            f"hydra.initialize(config_path='conf'); cfg = hydra.compose('config'); {LOAD}; {IF}",
            PARTLY,
        ),
    ],
)
def test_configurations(line: str, expected: list[str]) -> None:
    assert task(*line.split("; ")) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("self.m = importlib.import_module('transformers').AutoModel.from_pretrained('x')", SICK),
        (
            (
                "self.m = importlib.import_module("
                "'.models', 'transformers').BertModel.from_pretrained('x')"
            ),
            SICK,
        ),
        (
            (
                "self.m = importlib.import_module("
                "'..models', package='transformers.a').BertModel.from_pretrained('x')"
            ),
            SICK,
        ),
        *(
            (
                f"self.m = importlib.import_module({given}).Sequential({LOADING})",
                ["HFM001 self.m.0"],
            )
            for given in (
                "'torch.nn'",
                "name='torch.nn'",
                "'torch.nn', 'transformers'",
                "'.nn', 'torch'",
                "'..nn', 'torch.optim'",
                "'..nn', package='torch.optim'",
                "'...nn', 'torch.optim.swa_utils'",
                "'..', 'torch.nn.utils'",
            )
        ),
        *(
            (
                f"self.m = {imported}.Sequential({LOADING})",
                ["HFM001 self.m.0"],
            )
            for imported in (
                "__import__('torch').nn",
                "__import__('torch.nn').nn",
                "__import__(name='torch.nn').nn",
                "__import__('torch.nn', None, None, ['x'])",
                "__import__('torch.nn', fromlist=['x'])",
                "__import__('torch.nn', fromlist=[]).nn",
            )
        ),
        *(
            (
                f"self.m = {named}(AutoModel.from_pretrained('x'))",
                ["HFM001 self.m.0"],
            )
            for named in (
                "get_method('torch.nn.Sequential')",
                "get_method(path='torch.nn.Sequential')",
                "pkgutil.resolve_name('torch.nn:Sequential')",
                "pkgutil.resolve_name(name='torch.nn:Sequential')",
            )
        ),
        ("self.m = __import__('transformers.models').BertModel.from_pretrained('x')", SICK),
        (
            (
                "self.m = __import__("
                "'transformers.models', None, None, ['x']).BertModel.from_pretrained('x')"
            ),
            SICK,
        ),
        ("self.m = get_method(LOADER)('x')", SICK),
        ("self.m = pkgutil.resolve_name('transformers:AutoModel').from_pretrained('x')", SICK),
        ("self.m = pkgutil.resolve_name(unknown)('x')", []),
        ("self.m = importlib.import_module(unknown)('x')", []),
        ("self.m = __import__(unknown)('x')", []),
        ("self.m = sys.modules['transformers'].AutoModel.from_pretrained('x')", SICK),
        ("self.m = sys.modules[unknown].load('x')", []),
        ("self.m = sys.modules[__name__].Net(AutoModel.from_pretrained('x'))", INNER),
        ("self.m = sys.modules[__name__].__dict__['Net'](AutoModel.from_pretrained('x'))", INNER),
        ("self.m = globals()['Net'](AutoModel.from_pretrained('x'), switch=True)", []),
        ("self.m = globals().get('Net')(AutoModel.from_pretrained('x'))", INNER),
        ("self.m = globals()[unknown](1)", []),
        (
            "self.m = vars(torch)['nn'].Sequential(AutoModel.from_pretrained('x'))",
            ["HFM001 self.m.0"],
        ),
        ("self.m = eval('nn.Sequential')(AutoModel.from_pretrained('x'))", ["HFM001 self.m.0"]),
        ("self.m = eval('1 + 1')", []),
        ("self.m = eval(unknown)", []),
        (f"{LOAD}; if 'BERT'.lower().startswith('bert'): self.m.train()", []),
        (f"{LOAD}; if 'a-b'.split('-')[1] == 'b': self.m.train()", []),
        (f"{LOAD}; if 'a'.startswith(1): self.m.train()", PARTLY),
        (f"{LOAD}; if 'a'.startswith(unknown): self.m.train()", PARTLY),
        (f"{LOAD}; if 'a'.isidentifier(): self.m.train()", PARTLY),
    ],
)
def test_names_in_strings(line: str, expected: list[str]) -> None:
    assert task(*line.split("; ")) == expected


RECORDS = """
@dataclass
class Cfg:
    kind: ClassVar[str] = "x"
    names: "list[str]"
    switch: bool = False
    _: KW_ONLY
    late: bool = False

@dataclass(init=False)
class Plain:
    switch: bool = False

@dataclass
class More(Cfg):
    more: int = 0

@dataclass(kw_only=True)
class Keywords:
    switch: bool = True

@dataclass
class Loads:
    name: InitVar[str] = "x"
    m: nn.Module = field(init=False)
    def __post_init__(self, name):
        self.m = AutoModel.from_pretrained(name)

@dataclass
class Own:
    switch: bool = True
    def __init__(self):
        self.switch = False

@attr.s
class Attr:
    m = attr.ib()
    switch = attr.ib(default=False)

@attrs.define
class Converted:
    m: nn.Module = attrs.field(converter=lambda m: m.train())

class Options(BaseModel):
    switch: bool = Field(True)

class Child(Options):
    more: int = 1

class Checked(BaseModel):
    switch: bool = True
    @field_validator("switch")
    def check(cls, value):
        return unknown_function(value)

class Two(NamedTuple):
    m: nn.Module
    switch: bool = False

@dataclass
class Module(nn.Module):
    name: str
    def __post_init__(self):
        super().__init__()
        self.model = AutoModel.from_pretrained(self.name)

class Derived(Cfg):
    extra: int

@dataclass
class Passing(Cfg):
    pass

class Switched:
    def __init__(self):
        self.switch = True

@dataclass(init=False)
class Bare(Switched):
    switch: bool = False

@dataclass
class AfterKeywords(Keywords):
    late: bool = False

@dataclass
class Own2:
    first: bool = field(default=False, kw_only=True)
    hidden: bool = field(default=False, init=False)
    switch: bool = False

@dataclass
class Given:
    switch: InitVar[bool]
    def __post_init__(self, given):
        self.late = given

@dataclass
class Made:
    m: nn.Module = field(default_factory=lambda: AutoModel.from_pretrained("x"))

@dataclass
class NoFields:
    size = 3
    kind: ClassVar = "x"
    text: "ClassVar[str]" = "x"
    deep: "typing.ClassVar[list[int]]" = []
    named: typing.ClassVar[int] = 1
    switch: "bool" = False
    def ready(self):
        return self.switch

@dataclass(frozen=True)
class Frozen:
    switch: bool = False

@dataclass
class Needed:
    switch: bool

class Three(Two):
    pass
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"{LOAD}; cfg = Cfg([]); {IF}", SICK),
        (f"{LOAD}; cfg = Cfg([], True); {IF}", []),
        (f"{LOAD}; cfg = Cfg(names=[], switch=True); {IF}", []),
        (f"{LOAD}; cfg = Cfg(*unknown); {IF}", PARTLY),
        (f"{LOAD}; cfg = Cfg([], unknown); {IF}", PARTLY),
        (f"{LOAD}; cfg = Cfg([], late=True); if cfg.late: self.m.train()", []),
        (f"{LOAD}; cfg = Cfg([]); cfg.switch = True; {IF}", []),
        (f"{LOAD}; cfg = More([], False, 3); if cfg.more == 3: self.m.train()", []),
        (f"{LOAD}; cfg = Derived([], True); {IF}", []),
        (f"{LOAD}; cfg = Plain(); {IF}", SICK),
        (f"{LOAD}; cfg = Keywords(switch=False); {IF}", SICK),
        (f"{LOAD}; cfg = Own(); {IF}", SICK),
        ("self.m = Loads('x').m", SICK),
        ("self.m = Attr(AutoModel.from_pretrained('x')).m", SICK),
        (f"{LOAD}; cfg = attr.evolve(Attr(1), switch=True); {IF}", []),
        ("self.m = Converted(AutoModel.from_pretrained('x')).m", []),
        (f"{LOAD}; cfg = Options(); {IF}", []),
        (f"{LOAD}; cfg = Child(switch=False); {IF}", SICK),
        (f"{LOAD}; cfg = Checked(switch=True); {IF}", PARTLY),
        ("self.m, switch = Two(AutoModel.from_pretrained('x'))", SICK),
        ("self.m = Two(AutoModel.from_pretrained('x'))[0]", SICK),
        ("self.m = Module('x')", INNER),
        (f"{LOAD}; cfg = dataclasses.replace(Cfg([]), switch=True); {IF}", []),
        (f"{LOAD}; cfg = dataclasses.replace(unknown, switch=True); {IF}", PARTLY),
        (f"{LOAD}; cfg = dataclasses.asdict(Cfg([])); if cfg['switch']: self.m.train()", SICK),
        ("self.m = dataclasses.asdict(Two(AutoModel.from_pretrained('x')))['m']", SICK),
        (
            (
                "d = dataclasses.asdict(Attr(Attr(AutoModel.from_pretrained('x')))); "
                "self.m = d['m']['m']"
            ),
            SICK,
        ),
        (f"{LOAD}; cfg = dataclasses.asdict(obj=Cfg([])); if cfg['switch']: self.m.train()", SICK),
        ("self.m = attr.asdict(inst=Attr(AutoModel.from_pretrained('x')))['m']", SICK),
        (f"{LOAD}; cfg = dataclasses.asdict(unknown); if cfg['switch']: self.m.train()", PARTLY),
        ("p = Two(AutoModel.from_pretrained('x')); hidden(p); self.m = p.m", []),
        (f"{LOAD}; cfg = Passing([], True); {IF}", []),
        (f"{LOAD}; cfg = Bare(); {IF}", []),
        (f"{LOAD}; cfg = AfterKeywords(True); if cfg.late: self.m.train()", []),
        (f"{LOAD}; cfg = Own2(True); {IF}", []),
        (f"{LOAD}; cfg = Given(True); if cfg.late: self.m.train()", []),
        ("self.m = Made().m", SICK),
        (f"{LOAD}; cfg = Attr(1); {IF}", SICK),
        (f"{LOAD}; cfg = NoFields(True); {IF}", []),
        (f"{LOAD}; cfg = Child(); {IF}", []),
        (f"{LOAD}; cfg = Child(more=5); if cfg.more == 5: self.m.train()", []),
        (f"{LOAD}; cfg = Frozen(True); {IF}", []),
        ("self.m = Three(AutoModel.from_pretrained('x'))[0]", SICK),
        (
            (
                f"{LOAD}; cfg = dataclasses.replace(NoFields(), switch=True); "
                "if cfg.ready(): self.m.train()"
            ),
            [],
        ),
        (
            (
                f"{LOAD}; cfg = dataclasses.asdict(dataclasses.replace(Cfg([]), switch=True)); "
                "if cfg['switch']: self.m.train()"
            ),
            [],
        ),
        # What is not known is the same each time.
        (f"{LOAD}; cfg = Needed(*unknown); {IF}; if not cfg.switch: self.m.train()", []),
    ],
)
def test_records(line: str, expected: list[str]) -> None:
    assert task(*line.split("; "), before=RECORDS) == expected
