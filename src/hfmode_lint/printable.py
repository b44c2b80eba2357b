"""Text that is nothing but text: no terminal, and no CI that reads its log, obeys it.

Names and source lines come from anywhere. Printed as they are, they could move the cursor, start
an escape sequence, reorder what stands beside them, or be read as a command by a CI: GitHub Actions
obeys ``##[error]…`` anywhere in a line [1], Azure Pipelines ``##vso[…]`` [2], TeamCity
``##teamcity[…]`` [3], and GitHub ``::error::…`` at the begin of a line.

[1] https://github.com/actions/runner, src/Runner.Common/ActionCommand.cs
[2] https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
[3] https://www.jetbrains.com/help/teamcity/service-messages.html
"""

from __future__ import annotations

import re

_UNSAFE = (
    "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)
_COMMAND = re.compile(r"(?<=##)(\w*)\[")


def printable(text: str) -> str:
    """Text on one line that no terminal and no CI can take for anything but text."""
    return without_commands(without_controls(text), r"\x5b")


def without_controls(text: str) -> str:
    """Text on one line that no terminal can take for anything but text."""
    # Nearly all text is: spaces, and what of Unicode can be seen.
    return text if text.isprintable() else re.sub(_UNSAFE, _escaped, text)


def without_commands(text: str, bracket: str) -> str:
    """Text in which nothing is a command for a CI.

    :param bracket: how the format of the text spells an opening bracket otherwise.
    """
    return _COMMAND.sub(lambda match: match[1] + bracket, text) if "##" in text else text


def printable_name(name: str) -> str:
    """A printable name of a file, to stand at the begin of a line."""
    shown = printable(name)
    # What begins with two colons is a command there.
    return f"./{shown}" if shown.lstrip().startswith("::") else shown


def width(text: str) -> int:
    """How many cells of a terminal a printable text takes."""
    if text.isascii():
        return len(text)
    # Imported for those who line other things up.
    from unicodedata import combining, east_asian_width

    taking = [each for each in text if not combining(each)]
    return len(taking) + sum(east_asian_width(each) in "WF" for each in taking)


def _escaped(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape").decode("ascii")
