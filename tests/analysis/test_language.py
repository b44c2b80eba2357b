"""What Python does with a module on its way into the LightningModule: statements, expressions."""

from __future__ import annotations

import pytest

from tests.analysis.programs import found, module

LOAD = "AutoModel.from_pretrained(name)"

REPORTED = {
    "match with alternatives": """
        match flag:
            case "a" | "b":
                self.m = AutoModel.from_pretrained(name)
            case None:
                raise ValueError
            case str() as other if other:
                self.m = AutoModel.from_pretrained(other)
            case _:
                raise ValueError
    """,
    "match on a constant": """
        match "a":
            case "b" | "c":
                pass
            case "a" | "d":
                self.m = AutoModel.from_pretrained(name)
    """,
    "match captures": """
        match AutoModel.from_pretrained(name):
            case model:
                self.m = model
    """,
    "dictionary comprehension": """
        parts = {key: AutoModel.from_pretrained(key) for key in ("a",)}
        self.m = parts["a"]
    """,
    "dictionary with spread": """
        parts = {"a": AutoModel.from_pretrained(name)}
        more = {**parts, "b": 1}
        self.m = more.get("a")
    """,
    "dictionary methods": """
        parts = dict(a=AutoModel.from_pretrained(name))
        other = dict(parts)
        other.update({"c": 1}, d=2)
        for key, value in other.items():
            if key == "a":
                self.m = value
        for value in other.values():
            print(value)
    """,
    "dictionary default": "self.m = {}.get('a', AutoModel.from_pretrained(name))",
    "dictionary with a key that is not known": """
        parts = {flag: AutoModel.from_pretrained(name)}
        self.m = parts[name]
    """,
    "nested comprehension with a condition": """
        models = [AutoModel.from_pretrained(n) for n in ["a"] if n for _ in range(1)]
        self.m = models[0]
    """,
    "list item assigned": """
        models = [None, None]
        models[1] = AutoModel.from_pretrained(name)
        self.m = models[-1]
    """,
    "list grown": """
        models = []
        models += [AutoModel.from_pretrained(name)]
        models.extend([1])
        self.m = (models + [2])[0]
    """,
    "list sliced": """
        models = [AutoModel.from_pretrained(name), 1]
        self.m = models[:1][0]
        self.rest = models[:]
    """,
    "starred": """
        first, *rest = [AutoModel.from_pretrained(name), 1, 2]
        self.m, _ = [*[first], 2]
    """,
    "unpacked too short": "self.m, self.n = [AutoModel.from_pretrained(name)]",
    "set and tuple": "self.m = list({AutoModel.from_pretrained(name)})[0]",
    "zip": """
        for key, model in zip(["m"], [AutoModel.from_pretrained(name)]):
            setattr(self, key, model)
    """,
    "enumerate": """
        for index, model in enumerate([AutoModel.from_pretrained(name)]):
            setattr(self, "m" if index == 0 else "n", model)
    """,
    "range": """
        for index in range(2):
            setattr(self, f"m{index}" if index else "m", AutoModel.from_pretrained(name))
    """,
    "map": "self.m = list(map(AutoModel.from_pretrained, [name]))[0]",
    "filter": "self.m = list(filter(None, [AutoModel.from_pretrained(name)]))[0]",
    "next and iter": "self.m = next(iter([AutoModel.from_pretrained(name)]))",
    "partial": "self.m = partial(AutoModel.from_pretrained, revision='x')(name)",
    "lambda": "self.m = (lambda n: AutoModel.from_pretrained(n))(name)",
    "getattr with a default": """
        self.inner = AutoModel.from_pretrained(name)
        self.m = getattr(self, "inner", None)
        del self.inner
    """,
    "hasattr": """
        self.inner = AutoModel.from_pretrained(name)
        if hasattr(self, "inner"):
            self.m = self.inner
            del self.inner
    """,
    "deleted": """
        self.other = AutoModel.from_pretrained(name)
        self.m = self.other
        del self.other
    """,
    "delattr": """
        self.other = AutoModel.from_pretrained(name)
        self.m = self.other
        delattr(self, "other")
    """,
    "nested function": """
        def load():
            return AutoModel.from_pretrained(name)
        self.m = load()
    """,
    "nonlocal": """
        model = None
        def load():
            nonlocal model
            model = AutoModel.from_pretrained(name)
        load()
        self.m = model
    """,
    "generator": """
        def load():
            yield AutoModel.from_pretrained(name)
        self.m = list(load())[0]
    """,
    "yield from": """
        def load():
            yield from [AutoModel.from_pretrained(name)]
            yield
        for model in load():
            if model is not None:
                self.m = model
    """,
    "context manager": """
        @contextlib.contextmanager
        def loaded():
            yield AutoModel.from_pretrained(name)
        with loaded() as model:
            self.m = model
    """,
    "await": """
        async def load():
            return AutoModel.from_pretrained(name)
        self.m = await load()
    """,
    "star arguments": """
        def hold(*models, **named):
            return models[0]
        self.m = hold(*[AutoModel.from_pretrained(name)], **{"a": 1})
    """,
    "keyword arguments": """
        def hold(first, /, *, model=None, **rest):
            return rest["other"] if model is None else model
        self.m = hold(1, other=AutoModel.from_pretrained(name))
    """,
    "try with a handler": """
        try:
            self.m = AutoModel.from_pretrained(name, local_files_only=True)
        except OSError as error:
            self.m = AutoModel.from_pretrained(name)
        else:
            print("cached")
        finally:
            print("done")
    """,
    "raised and caught": """
        try:
            raise ValueError
        except ValueError:
            self.m = AutoModel.from_pretrained(name)
    """,
    "while": """
        while True:
            self.m = AutoModel.from_pretrained(name)
            break
    """,
    "while and else": """
        while False:
            pass
        else:
            self.m = AutoModel.from_pretrained(name)
    """,
    "for and else": """
        for _ in []:
            pass
        else:
            self.m = AutoModel.from_pretrained(name)
    """,
    "early return": """
        if flag:
            self.m = AutoModel.from_pretrained(name)
            return
        raise ValueError
    """,
    "return from a loop": """
        def pick():
            for n in [name]:
                return AutoModel.from_pretrained(n)
        self.m = pick()
    """,
    "assert": """
        assert flag, "needed"
        if flag:
            self.m = AutoModel.from_pretrained(name)
        else:
            raise ValueError
    """,
    "exit": """
        if not flag:
            exit(1)
        self.m = AutoModel.from_pretrained(name)
    """,
    "constants decide": """
        if not (1 < 2 and "a" + "b" == "ab" and 3 - 1 != 1) or -1 > 0:
            self.m = None
        elif "a" in ["a"] and "k" in {"k": 1} and 2 not in (3,) and None is None:
            self.m = AutoModel.from_pretrained(name)
    """,
    "odd comparisons": """
        if 1 < "a" or [1] < [2] or name < flag < 3 or flag is not name or 1 is 2:
            pass
        self.m = AutoModel.from_pretrained(name)
    """,
    "or and and": "self.m = (flag and None) or AutoModel.from_pretrained(name)",
    "strings": """
        key = "m" f"{''}" ""
        setattr(self, key, AutoModel.from_pretrained(name))
    """,
    "numbers": "setattr(self, f'm{\"\"}', [0.5, AutoModel.from_pretrained(name)][1])",
    "property with a setter": """
        self.model = AutoModel.from_pretrained(name)
        self.m = self.model
        del self._model
    """,
    "type of itself": "self.m = type(self).load(name)",
    "inert branches": """
        if flag:
            size: int = 3
            text = "a" "b"
            total = 1
            total += 2
            print(text)
        elif name:
            size = 4
        else:
            self.lr = 0.1
        self.m = AutoModel.from_pretrained(name)
    """,
    "a word chosen by a test without a name": """
        word = ""
        if name.x > 1:
            word = "a"
        elif flag.y < 2:
            word = "b"
        if word:
            self.m = AutoModel.from_pretrained(name)
        elif not word:
            self.m = AutoModel.from_pretrained(name)
        match word:
            case "c":
                self.m.train()
        if not (word == "a" or "" == word or word in ("b",)):
            self.m.train()
        if word not in ("a", "b", ""):
            raise ValueError(word)
    """,
    "isinstance of a constant": """
        if isinstance("a", str):
            self.m = AutoModel.from_pretrained(name)
    """,
    "isinstance of itself": """
        if isinstance(self, Lit):
            self.m = AutoModel.from_pretrained(name)
    """,
    "isinstance of an option": """
        if isinstance(flag, str) or isinstance(self, nn.Linear):
            pass
        self.m = AutoModel.from_pretrained(name)
    """,
    "hasattr of what may come": """
        if hasattr(self, "nothing") and hasattr(flag, "x"):
            raise ValueError
        self.m = AutoModel.from_pretrained(name)
    """,
    "try without handlers": """
        try:
            try:
                raise ValueError
            finally:
                print("left")
        except ValueError:
            self.m = AutoModel.from_pretrained(name)
    """,
    "break and continue": """
        for n in ["a", "b"]:
            if n == "b":
                continue
            self.m = AutoModel.from_pretrained(n)
            break
    """,
    "iteration over unknown things": """
        for key in {}:
            print(key)
        for part in flag:
            print(part.lower())
        for letter in "ab":
            print(letter)
        self.m = AutoModel.from_pretrained(name)
    """,
    "methods of plain things": """
        text = ",".join([name]).lower()
        models = []
        models.append(AutoModel.from_pretrained(name))
        models.sort()
        self.m = models[0]
    """,
    "odd subscripts": """
        rest = (1, 2)[5]
        rest = {[]: 1}.get([]), flag["a"]["b"], flag[0], flag[1:2], (1)[0]
        self.m = AutoModel.from_pretrained(name)
    """,
    "an object of the project": """
        class Loader:
            kind = AutoModel
            @property
            def model(self):
                return self.kind.from_pretrained(name)
            @cached_property
            def once(self):
                return 1
            def __call__(self):
                return self.model
        loader = Loader()
        loader.once
        loader.once
        loader.missing()
        self.m = loader()
    """,
    "an object with fields": """
        class Options:
            model: object = None
        self.m = Options(model=AutoModel.from_pretrained(name)).model
    """,
    "a module without a constructor of its own": """
        class Net(nn.Module):
            def forward(self, x):
                return x
        self.net = Net()
        self.m = AutoModel.from_pretrained(name)
    """,
    "a module of a base that can't be seen": """
        import tools
        class Net(tools.Base):
            def forward(self, x):
                return x
        Net(1)
        self.m = Net(AutoModel.from_pretrained(name))._0
    """,
    "a match that fits nothing": """
        match 1:
            case 2:
                pass
        match flag:
            case [first, *rest]:
                pass
        self.m = AutoModel.from_pretrained(name)
    """,
    "imports on the way": """
        try:
            import json
            from transformers import BertModel as Bert
        except ImportError:
            Bert = None
        self.m = Bert.from_pretrained(name)
    """,
    "walrus in a branch": """
        if flag:
            print(n := 1)
        self.m = AutoModel.from_pretrained(name)
    """,
    "a lambda that is not called": """
        f = lambda: self.train()
        self.m = AutoModel.from_pretrained(name)
    """,
    "recursion": """
        def again(n):
            return again(n - 1)
        again(3)
        self.m = AutoModel.from_pretrained(name)
    """,
    "exec of nothing": "self.m = AutoModel.from_pretrained(name); pass; vars(); sorted([])",
}

METHODS = """
@property
def model(self):
    return self._model

@model.setter
def model(self, value):
    self._model = value

@classmethod
def load(cls, name):
    return cls.make(name)

@staticmethod
def make(name):
    return AutoModel.from_pretrained(name)
"""


@pytest.mark.parametrize("init", REPORTED.values(), ids=REPORTED)
def test_the_module_is_followed(init: str) -> None:
    assert set(found(module(init, METHODS))) == {"HFM001 self.m"}


SILENT = {
    "bound over": "self.m = AutoModel.from_pretrained(name); self.m = nn.Linear(1, 1)",
    "deleted": "self.m = AutoModel.from_pretrained(name); del self.m",
    "deleted from a tuple": """
        a = AutoModel.from_pretrained(name)
        self.m = a
        del a, self.m
    """,
    "raise ends the path": """
        self.m = AutoModel.from_pretrained(name)
        raise NotImplementedError
    """,
    "assert ends the path": """
        self.m = AutoModel.from_pretrained(name)
        assert False
    """,
    "exit ends the path": "self.m = AutoModel.from_pretrained(name); sys.exit; exit()",
    "in the dictionary": 'self.__dict__["m"] = AutoModel.from_pretrained(name)',
    "class attribute elsewhere": """
        class Holder:
            model = AutoModel.from_pretrained(name)
        Holder.other = AutoModel.from_pretrained(name)
        self.m = Holder()
    """,
    "train in a loop over a dictionary": """
        self.parts = nn.ModuleDict({"a": AutoModel.from_pretrained(name)})
        for part in self.parts.values():
            part.train()
    """,
    "flag is remembered": """
        self.m = AutoModel.from_pretrained(name)
        if flag == "train":
            self.m.train()
        elif flag != "train":
            self.m.eval()
    """,
    "negation is remembered": """
        self.m = AutoModel.from_pretrained(name)
        if not flag:
            self.m.eval()
        if flag:
            self.m.train()
    """,
    "global": """
        global SHARED
        SHARED = AutoModel.from_pretrained(name)
    """,
}


@pytest.mark.parametrize("init", SILENT.values(), ids=SILENT)
def test_nothing_is_reported(init: str) -> None:
    assert found(module(init)) == []


def test_super_with_arguments_and_class_level_code() -> None:
    program = (
        module("pass")
        + """
class Base(Lit):
    size: int = 3
    def __init__(self, name, *rest):
        super(Base, self).__init__(name, None)
        self.m = self.build()
    def build(self):
        return None

class Leaf(Base):
    @functools.lru_cache
    def build(self):
        super().missing
        return AutoModel.from_pretrained("x")
"""
    )
    assert found(program) == ["HFM001 self.m"]


def test_a_cycle_of_bases_and_of_names_ends() -> None:
    assert (
        found("import lightning as L\nclass A(B): ...\nclass B(A, L.LightningModule): ...\n") == []
    )
    assert found("from lightning import LightningModule\nx = y\ny = x\nclass A(x): ...\n") == []


def test_bases_in_an_impossible_order_do_not_stop_the_analysis() -> None:
    program = (
        module("self.m = AutoModel.from_pretrained(name)")
        + """
class P: ...
class Q(P): ...
class R(P, Q, Lit): ...
"""
    )
    assert found(program) == ["HFM001 self.m"]
