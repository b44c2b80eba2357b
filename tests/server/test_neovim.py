"""The language server with Neovim and the client that is built into it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.server.editor import SERVER
from tests.server.test_server import LOADER, TWO, program_in

NEOVIM = shutil.which("nvim")
SCRIPT = Path(__file__).with_name("neovim.lua")

pytestmark = pytest.mark.skipif(NEOVIM is None, reason="nvim is not installed")


def in_neovim(path: Path) -> dict[str, Any]:
    """What the script saw with a file open."""
    result = path.with_name("result.json")
    subprocess.run(
        [NEOVIM or "", "--headless", "--clean", "-n", path.name, "-S", str(SCRIPT)],
        cwd=path.parent,
        env={**os.environ, "HFMODE_LINT_SERVER": json.dumps(SERVER), "RESULT": str(result)},
        timeout=240,
        check=True,
        capture_output=True,
    )
    seen: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    assert "error" not in seen, seen
    return seen


def test_findings_are_shown_and_mended(tmp_path: Path) -> None:
    smile = "\N{HUGGING FACE}"
    text = TWO.replace("self.encoder = ", f'smile, self.encoder = "{smile}", ')
    path = program_in(tmp_path, text)
    seen = in_neovim(path)

    assert seen["codes"] == ["HFM001", "HFM001"]
    line = text.splitlines()[seen["line"]]
    # Neovim counts in bytes.
    begin = len(line[: line.index(LOADER)].encode())
    assert (seen["column"], seen["end_column"]) == (begin, begin + len(LOADER))
    assert seen["message"].startswith("self.encoder is loaded in eval mode by")
    assert seen["hover"].startswith("**HFM001**")
    assert "Fix all hfmode-lint problems" in seen["seen"]

    mended = text.replace(f"{LOADER}\n", f"{LOADER}.train()\n", 1)
    mended = mended.replace(f"{LOADER}\n", f"{LOADER}  # noqa: HFM001\n", 1)
    assert seen["lines"] == mended.splitlines()
    # Nobody has saved it.
    assert path.read_text(encoding="utf-8") == text
