"""The parts of the analysis by themselves: parsing, paths, scopes, names."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from hfmode_lint.analysis import analyse
from hfmode_lint.analysis.errors import SourceError
from hfmode_lint.analysis.knowledge import loaders, names
from hfmode_lint.analysis.knowledge.loaders import Loader, Result
from hfmode_lint.analysis.knowledge.loops import makes_optimizer
from hfmode_lint.analysis.parsing import parse
from hfmode_lint.analysis.paths import (
    EMPTY_LIMIT,
    PATH_LIMIT,
    STEP_LIMIT,
    UNPROMISING_LIMIT,
    Decisions,
    OutOfSteps,
    PathEnded,
    Telling,
    explore,
)
from hfmode_lint.analysis.scopes import Scope
from hfmode_lint.analysis.symbols import Symbols
from hfmode_lint.analysis.units import Unit
from hfmode_lint.analysis.values import Constant
from tests.analysis.programs import found

if TYPE_CHECKING:
    from collections.abc import Callable

    from hfmode_lint.analysis.parsing import ParsedFile


@pytest.mark.parametrize(
    ("text", "line"),
    [("x = 1\ndef (:\n", 2), ("print 'x'\n", 1), ("a\0b", 1), ("x\n  y\n", 2)],
)
def test_what_is_no_python_is_refused_with_its_place(text: str, line: int) -> None:
    with pytest.raises(SourceError) as caught:
        parse(text)
    assert caught.value.line == line
    assert caught.value.reason
    assert str(caught.value) == caught.value.reason
    assert "\n" not in caught.value.reason


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("x = " + "-" * 500 + "1", 1, 0, "nested too deeply"),
        ("x = " + "-" * 20_000 + "1", 1, 0, "nested too deeply"),
        ("x = 1\ny = = 2\n", 2, 4, "invalid syntax"),
        ("a\0b", 1, 0, "source code string cannot contain null bytes"),
        ("x = \\y\n", 1, 5, "unexpected character after line continuation character"),
        ("x\n'''a\né'''\\y", 3, 5, "unexpected character after line continuation character"),
    ],
)
def test_what_is_refused_is_one_reason_at_one_place(
    text: str, line: int, column: int, reason: str
) -> None:
    with pytest.raises(SourceError) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.reason == str(caught.value) == reason


@pytest.mark.parametrize(
    ("before", "after"),
    [("x = 1\n", "\n"), ("x = 1\n", "\nz = 3\n"), ("", ""), ("x = 1\r", "\r"), ("\\\n\n", "\n\n")],
)
def test_what_libcst_alone_refuses_has_its_place(before: str, after: str) -> None:
    """An annotation behind brackets, which its grammar lacks."""
    with pytest.raises(SourceError, match=r"^parser error: expected one of ") as caught:
        parse(f"{before}(y): int{after}")
    assert (caught.value.line, caught.value.column) == (len(before.splitlines()) + 1, 3)


def parsed_at_the_end_of_the_stack() -> ParsedFile:
    try:
        return parsed_at_the_end_of_the_stack()
    except RecursionError:
        return parse("x = 1\n", Symbols())


def test_a_stack_that_is_full_is_a_reason() -> None:
    with pytest.raises(SourceError, match=r"^nested too deeply$"):
        parsed_at_the_end_of_the_stack()


DEEP: dict[str, Callable[[int], str]] = {
    "parentheses": lambda n: "x = " + "(" * n + "1" + ")" * n,
    "unary": lambda n: "x = " + "-" * n + "1",
    "binary": lambda n: "x = " + "+".join(["1"] * n),
    "attributes": lambda n: "x = a" + ".b" * n,
    "calls": lambda n: "x = f" + "()" * n,
    "elif": lambda n: "if a: pass\n" + "elif b: pass\n" * n,
    "strings": lambda n: "x = (" + '"a" ' * n + ")",
}


@pytest.mark.parametrize("depth", [10, 170, 500, 3_000, 20_000])
@pytest.mark.parametrize("kind", DEEP)
def test_depth_gives_a_tree_or_one_reason(kind: str, depth: int) -> None:
    text = DEEP[kind](depth)
    if depth <= 170:
        assert found(text) == []
    else:
        with suppress(SourceError):
            found(text)


def test_the_span_of_a_node_is_in_lines_and_code_points() -> None:
    parsed = parse("é = f(\n  1)\n")
    statement = parsed.tree.body[0]
    start, end = parsed.span(statement)
    assert (start.line, start.column, end.line) == (1, 0, 2)
    assert parsed.text(statement) == "é = f( 1)"


def test_every_way_through_two_tests_is_taken_once() -> None:
    seen = explore(lambda decisions: (decisions.decide(2, "a"), decisions.decide(3, "b"))).results
    assert sorted(seen) == [(a, b) for a in range(2) for b in range(3)]


def test_a_search_says_whether_a_limit_ended_it() -> None:
    def ask(count: int) -> Callable[[Decisions], tuple[int, ...]]:
        return lambda decisions: tuple(decisions.decide(2, str(each)) for each in range(count))

    assert explore(ask(3)).complete
    assert not explore(ask(20)).complete


def test_what_leads_around_an_end_counts_for_what_led_there() -> None:
    """One decision in a hundred is worth something, and with its first option the path ends."""

    def run(decisions: Decisions) -> tuple[str, ...]:
        kind = decisions.decide(2, "kind")
        harmless = [decisions.decide(2, f"{kind}.{each}") for each in range(9)]
        if decisions.decide(2, "step") and not decisions.decide(2, "input"):
            raise PathEnded
        step = decisions.known("step")
        return (f"{kind} is trained",) if step and not any(harmless) else ()

    shown = explore(run, shows=lambda result: result).results
    assert {"0 is trained", "1 is trained"} <= {each for result in shown for each in result}


def test_one_symbol_has_one_value() -> None:
    assert explore(lambda d: (d.decide(2, "a"), d.decide(2, "a"))).results == [(0, 0), (1, 1)]


def test_an_assumption_leaves_no_choice() -> None:
    def run(decisions: Decisions) -> int:
        decisions.assume("a", 1)
        assert decisions.known("a") == 1
        assert decisions.known(None) is None
        return decisions.decide(2, "a")

    assert explore(run).results == [1]


def test_paths_are_bounded_and_new_options_come_first() -> None:
    def run(decisions: Decisions) -> tuple[int, ...]:
        return tuple(decisions.decide(2, str(number)) for number in range(20))

    seen = explore(run).results
    assert len(seen) == PATH_LIMIT
    assert all(any(path[number] for path in seen[:21]) for number in range(20))


def test_decisions_that_seem_to_matter_come_first() -> None:
    def run(decisions: Decisions) -> tuple[int, ...]:
        return tuple(decisions.decide(2, str(each), telling[each]) for each in range(100))

    telling = [Telling.NOTHING] * 100
    telling[30] = telling[70] = Telling.ITSELF
    telling[10] = telling[60] = Telling.BY_OTHERS
    changed = [{each for each in range(100) if path[each]} for path in explore(run).results]
    assert sorted(map(sorted, changed[1:3])) == [[30], [70]]
    assert sorted(map(sorted, changed[3:5])) == [[10], [60]]


def test_what_leads_around_an_end_comes_no_longer_first_once_it_is_got_around() -> None:
    def run(decisions: Decisions) -> list[int]:
        before = [decisions.decide(2, f"before {each}") for each in range(20)]
        if decisions.decide(2, "end") == 0:
            raise PathEnded
        return [*before, decisions.decide(2, "told", Telling.ITSELF)]

    assert [path[-1] for path in explore(run).results][:3] == [0, 1, 0]


@pytest.mark.parametrize(
    ("steps", "telling", "promises", "paths"),
    [
        (1, Telling.NOTHING, False, EMPTY_LIMIT),
        # The first one, and one for each decision.
        (1, Telling.BY_OTHERS, False, 21),
        (1000, Telling.ITSELF, False, UNPROMISING_LIMIT // 1000),
        (1000, Telling.NOTHING, True, STEP_LIMIT // 1000),
        (1, Telling.NOTHING, True, PATH_LIMIT),
    ],
)
def test_what_promises_nothing_is_not_tried_for_long(
    steps: int, telling: Telling, *, promises: bool, paths: int
) -> None:
    def run(decisions: Decisions) -> list[int]:
        for _ in range(steps):
            decisions.step()
        return [decisions.decide(2, str(each), telling) for each in range(20)]

    assert len(explore(run, promises=lambda _: promises).results) == paths


def test_what_a_path_meets_first_comes_before_what_others_left() -> None:
    def run(decisions: Decisions) -> str:
        for place in range(12):
            decisions.place = place
            chosen = decisions.decide(2)
        decisions.place = "behind the last one"
        return "there" if chosen and decisions.decide(2) else "elsewhere"

    assert "there" in explore(run).results[:20]


def test_a_path_that_ends_gives_nothing() -> None:
    def run(decisions: Decisions) -> str:
        if decisions.decide(2) == 0:
            raise PathEnded
        return "through"

    assert explore(run).results == ["through"]


def test_an_end_that_several_decisions_lead_to_is_come_to_no_more() -> None:
    paths: list[str] = []

    def run(decisions: Decisions) -> tuple[int, ...]:
        before = [decisions.decide(2, f"before {number}") for number in range(30)]
        given = [decisions.decide(2, f"given {number}") for number in range(3)]
        if given.count(0) > 1:
            paths.append("end")
            raise PathEnded
        paths.append("through")
        return (*before, *given)

    seen = explore(run).results
    assert paths[:34] == ["end"] * 2 + ["through"] * 32
    assert all(any(path[number] for path in seen) for number in range(33))


def test_a_decision_that_leads_to_an_earlier_end_is_not_kept() -> None:
    paths: list[str] = []

    def run(decisions: Decisions) -> str:
        for number in range(20):
            decisions.decide(2, f"before {number}")
        ends = {
            "first": decisions.decide(2, "kind") == 1,
            "second": decisions.decide(2, "mended") == 0,
        }
        for place, is_end in ends.items():
            decisions.place = place
            if is_end:
                paths.append(place)
                raise PathEnded
            decisions.decide(2, f"behind {place}")
        paths.append("through")
        return "through"

    explore(run)
    assert paths[:3] == ["second", "second", "through"]
    assert [each for each in paths[3:24] if each != "through"] == ["first"]
    assert paths.count("through") > 20


def test_what_leads_to_nothing_is_not_kept() -> None:
    def run(decisions: Decisions) -> list[str]:
        if decisions.decide(2, "leave"):
            return []
        others = [decisions.decide(2, f"other {number}") for number in range(20)]
        if decisions.decide(2, "mended") == 0 and not any(others):
            raise PathEnded
        return ["through"]

    assert explore(run).results.count(["through"]) > 20


def test_what_a_decision_does_is_looked_at_on_paths_that_show_something() -> None:
    """On most paths nothing is trained, and all kinds look alike there."""

    def run(decisions: Decisions) -> tuple[int, ...]:
        for number in range(20):
            decisions.decide(2, f"before {number}")
        only_checks = decisions.decide(2, "only checks") == 0
        kinds = [decisions.decide(2, f"kind {number}") for number in range(8)]
        return () if only_checks else tuple(kinds)

    shown = set(explore(run, shows=lambda kinds: kinds).results)
    assert {kinds.index(1) for kinds in shown if 1 in kinds} == set(range(8))


def test_a_decision_is_looked_at_where_it_is_taken() -> None:
    """Whatever it does to one class says nothing of another one."""

    def run(decisions: Decisions) -> tuple[str, int]:
        for number in range(30):
            decisions.decide(2, f"before {number}")
        name = f"class {decisions.decide(2, 'class', Telling.ITSELF)}"
        decisions.place = name
        return name, decisions.decide(3, "kind", Telling.ITSELF)

    every = {(name, kind) for name in ("class 0", "class 1") for kind in range(3)}
    assert set(explore(run).results[:8]) == every


def test_the_usual_option_is_taken_first() -> None:
    assert explore(lambda decisions: decisions.decide(3, usual=1)).results == [1, 2, 0]


def test_endless_programs_end() -> None:
    def run(decisions: Decisions) -> None:
        while True:
            decisions.step()

    assert explore(run).results == []
    with pytest.raises(OutOfSteps):
        Decisions((), iter(())).step()


def test_names_are_looked_up_outwards() -> None:
    outer = Scope(None, Unit("", str))
    inner = outer.inner()
    outer.bind("x", Constant(1))
    assert inner.lookup("x") == Constant(1)
    inner.bind("x", Constant(2))
    inner.unbind("x")
    inner.nonlocals.update({"x", "y"})
    inner.bind("x", Constant(3))
    inner.bind("y", Constant(4))
    assert outer.values == {"x": Constant(3), "y": Constant(4)}
    with pytest.raises(KeyError, match="missing"):
        inner.lookup("missing")
    inner.unbind("missing")


def test_a_file_without_a_name_has_none() -> None:
    assert analyse("").unit.name == ""


def test_a_name_of_an_outer_function_comes_before_a_global_one() -> None:
    top = Scope(None, Unit("", str), lambda name: Constant(f"global {name}"))
    function = top.inner()
    function.bind("x", Constant(1))
    innermost = function.inner().inner()
    innermost.nonlocals.update({"x", "y"})
    innermost.bind("x", Constant(2))
    innermost.bind("y", Constant(3))
    assert function.values == {"x": Constant(2)}
    assert top.values == {"y": Constant(3)}
    assert innermost.lookup("z") == Constant("global z")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pytorch_lightning.core.lightning.LightningModule", "lightning.LightningModule"),
        ("lightning.pytorch.LightningModule", "lightning.LightningModule"),
        ("lightning.fabric.Fabric", "lightning.Fabric"),
        ("transformers.models.bert.modeling_bert.BertModel", "transformers.BertModel"),
        ("torch.nn.Linear", "torch.nn.Linear"),
        ("peft.tuners.LoraLayer.Inner", "peft.LoraLayer.Inner"),
        ("transformers._private.Model", "transformers.Model"),
        ("transformers.xLSTM.Model", "transformers.Model"),
        (".base.LightningModule", ".base.LightningModule"),
    ],
)
def test_one_name_for_one_thing(name: str, expected: str) -> None:
    assert names.canonical(name) == expected


@pytest.mark.parametrize(
    ("name", "is_none"),
    [
        ("BertTokenizerFast", True),
        ("tokenizer_class", True),
        ("tokenizer_class_", True),
        ("bert_tokenizer_fast_", True),
        ("tokenizer_", True),
        ("_tokenizer", True),
        ("image_processor", True),
        ("DDPMScheduler", True),
        ("StructureTokenizerModel", False),
        ("encoder", False),
        ("", False),
    ],
)
def test_names_that_are_no_modules(name: str, *, is_none: bool) -> None:
    assert loaders.names_no_module(name) is is_none


@pytest.mark.parametrize(
    ("name", "is_module"),
    [
        ("torch.nn.Linear", True),
        ("torch.nn.functional", False),
        ("torch.nn.Parameter", False),
        ("torch.nn.ParameterList", False),
        ("torch.nn.ParameterDict", False),
        ("transformers.BertEncoder", True),
        ("transformers.BertForMaskedLM", True),
        ("transformers.BertConfig", False),
        ("tools.BertModel", False),
        ("torch.nn.Module", True),
        ("lightning.LightningModule", True),
        ("torch.nn.modules.Linear", True),
        ("transformers.AutoModelWithLMHead", True),
        ("transformers.ResNetBackbone", True),
        ("transformers.AutoConfigModels", False),
        ("diffusers.UNet2DConditionModel", True),
    ],
)
def test_library_classes_that_are_modules(name: str, *, is_module: bool) -> None:
    assert names.is_module_class(name) is is_module


@pytest.mark.parametrize(
    ("name", "method", "loader"),
    [
        ("peft.PeftModel", "from_pretrained", Loader(Result.MODULE, adapter=True)),
        ("peft.PeftModelForCausalLM", "from_pretrained", Loader(Result.MODULE, adapter=True)),
        ("peft.AutoPeftModel", "from_pretrained", Loader(Result.MODULE, adapter=True)),
        ("peft.LoraConfig", "from_pretrained", Loader(Result.NOTHING)),
        ("tools.PeftModel", "from_pretrained", Loader(Result.MODULE, assumed=True)),
        ("tools.AutoPeftModel", "from_pretrained", Loader(Result.MODULE, assumed=True)),
        ("tools.zoo.BertModel", "from_pretrained", Loader(Result.MODULE, assumed=True)),
        ("peft.tuners.PeftModel", "from_pretrained", Loader(Result.MODULE, adapter=True)),
        ("tools.zoo.BertTokenizer", "from_pretrained", Loader(Result.NOTHING)),
        ("transformers.zoo.Processor.Model", "from_pretrained", Loader(Result.MODULE)),
        ("torch.nn.Embedding", "from_pretrained", Loader(Result.MODULE, eval_mode=False)),
        ("timm.models.ResNet", "from_pretrained", Loader(Result.MODULE, eval_mode=False)),
        ("unsloth.FastLanguageModel", "from_pretrained", Loader(Result.PAIR)),
        ("huggingface_hub.Mixin", "from_pretrained", Loader(Result.MODULE, eval_mode=None)),
        ("tools.Zoo", "from_encoder_decoder_pretrained", Loader(Result.MODULE)),
        (
            "tools.Zoo",
            "from_pretrained",
            Loader(Result.MODULE, assumed=True, model_like=False),
        ),
    ],
)
def test_what_a_class_loads(name: str, method: str, loader: Loader) -> None:
    assert loaders.loader_of_class(name, method) == loader


@pytest.mark.parametrize(
    ("name", "loader"),
    [
        ("tokenizer", Loader(Result.NOTHING)),
        ("pipe", Loader(Result.HOLDER)),
        ("BertModel", Loader(Result.MODULE, assumed=True)),
        ("ResNetBackbone", Loader(Result.MODULE, assumed=True)),
        ("model", Loader(Result.MODULE, assumed=True, model_like=False)),
    ],
)
def test_what_a_class_loads_of_which_only_the_name_is_known(name: str, loader: Loader) -> None:
    assert loaders.loader_of_unseen_class(name) == loader


@pytest.mark.parametrize(
    ("name", "measured"),
    [("transformers.X", True), ("timm.X", True), ("torch.X", False), ("tools.X", False)],
)
def test_packages_whose_loaders_are_measured(name: str, *, measured: bool) -> None:
    assert loaders.has_measured_loaders(name) is measured


@pytest.mark.parametrize(
    ("name", "is_without"),
    [
        ("torch.nn.Linear", True),
        ("torch.nn.Embedding", False),
        ("collections.OrderedDict", True),
        ("transformers.BertModel", False),
        ("tools.Model", False),
    ],
)
def test_classes_that_nothing_is_loaded_by(name: str, *, is_without: bool) -> None:
    assert loaders.has_no_loaders(name) is is_without


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("peft.PeftModel", True),
        ("peft.AutoPeftModelForCausalLM", True),
        ("peft.peft_model.PeftModelForCausalLM", True),
        ("peft.PeftModels.Config", False),
        ("torch.nn.Embedding", True),
        ("tools.PeftModel", False),
        ("peft.LoraConfig", False),
    ],
)
def test_classes_with_an_entry_of_their_own(name: str, *, listed: bool) -> None:
    assert loaders.is_listed_class(name) is listed


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("pl.LightningModule", "lightning.LightningModule"),
        ("torch.nn.Linear", "torch.nn.Linear"),
        ("nn.modules.Linear", "torch.nn.modules.Linear"),
        ("LightningModule", "lightning.LightningModule"),
        ("tools.Linear", None),
    ],
)
def test_what_a_name_means_that_nothing_binds(name: str, meant: str | None) -> None:
    assert names.conventional(name) == meant


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("BertModel", True),
        ("MaskFormerModel", True),
        ("BertForModel", False),
        ("BertForMaskedLM", False),
        ("BertEncoder", False),
    ],
)
def test_models_without_a_head(name: str, *, bare: bool) -> None:
    assert names.is_bare_model_name(name) is bare


@pytest.mark.parametrize(
    ("name", "makes"),
    [
        ("torch.optim.Adam", True),
        ("torch.optim.adamw.AdamW", True),
        ("torch.optim.Whatever", True),
        ("torch.optim.?", True),
        ("torch.optim.adam", False),
        ("torch.optim.lr_scheduler.StepLR", False),
        ("torch.optim.lr_scheduler.Optim", False),
        ("bitsandbytes.optim.AdamW8bit", True),
        ("tools.optim.lists.make", False),
        ("make_optimizer", True),
        ("tools.SGD", True),
        ("tools.Average", False),
    ],
)
def test_what_makes_an_optimizer(name: str, *, makes: bool) -> None:
    assert makes_optimizer(name) is makes
