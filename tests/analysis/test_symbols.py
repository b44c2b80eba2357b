"""What one pass over a file finds: what it defines, imports, names, loads and switches."""

from __future__ import annotations

import pytest

from hfmode_lint.analysis.errors import SourceError
from hfmode_lint.analysis.symbols import Imported, symbols_of

# Programs, each with some of what is found in it.
BOUND: dict[str, dict[str, object]] = {
    "a = 1": {"bindings": {"a"}, "assigned": {"a"}},
    "a = 1\nb = 2": {"bindings": {"a", "b"}, "assigned": {"a", "b"}},
    "import a\nb = 2": {"bindings": {"a", "b"}, "assigned": {"b"}},
    "a, (b, [c, *d]), e = x": {"assigned": {"a", "b", "c", "d", "e"}},
    "a = b = x": {"assigned": {"a", "b"}},
    "a: int = 1": {"assigned": {"a"}},
    "a: int": {"bindings": set(), "assigned": set()},
    "a.b = c[d] = x": {"bindings": set(), "assigned": set()},
    "f(a)": {"bindings": set(), "assigned": set()},
    "if x:\n    a = 1\n    def f(): b = 1": {"bindings": {"a", "f"}, "assigned": {"a"}},
    "def f(): pass\nasync def g(): pass": {
        "bindings": {"f", "g"},
        "functions": {"f": None, "g": None},
    },
    "def f():\n    class C: pass\ndef g(): pass": {"builders": {"f"}},
    "def f():\n    class C: pass\n    class D: pass": {"builders": {"f"}},
}
CLASSES: dict[str, dict[str, object]] = {
    "class C: pass": {"bindings": {"C"}, "classes": {"C": ()}, "builders": set()},
    "class C(A, b.c.B): pass": {"classes": {"C": ("A", "b.c.B")}},
    "class C(A[int], b.B[T]): pass": {"classes": {"C": ("A", "b.B")}},
    "class C(f(), f().B, x[0][1]): pass": {"classes": {"C": ("", "", "")}},
    "if x:\n    class C(A): pass\nelse:\n    class C(B): pass": {"classes": {"C": ("A", "B")}},
    "class C(a.A, metaclass=M): x = 1": {
        "names": {"C": {"a", "A", "M", "metaclass", "x"}},
    },
    "@d\nclass C(A): x = B": {"names": {"C": {"d", "A", "x", "B"}}},
    "class C:\n    def from_pretrained(cls): pass": {"own_loaders": {"C"}},
    "class C:\n    def from_pretrained(cls): pass\n    def f(self): pass": {"own_loaders": {"C"}},
    "class C:\n    def f(self): pass": {"own_loaders": set()},
    "class C:\n    class D:\n        def from_pretrained(cls): pass": {"own_loaders": {"C"}},
}
IMPORTS: dict[str, dict[str, object]] = {
    "import a": {"imports": {"a": [Imported("a", "a")]}, "bindings": {"a"}},
    "import a.b.c": {"imports": {"a": [Imported("a", "a")]}},
    "import a.b as c": {"imports": {"c": [Imported("c", "a.b")]}},
    "from a.b import c as d": {"imports": {"d": [Imported("d", "a.b", "c")]}},
    "from a import b": {"imports": {"b": [Imported("b", "a", "b")]}},
    "from . import b": {"imports": {"b": [Imported("b", ".", "b")]}},
    "from ..a import b": {"imports": {"b": [Imported("b", "..a", "b")]}},
    "try: import a\nexcept ImportError: from b import a": {
        "imports": {"a": [Imported("a", "a"), Imported("a", "b", "a")]}
    },
    "def f(): import a": {"imports": {}, "bindings": {"f"}},
    "from a import *": {"imports": {}, "bindings": set(), "star_packages": ["a"]},
    "from a import *\nfrom .b import *": {"star_packages": ["a", ".b"]},
    "if x: from a import *\ny = 1": {"star_packages": ["a"]},
}
NAMED: dict[str, dict[str, object]] = {
    "def f(a): return b.c(d=e)": {"names": {"f": {"f", "a", "b", "c", "d", "e"}}},
    "def f():\n    import a.b\n    from c import d as g": {
        "names": {"f": {"f", "a", "b", "c", "d", "g"}}
    },
    "def f():\n    global a\n    for b in (1, None, not c): d += -e": {
        "names": {"f": {"f", "a", "b", "c", "d", "e"}}
    },
    "def f(): a\ndef f(): b": {"names": {"f": {"f", "a", "b"}}},
    "a.b\nif c: d": {"own_names": {"a", "b", "c", "d"}, "names": {}},
    "a = b(c)": {"own_names": {"a", "b", "c"}, "names_around": {"a": {"a", "b", "c"}}},
    "def f(): a\nb": {"own_names": {"b"}},
    "a[b] = c": {"names_around": {"a": {"a", "b", "c"}}},
    "a.b.c = d": {"names_around": {"a": {"a", "b", "c", "d"}}},
    "a(b).c = d": {"names_around": {"a": {"a", "b", "c", "d"}}},
    "a.b(c)": {"names_around": {"a": {"a", "b", "c"}}},
    "a(b)[0](c)": {"names_around": {"a": {"a", "b", "c"}}},
    "(a + b).c(d)": {"names_around": {}},
    "a.b": {"names_around": {}},
    "a = b\na = c": {"names_around": {"a": {"a", "b", "c"}}},
    "@a.b(c)\ndef f(): d": {"decorated": {"a": {"f"}}, "names_around": {}},
    "@(a or b)\nclass C: d": {"decorated": {}, "names_around": {}},
}
CALLED: dict[str, dict[str, object]] = {
    "def f(): a.b(c(d)())": {"calls": {"f": {"b", "c"}}, "all_calls": {"b", "c"}},
    "def f(): a[b]()(); (x + y)()": {"calls": {"f": {"a"}}},
    "a()\ndef f(): b()": {"calls": {None: {"a"}, "f": {"b"}}, "all_calls": {"a", "b"}},
    "def f(): a()\ndef f(): b()": {"calls": {"f": {"a", "b"}}},
    "def f(): return a": {"calls": {}},
}
FILLED: dict[str, dict[str, object]] = {
    "A = {}\ndef f(): A[x] = y": {"fillers": {"f": {"A"}}},
    "A = {}\ndef f(): A.x = y": {"fillers": {"f": {"A"}}},
    "A = {}\ndef f(): A.append(y)": {"fillers": {"f": {"A"}}},
    "A = {}\ndef f(): A().b[0].update(y)": {"fillers": {"f": {"A"}}},
    "A = {}\ndef f(): A.get(y)": {"fillers": {}},
    "A = {}\ndef f(): A = y": {"fillers": {}},
    "A = {}\ndef f(): (A or B).append(y)": {"fillers": {}},
    "A = {}\ndef f(): append(A)": {"fillers": {}},
    "A = B = {}\ndef f(self): self.x = A.x = B.x = y": {"fillers": {"f": {"A", "B"}}},
    "A = {}\ndef f(self): self.x = y": {"fillers": {}},
}
LOADED: dict[str, dict[str, object]] = {
    "def f(): a.b.from_pretrained(x)": {"loads": {"f": {"a.b"}}},
    "def f(): a.from_pretrained": {"loads": {"f": {"a"}}},
    "def f(): a[0].from_pretrained(x)": {"loads": {"f": {"a"}}},
    "def f(): a().from_pretrained(x)": {"loads": {"f": {""}}},
    "def f(): from_pretrained(x)": {"loads": {"f": {""}}},
    "def f(): getattr(a, 'from_pretrained')(x)": {"loads": {"f": {""}}},
    "def f(): a.load(x, 'load')": {"loads": {}},
    "a = b.from_pretrained(x)": {"loads": {"a": {"b"}, None: {"b"}}},
    "a.b(c.from_pretrained(x))": {"loads": {"a": {"c"}, None: {"c"}}},
    "if b.from_pretrained(x): y": {"loads": {None: {"b"}}},
    "class C:\n    def f(cls): cls.from_pretrained(x); a.from_pretrained(x)": {
        "loads": {"C": {"cls", "a"}}
    },
    # What is called ``cls`` is not always the class.
    "class C:\n    def f(self, cls): cls.from_pretrained(x); a.from_pretrained(x)": {
        "loads": {"C": {"", "a"}}
    },
    "class C:\n    def f(self, cls, /): cls.from_pretrained(x)": {"loads": {"C": {""}}},
    "class C:\n    def f(self, *, cls): cls.from_pretrained(x)": {"loads": {"C": {""}}},
    "class C:\n    def f(self, cls): cls.from_pretrained(x)\n    def g(self, a): pass": {
        "loads": {"C": {""}}
    },
    "class C:\n    def f(self): self = a; self.from_pretrained(x)": {"loads": {"C": {""}}},
    "class C:\n    def f(self): a = self; self.from_pretrained(x)": {"loads": {"C": {"self"}}},
}
SWITCHED: dict[str, dict[str, object]] = {
    "def f(): a.eval()": {"switching": {"f"}, "switches_off": True},
    "def f(): a.apply(b.eval)": {"switching": {"f"}},
    "def f(): getattr(a, 'eval')()": {"switching": {"f"}},
    "def f(): a.train(False)": {"switching": {"f"}},
    "def f(): a.train(mode=False)": {"switching": {"f"}},
    "def f(): a.train()": {"switching": set(), "switches_off": False},
    "def f(): a.fit(False)": {"switching": set()},
    "def f(): a.evaluate; 'train'": {"switching": set()},
    "a.eval()": {"switching": {None, "a"}},
    "a = b.eval()": {"switching": {None, "a"}},
    "if a.eval(): x": {"switching": {None}},
    "a.train": {"names_mode_method": True},
    "if x: a.eval": {"names_mode_method": True},
    "def f(): a.eval\ndef g(): a": {"names_mode_method": True},
    "a.train()": {"names_mode_method": False},
    "a.fit": {"names_mode_method": False},
    "x = a.train": {"names_mode_method": False},
}
STRINGS: dict[str, dict[str, object]] = {
    "def f(): 'a.b'": {"strings": {"f": {"a.b"}}},
    "a = 'b'": {"strings": {"a": {"b"}, None: {"b"}}},
    "'..a'": {"strings": {None: {"..a"}}},
    "'a b', '1a', '', 'a.', b'a', 1": {"strings": {}},
    "'a.b.{}'.format(x), 'c.%s' % y, 'd{}'": {"strings": {None: {"a.b.*", "c.*"}}},
    "f'a.{b}', f'{c} d', f''": {"strings": {None: {"a.*"}}},
    f"'{'a' * 120}', '{'b' * 121}'": {"strings": {None: {"a" * 120}}},
}
WHOLE = {
    "import a, b\na.c, b": {"whole": {None: {"b"}}},
    "import a, b\ndef f(): a.c; a.d; b(b.c)": {"whole": {"f": {"b"}}},
    "def f():\n import a\n a, c\ndef g(): a": {"whole": {"f": {"a"}, "g": set()}},
    "import a\ndef f(): getattr(a.b, c), getattr(d.e, c)": {"whole": {"f": {"a."}}},
    "import a\nd = e(a)": {"whole": {None: {"a"}, "d": {"a"}}},
}
LOCAL_IMPORTS = {
    "def f():\n import a.b, c as d\nclass C:\n def g(self):\n  from . import e": {
        "local_imports": {
            "f": [Imported("a", "a"), Imported("d", "c")],
            "C": [Imported("e", ".", "e")],
        },
        "imports": {},
        "bindings": {"f", "C"},
    },
    "import a\nif b:\n from c import d": {"local_imports": {}, "own_names": {"b"}},
}
LOOKING_UP = {
    "def f(): eval(a)\ndef g(): a.eval()\nglobals()": {"looking_up": {None, "f", "globals"}},
    "def f(): sys.modules[a]\ndef g(): a.modules()": {"looking_up": {"f"}},
}
PROGRAMS = {
    **BOUND,
    **CLASSES,
    **NAMED,
    **CALLED,
    **FILLED,
    **LOADED,
    **SWITCHED,
    **STRINGS,
    **WHOLE,
    **LOCAL_IMPORTS,
    **LOOKING_UP,
}


@pytest.mark.parametrize(("program", "expected"), [*PROGRAMS.items(), *IMPORTS.items()])
def test_what_is_found(program: str, expected: dict[str, object]) -> None:
    symbols = symbols_of(program)
    assert {field: getattr(symbols, field) for field in expected} == expected


def test_what_is_found_under_a_name() -> None:
    symbols = symbols_of("import a\ndef f(): b()\nc()")
    assert symbols.imported_as("a") == [Imported("a", "a")]
    assert not symbols.imported_as("f")
    assert symbols.calls_of("f") == {"b"}
    assert symbols.calls_of(None) == {"c"}
    assert symbols.calls_of("a") == set()


@pytest.mark.parametrize(
    ("imported", "name"),
    [
        (Imported("a", "a"), "a"),
        (Imported("c", "a.b", "c"), "a.b.c"),
        (Imported("c", ".", "c"), ".c"),
        (Imported("c", "..a", "c"), "..a.c"),
    ],
)
def test_the_full_name_of_what_is_imported(imported: Imported, name: str) -> None:
    assert imported.full_name == name


@pytest.mark.parametrize(("program", "line", "column"), [("x = 1\ny = )", 2, 4), ("x\ny\n)", 3, 0)])
def test_what_is_no_python_is_refused_with_its_place(program: str, line: int, column: int) -> None:
    with pytest.raises(SourceError) as caught:
        symbols_of(program)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    ("around", "deepest"),
    [
        ("{}", 177),
        ("y = {}", 177),
        ("if x: {}", 176),
        ("def f(): {}", 176),
        ("class C({}): pass", 177),
        ("class C:\n    {}", 176),
    ],
)
def test_what_is_nested_too_deeply_is_refused(around: str, deepest: int) -> None:
    symbols_of(around.format("a" + ".a" * deepest))
    with pytest.raises(SourceError, match=r"^nested too deeply$"):
        symbols_of(around.format("a" + ".a" * (deepest + 1)))


CHAINS = {
    "a module": "import x, a{}",
    "a package that is read": "from a{} import x",
    "a package that is read in a function": "def f():\n    from a{} import x",
}


@pytest.mark.parametrize("around", CHAINS.values(), ids=CHAINS)
def test_what_is_imported_from_too_deep_in_a_package_is_refused(around: str) -> None:
    symbols_of(around.format(".a" * 500))
    with pytest.raises(SourceError, match=r"^nested too deeply$"):
        symbols_of(around.format(".a" * 501))


PATTERNS = {
    "brackets": ("match x:\n  case {open}{close}: pass\n", 2),
    "parentheses on lines of their own": ("match x:\n  case (\n{open}\n1{close}\n): pass\n", 3),
    "of the second case": ("match x:\n  case 1:\n    a\n    b\n  case {open}1{close}: pass\n", 5),
    "below a name of capital letters": ("match XXX:\n  case {open}1{close}: pass\n", 2),
    "below a call": ("match f(x):\n  case {open}1{close}: pass\n", 2),
    "of a second match": (
        "if x:\n  match x:\n    case 1: pass\nmatch x:\n  case {open}1{close}: pass\n",
        5,
    ),
    "beside others": ("match x:\n  case [[1], [2], {open}1{close}, (3)]: pass\n", 2),
}


@pytest.mark.parametrize(("around", "line"), PATTERNS.values(), ids=PATTERNS)
def test_patterns_that_are_nested_too_deeply_are_refused(around: str, line: int) -> None:
    outside = around.count("(\n") + around.count("[[")

    def nested(depth: int) -> str:
        inner = depth - outside
        return around.format(open="[" * inner, close="]" * inner)

    symbols_of(nested(12))
    with pytest.raises(SourceError, match=r"^nested too deeply$") as caught:
        symbols_of(nested(13))
    assert caught.value.line == line
