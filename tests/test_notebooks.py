"""Notebooks: findings in their cells, and fixes that change nothing but a cell's source."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any, cast

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from hfmode_lint import Options, Position, check_paths, check_source, fix_source
from hfmode_lint.magics import as_python
from hfmode_lint.relevance import may_matter
from hfmode_lint.syntax import syntax_error
from tests.programs import BUGGY, FIXED, MESSAGE
from tests.test_fixtures import FIXTURES, SUFFIX, Expected, is_safely_fixable, summary

if TYPE_CHECKING:
    from pathlib import Path

    from hfmode_lint import Finding

NOTEBOOKS = sorted((FIXTURES / "notebooks").glob("*.ipynb"))


class ExpectedInCell(Expected):
    """A finding that is expected in a cell."""

    cell: int | None


ON_ITS_FIRST_LINE = """\
import lightning as L; from transformers import AutoModel; model = AutoModel.from_pretrained("x")

class Task(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.model = model

    def training_step(self, batch, batch_idx):
        return self.model(**batch).loss

L.Trainer().fit(Task())
"""


def name_of(notebook: Path) -> str:
    return notebook.stem


def expectation(notebook: Path) -> list[ExpectedInCell]:
    text = notebook.with_name(notebook.stem + SUFFIX).read_text(encoding="utf-8")
    return cast("list[ExpectedInCell]", json.loads(text))


def in_cell(finding: Finding) -> ExpectedInCell:
    return {"cell": finding.cell, **summary(finding)}


def notebook_of(*sources: str, **metadata: object) -> str:
    """The JSON of a notebook with code cells."""
    cells = [new_code_cell(source, id=f"cell{n}") for n, source in enumerate(sources)]
    return json.dumps(new_notebook(cells=cells) | {"metadata": metadata}, indent=1)


def places(source: str | bytes) -> list[tuple[int | None, int, str]]:
    found = check_source(source, filename="n.ipynb")
    return [(finding.cell, finding.start.line, finding.code) for finding in found]


def run(
    folder: Path, *arguments: str, stdin: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "hfmode_lint", *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        input=stdin,
        timeout=120,
    )


def test_every_notebook_has_an_expectation_and_an_idea() -> None:
    assert len(NOTEBOOKS) > 15
    for notebook in NOTEBOOKS:
        assert notebook.with_name(notebook.stem + SUFFIX).is_file()
        first = nbformat.reads(notebook.read_text(encoding="utf-8-sig"), as_version=4).cells[0]
        assert first.cell_type == "markdown"
        assert first.source.endswith(".")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=name_of)
def test_findings_are_as_expected(notebook: Path) -> None:
    data = notebook.read_bytes()
    findings = check_source(data, notebook.name)
    assert [in_cell(finding) for finding in findings] == expectation(notebook)
    assert check_source(data.decode(), notebook.name) == findings


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=name_of)
def test_fixes_change_no_other_byte(notebook: Path) -> None:
    before = notebook.read_bytes()
    result = fix_source(before, notebook.name)
    fixable = [each for each in expectation(notebook) if each["fix"]]
    assert len(result.applied) == len(fixable)
    assert not any(map(is_safely_fixable, result.remaining))
    assert result.remaining == tuple(check_source(result.source, notebook.name))
    if fixable:
        inserted = b"()" if fixable[0]["code"] == "HFM003" else b".train()"
        assert before in without_one(result.source, inserted)
    else:
        assert result.source == before
    assert fix_source(before.decode(), notebook.name).source == result.source.decode()


def without_one(text: bytes, inserted: bytes) -> list[bytes]:
    """A text without one of the places where something stands in it, for each of them."""
    found = [match.span() for match in re.finditer(re.escape(inserted), text)]
    return [text[:start] + text[end:] for start, end in found]


# A cell, and its Python with ? for what can't be known.
CELLS = {
    "shell": ("!ls -l", "?"),
    "magic": ("%matplotlib inline", "?"),
    "magic with an open bracket": ("%cd (here\nx", "?\nx"),
    "magic with an apostrophe": ("!echo it's\nx", "?\nx"),
    "in a block": ("if a:\n    !ls\nelse:\n    %cd x\n", "if a:\n    ?\nelse:\n    ?\n"),
    "joined lines": ("!pip install \\\n  x \\\n  y\nz = 1", "?\n\n\nz = 1"),
    "question before": ("?x", "?"),
    "question behind": ("x.y??  ", "?"),
    "question behind more lines": ("x = f(\n  y)\nx?", "x = f(\n  y)\n?"),
    "no question": ("x = 'x?'  # why?\n!ls", "x = 'x?' # why?\n?"),
    "automagic": ("pip install x", "?"),
    "assigned shell": ("x = !ls\ny = x", "x = ?\ny = x"),
    "assigned magic": ("a, b = %store x", "a, b = ?"),
    "assigned time": ("x = %time f(y)", "x = f(y)"),
    "time": ("%time x = f(y)", "?; x = f(y)"),
    "time in a block": ("for a in b:\n    %time f(a)", "for a in b:\n    ?; f(a)"),
    "automagic time": ("time f(a)", "?; f(a)"),
    "options": ("%timeit -n 10 -q f(y)", "?; f(y)"),
    "time of what is no simple statement": ("%timeit -n 10 for a in b: c", "?"),
    "time of nothing": ("%time", "?"),
    "behind brackets": ("x = [\n  1\n]\n!ls", "x = [\n  1\n]\n?"),
    "in brackets": ("x = (a\n%b)\n!ls", "x = (a\n%b)\n?"),
    "in a string": ("x = '''\n!ls\n'''\n!ls", "x = '''\n!ls\n'''\n?"),
    "quotes in strings": (
        "x = 'a\\'\"', \"'\", f'{d[\"(\"]}'\n!ls",
        "x = 'a\\'\"', \"'\", f'{d[\"(\"]}'\n?",
    ),
    "calls without brackets": ("/f x\n,f x\n;f x", "?\n?\n?"),
    "another language": ("%%bash\nif [ x ]; then", "\n"),
    "blanks before": ("\n  \n%%html\n<b>", "\n\n\n"),
    "one percent sign": ("%sql\nSELECT x", "\n"),
    "one percent sign of Python": ("%sql SELECT x\nx = 1", "?\nx = 1"),
    "timed cell": ("%%time\nx = 1\n!ls", "\nx = 1\n?"),
    "captured and timed cell": ("%%capture out\n%%time -q\nx = 1", "\n\nx = 1"),
    "prompts": (">>> if x:\n...     !ls\n...\n>>> y", "    if x:\n        ?\n\n    y"),
    "question about a cell magic": ("%%time?\nx = 1", "?\nx = 1"),
    "all line ends": ("!ls\r\n%cd x\rx = 1\n!ls", "?\r\n?\rx = 1\n?"),
}


@pytest.mark.parametrize(("cell", "python"), CELLS.values(), ids=CELLS)
def test_magics_give_way(cell: str, python: str) -> None:
    code = as_python(cell)
    assert syntax_error(code) is None or syntax_error(f"if 1:\n{code}") is None
    assert same_places(cell, code)
    unknown = as_python("!ls")[0]
    assert words(code.replace(unknown, "?")) == words(python)


def same_places(cell: str, code: str) -> bool:
    """Whether all line ends of two texts stand at the same offsets, the end of the text too."""
    return re.sub(r"[^\r\n]", " ", cell) == re.sub(r"[^\r\n]", " ", code)


def words(code: str) -> list[list[str]]:
    """Each line's indentation and words."""
    return [re.findall(r"^[ ]+(?=\S)|\S+", line) for line in re.split(r"\r\n|\r|\n", code)]


@given(
    st.lists(
        st.sampled_from(sorted({line for cell, _ in CELLS.values() for line in cell.split("\n")}))
    )
)
def test_no_cell_moves(lines: list[str]) -> None:
    cell = "\n".join(lines)
    assert same_places(cell, as_python(cell))


def test_what_python_accepts_stays() -> None:
    assert as_python(BUGGY) == BUGGY
    assert as_python("ls -l") == "ls -l"
    assert as_python("def (:\n") == "def (:\n"


# A notebook is read only if its bytes have these words.
WORDS = "lightning from_pretrained"
HEAD = f'{{"metadata": {{"x": "{WORDS}"}}, "nbformat": 4'

UNREADABLE = {
    "empty": (b"", (None, 1, 0)),
    "no JSON": (f'{HEAD},\r\n"cells": [,]}}'.encode(), (None, 2, 10)),
    "cut off": (notebook_of(BUGGY).encode()[:-2], (None, 14, 2)),
    "no object": (f'["{WORDS}"]'.encode(), (None, 1, 0)),
    "no version": (f'{{"{WORDS}": 4}}'.encode(), (None, 1, 0)),
    "another version": (f"{HEAD}4}}".encode(), (None, 1, 0)),
    "no cells": (f"{HEAD}}}".encode(), (None, 1, 0)),
    "no list of cells": (f'{HEAD}, "cells": 1}}'.encode(), (None, 1, 0)),
    "no cell": (f'{HEAD}, "cells": [1]}}'.encode(), (None, 1, 0)),
    "deep": (b"[" * 200_000, (None, 1, 0)),
    "long number": (f"{HEAD}{'4' * 10_000}}}".encode(), (None, 1, 0)),
    "no UTF-8": (b'{"lightning from_pretrained": "\xff"}', (None, 1, 31)),
    "UTF-16": (notebook_of(BUGGY).encode("utf-16"), (None, 1, 0)),
    "Python": (BUGGY.encode(), (None, 1, 0)),
    "syntax": (notebook_of("x = 1", "def (:", x=WORDS).encode(), (2, 1, 4)),
    "Python 2": (notebook_of("", "x = 1\nprint x", x=WORDS).encode(), (2, 2, 0)),
    "NUL": (notebook_of("x = 1\0", x=WORDS).encode(), (1, 1, 0)),
    "surrogate": (notebook_of("x = '\ud800'", x=WORDS).encode(), (1, 1, 0)),
    "deep cell": (notebook_of(f"# {WORDS}", f"x = {'-' * 300}1").encode(), (None, 1, 0)),
}


@pytest.mark.parametrize(("data", "place"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_can_t_be_read_is_one_finding(data: bytes, place: tuple[int | None, int, int]) -> None:
    (finding,) = check_source(data, "n.ipynb")
    assert (finding.cell, finding.start.line, finding.start.column) == place
    assert finding.code == "HFM000"
    assert "\n" not in finding.message
    assert len(finding.message) < 200
    assert fix_source(data, "n.ipynb").source == data


def test_json_alone_is_checked_where_nothing_can_be_found() -> None:
    assert places(notebook_of("def (:")) == []
    assert places('{"a": 1}') == []
    assert places('{"a": 1') == [(None, 1, "HFM000")]


LANGUAGES = {
    "none": ({}, True),
    "kernel": ({"kernelspec": {"name": "x", "display_name": "x", "language": "Python"}}, True),
    "empty kernel": ({"kernelspec": {"language": ""}, "language_info": {"name": "python"}}, True),
    "with a version": ({"language_info": {"name": "python3"}}, True),
    "spark": ({"language_info": {"name": "pyspark"}}, True),
    "wrong shape": ({"kernelspec": 3, "language_info": []}, True),
    "R": ({"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}, False),
    "R by its information": ({"language_info": {"name": "R"}}, False),
    "Julia of format 3": ({"language": "Julia"}, False),
    "the kernel counts": (
        {"kernelspec": {"language": "julia"}, "language_info": {"name": "python"}},
        False,
    ),
}


@pytest.mark.parametrize(("metadata", "is_python"), LANGUAGES.values(), ids=LANGUAGES)
def test_languages(metadata: dict[str, object], is_python: bool) -> None:  # noqa: FBT001 - a row
    expected = [(1, 8, "HFM001")] if is_python else []
    assert places(notebook_of(BUGGY, **metadata)) == expected


def test_cells_may_await_and_import_from_the_future() -> None:
    awaiting = "await x\nasync with y as z:\n    pass\n"
    late = "from __future__ import annotations"
    assert places(notebook_of(awaiting, late, BUGGY)) == [(3, 8, "HFM001")]


def test_a_cell_with_an_error_has_no_part_in_the_program() -> None:
    cells = ["import torch\nx = (", BUGGY, "model.train()\ny = )"]
    broken = [(1, 2, "HFM000"), (2, 8, "HFM001"), (3, 2, "HFM000")]
    assert places(notebook_of(*cells)) == broken
    result = fix_source(notebook_of(*cells), "n.ipynb")
    assert [(each.cell, each.code) for each in result.applied] == [(2, "HFM001")]
    assert [each.cell for each in result.remaining] == [1, 3]
    hidden = [f"{cell}  # noqa" for cell in cells]
    assert places(notebook_of(*hidden)) == [(2, 8, "HFM001")]


def test_a_byte_order_mark_within_a_notebook_is_an_error_of_its_cell() -> None:
    cells = [BUGGY, "\ufeffx = 1"]
    assert places(notebook_of(*cells)) == [(1, 8, "HFM001"), (2, 1, "HFM000")]


def test_a_whole_notebook_can_be_turned_off() -> None:
    assert places(notebook_of("# flake8: noqa", BUGGY)) == []


def test_the_project_s_lightning_counts(folder: Path) -> None:
    old = run(folder, "--lightning-version", "2.1.4", ".")
    assert (old.returncode, old.stdout) == (0, b"All checks passed\n")
    assert b"2.1.4" in old.stderr
    (folder / "requirements.txt").write_text("lightning>=2.1")
    assert b"train(); true from Lightning 2.2 on" in run(folder, ".").stdout


def test_an_edit_has_a_cell_of_its_own() -> None:
    start, tagger = BUGGY.replace('AutoModel.from_pretrained("x")', "model").split("\n\n\n")
    load = 'x = 1\nmodel = AutoModel.from_pretrained("x")'
    (finding,) = check_source(notebook_of(start, load, tagger), "n.ipynb")
    assert finding.fix is not None
    assert [(edit.cell, edit.start.line) for edit in finding.fix.edits] == [(2, 2)]


def test_the_lines_of_a_long_fix_become_lines_of_the_list() -> None:
    cells = [new_code_cell(FIXED, id="one"), new_code_cell("x = 1", id="two")]
    notebook = nbformat.writes(new_notebook(cells=cells))
    options = Options(extend_select=("HFM008",), unsafe_fixes=True)
    result = fix_source(notebook, "n.ipynb", options)
    assert [(fixed.cell, fixed.start.line) for fixed in result.applied] == [(1, 5)]
    assert '    "    def on_train_start(self):\\n",\n' in result.source
    # What nbformat writes has a string for each line.
    assert nbformat.writes(nbformat.reads(result.source, as_version=4)) == result.source


def test_fixes_of_several_cells_and_rounds() -> None:
    options = Options(extend_select=("HFM008",), unsafe_fixes=True)
    again = BUGGY.replace("Tagger", "Ranker")
    result = fix_source(notebook_of("x = 1", BUGGY, again), "n.ipynb", options)
    assert {(each.code, each.cell, each.start.line) for each in result.applied} == {
        *(("HFM001", 2, 8), ("HFM001", 3, 8)),
        *(("HFM008", 2, 5), ("HFM008", 3, 5)),
    }
    assert result.remaining == ()
    expected = [fix_source(source, options=options).source for source in ("x = 1", BUGGY, again)]
    fixed = nbformat.reads(result.source, as_version=4)
    assert [cell.source for cell in fixed.cells] == expected


def test_a_source_that_the_json_spells_otherwise_is_reported_and_stays() -> None:
    # In format 3 the lines of a list may have no ends; they get them on reading.
    text = (FIXTURES / "notebooks" / "format_3.ipynb").read_text(encoding="utf-8")
    without_ends = text.replace('\\n",', '",')
    assert places(without_ends) == [(3, 4, "HFM001")]
    result = fix_source(without_ends, "n.ipynb")
    assert (result.source, result.applied) == (without_ends, ())
    assert [each.cell for each in result.remaining] == [3]


def test_the_first_format_is_reported_and_stays() -> None:
    cell = {"cell_type": "code", "code": BUGGY, "prompt_number": 1}
    notebook = json.dumps({"nbformat": 1, "cells": [cell]})
    assert places(notebook) == [(1, 8, "HFM001")]
    assert fix_source(notebook, "n.ipynb").source == notebook


def test_two_formats_in_one_are_reported_and_stay() -> None:
    text = (FIXTURES / "notebooks" / "format_3.ipynb").read_text(encoding="utf-8")
    both = text.replace("{", '{"cells": [],', 1)
    assert places(both) == [(3, 4, "HFM001")]
    assert fix_source(both, "n.ipynb").source == both


@pytest.mark.parametrize(("lines", "line", "column"), [(BUGGY, 8, 23), (ON_ITS_FIRST_LINE, 1, 68)])
def test_a_byte_order_mark_in_a_cell_moves_nothing(lines: str, line: int, column: int) -> None:
    notebook = notebook_of(f"\ufeff{lines}")
    (found,) = check_source(notebook, "n.ipynb")
    assert (found.code, found.cell, found.start) == ("HFM001", 1, Position(line, column))
    fixed = fix_source(notebook, "n.ipynb").source
    assert fixed.count(".train()") == 1
    assert fixed.replace(".train()", "") == notebook


# Whatever may stand before a loader, with what a JSON writer may spell in several ways.
LINES = st.lists(
    st.sampled_from(
        [
            *("", "\t", "# é", "x = '\\\\😀/'", '!ls "it\'s"', "%time x = 1"),
            *("s = '\u2028\\t\x7f'", "'''\f'''", "if x:\n    %cd y"),
        ]
    )
)
OUTPUTS = st.lists(st.text().map(lambda text: new_output("stream", text=text)), max_size=2)


@st.composite
def cells_with_one_bug(draw: st.DrawFn) -> list[Any]:
    text = draw(st.text(max_size=9))
    cells = [
        new_markdown_cell(text),
        new_raw_cell(text),
        new_code_cell("\n".join(draw(LINES)), outputs=draw(OUTPUTS)),
        new_code_cell("\n".join([*draw(LINES), BUGGY]), outputs=draw(OUTPUTS)),
    ]
    return draw(st.permutations(cells))


@st.composite
def notebooks_with_one_bug(draw: st.DrawFn) -> tuple[list[Any], bytes]:
    """Cells, and a notebook of them as some program may write it."""
    cells = draw(cells_with_one_bug())
    notebook = json.loads(json.dumps(new_notebook(cells=cells)))
    for cell in notebook["cells"]:
        if draw(st.booleans()):
            cell["source"] = cell["source"].splitlines(keepends=True)
    text = json.dumps(
        notebook,
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, 0, 1, 4, "\t"])),
        separators=draw(st.sampled_from([None, (",", ":"), (" , ", " : ")])),
        sort_keys=draw(st.booleans()),
    )
    text = text.replace("/", draw(st.sampled_from(["/", "\\/"])))
    text += draw(st.sampled_from(["", "\n"]))
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    return cells, text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig"])))


@given(notebooks_with_one_bug())
def test_a_fix_changes_the_source_and_nothing_else(case: tuple[list[Any], bytes]) -> None:
    cells, before = case
    result = fix_source(before, "n.ipynb")
    (applied,) = result.applied
    assert applied.cell is not None
    assert before in without_one(result.source, b".train()")
    old, new = (
        nbformat.reads(data.decode("utf-8-sig"), as_version=4) for data in (before, result.source)
    )
    source = cells[applied.cell - 1].source
    assert new.cells[applied.cell - 1].source == source.replace(BUGGY, FIXED)
    new.cells[applied.cell - 1].source = source
    assert new == old


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "n.ipynb").write_text(notebook_of("%cd x", BUGGY), encoding="utf-8")
    return tmp_path


def test_the_reports(folder: Path) -> None:
    shown = run(folder, ".").stdout.decode().splitlines()
    assert shown[0] == f"n.ipynb:cell 2:8:24: {MESSAGE}"
    assert shown[1] == '8 |         self.encoder = AutoModel.from_pretrained("x")'
    (finding,) = json.loads(run(folder, ".", "--output-format", "json").stdout)
    assert (finding["cell"], finding["location"]) == (2, {"row": 8, "column": 24})
    assert finding["fix"]["edits"][0]["cell"] == 2
    (found,) = check_paths([folder])
    assert (found.filename, found.cell) == (str(folder / "n.ipynb"), 2)


def test_the_diff_is_for_reading(folder: Path) -> None:
    before = (folder / "n.ipynb").read_bytes()
    result = run(folder, "--diff", ".")
    assert result.returncode == 1
    lines = result.stdout.decode().splitlines()
    assert [line.strip() for line in lines[:2]] == ["--- n.ipynb:cell 2", "+++ n.ipynb:cell 2"]
    assert [line for line in lines[2:] if line.startswith(("-", "+"))] == [
        '-        self.encoder = AutoModel.from_pretrained("x")',
        '+        self.encoder = AutoModel.from_pretrained("x").train()',
    ]
    assert (folder / "n.ipynb").read_bytes() == before


def test_fix_of_a_file_and_of_standard_input(folder: Path) -> None:
    before = (folder / "n.ipynb").read_bytes()
    fixed = run(folder, "--fix", "--stdin-filename", "x.ipynb", "-", stdin=before)
    assert fixed.returncode == 0
    assert before in without_one(fixed.stdout, b".train()")
    assert run(folder, "--fix", ".").returncode == 0
    assert (folder / "n.ipynb").read_bytes() == fixed.stdout


def test_the_report_tells_where_a_noqa_works(folder: Path) -> None:
    loader = "AutoModel.from_pretrained('''\nx''')"
    cell = "%cd it's\n" + BUGGY.replace('AutoModel.from_pretrained("x")', loader)
    (folder / "n.ipynb").write_text(notebook_of("", cell), encoding="utf-8")
    (finding,) = json.loads(run(folder, ".", "--output-format", "json").stdout)
    assert (finding["location"]["row"], finding["noqa_row"]) == (9, 10)
    hidden = cell.replace("x''')", "x''')  # noqa")
    assert places(notebook_of("", hidden)) == []


def test_broken_notebooks_cost_no_other_file(folder: Path) -> None:
    (folder / "broken.ipynb").write_text(f"{{{WORDS}")
    (folder / "model.py").write_text(BUGGY)
    result = run(folder, "--output-format", "concise", ".")
    assert [line.split()[0] for line in result.stdout.decode().splitlines()] == [
        "broken.ipynb:1:2:",
        "model.py:8:24:",
        "n.ipynb:cell",
    ]
    assert result.stderr == b""
    assert result.returncode == 1


def test_a_broken_cell_where_nothing_can_be_found_is_not_reported(folder: Path) -> None:
    notebook = notebook_of("def (:", about=WORDS)
    (folder / "n.ipynb").write_text(notebook, encoding="utf-8")
    assert run(folder, ".").returncode == 0
    assert run(folder, "n.ipynb").returncode == 1


IRRELEVANT = {
    "not named": ("check_paths(['.'])", "x = 1"),
    "named": ("check_paths(['n.ipynb'])", "x = 1"),
    "a name that ends like a mode": ("check_paths(['.'])", "'lightning.training'"),
    "no notebook at all": ("check_source('import lightning, from_pretrained')", ""),
}


@pytest.mark.parametrize(("call", "cell"), IRRELEVANT.values(), ids=IRRELEVANT)
def test_what_can_t_matter_costs_no_nbformat(call: str, cell: str, folder: Path) -> None:
    (folder / "n.ipynb").write_text(notebook_of(cell), encoding="utf-8")
    code = (
        "import sys\nfrom hfmode_lint import check_paths, check_source\n"
        f"assert {call} == []\n"
        "sys.exit('nbformat' in sys.modules or 'jsonschema' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=folder).returncode == 0


def test_a_notebook_of_today_s_format_costs_no_nbformat(folder: Path) -> None:
    """Beside Jupyter, importing it takes seconds."""
    (folder / "n.ipynb").write_text(notebook_of(BUGGY), encoding="utf-8")
    code = (
        "import sys\nfrom hfmode_lint import check_paths\n"
        "assert [each.code for each in check_paths(['n.ipynb'])] == ['HFM001']\n"
        "sys.exit('nbformat' in sys.modules or 'jsonschema' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=folder).returncode == 0


SHAPES = {
    "no cells": ({}, "no list of cells"),
    "cells that are none": ({"cells": [1]}, "no list of cells"),
    "cells by name": ({"cells": {"1": {}}}, "no list of cells"),
    "lines that are none": (
        {"cells": [{}, {"cell_type": "code", "source": [BUGGY, 1]}]},
        "the source of cell 2 is no text",
    ),
}


@pytest.mark.parametrize(("parts", "reason"), SHAPES.values(), ids=SHAPES)
def test_what_has_another_shape_is_no_notebook(parts: dict[str, object], reason: str) -> None:
    text = json.dumps({"nbformat": 4, "metadata": {"about": BUGGY}, **parts})
    (finding,) = check_source(text, "n.ipynb")
    assert (finding.code, finding.cell) == ("HFM000", None)
    assert reason in finding.message


@pytest.mark.parametrize("source", [None, 1, {"a": 1}, [], "", {}])
def test_cells_without_a_source_are_passed_over(source: object) -> None:
    others = [{"cell_type": "code", "source": source, "outputs": 1}, {}]
    text = json.dumps({"nbformat": 4, "cells": [*others, {"cell_type": "code", "source": BUGGY}]})
    assert places(text) == [(3, 8, "HFM001")]


@pytest.mark.parametrize(
    "last", ["model.train", "model.eval)", "(model.train)", "model.train  # ?"]
)
def test_a_mode_method_at_the_end_of_a_line_can_matter(last: str) -> None:
    for source in (f"import torch\n{last}", f"import torch\n{last}\nx"):
        assert may_matter(json.dumps([source]).encode(), in_json=True)
        assert may_matter(json.dumps(source.splitlines(keepends=True)).encode(), in_json=True)
