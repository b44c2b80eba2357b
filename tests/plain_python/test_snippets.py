"""Snippets that somebody wrote: one for each thing that Python has, and those that were wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plain_python.referee import Place, codes, is_right, truths

SNIPPETS = Path(__file__).with_name("snippets.txt").read_text("utf-8").strip("\n").split("\n---\n")
PLACES = (Place.CONSTRUCTOR, Place.FUNCTION, Place.TOP_LEVEL)

# What is certain and wrong, by the end of the snippet, with what would have to be followed.
KNOWN = (
    # That an import fails: it is taken to work.
    "    import nonexistent_module_xyz\n    tune = True\nexcept ImportError:\n    tune = False",
    # Two names of one list, one of them an attribute of a class, at the top level of a file.
    "a = C(); b = C(); a.flags.append(1); tune = bool(b.flags)",
    # ``setattr`` at the top level, where only the class shows an attribute.
    'c = C(); setattr(c, "x", False); tune = c.x',
    # That a member of an enumeration does not equal what it stands for.
    "    A = 1\n    B = 2\ntune = M.A == 1",
    # What a function does that somebody else calls.
    "t = threading.Thread(target=lambda: x.append(1)); t.start(); t.join(); tune = bool(x)",
)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet[-40:])
def test_what_is_certain_is_so(snippet: str, place: Place, tmp_path: Path) -> None:
    right = is_right(codes(snippet, place, tmp_path), truths(snippet, (True,)))
    if not right and snippet.endswith(KNOWN):
        pytest.xfail("known to be wrong")
    assert right


def test_snippets_are_told_apart() -> None:
    assert len(SNIPPETS) == len(set(SNIPPETS))
    assert {truths(each, (True,)) for each in SNIPPETS} == {frozenset({True}), frozenset({False})}


def test_what_is_known_is_still_there() -> None:
    assert all(any(each.endswith(known) for each in SNIPPETS) for known in KNOWN)
