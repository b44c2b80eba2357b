"""The frame of the HTML reports: one file that needs no other one, no network and no script."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from hfmode_lint._version import __version__
from hfmode_lint.immutable import immutable
from hfmode_lint.output.common import PROJECT_URL
from hfmode_lint.output.html_source import name, text
from hfmode_lint.printable import without_commands

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


@immutable
class Section:
    """A part of the report that is about one file.

    ``count`` says in a word or two what there is of it, and ``body`` is its HTML.
    """

    filename: str
    count: str
    body: Iterable[str]


def page(
    title: str,
    what: str,
    errors: Iterable[str],
    sections: Sequence[Section],
    appendix: Iterable[str] = (),
) -> Iterator[str]:
    """The document.

    :param title: its heading.
    :param what: what it is full of, in the plural.
    :param errors: what kept files from being looked at, one line each.
    :param appendix: HTML to stand behind the sections.
    """
    for line in _document(title, what, errors, sections, appendix):
        yield without_commands(line, "&#91;")


def counted(number: int, what: str) -> str:
    """A number of things, such as ``2 problems``."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _document(
    title: str,
    what: str,
    errors: Iterable[str],
    sections: Sequence[Section],
    appendix: Iterable[str],
) -> Iterator[str]:
    yield "<!DOCTYPE html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>hfmode-lint: {title}</title>"
    yield f"<style>\n{files(__package__).joinpath('report.css').read_text('utf-8')}</style>"
    yield "</head>"
    yield "<body>"
    yield f'<a class="skip" href="#main">Skip to the {what}</a>'
    yield f"<header><h1>{title}</h1>"
    yield f'<p class="quiet"><a href="{PROJECT_URL}">hfmode-lint</a> {__version__}</p></header>'
    yield from (f'<p class="error">{text(error)}</p>' for error in errors)
    yield from _contents(sections)
    yield '<main id="main">'
    for number, section in enumerate(sections, 1):
        yield from _section(number, section)
    yield from appendix
    yield "</main>"
    yield "</body>"
    yield "</html>"


def _contents(sections: Sequence[Section]) -> Iterator[str]:
    if len(sections) < 2:
        return
    yield '<nav aria-label="Files"><ul>'
    for number, section in enumerate(sections, 1):
        link = f'<a href="#file-{number}">{name(section.filename)}</a>'
        yield f'<li>{link} <span class="quiet">{section.count}</span></li>'
    yield "</ul></nav>"


def _section(number: int, section: Section) -> Iterator[str]:
    heading = f"file-{number}"
    yield f'<section aria-labelledby="{heading}">'
    yield f'<h2 id="{heading}">{name(section.filename)}</h2>'
    yield '<div class="file">'
    yield from section.body
    yield "</div>"
    yield "</section>"
