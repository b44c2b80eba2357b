"""HTML reports: their elements, and what a browser makes of them."""

from __future__ import annotations

import os
import shutil
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
# It must not look for anything outside; as root it has no sandbox.
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


class Elements(HTMLParser):
    """The elements of a document, which must be nested well."""

    VOID = ("meta", "wbr")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def box(page: Page, selector: str) -> dict[str, float]:
    found = page.locator(selector).first.bounding_box()
    assert found is not None
    return {key: float(found[key]) for key in ("x", "y", "width", "height")}


def contrast(page: Page, selector: str, over: str) -> float:
    """The contrast of text and what it stands on, as WCAG 2 defines it; 4.5 is its level AA."""
    front = luminance(page, selector, "color")
    back = luminance(page, over, "backgroundColor")
    return (max(front, back) + 0.05) / (min(front, back) + 0.05)


def luminance(page: Page, selector: str, of: str) -> float:
    text = page.evaluate(f"getComputedStyle(document.querySelector('{selector}')).{of}")
    channels = [int(each) / 255 for each in text[text.index("(") + 1 : -1].split(",")[:3]]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def keep_screenshots(page: Page, name: str) -> None:
    """Keep what the page looks like, where somebody wants to look at it."""
    folder = os.environ.get("HFMODE_LINT_SCREENSHOTS")
    if not folder:
        pytest.skip("HFMODE_LINT_SCREENSHOTS names no folder")
    for width in (1280, 375):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{folder}/{name}-{width}-{scheme}.png", full_page=True)
