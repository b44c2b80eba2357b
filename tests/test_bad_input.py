"""Bad input: one line, the right exit code, the other files still checked, no traceback."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from hfmode_lint import Options, check_paths, check_source, engine, project, runner
from hfmode_lint.analysis import analyse_program
from hfmode_lint.discovery import discover
from hfmode_lint.engine import FileReport, check_bytes
from hfmode_lint.run_mode import Mode
from tests.programs import BUGGY, MESSAGE, PLACE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from hfmode_lint.analysis.units import Modules, Unit


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hfmode_lint", "--output-format", "concise", *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        timeout=120,
    )


# What lets root read what it must not.
_CAPABILITIES = "-dac_override,-dac_read_search"


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="there is no setpriv")
def test_a_named_file_that_can_t_be_read(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text(BUGGY)
    (tmp_path / "secret.py").chmod(0)
    (tmp_path / "model.py").write_text(BUGGY)
    command = [sys.executable, "-m", "hfmode_lint", "-q", "secret.py", "model.py"]
    if os.getuid() == 0:
        limits = (f"--bounding-set={_CAPABILITIES}", f"--inh-caps={_CAPABILITIES}")
        command = ["setpriv", *limits, *command]
    result = subprocess.run(
        command, capture_output=True, check=False, cwd=tmp_path, encoding="utf-8", timeout=120
    )
    assert result.returncode == 2
    assert result.stderr == "hfmode-lint: secret.py: Permission denied\n"
    assert result.stdout.startswith("model.py:")


RELEVANT = "# lightning from_pretrained\n"
UNPARSABLE = {
    "syntax": b"def (:\n",
    "python 2": b"print 'x'\n",
    "nul": b"x = 1\0\n",
    "encoding": b"x = '\xff\xfe\xfa'\n",
    "cookie": b"# coding: nonsense\n",
    "utf-16": "x = 1".encode("utf-16"),
    "utf-32": "x = 1".encode("utf-32"),
    "bom and cookie": b"\xef\xbb\xbf# coding: latin-1\n",
    "cookie that is a path": b"# coding: ../../x\n",
    "surrogate": b"x = '\xed\xa0\x80'\n",
    "too many digits": f"x = {'1' * 20_000}\n{RELEVANT}".encode(),
    "deep": b"x = " + b"-" * 7_000 + b"1\n# lightning from_pretrained\n",
}

# What can be nested, or is nested by libcst alone, as many times as is asked for.
NESTED: dict[str, Callable[[int], str]] = {
    "parentheses": lambda n: f"x = {'(' * n}1{')' * n}\n",
    "unclosed": lambda n: f"x = {'(' * n}\n",
    "unary": lambda n: f"x = {'-' * n}1\n",
    "attributes": lambda n: f"x = a{'.b' * n}\n",
    "calls": lambda n: f"x = a{'()' * n}\n",
    "binary": lambda n: f"x = 1{'+1' * n}\n",
    "and": lambda n: f"x = a{' and a' * n}\n",
    "elif": lambda n: "if a: pass\n" + "elif a: pass\n" * n,
    "functions": lambda n: "".join(f"{' ' * i}def f():\n" for i in range(n)) + " " * n + "pass\n",
    "f-strings": lambda n: "x = " + "f'{" * n + "1" + "}'" * n + "\n",
    "strings": lambda n: "x = " + "'a' " * n + "\n",
    "comprehension": lambda n: f"x = [1 {'for a in b ' * n}]\n",
    "import": lambda n: f"import a{'.b' * n}\n",
    "patterns": lambda n: f"match a:\n  case {'[' * n}{']' * n}: pass\n",
    "grouped patterns": lambda n: f"match a:\n  case {'(' * n}1{')' * n}: pass\n",
}


def test_what_libcst_alone_refuses_in_a_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "deep.py").write_text(BUGGY + NESTED["strings"](10_000))
    result = run(tmp_path, "deep.py")
    (line,) = result.stdout.splitlines()
    assert line.startswith("deep.py:12:40003: HFM000 file can't be parsed: ")
    assert result.returncode == 1


# Indentation makes a file of quadratic size; for the others Python's or libcst's own parser takes
# quadratic time.
SHALLOWER = {"functions": 1_000, "import": 30_000, "comprehension": 30_000}


@pytest.mark.parametrize("depth", [100, 10_000, 1_000_000])
@pytest.mark.parametrize("kind", NESTED)
def test_depth_is_checked_or_one_finding(tmp_path: Path, kind: str, depth: int) -> None:
    depth = min(depth, SHALLOWER.get(kind, depth))
    (tmp_path / "deep.py").write_text(BUGGY + NESTED[kind](depth))
    result = run(tmp_path, "--no-project", "deep.py")
    assert len(result.stdout.splitlines()) == 1
    assert "HFM00" in result.stdout
    assert result.stderr == ""
    assert result.returncode == 1


GROWING = {
    "text": "x = 'a'\n" + "x = x + x\n" * 60,
    "list": "x = [1]\n" + "x = x + x\n" * 60,
    "a test": "import os\nx = os.a\n" + "x = not (x.y and x)\n" * 60 + "if x: z = f()\n",
    "both tests": "import os\nx = os.a.b()\n" + "x = x == x\n" * 60 + "if x: z = f()\n",
    "a text with what is not known": "import os\nx = os.a()\n" + "x = f'{x}{x}'\n" * 60,
    "a chosen word": "import os\nx = 'a'\n"
    + "if os.a() == x: x = 'b'\n" * 90
    + "if x == 'a': f()\n",
    "starred": "x = [1]\n" + "x = [*x, *x]\n" * 60,
    "formatted": "x = 'a'\n" + "x = f'{x}{x}'\n" * 60,
}


@pytest.mark.parametrize("lines", GROWING.values(), ids=GROWING)
def test_what_doubles_does_not_fill_the_memory(lines: str) -> None:
    init = textwrap.indent(f"super().__init__()\n{lines}", "        ").strip()
    found = check_source(BUGGY.replace("super().__init__()", init))
    assert [finding.code for finding in found] == ["HFM001"]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timers")
def test_a_file_that_takes_too_long_costs_itself_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stuck(*arguments: object, named: bool) -> FileReport:
        while "slow.py" in str(arguments[1]):
            pass
        return check_bytes(*arguments, named=named)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(engine, "check_bytes", stuck)
    # Enough for the other file on a busy machine: libcst may have to be imported first.
    monkeypatch.setattr(runner, "_SECONDS_A_FILE", 4)
    for name in ("slow.py", "model.py"):
        (tmp_path / name).write_text(BUGGY)
    found = check_paths([tmp_path])
    assert [finding.code for finding in found] == ["HFM001", "HFM000"]
    assert "given up after 4 seconds" in found[1].message


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timers")
def test_files_of_one_project_that_take_too_long_together_are_looked_at_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stuck(modules: Modules, entries: Sequence[Unit], wanted: Sequence[Unit]) -> object:
        while any(unit.name.endswith("slow.py") for unit in wanted):
            pass
        return analyse_program(modules, entries, wanted)

    monkeypatch.setattr(project, "analyse_program", stuck)
    monkeypatch.setattr(runner, "_SECONDS_A_FILE", 4)
    monkeypatch.setattr(runner, "_SECONDS_TOGETHER", 5)
    for name in ("slow.py", "a.py", "z.py"):
        (tmp_path / name).write_text(BUGGY)
    found = check_paths([tmp_path])
    assert [finding.code for finding in found] == ["HFM001", "HFM000", "HFM001"]
    assert "given up after 4 seconds" in found[1].message


@pytest.mark.skipif(sys.platform != "linux", reason="the workers are not forked")
def test_a_worker_that_dies_costs_one_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deadly(*arguments: object, named: bool) -> FileReport:
        if "deadly.py" in str(arguments[1]):
            os.kill(os.getpid(), signal.SIGKILL)
        return check_bytes(*arguments, named=named)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(engine, "check_bytes", deadly)
    names = [f"m{number}.py" for number in range(8)]
    for name in ("deadly.py", *names):
        (tmp_path / name).write_text(BUGGY + "#" * 50_000)
    options = Options(project=False)
    files = discover([str(tmp_path)], options).files
    outcome = runner.run(files, options, Mode.CHECK, jobs=2)
    assert [os.path.basename(report.filename) for report in outcome.reports] == names
    assert [problem.message for problem in outcome.problems] == [
        f"{tmp_path / 'deadly.py'}: not checked, as a process died over it"
    ]


@pytest.mark.parametrize("content", UNPARSABLE.values(), ids=UNPARSABLE)
def test_one_finding_and_the_other_file_still_checked(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.py").write_bytes(content)
    (tmp_path / "model.py").write_text(BUGGY)
    result = run(tmp_path, "bad.py", "model.py")
    lines = result.stdout.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("bad.py:")
    assert " HFM000 " in lines[0]
    assert lines[1] == f"model.py:{PLACE}: {MESSAGE}"
    assert result.stderr == ""
    assert result.returncode == 1


RECORD = """\
from dataclasses import dataclass
@dataclass
class Record:
    kind: "\\d"


"""


@pytest.mark.filterwarnings("always")
@pytest.mark.parametrize(
    "source",
    [
        BUGGY.replace('"x"', r'"\d"'),
        RECORD + BUGGY.replace("__init__()", "__init__(Record())"),
    ],
)
def test_python_warns_of_no_odd_escape(source: str, recwarn: pytest.WarningsRecorder) -> None:
    assert [finding.code for finding in check_source(source)] == ["HFM001"]
    assert not recwarn.list


def test_missing_path(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(BUGGY)
    result = run(tmp_path, "missing.py", "model.py")
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "missing.py" in result.stderr
    assert MESSAGE in result.stdout


def test_folder_without_python_files(tmp_path: Path) -> None:
    result = run(tmp_path, ".")
    assert result.returncode == 0
    assert len(result.stderr.splitlines()) == 1


def test_empty_file_and_symlink_loop(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_bytes(b"")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "self.py").symlink_to("self.py")
    (tmp_path / "x.py").mkdir()
    (tmp_path / "model.py").write_text(BUGGY)
    result = run(tmp_path, ".")
    assert MESSAGE in result.stdout
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    assert "Traceback" not in run(tmp_path, "pipe.py", ".").stderr


def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    for number in range(200):
        (tmp_path / f"m{number}.py").write_text(BUGGY)
    with subprocess.Popen(
        [sys.executable, "-m", "hfmode_lint", "."],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_locale_without_unicode(tmp_path: Path) -> None:
    (tmp_path / "modèle.py").write_text(BUGGY.replace('"x"', '"é\x07"'), encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "-m", "hfmode_lint", "."],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert result.returncode == 1
    assert b"HFM001" in result.stdout
    assert b"\x07" not in result.stdout
    assert result.stderr == b""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a full device")
@pytest.mark.parametrize(
    "options", [[], ["--output-format", "json"], ["--summary"], ["--list-rules"], ["--help"]]
)
def test_output_that_can_t_be_written_is_one_line(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "model.py").write_text(BUGGY)
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [sys.executable, "-m", "hfmode_lint", "--isolated", *options, "."],
            check=False,
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
        )
    assert result.returncode == 2
    assert result.stderr == b"hfmode-lint: error: the output: No space left on device\n"
