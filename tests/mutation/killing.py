"""Runs the tests on each mutant, in a forked child of a process that has run them all before.

What that saves, a mutant at a time: to start Python and pytest, to collect the tests, to parse the
programs, and the tests that don't reach the changed statement.
"""

from __future__ import annotations

import functools
import gc
import importlib
import inspect
import os
import resource
import signal
import time
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import coverage
import pytest
from _pytest.runner import runtestprotocol

from hfmode_lint.analysis import parsing, source_index
from hfmode_lint.analysis import symbols as symbols_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path
    from types import FunctionType

    import libcst as cst

    from hfmode_lint.analysis.parsing import ParsedFile
    from hfmode_lint.analysis.source_index import SourceIndex
    from hfmode_lint.analysis.symbols import Symbols
    from tests.mutation.mutants import Mutant

_TIMEOUT = "timeout"
# What a busy machine may need for a test that takes no time.
_PATIENCE = 10
_MEMORY = 4 << 30


class Remembered:
    """Remembers trees by their text, and what one pass over each finds.

    Both take longer than the analysis. ``enabled`` is False where the mutant is in one of them.
    """

    MAKERS = frozenset(
        {
            "hfmode_lint.analysis.names",
            parsing.__name__,
            source_index.__name__,
            symbols_module.__name__,
        }
    )

    def __init__(self) -> None:
        self._parse = parsing.parse
        self._index = source_index.index_source
        self._parsed: dict[str, ParsedFile] = {}
        self._indexed: dict[cst.Module, SourceIndex] = {}
        self.enabled = True
        # Before the tests import it by name.
        parsing.parse = self._parse_once
        source_index.index_source = self._index_once

    def prepare(self, module: str) -> None:
        """Get ready for a mutant in a module."""
        self.enabled = module not in self.MAKERS

    def _parse_once(self, text: str, symbols: Symbols | None = None) -> ParsedFile:
        if not self.enabled:
            return self._parse(text, symbols)
        if text not in self._parsed:
            self._parsed[text] = self._parse(text)
        return self._parsed[text]

    def _index_once(self, tree: cst.Module) -> SourceIndex:
        if not self.enabled:
            return self._index(tree)
        if tree not in self._indexed:
            self._indexed[tree] = self._index(tree)
        # What an analysis adds is of one analysis.
        return replace(self._indexed[tree], inert={}, literals={})


class Killer:
    """A pytest plugin that runs the collected tests on mutants.

    ``killers`` has, by a mutant's key, the first test that failed, or None where none did.
    """

    def __init__(
        self, mutants: Sequence[Mutant], save: Callable[[Mapping[str, str | None]], None]
    ) -> None:
        """Take the mutants to try.

        :param save: is given what is known, now and then.
        """
        self.killers: dict[str, str | None] = {}
        self._mutants = mutants
        self._save = save
        self._remembered = Remembered()
        self._durations: dict[str, float] = {}
        self._kills: dict[str, Counter[str]] = defaultdict(Counter)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run all tests as they are, then on each mutant those that reach it."""
        items = {item.nodeid: item for item in session.items}
        reaching = self._reaching(items)
        _empty(_caches())
        gc.collect()
        gc.freeze()
        print(f"{len(items)} tests take {sum(self._durations.values()):.0f} s", flush=True)
        started = time.monotonic()
        for number, mutant in enumerate(self._mutants):
            tests = set().union(*(reaching.get((mutant.path, n), ()) for n in mutant.lines))
            if mutant.module in Remembered.MAKERS:
                # Who reached it first is known alone.
                tests = set(items)
            ordered = [items[test] for test in self._likeliest_first(tests, mutant)]
            killer = self._try(mutant, ordered)
            self.killers[mutant.key] = killer
            if killer is not None:
                self._kills[mutant.module + mutant.function][killer] += 1
            if number % 50 == 49:
                self._save(self.killers)
                survived = sum(each is None for each in self.killers.values())
                seconds = time.monotonic() - started
                print(f"{number + 1} tried, {survived} survived, {seconds:.0f} s", flush=True)
        return True

    def _reaching(self, items: Mapping[str, pytest.Item]) -> dict[tuple[Path, int], set[str]]:
        """The tests that execute each line of a file."""
        paths = {mutant.path for mutant in self._mutants}
        caches = _caches()
        measured = coverage.Coverage(
            data_file=None, include=list(map(str, paths)), config_file=False
        )
        measured.start()
        for test, item in items.items():
            _empty(caches)
            measured.switch_context(test)
            started = time.perf_counter()
            if self._run(item):
                pytest.exit(f"{test} fails without a mutant", 1)
            self._durations[test] = time.perf_counter() - started
        measured.stop()
        data = measured.get_data()
        found: dict[tuple[Path, int], set[str]] = {}
        for path in paths:
            for line, tests in data.contexts_by_lineno(str(path)).items():
                found[path, line] = set(tests) & items.keys()
        return found

    def _likeliest_first(self, tests: Iterable[str], mutant: Mutant) -> list[str]:
        kills = self._kills[mutant.module + mutant.function]

        def cost(test: str) -> float:
            return (self._durations[test] + 0.002) / (kills[test] + 0.1)

        return sorted(tests, key=cost)

    def _try(self, mutant: Mutant, items: Sequence[pytest.Item]) -> str | None:
        """The test that notices a mutant, of these."""
        if not items:
            return None
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                self._be(mutant, items, writer)
            finally:
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader, encoding="utf-8") as answer:
            killer = answer.read()
        _, status = os.waitpid(child, 0)
        return killer or (None if status == 0 else _TIMEOUT)

    def _be(self, mutant: Mutant, items: Sequence[pytest.Item], answer: int) -> None:
        """In the child: run tests on a mutant until one fails, and name it."""
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        self._remembered.prepare(mutant.module)
        _replace(_function(mutant.module, mutant.function), mutant)
        for item in items:
            signal.alarm(_PATIENCE + round(20 * self._durations[item.nodeid]))
            if self._run(item):
                os.write(answer, item.nodeid.encode())
                return

    @staticmethod
    def _run(item: pytest.Item) -> bool:
        """Run a test; whether it fails."""
        return any(report.failed for report in runtestprotocol(item, log=False, nextitem=None))


def _caches() -> list[functools._lru_cache_wrapper[object]]:
    """The caches of functions: they would give what was computed without the mutant."""
    return [each for each in gc.get_objects() if isinstance(each, functools._lru_cache_wrapper)]


def _empty(caches: Iterable[functools._lru_cache_wrapper[object]]) -> None:
    for each in caches:
        each.cache_clear()


def _function(module: str, name: str) -> FunctionType:
    owner: object = importlib.import_module(module)
    *classes, last = name.split(".")
    for each in classes:
        owner = getattr(owner, each)
    found = inspect.getattr_static(owner, last)
    function: FunctionType = getattr(found, "__func__", found)
    return function


def _replace(function: FunctionType, mutant: Mutant) -> None:
    """Make a function what it is in a mutant, for all who have it already."""
    old = function.__code__
    function.__code__ = mutant.code.replace(co_name=old.co_name, co_qualname=old.co_qualname)
    defaults, by_name = mutant.defaults()
    names = function.__globals__
    function.__defaults__ = tuple(eval(each, names) for each in defaults) or None
    function.__kwdefaults__ = {key: eval(each, names) for key, each in by_name.items()}
