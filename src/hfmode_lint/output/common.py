"""What the formats share: what is to be shown, colours, and where a rule is documented."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfmode_lint.engine import FileReport
    from hfmode_lint.summarizer import Summarized

PROJECT_URL = "https://github.com/hfmode-lint/hfmode-lint"
_DOCUMENTATION = "https://hfmode-lint.github.io/hfmode-lint"

_CODES = {"bold": "1", "red": "1;31", "cyan": "36", "green": "32"}


def rule_url(code: str) -> str:
    """Where a rule is documented on the web."""
    return f"{_DOCUMENTATION}/rules/{code.lower()}.html"


@immutable
class Style:
    """Colours, or none where ``enabled`` is false."""

    enabled: bool = False

    def __call__(self, text: str, name: str) -> str:
        """The text in one of the colours."""
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self.enabled and text else text


@immutable
class Run:
    """What a run is to be shown with.

    ``errors`` say what kept files from being checked, one line each. ``set_aside`` says that the
    findings are wanted too that are not reported, as the mode is set elsewhere. ``models`` are the
    LightningModules that findings are about, for the formats that show them.
    """

    reports: Sequence[FileReport]
    errors: Sequence[str] = ()
    style: Style = Style()
    set_aside: bool = False
    models: Summarized | None = None
