"""The language server with pytest-lsp's client: what it says of what is being written."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from lsprotocol import types
from pytest_lsp import client_capabilities

from hfmode_lint.rules import RULES
from tests.server.editor import SERVER, editor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.server.editor import Editor

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    # pygls asks asyncio what Python 3.14 would rather tell it through inspect.
    pytest.mark.filterwarnings("ignore:'asyncio.iscoroutinefunction':DeprecationWarning"),
]

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
PROJECT = FIXTURES / "projects" / "factory_network_lit"

PROGRAM = """\
import lightning as L
import torch
from transformers import AutoModel


class Tagger(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert")
        self.head = AutoModel.from_pretrained("bert").train()

    def training_step(self, batch, batch_idx):
        return self.head(self.encoder(batch)).sum()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)
"""
LOADER = 'AutoModel.from_pretrained("bert")'
TRAINED = PROGRAM.replace(f"{LOADER}\n", f"{LOADER}.train()\n")
TWO = PROGRAM.replace(".train()\n", "\n")
# A module is held by one that a class of the file defines, and named in the base of that class.
HOLDS = """\
import lightning as L
import torch


class Tagger(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(8, 2)
        self.net = Net()
        self.net.inner.requires_grad_(False)

    def training_step(self, batch, batch_idx):
        return self.linear(self.net(batch)).sum()


class Base(torch.nn.Module):
    def forward(self, batch):
        return self.inner(batch)


class Net(Base):
    def __init__(self):
        super().__init__()
        self.inner = torch.nn.BatchNorm1d(8)

        self.inner.eval()
"""
WHOLE = types.Range(types.Position(0, 0), types.Position(1000, 0))
FIX_ALL = types.CodeActionKind.SourceFixAll


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[Editor]:
    """One editor for most tests: to start a server takes longer than to check a program."""
    async with editor() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def opened(shared: Editor) -> AsyncIterator[Editor]:
    """The editor, with nothing open."""
    yield shared
    await shared.close_all()


def program_in(folder: Path, text: str = PROGRAM, name: str = "model.py") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").touch()
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def place_of(text: str, part: str) -> types.Range:
    """Where a part of one line stands for the first time, in ASCII."""
    for number, line in enumerate(text.splitlines()):
        if part in line:
            column = line.index(part)
            return types.Range(
                types.Position(number, column), types.Position(number, column + len(part))
            )
    raise AssertionError(part)


def titles(actions: list[types.CodeAction]) -> list[str]:
    return [action.title for action in actions]


# What is found


@pytest.mark.parametrize("name", ["visual-studio-code", "neovim@v0.7", "neovim", "emacs"])
async def test_a_finding_as_several_editors_get_it(tmp_path: Path, name: str) -> None:
    async with editor(tmp_path, capabilities=client_capabilities(name)) as opened:
        path = program_in(tmp_path)
        uri = await opened.open(path)
        (found,) = opened.found(uri)
    assert found.range == place_of(PROGRAM, LOADER)
    assert found.code == "HFM001"
    assert found.source == "hfmode-lint"
    assert found.severity is types.DiagnosticSeverity.Warning
    assert found.message.startswith("self.encoder is loaded in eval mode by")
    assert found.code_description is not None
    assert found.code_description.href.endswith("/hfm001.html")


async def test_what_is_written_counts_and_not_what_is_on_disk(
    opened: Editor, tmp_path: Path
) -> None:
    path = program_in(tmp_path)
    uri = await opened.open(path)
    assert opened.codes(uri) == ["HFM001"]
    await opened.change(uri, TRAINED)
    assert opened.codes(uri) == []
    await opened.change(uri, TWO)
    assert opened.codes(uri) == ["HFM001", "HFM001"]
    assert path.read_text(encoding="utf-8") == PROGRAM


async def test_a_closed_document_has_no_findings(opened: Editor, tmp_path: Path) -> None:
    uri = await opened.open(program_in(tmp_path))
    opened.close(uri)
    await opened.until(lambda: not opened.found(uri))


async def test_a_file_that_is_not_yet_written(opened: Editor, tmp_path: Path) -> None:
    program_in(tmp_path)
    uri = await opened.open(tmp_path / "new.py", PROGRAM)
    assert opened.codes(uri) == ["HFM001"]


async def test_a_text_without_a_file(opened: Editor) -> None:
    await opened.open_uri("untitled:Untitled-1", PROGRAM)
    await opened.checked("untitled:Untitled-1")
    assert opened.codes("untitled:Untitled-1") == ["HFM001"]


async def test_cells_and_other_languages_are_left_alone(opened: Editor, tmp_path: Path) -> None:
    path = program_in(tmp_path)
    others = {
        "vscode-notebook-cell:/a.ipynb#W0s": "python",
        (tmp_path / "a.ipynb").as_uri(): "json",
        (tmp_path / "README.md").as_uri(): "markdown",
    }
    for uri, language in others.items():
        await opened.open_uri(uri, f"# How to\n{PROGRAM}", language)
    assert opened.codes(await opened.open(path)) == ["HFM001"]
    assert others.keys().isdisjoint(opened.published)
    for uri in others:
        assert await opened.hover(uri, 9, 30) is None


async def test_a_text_that_is_no_python_has_one_finding(opened: Editor, tmp_path: Path) -> None:
    uri = await opened.open(program_in(tmp_path))
    await opened.change(uri, PROGRAM.replace("self.encoder =", "self. =") + "\n)))\n{\n")
    assert opened.codes(uri) == ["HFM000"]
    assert opened.found(uri)[0].severity is types.DiagnosticSeverity.Error
    await opened.change(uri, PROGRAM)
    assert opened.codes(uri) == ["HFM001"]


async def test_an_irrelevant_text_may_be_no_python(opened: Editor, tmp_path: Path) -> None:
    program_in(tmp_path)
    uri = await opened.open(tmp_path / "other.py", "def broken(:\n")
    assert opened.codes(uri) == []


async def test_a_text_too_deep_for_a_parser(opened: Editor, tmp_path: Path) -> None:
    uri = await opened.open(program_in(tmp_path))
    await opened.change(uri, f"{PROGRAM}\nx = {'(' * 5000}{')' * 5000}\n")
    assert opened.codes(uri) == ["HFM000"]
    await opened.change(uri, PROGRAM)
    assert opened.codes(uri) == ["HFM001"]


# Several files


async def test_other_open_documents_count_as_they_are_written(
    opened: Editor, tmp_path: Path
) -> None:
    root = tmp_path / "project"
    shutil.copytree(PROJECT, root)
    program_in(root)
    loading = await opened.open(root / "app" / "loading.py")
    (found,) = opened.found(loading)
    assert found.related_information is not None
    first = found.related_information[0]
    lit = (root / "app" / "lit.py").as_uri()
    assert first.location.uri == lit
    assert first.message == "Task trains it as self.net.encoder"
    text = (root / "app" / "lit.py").read_text(encoding="utf-8")
    assert first.location.range == place_of(text, "Task")

    await opened.open(root / "app" / "lit.py")
    hook = "    def on_fit_start(self):\n        self.train()\n\n"
    opened.type(lit, text.replace("    def training_step", f"{hook}    def training_step"))
    await opened.until(lambda: not opened.found(loading))

    # It was never saved.
    opened.close(lit)
    await opened.until(lambda: opened.codes(loading) == ["HFM001"])


async def test_a_file_that_changes_on_disk(opened: Editor, tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(PROJECT, root)
    program_in(root)
    loading = await opened.open(root / "app" / "loading.py")
    assert opened.codes(loading) == ["HFM001"]
    lit = root / "app" / "lit.py"
    text = lit.read_text(encoding="utf-8")
    lit.write_text(text.replace("Network(name)", "Network(name).train()"), encoding="utf-8")
    await opened.save(loading)
    assert opened.codes(loading) == []


async def test_each_root_has_its_own_configuration(opened: Editor, tmp_path: Path) -> None:
    plain = program_in(tmp_path / "plain")
    quiet = program_in(tmp_path / "quiet")
    quiet.with_name("pyproject.toml").write_text('[tool.hfmode-lint]\nignore = ["HFM001"]\n')
    old = program_in(tmp_path / "old")
    old.with_name("pyproject.toml").write_text(
        '[project]\nname = "old"\nversion = "1"\ndependencies = ["lightning==2.1.4"]\n'
    )
    part = program_in(plain.parent / "part")
    part.with_name("pyproject.toml").write_text('[tool.hfmode-lint]\nselect = ["HFM003"]\n')
    uris = [await opened.open(path) for path in (plain, quiet, old, part)]
    assert [opened.codes(uri) for uri in uris] == [["HFM001"], [], [], []]


async def test_excluded_and_installed_files_have_no_findings(
    opened: Editor, tmp_path: Path
) -> None:
    path = program_in(tmp_path)
    path.with_name("pyproject.toml").write_text('[tool.hfmode-lint]\nexclude = ["old/"]\n')
    excluded, installed = tmp_path / "old", tmp_path / ".venv" / "lib" / "site-packages"
    for folder in (excluded, installed):
        folder.mkdir(parents=True)
        shutil.copy(path, folder)
    uris = [await opened.open(each / "model.py") for each in (excluded, installed, tmp_path)]
    assert [opened.codes(uri) for uri in uris] == [[], [], ["HFM001"]]


async def test_a_wrong_configuration_is_told_once(opened: Editor, tmp_path: Path) -> None:
    path = program_in(tmp_path)
    path.with_name("pyproject.toml").write_text('[tool.hfmode-lint]\nignore = "HFM001"\n')
    uri = await opened.open(path)
    await opened.change(uri, TWO)
    await opened.change(uri, PROGRAM)
    assert opened.codes(uri) == []
    (message,) = opened.client.messages
    assert message.message.endswith("pyproject.toml: ignore: must be a list of strings")

    path.with_name("pyproject.toml").write_text('[tool.hfmode-lint]\nignore = ["HFM003"]\n')
    # The editor was asked to tell of that.
    assert opened.registered == [types.WORKSPACE_DID_CHANGE_WATCHED_FILES]
    event = types.FileEvent(path.with_name("pyproject.toml").as_uri(), types.FileChangeType.Changed)
    opened.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
    await opened.until(lambda: opened.codes(uri) == ["HFM001"])


# Positions


ENCODINGS = {
    "utf-8": (types.PositionEncodingKind.Utf8, ("utf-8", 1)),
    "utf-16": (types.PositionEncodingKind.Utf16, ("utf-16-le", 2)),
    "utf-32": (types.PositionEncodingKind.Utf32, ("utf-32-le", 4)),
    "not asked": (None, ("utf-16-le", 2)),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_columns_are_counted_as_the_editor_does(tmp_path: Path, encoding: str) -> None:
    kind, (codec, width) = ENCODINGS[encoding]
    capabilities = client_capabilities("visual-studio-code")
    capabilities.general = types.GeneralClientCapabilities(
        position_encodings=[kind] if kind is not None else None
    )
    before = '        emoji, self.encoder = "\N{HUGGING FACE}\xe4\u4e2d", '
    text = PROGRAM.replace("        self.encoder = ", before)
    async with editor(tmp_path, capabilities=capabilities) as opened:
        opened.codec = (codec, width)
        uri = await opened.open(program_in(tmp_path, text))
        (found,) = opened.found(uri)
        start = len(before.encode(codec)) // width
        assert found.range.start == types.Position(8, start)
        assert found.range.end == types.Position(8, start + len(LOADER))
        assert "HFM001" in (await opened.hover(uri, 8, start + len(LOADER)) or "")
        assert await opened.hover(uri, 8, start - 2) is None
        await opened.apply((await opened.actions(uri, found.range))[0])
        assert opened.texts[uri] == text.replace(f"{LOADER}\n", f"{LOADER}.train()\n", 1)
        assert opened.codes(uri) == []


async def test_lines_end_where_the_protocol_says(opened: Editor, tmp_path: Path) -> None:
    text = '"""A form feed \f, a separator \u2028 and \x85."""\r\n' + PROGRAM.replace("\n", "\r\n")
    uri = await opened.open(tmp_path / "model.py", text)
    (found,) = opened.found(uri)
    assert found.range.start.line == 9
    await opened.change(uri, text.replace("\f", "\f\f"))
    assert [each.range.start.line for each in opened.found(uri)] == [9]


# Actions


async def test_the_quick_fix_appends_train(opened: Editor, tmp_path: Path) -> None:
    uri = await opened.open(program_in(tmp_path))
    (found,) = opened.found(uri)
    actions = await opened.actions(uri, types.Range(found.range.start, found.range.start))
    assert titles(actions) == [
        "Append .train() to AutoModel.from_pretrained()",
        "Ignore HFM001 on this line",
    ]
    assert actions[0].is_preferred
    assert actions[0].diagnostics is not None
    assert actions[0].diagnostics[0].range == found.range
    await opened.apply(actions[0])
    assert opened.texts[uri] == TRAINED
    assert opened.codes(uri) == []


async def test_a_fix_that_others_may_see_says_so(opened: Editor, tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(PROJECT, root)
    program_in(root)
    uri = await opened.open(root / "app" / "loading.py")
    fix, _ = await opened.actions(uri, opened.found(uri)[0].range)
    assert fix.title.endswith("(other code may see the change)")
    assert not fix.is_preferred
    assert await opened.actions(uri, WHOLE, [FIX_ALL]) == []
    await opened.apply(fix)
    assert opened.codes(uri) == []


async def test_unsafe_fixes_for_who_starts_the_server_with_them(tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(PROJECT, root)
    program_in(root)
    async with editor(root, command=[*SERVER, "--unsafe-fixes"]) as opened:
        uri = await opened.open(root / "app" / "loading.py")
        (action,) = await opened.actions(uri, WHOLE, [FIX_ALL])
        await opened.apply(action)
        assert opened.codes(uri) == []


# These differ in whether they complete actions, and in whether they know versions of documents.
@pytest.mark.parametrize("name", ["visual-studio-code", "neovim@v0.7", "emacs"])
async def test_all_problems_are_fixed_at_once(tmp_path: Path, name: str) -> None:
    async with editor(tmp_path, capabilities=client_capabilities(name)) as opened:
        uri = await opened.open(program_in(tmp_path, TWO.rstrip("\n")))
        (action,) = await opened.actions(uri, WHOLE, [FIX_ALL])
        assert action.title == "Fix all hfmode-lint problems"
        assert action.kind == FIX_ALL
        await opened.apply(action)
        assert opened.texts[uri] == TRAINED.rstrip("\n")
        assert await opened.actions(uri, WHOLE, [FIX_ALL]) == []


async def test_fixing_all_is_offered_at_one_of_several_findings(
    opened: Editor, tmp_path: Path
) -> None:
    uri = await opened.open(program_in(tmp_path, TWO))
    actions = await opened.actions(uri, opened.found(uri)[1].range)
    assert titles(actions) == [
        "Append .train() to AutoModel.from_pretrained()",
        "Fix all hfmode-lint problems",
        "Ignore HFM001 on this line",
    ]
    assert actions[1].kind == types.CodeActionKind.QuickFix
    await opened.apply(actions[1])
    assert opened.texts[uri] == TRAINED
    quick_fix = [types.CodeActionKind.QuickFix]
    assert await opened.actions(uri, place_of(TRAINED, "import torch"), quick_fix) == []


async def test_an_action_of_an_older_version_is_not_completed(
    opened: Editor, tmp_path: Path
) -> None:
    uri = await opened.open(program_in(tmp_path, TWO))
    (action,) = await opened.actions(uri, WHOLE, [FIX_ALL])
    await opened.change(uri, f"\n{TWO}")
    assert (await opened.client.code_action_resolve_async(action)).edit is None


@pytest.mark.parametrize(
    ("line", "ignored"),
    [
        (f"x = {LOADER}", f"x = {LOADER}  # noqa: HFM001"),
        (f"x = {LOADER}  # a reason", f"x = {LOADER}  # a reason  # noqa: HFM001"),
        (f"x = {LOADER}  # noqa: E501", f"x = {LOADER}  # noqa: E501, HFM001"),
        (f"x = {LOADER}  # noqa: E501, W291 ", f"x = {LOADER}  # noqa: E501, W291, HFM001 "),
        (f'x = {LOADER[:-1]}, a="""\n""")', f'x = {LOADER[:-1]}, a="""\n""")  # noqa: HFM001'),
    ],
)
async def test_a_finding_is_ignored(
    opened: Editor, tmp_path: Path, line: str, ignored: str
) -> None:
    text = PROGRAM.replace(f"self.encoder = {LOADER}", f"self.encoder = {line}")
    uri = await opened.open(program_in(tmp_path, text))
    *_, ignore = await opened.actions(uri, opened.found(uri)[0].range)
    assert ignore.title == "Ignore HFM001 on this line"
    await opened.apply(ignore)
    assert opened.texts[uri] == text.replace(line, ignored)
    assert opened.codes(uri) == []


async def test_what_can_t_be_parsed_has_no_action(opened: Editor, tmp_path: Path) -> None:
    uri = await opened.open(program_in(tmp_path, f"{PROGRAM})"))
    assert opened.codes(uri) == ["HFM000"]
    assert await opened.actions(uri, WHOLE) == []


# Hover


async def test_a_finding_explains_its_rule(opened: Editor, tmp_path: Path) -> None:
    uri = await opened.open(program_in(tmp_path))
    place = place_of(PROGRAM, LOADER).start
    shown = await opened.hover(uri, place.line, place.character + 3)
    assert shown is not None
    assert shown.startswith("**HFM001** eval-mode-when-training-starts")
    assert RULES["HFM001"].why in shown


async def test_a_module_tells_its_mode(opened: Editor, tmp_path: Path) -> None:
    uri = await opened.open(program_in(tmp_path))

    async def shown(part: str) -> str | None:
        place = place_of(PROGRAM, part).end
        return await opened.hover(uri, place.line, place.character - 1)

    assert await shown("self.encoder") == (
        "`self.encoder` of `Tagger` is in eval mode in the first training step; its parameters "
        "are trainable.\n\n"
        "Loaded by `AutoModel.from_pretrained()` in line 9.\n\n"
        "**Trained in eval mode: dropout is off, batch norm keeps its statistics.**"
    )
    assert await shown("self.head(self.encoder") == await shown("self.encoder")
    assert "`self.head` of `Tagger` is in train mode" in (await shown("self.head") or "")
    assert await shown("self.parameters") is None
    assert await shown("super") is None
    # As it is now, without a wait for the next check.
    opened.type(uri, TRAINED)
    assert "in train mode" in (await shown("self.encoder") or "")


async def test_a_module_that_nothing_loads_tells_its_mode_as_well(
    opened: Editor, tmp_path: Path
) -> None:
    text = HOLDS
    uri = await opened.open(program_in(tmp_path, text))

    async def shown(part: str) -> str:
        place = place_of(text, part).end
        return await opened.hover(uri, place.line, place.character - 1) or ""

    assert await shown("self.linear") == (
        "`self.linear` of `Tagger` is in train mode in the first training step; its parameters "
        "are trainable.\n\nMade by `torch.nn.Linear()` in line 8."
    )
    assert "`self.net` of `Tagger` is in train mode" in await shown("self.net")
    in_net = await shown("self.inner")
    assert in_net.startswith("`self.net.inner` of `Tagger` is in eval mode")
    assert "Set by `self.inner.eval()` in line 26." in in_net
    assert "Parameters: set by `self.net.inner.requires_grad_(False)` in line 10." in in_net
    assert "`self.net.inner` of `Tagger` is in eval mode" in await shown("return self.inner")


async def test_a_module_that_another_file_loads(opened: Editor, tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(PROJECT, root)
    program_in(root)
    lit = root / "app" / "lit.py"
    text = lit.read_text(encoding="utf-8").replace("self.net(batch)", "self.net.encoder(batch)")
    uri = await opened.open(lit, text)
    place = place_of(text, "self.net.encoder")
    assert "in line 7 of loading.py" in (
        await opened.hover(uri, place.end.line, place.end.character) or ""
    )
    net = await opened.hover(uri, place.start.line, place.start.character + 5)
    assert "Made by `Network()` in line 10." in (net or "")


# Stale work


async def test_what_is_typed_in_one_go_is_checked_once(opened: Editor, tmp_path: Path) -> None:
    uri = await opened.open(program_in(tmp_path))
    before = opened.times_published
    for number in range(30):
        opened.type(uri, f"# {number}\n{TWO}")
    await opened.checked(uri)
    assert opened.codes(uri) == ["HFM001", "HFM001"]
    assert opened.times_published == before + 1


async def test_an_answer_does_not_wait_for_the_pause(opened: Editor, tmp_path: Path) -> None:
    uri = await opened.open(program_in(tmp_path, TRAINED))
    opened.type(uri, PROGRAM)
    assert len(await opened.actions(uri, place_of(PROGRAM, LOADER))) == 2


# The process


async def test_nothing_is_imported_from_the_user_s_folder(tmp_path: Path) -> None:
    root = tmp_path / "project"
    program_in(root)
    for name in ("hfmode_lint", "libcst", "pickle", "yaml", "signal"):
        (root / f"{name}.py").write_text("open('imported', 'w').close()\n")
    start = tmp_path / "start.py"
    start.write_text("from hfmode_lint.server.command import main\nmain()\n")
    async with editor(root, command=[sys.executable, str(start)], cwd=root) as opened:
        uri = await opened.open(root / "model.py")
        assert opened.codes(uri) == ["HFM001"]
    assert not (root / "imported").exists()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="shows its processes elsewhere")
async def test_no_process_is_left(tmp_path: Path) -> None:
    async with editor(tmp_path) as opened:
        await opened.open(program_in(tmp_path))
        (worker,) = _children(opened)
        assert _is_alive(worker)
    await opened.until(lambda: not _is_alive(worker))


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="shows its processes elsewhere")
async def test_a_check_that_dies_is_begun_anew(tmp_path: Path) -> None:
    async with editor(tmp_path) as opened:
        uri = await opened.open(program_in(tmp_path))
        (worker,) = _children(opened)
        os.kill(worker, 9)
        opened.type(uri, TWO)
        await opened.until(lambda: any(log.type == 1 for log in opened.client.log_messages))
        await opened.change(uri, TRAINED)
        assert opened.codes(uri) == []


def _children(opened: Editor) -> list[int]:
    tasks = Path(f"/proc/{opened.server.pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def _is_alive(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
