"""Trees of real code: source distributions that PyPI serves, unpacked under a folder that stays.

``trees.json`` says which: name, version, address and SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

_LISTED = Path(__file__).with_name("trees.json")
_TIMEOUT = 60


class TreeError(Exception):
    """A tree that can't be had."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source distribution."""

    name: str
    version: str
    url: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Tree:
    """A source distribution on disk."""

    name: str
    version: str
    folder: Path

    def python_files(self) -> tuple[int, float]:
        """How many Python files it has, and their megabytes."""
        sizes = [path.stat().st_size for path in self.folder.rglob("*.py") if path.is_file()]
        return len(sizes), sum(sizes) / 1e6


def sources() -> list[Source]:
    """The trees that are measured."""
    return [Source(**each) for each in json.loads(_LISTED.read_text(encoding="utf-8"))]


def unpacked(source: Source, cache: Path) -> Tree:
    """A tree from the cache folder; fetched and unpacked where it is not there.

    :raises TreeError: where it can't be fetched, or is not the file that was listed.
    """
    folder = cache / f"{source.name}-{source.version}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        # Renamed when it is whole: what was interrupted is not taken for a tree.
        with tempfile.TemporaryDirectory(dir=cache) as begun:
            archive = Path(begun) / "archive.tar.gz"
            _fetch(source, archive)
            content = Path(begun) / "content"
            with tarfile.open(archive) as opened:
                opened.extractall(content, filter="data")
            shutil.move(_only_folder(source, content), folder)
    return Tree(source.name, source.version, folder)


def _fetch(source: Source, archive: Path) -> None:
    try:
        with urlopen(source.url, timeout=_TIMEOUT) as answer:  # noqa: S310 - listed addresses
            data: bytes = answer.read()
    except OSError as error:
        raise TreeError(f"{source.url}: {error}") from None
    found = hashlib.sha256(data).hexdigest()
    if found != source.sha256:
        raise TreeError(f"{source.url}: SHA-256 is {found}, not {source.sha256}")
    archive.write_bytes(data)


def _only_folder(source: Source, content: Path) -> Path:
    folders = list(content.iterdir())
    if len(folders) != 1 or not folders[0].is_dir():
        raise TreeError(f"{source.url}: holds more than one folder")
    return folders[0]
