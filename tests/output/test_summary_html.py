"""The HTML report of summaries: its text, and how it behaves in a real browser if there is one."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Literal

import pytest

from tests.output.html_pages import Elements, box, contrast, keep_screenshots
from tests.output.reports import PROJECT, ROOT, buggy, hostile, run
from tests.programs import FIXED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

HTML = ("--summary", "--output-format", "html")


def summary(folder: Path, *arguments: str) -> str:
    result = run(folder, *HTML, *arguments)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def test_one_file_in_which_every_link_leads_somewhere(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "fixtures" / "branches", tmp_path / "branches")
    shutil.copytree(ROOT / "fixtures" / "notebooks", tmp_path / "notebooks")
    elements = Elements(summary(tmp_path, "branches", "notebooks")).found
    assert not {tag for tag, _ in elements} & {"link", "script", "img", "iframe", "object"}
    targets = {attributes["href"] or "" for tag, attributes in elements if tag == "a"}
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids)) > 100
    assert {target for target in targets if target.startswith("#")} <= {f"#{each}" for each in ids}


def test_nothing_in_a_name_or_source_is_markup(tmp_path: Path) -> None:
    text = summary(hostile(tmp_path))
    assert not [tag for tag, _ in Elements(text).found if tag in ("script", "x")]
    assert "&lt;script&gt;alert(1)" in text
    assert "##[" not in text
    assert "\x1b" not in text


def test_nothing_to_summarize(tmp_path: Path) -> None:
    result = run(tmp_path, *HTML, "--quiet")
    Elements(result.stdout)
    assert "No LightningModule" in result.stdout


def test_what_could_not_be_read_is_told(tmp_path: Path) -> None:
    result = run(tmp_path, *HTML, "missing.py")
    assert result.returncode == 2
    assert '<p class="error">missing.py: ' in result.stdout


def test_what_nothing_trains_is_shown_at_its_class(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(
        "import lightning as L\n\nclass Reader(L.LightningModule):\n"
        "    def predict_step(self, batch, batch_idx):\n        return 0\n"
    )
    text = summary(tmp_path)
    Elements(text)
    assert "nothing is seen that trains it" in text
    assert text.count("<mark>class Reader(L.LightningModule):</mark>") == 1


@pytest.mark.parametrize("output_format", ["text", "json", "html"])
def test_the_file_holds_what_would_be_printed(tmp_path: Path, output_format: str) -> None:
    (tmp_path / "model.py").write_text(FIXED)
    asked = ("--summary", "--output-format", output_format, "model.py")
    printed = run(tmp_path, *asked)
    written = run(tmp_path, *asked, "--output-file", "report")
    assert (written.returncode, written.stdout, written.stderr) == (0, "", "")
    if output_format != "text":
        assert (tmp_path / "report").read_text("utf-8") == printed.stdout
    assert "Tagger" in (tmp_path / "report").read_text("utf-8")


def test_a_file_that_can_t_be_written(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(FIXED)
    result = run(tmp_path, *HTML, "--output-file", "no/such/folder.html", "model.py")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        "hfmode-lint: no/such/folder.html: No such file or directory"
    ]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a program, a notebook, and a project of several files."""
    folder = buggy(tmp_path_factory.mktemp("summary"))
    shutil.copytree(PROJECT, folder / "project")
    (folder / "report.html").write_text(summary(folder), encoding="utf-8")
    return folder / "report.html"


@pytest.fixture
def page(browser: Browser, written: Path) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(written.as_uri())
    yield page
    assert [url for url in requests if not url.startswith("file:")] == []
    page.close()


TREE = "section:has(h3:has-text('Task'))"


def test_a_tree_is_beside_its_source_on_a_wide_screen(page: Page) -> None:
    tree, source = box(page, f"{TREE} .cards"), box(page, f"{TREE} .source")
    assert tree["x"] + tree["width"] <= source["x"]
    assert abs(tree["y"] - source["y"]) < 5


@pytest.mark.parametrize("width", [375, 320])
def test_a_narrow_screen_has_it_above_its_source(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") == width
    tree, source = box(page, f"{TREE} .cards"), box(page, f"{TREE} .source")
    assert tree["y"] + tree["height"] <= source["y"]


def test_the_lines_that_set_modes_are_marked(page: Page) -> None:
    assert page.locator(f"{TREE} mark").all_inner_texts() == [
        "class Task(L.LightningModule):",
        "Network(name)",
        "AutoModel.from_pretrained(name, config=config)",
        "nn.Linear(8, 2)",
    ]
    bad = page.locator(f"{TREE} .row.marked:not(.calm)")
    assert bad.locator("mark").all_inner_texts() == [
        "AutoModel.from_pretrained(name, config=config)"
    ]


def test_a_module_leads_to_its_line_and_back(page: Page) -> None:
    """A click anywhere on it will do, not on its name alone."""
    module = page.locator(f"{TREE} .module.bad")
    assert "eval" in module.inner_text()
    module.click(position={"x": 5, "y": 5})
    row = page.locator(".row:has(:target)")
    assert "AutoModel.from_pretrained" in row.inner_text()
    place = row.bounding_box()
    assert place is not None
    assert 0 <= place["y"] <= 800
    row.locator("a").click()
    assert page.locator("li:target > .module .name").inner_text() == "encoder"


def test_the_keyboard_reaches_every_module(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the models"
    page.keyboard.press("Enter")
    reached = []
    for _ in range(6):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent"))
    assert reached[1:4:2] == ["self", "encoder"]
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.locator(f"{TREE} .module.bad .name").focus()
    page.keyboard.press("Enter")
    assert page.locator(".row:has(:target) .number").inner_text() == "7"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_both_schemes(page: Page, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    for selector, over in (
        (".tree .where", ".cards > li"),
        (".tree a", ".cards > li"),
        (".module.bad .mode", ".cards > li"),
        ("mark", "mark"),
        (".calm mark", ".calm mark"),
        (".row.calm .number", ".row.calm"),
        (".row.calm a", ".row.calm"),
    ):
        assert contrast(page, selector, over) >= 4.5, (selector, scheme)


def test_screenshots(page: Page) -> None:
    keep_screenshots(page, "summary")
