"""HFM000: a file that can't be parsed."""

from __future__ import annotations

from hfmode_lint.rules.base import Rule

RULE = Rule(
    code="HFM000",
    name="unparsable-file",
    summary="The file can't be parsed, so nothing in it was checked.",
    why=(
        "A file with a syntax error, a NUL byte, a wrong encoding or a nesting too deep to follow "
        "says nothing about its models. The command reports it once; flake8 has E999 for it."
    ),
    failing="def broken(:\n",
    passing="def whole():\n    pass\n",
    fixable=False,
    check=None,
)
