"""Statements: which of them run, and for which of the modules."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.analysis.programs import found, module

LOADED = "self.m = AutoModel.from_pretrained(name)\n"

SETTLED = {
    "an assertion is remembered": """
        assert flag
        if flag:
            self.m.train()
    """,
    "what would have raised is remembered": """
        if flag:
            raise ValueError
        if not flag:
            self.m.train()
    """,
    "what would have raised, on one line": """
        if flag: raise ValueError
        if not flag: self.m.train()
    """,
    "what would raise otherwise is remembered": """
        if flag:
            print(flag)
        else:
            raise ValueError
        if flag:
            self.m.train()
    """,
    "what would have raised for one of two reasons": """
        if flag == 1 or name:
            raise ValueError
        if flag != 1 and not name:
            self.m.train()
    """,
    "what would have raised for two reasons": """
        if not (flag and name):
            raise ValueError
        if flag and name:
            self.m.train()
    """,
    "what would have raised for one of three reasons": """
        assert not (flag or name or self.x)
        if not flag and not name and not self.x:
            self.m.train()
    """,
    "what holds for one of two reasons": """
        assert flag or name
        if flag or name:
            self.m.train()
    """,
    "what would have ended the program": """
        if flag:
            print(flag)
            sys.exit(1)
        if not flag:
            self.m.train()
    """,
    "what would have ended the program elsewhere": """
        def refuse(reason):
            sys.exit(reason)
        if flag:
            refuse("no")
        if not flag:
            self.m.train()
    """,
    "what would have ended the program at once": """
        if flag:
            os._exit(1)
        if not flag:
            self.m.train()
    """,
    "what is known is not lost in a branch": """
        tuned = 0
        if 1:
            tuned = 1
        if tuned:
            self.m.train()
    """,
    "each key of a dictionary": """
        for key in {"a": 1}:
            if key == "a":
                self.m.train()
    """,
    "each of who knows how many": """
        def prepare(*parts):
            for part in parts:
                self.m.train()
        prepare(*flag)
    """,
    "what was decided is known in the branch": """
        if flag:
            if flag and name:
                self.m.train()
            if not name:
                self.m.train()
        else:
            self.m.train()
    """,
    "an import does not fail": """
        try:
            import peft
        except ImportError:
            peft = None
        if peft is not None:
            self.m.train()
    """,
    "else of a try": """
        try:
            n = open(name)
        except OSError:
            self.m.train()
        else:
            self.m.train()
    """,
    "elif": """
        if flag == 1:
            self.m.train()
        elif flag != 1:
            self.m.train()
    """,
}


@pytest.mark.parametrize("lines", SETTLED.values(), ids=SETTLED)
def test_settled(lines: str) -> None:
    assert found(module(LOADED + dedent(lines))) == []


STILL_EVAL = {
    "what would raise otherwise": """
        if flag:
            print(flag)
        else:
            raise ValueError
    """,
    "an assertion that holds": "assert 1\nassert self.m is not None",
    "an elif that is false": """
        if flag == 1:
            print(flag)
        elif False:
            self.m.train()
    """,
    "deleted what is not there": """
        try:
            del self.nothing, nothing
        except (AttributeError, NameError):
            print(name)
    """,
    "deleted what is no module": "self.x = 1; del self.x",
    "a list of none": """
        for part in []:
            self.m.train()
    """,
}


@pytest.mark.parametrize("lines", STILL_EVAL.values(), ids=STILL_EVAL)
def test_still_in_eval_mode(lines: str) -> None:
    assert found(module(LOADED + dedent(lines))) == ["HFM001 self.m"]


SOME_PATHS = {
    "the other branch": """
        if flag:
            size = 1
        else:
            self.m.train()
    """,
    "the last of three branches": """
        if flag == 1:
            size = 1
        elif flag == 2:
            size = 2
        else:
            self.m.train()
    """,
    "inside of what is printed": """
        if flag:
            print(self.m.train())
    """,
    "a walrus in what is printed": """
        tuned = 0
        if flag:
            print(tuned := 1)
        if tuned:
            self.m.train()
    """,
    "the first of two handlers": """
        try:
            n = open(name)
        except OSError:
            self.m.train()
        except ValueError:
            n = None
    """,
    "the second of two handlers": """
        try:
            n = open(name)
        except OSError:
            n = None
        except ValueError:
            self.m.train()
    """,
}


@pytest.mark.parametrize("lines", SOME_PATHS.values(), ids=SOME_PATHS)
def test_in_eval_mode_on_some_paths(lines: str) -> None:
    assert found(module(LOADED + dedent(lines))) == ["HFM002 self.m"]


ONE_PATH = {
    "replaced by its name": """
        model = AutoModel.from_pretrained(name)
        if flag:
            model = "none"
        self.m = model
    """,
    "put in place of a number": """
        other = AutoModel.from_pretrained(name)
        model = 1
        if flag:
            model = other
        self.m = model
    """,
    "put in place of a number that has a type": """
        other = AutoModel.from_pretrained(name)
        model = 1
        if flag:
            model: nn.Module = other
        self.m = model
    """,
}


@pytest.mark.parametrize("lines", ONE_PATH.values(), ids=ONE_PATH)
def test_held_on_one_path(lines: str) -> None:
    assert found(module(dedent(lines))) == ["HFM001 self.m"]


PICKED = {
    "from a loop that always runs": """
        while True:
            return load
    """,
    "behind a loop that was left": """
        while True:
            break
        return load
    """,
    "in a try that ends well": """
        try:
            return load
        finally:
            print(1)
    """,
    "at the end of a try": """
        try:
            print(1)
        finally:
            return load
    """,
    "before the else": """
        try:
            return load
        except OSError:
            raise
        else:
            return None
    """,
    "in the else": """
        try:
            import json
        except ImportError:
            return None
        else:
            return load
    """,
    "in a handler": """
        try:
            raise ValueError
        except ValueError:
            return load
    """,
    "in a loop over the rest": """
        for n in [1, 2]:
            if n == 2:
                return load
    """,
    "in a loop that goes on": """
        for n in [1, 2]:
            if n == 1:
                continue
            return load
    """,
    "in a loop that was left": """
        for n in [1, 2]:
            if n == 1:
                break
            return None
        return load
    """,
    "by a generator that ends": """
        return next(iter(generated(load)))
    """,
}

PICK = """
def generated(model):
    yield model

def pick(load):
{}
    return None
"""


@pytest.mark.parametrize("lines", PICKED.values(), ids=PICKED)
def test_returned(lines: str) -> None:
    """Whatever a function does after its return is not done."""
    body = "\n".join("    " + line for line in dedent(lines).strip().splitlines())
    program = module("self.m = pick(AutoModel.from_pretrained(name))") + PICK.format(body)
    assert found(program) == ["HFM001 self.m"]


def test_the_shortest_path_is_reported() -> None:
    lines = """
        model = AutoModel.from_pretrained(name)
        if flag:
            self.net = nn.Sequential(model)
        else:
            self.m = model
    """
    assert found(module(dedent(lines))) == ["HFM001 self.m"]


def test_a_script_is_the_main_program() -> None:
    program = (
        module(LOADED)
        + """
model = Lit("x", True)
if __name__ == "__main__":
    model.m.train()
pl.Trainer().fit(model)
"""
    )
    assert found(program) == []
    assert found(program.replace("==", "!=")) == ["HFM001 self.m"]
