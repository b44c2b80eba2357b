"""Keeps what programs showed when they ran: a run costs ten times what an analysis costs.

What a program does depends on the libraries alone, so a changed analysis can be judged again by the
runs of an earlier evening.
"""

from __future__ import annotations

import dataclasses
import json
from importlib.metadata import version
from typing import TYPE_CHECKING

from tests.runtime.record import libraries
from tests.runtime.recorder import Load, NotRecorded, record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FILENAME = "program.py"


class Truth:
    """What programs showed, in memory and in a file of JSON lines."""

    def __init__(self, path: Path | None = None) -> None:
        """Begin with what a file knows.

        :param path: the file; what it says of other versions of the libraries is left alone.
        """
        self._path = path
        self._versions = {"lightning": version("lightning"), **libraries()}
        self._known: dict[str, Sequence[Load] | str] = {}
        if path is not None and path.exists():
            self._read(path)

    def _read(self, path: Path) -> None:
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if entry["libraries"] == self._versions:
                loads = [Load(**each) for each in entry.get("loads", [])]
                self._known[entry["program"]] = entry.get("not_run", loads)

    def loads(self, source: str) -> Sequence[Load]:
        """What all runs of a program showed of its loads; it is run when that is not known yet.

        :raises NotRecorded: when the program can't be run.
        """
        shown = self._known.get(source)
        if shown is None:
            shown = self._run(source)
            self._known[source] = shown
            self._add(source, shown)
        if isinstance(shown, str):
            raise NotRecorded(shown)
        return shown

    def _run(self, source: str) -> Sequence[Load] | str:
        try:
            return [load for run in record(source, FILENAME) for load in run.loads]
        except NotRecorded as reason:
            return str(reason)

    def _add(self, source: str, shown: Sequence[Load] | str) -> None:
        if self._path is None:
            return
        entry: dict[str, object] = {"libraries": self._versions, "program": source}
        if isinstance(shown, str):
            entry["not_run"] = shown
        else:
            entry["loads"] = [dataclasses.asdict(load) for load in shown]
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
