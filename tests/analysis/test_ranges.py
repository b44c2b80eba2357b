"""Places of nodes: the same, statement by statement, as libcst tells of the whole tree."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from hfmode_lint.analysis.parsing import parse
from hfmode_lint.analysis.ranges import Ranges
from hfmode_lint.analysis.source_index import nodes_in

FIXTURES = sorted((Path(__file__).parent.parent.parent / "fixtures").glob("*/*.py"))
SPACES = (cst.BaseParenthesizableWhitespace, cst.Comment, cst.EmptyLine, cst.Newline)

PROGRAMS = {
    "nothing": "",
    "a comment": "# a\n",
    "comments and empty lines": "# a\n\nx = 1\n\n# b\n\ny = 2  # c\n\n# d\n",
    "no line end": "x = 1\ny = f(x)",
    "several on a line": "x = 1; y = 2\nz = 3; w = f(x); v = 4\nf(z)\n",
    "decorators": "# a\n@b\n# c\n@d.e\n\ndef f():\n    # g\n    return h(1)\n\n@i\nclass C: ...\n",
    "a decorator over two lines": "@(\n    a\n)\ndef f(): g()\nh()\n",
    "a long text": "x = '''a\nb\n\n'''; y = 1\nf(x)\n",
    "joined lines": "x = 1 + \\\n    f(2)\ny = g(x)\n",
    "DOS line ends": "x = 1\r\n\r\n# a\r\ndef f():\r\n\treturn g(x)\r\nf()\r\n",
    "old line ends": "x = 1\ry = f(x)\rf(y)\r",
    "mixed line ends": "x = 1\r\ny = f(x)\nf(y)\rg(y)\n",
    "an old line end and new ones": "\rclass A:\n    f()\n\n    def f(self):\n        g()\n",
    "a form feed": "x = 1\n\x0c\ndef f():\n    g()\n",
    "letters of two bytes": "x = 'äöü'; f(x)\n",
    "blocks": "if a:\n    b()\nelif c: d()\nelse:\n    e()\nwhile f(): g()\nwith h(): i()\n",
}


def every(tree: cst.Module) -> list[cst.CSTNode]:
    return [
        each
        for each in nodes_in(tree)
        if each is not tree and not isinstance(each, (*SPACES, cst.TrailingWhitespace))
    ]


def check(text: str) -> None:
    parsed = parse(text)
    expected = MetadataWrapper(parsed.tree, unsafe_skip_copy=True).resolve(PositionProvider)
    ranges = Ranges(parsed.tree, parsed.source, parsed.symbols.first_lines)
    for node in every(parsed.tree):
        found = expected.get(node)
        if isinstance(found, CodeRange):
            assert ranges.of(node) == found


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_places_are_those_of_the_whole_tree(text: str) -> None:
    check(text)


@pytest.mark.parametrize("path", FIXTURES[::12], ids=lambda path: path.stem)
def test_places_in_fixtures(path: Path) -> None:
    check(path.read_text(encoding="utf-8"))


def test_a_first_line_that_is_wrong_is_not_used() -> None:
    parsed = parse("x = 1\nf(x)\n\ng(x)\n")
    expected = MetadataWrapper(parsed.tree, unsafe_skip_copy=True).resolve(PositionProvider)
    ranges = Ranges(parsed.tree, parsed.source, [1, 3, 2])
    for node in every(parsed.tree):
        assert ranges.of(node) == expected[node]
