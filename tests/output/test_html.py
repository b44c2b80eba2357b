"""The HTML report: its text, and its behaviour in a real browser where there is one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from html import escape
from typing import TYPE_CHECKING, Literal

import pytest

from tests.output.html_pages import Elements, box, contrast, keep_screenshots, luminance
from tests.output.reports import PROJECT, buggy, hostile, report, run
from tests.programs import BUGGY, FIXED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page


def test_one_file_that_needs_no_other(tmp_path: Path) -> None:
    elements = Elements(report(buggy(tmp_path), "html")).found
    assert not {tag for tag, _ in elements} & {"link", "script", "img", "iframe", "object"}
    targets = [attributes["href"] or "" for tag, attributes in elements if tag == "a"]
    names = {f"#{attributes['id']}" for _, attributes in elements if "id" in attributes}
    assert {target for target in targets if target.startswith("#")} <= names
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_nothing_in_a_name_or_source_is_markup(tmp_path: Path) -> None:
    text = report(hostile(tmp_path), "html")
    assert not [tag for tag, _ in Elements(text).found if tag in ("script", "x")]
    assert "&lt;script&gt;alert(1)" in text


def test_nothing_found(tmp_path: Path) -> None:
    text = run(tmp_path, "--output-format", "html").stdout
    Elements(text)
    assert "No problems found" in text


def test_what_could_not_be_read_is_told(tmp_path: Path) -> None:
    text = run(tmp_path, "--output-format", "html", "missing.py").stdout
    assert '<p class="error">missing.py: ' in text


def test_a_huge_file_makes_no_huge_report(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(BUGGY + "value = 1\n" * 10_000)
    text = report(tmp_path, "html")
    Elements(text)
    assert len(text) < 50_000
    assert "Lines 21 to 10011 are left out" in text


def test_the_models_of_findings_are_shown_once(tmp_path: Path) -> None:
    """Also where the file is named in another way, and the finding stands in another file."""
    shutil.copytree(PROJECT, tmp_path / "project")
    text = report(tmp_path, "html", str(tmp_path / "project"))
    elements = Elements(text).found
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert text.count('<ul class="tree">') == 1
    assert ">self.net.encoder of Task</a>" in text
    assert ">1 LightningModule</span>" in text


def test_a_module_without_findings_in_the_project_is_not_shown(tmp_path: Path) -> None:
    buggy(tmp_path)
    (tmp_path / "other.py").write_text(FIXED.replace("Tagger", "Healthy"))
    assert "Healthy" not in report(tmp_path, "html")


def test_what_is_shown_of_a_fixed_file_is_what_it_holds_now(tmp_path: Path) -> None:
    loader = 'AutoModel.from_pretrained("x")'
    (tmp_path / "model.py").write_text(
        BUGGY.replace(loader, f"{loader}\n        self.head = head()").replace(
            ".sum()", ".sum() + self.head(batch).sum()"
        )
        + "\n\ndef head():\n    return AutoModel.from_pretrained('head')\n"
    )
    text = run(tmp_path, "--fix", "--output-format", "html").stdout
    assert "1 problem in 1 file" in text
    assert f"self.encoder = <mark>{escape(loader)}.train()</mark>" in text
    assert ">self.head of Tagger</a>" in text


def test_standard_input_has_its_tree(tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-m", "hfmode_lint", "--output-format", "html", "-"],
        input=BUGGY,
        capture_output=True,
        check=False,
        cwd=tmp_path,
        encoding="utf-8",
        timeout=120,
    )
    Elements(found.stdout)
    assert (found.returncode, found.stderr) == (1, "")
    assert found.stdout.count('<ul class="tree">') == 1


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The report of a program whose finding stands behind many lines, a notebook, and a project."""
    buggy(tmp_path)
    (tmp_path / "long.py").write_text("x = 1\n" * 100 + BUGGY + "y = 2\n" * 100)
    shutil.copytree(PROJECT, tmp_path / "project")
    (tmp_path / "report.html").write_text(report(tmp_path, "html"), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto((tmp_path / "report.html").as_uri())
    yield page
    assert [url for url in requests if not url.startswith("file:")] == []
    page.close()


def test_findings_are_beside_their_source_on_a_wide_screen(page: Page) -> None:
    card, source = box(page, ".cards"), box(page, ".source")
    assert card["x"] + card["width"] <= source["x"]
    assert abs(card["y"] - source["y"]) < 5


@pytest.mark.parametrize("width", [375, 320])
def test_a_narrow_screen_needs_no_scrolling_to_the_side(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") == width
    card, source = box(page, ".cards"), box(page, ".source")
    assert card["y"] + card["height"] <= source["y"]
    rights = page.evaluate(
        "[...document.querySelectorAll('mark')].map(each => each.getBoundingClientRect().right)"
    )
    assert rights
    assert max(rights) <= width


def test_marks_are_the_loader_calls(page: Page) -> None:
    bad = page.locator(".row.marked:not(.calm)")
    assert bad.locator(".number").first.inner_text() == "108"
    marked = bad.locator("mark").all_inner_texts()
    assert marked.count('AutoModel.from_pretrained("x")') == 3


def test_the_keyboard_reaches_everything(page: Page) -> None:
    """Tab goes to the link over the navigation first, then to each link and fold in turn."""
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the findings"
    page.keyboard.press("Enter")
    reached = []
    for _ in range(9):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent"))
    assert reached[:3] == ["HFM001", "line 108, column 24", "self.encoder of Tagger"]
    assert reached[3:8] == ["line 105", "self", "line 105", "encoder", "line 108"]
    assert reached[8].startswith("Lines 1 to ")
    assert page.locator("details").first.get_attribute("open") is None
    page.keyboard.press("Enter")
    assert page.locator("details").first.get_attribute("open") is not None
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_a_link_leads_to_the_line_and_back(page: Page) -> None:
    page.locator(".where a").first.click()
    assert page.url.endswith("#line-1")
    row = box(page, ".row:has(:target)")
    assert 0 <= row["y"] <= 800
    links = page.locator(".row:has(:target) a")
    assert links.all_inner_texts() == ["HFM001", "self.encoder"]
    links.first.click()
    assert page.url.endswith("#finding-1")


def test_a_finding_leads_to_its_module_in_the_tree(page: Page) -> None:
    """It may stand at another file: there the module leads back to the line of the loader."""
    page.locator("section:has(h2:has-text('loading.py')) a:has-text('self.net.encoder')").click()
    module = page.locator("li:target > .module")
    assert module.locator(".name").inner_text() == "encoder"
    place = module.bounding_box()
    assert place is not None
    assert 0 <= place["y"] <= 800
    module.locator(".name").press("Enter")
    row = page.locator(".row:has(:target)")
    assert row.locator(".number").inner_text() == "7"
    assert "calm" not in (row.get_attribute("class") or "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_both_schemes(page: Page, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    background = luminance(page, "body", "backgroundColor")
    assert (background < 0.2) == (scheme == "dark")
    for selector, over in (
        ("body", "body"),
        (".where", ".cards > li"),
        (".code", ".cards > li"),
        ("mark", "mark"),
        (".calm mark", ".calm mark"),
        (".tree .where a", ".cards > li"),
        (".module.bad .mode", ".cards > li"),
        (".row.marked .number", ".row.marked"),
    ):
        assert contrast(page, selector, over) >= 4.5, (selector, scheme)


def test_screenshots(page: Page) -> None:
    keep_screenshots(page, "report")
