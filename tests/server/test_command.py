"""The command that starts the server, and who needs what it imports."""

from __future__ import annotations

import subprocess
import sys

import hfmode_lint
from tests.server.editor import SERVER


def run(*command: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, input=given, capture_output=True, check=False, encoding="utf-8", timeout=60
    )


def test_version() -> None:
    result = run(*SERVER, "--version")
    assert result.stdout == f"hfmode-lint-server, version {hfmode_lint.__version__}\n"
    assert result.returncode == 0


def test_an_option_that_is_none() -> None:
    result = run(*SERVER, "--tcp")
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("hfmode-lint-server: error: No such option")
    assert result.returncode == 2


def test_it_ends_with_the_editor() -> None:
    result = run(*SERVER, "--stdio")
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)


def test_without_the_extra() -> None:
    program = "import sys; sys.modules['pygls'] = None; import hfmode_lint.server.__main__ as m"
    result = run(sys.executable, "-c", f"{program}; m.main([])")
    assert result.stderr == (
        "hfmode-lint-server: error: the language server needs pygls: "
        "pip install 'hfmode-lint[lsp]'\n"
    )
    assert result.returncode == 2


def test_nothing_else_needs_the_extra() -> None:
    program = (
        "import sys; import hfmode_lint, hfmode_lint.cli, hfmode_lint.flake8_plugin;"
        "import hfmode_lint.server.worker;"
        "print([name for name in ('pygls', 'lsprotocol', 'libcst') if name in sys.modules])"
    )
    assert run(sys.executable, "-c", program).stdout == "[]\n"
