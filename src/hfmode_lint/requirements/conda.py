"""conda's environment files: match specifications, and the requirements of pip in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hfmode_lint.requirements.gathered import may_name_lightning
from hfmode_lint.requirements.pip_files import read_lines
from hfmode_lint.requirements.values import strings, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hfmode_lint.requirements.gathered import Gathered

# Among the requirements of pip: the file behind it may name Lightning.
_INCLUDE = "-r"

_CHANNEL = re.compile(r"^.*::")
_SPECIFICATION = re.compile(r"\s*(?P<name>[\w.-]+)\s*(?P<version>[^\[]*)(?:\[(?P<keys>.*)\])?")
_VERSION_KEY = re.compile(r"\bversion\s*=\s*(?P<quote>['\"]?)(?P<version>[^'\"\]]+)(?P=quote)")
_BLANKS_IN_VERSION = re.compile(r"\s*([,|<>=!~]+)\s*")
# Behind the version there may be a build, which tells nothing.
_PART = re.compile(r"(?P<operator>===?|!=|<=|>=|~=|<|>|=)?(?P<version>[^=\s]+)")
_RELEASE = re.compile(r"\d+(?:\.\d+)*")
_ORDERED = ("<", "<=", ">", ">=", "~=")


def read(paths: Sequence[str], gathered: Gathered) -> None:
    """Gather what conda is to install, and what pip is to install after it."""
    for path in paths:
        for dependency in _dependencies(path, gathered):
            if isinstance(dependency, str):
                _take(dependency, path, gathered)
            else:
                read_lines(strings(table(dependency).get("pip")), path, gathered)


def _dependencies(path: str, gathered: Gathered) -> list[object]:
    text = gathered.text_of(path)
    if text is None or not (may_name_lightning(text) or _INCLUDE in text):
        return []
    # Imported for projects that have such a file only.
    import yaml

    try:
        content = yaml.safe_load(text)
    # A date that does not exist is a ValueError.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        gathered.ignore(path, error)
        return []
    dependencies = table(content).get("dependencies")
    return dependencies if isinstance(dependencies, list) else []


def _take(specification: str, path: str, gathered: Gathered) -> None:
    match = _SPECIFICATION.fullmatch(_CHANNEL.sub("", specification))
    if match is None:
        return
    version = match["version"]
    key = _VERSION_KEY.search(match["keys"] or "")
    if key is not None:
        version = key["version"]
    gathered.version(match["name"], _alternatives(version), path, specification.strip())


def _alternatives(version: str) -> Iterator[str]:
    """The specifier sets of PEP 440 one of which has to fit."""
    for alternative in _BLANKS_IN_VERSION.sub(r"\1", version).strip().split("|"):
        parts = map(_PART.match, alternative.split(","))
        yield ",".join(filter(None, (_specifier(part) for part in parts if part is not None)))


def _specifier(part: re.Match[str]) -> str:
    operator, version = part["operator"] or "==", part["version"]
    prefix = version.rstrip("*").rstrip(".")
    if not prefix:
        return ""
    if operator in _ORDERED:
        return f"{operator}{prefix}"
    comparison = "==" if operator == "=" else operator
    # One equals sign, or a star, stands for all that begin like this; no pre-release does.
    if (operator == "=" or prefix != version) and _RELEASE.fullmatch(prefix):
        return f"{comparison}{prefix}.*"
    return f"{comparison}{version}"
