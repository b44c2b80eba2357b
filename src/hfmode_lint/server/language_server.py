"""The language server: what the editor tells it and asks it."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path, uri_scheme

from hfmode_lint._version import __version__
from hfmode_lint.reading import read
from hfmode_lint.server import actions, hover
from hfmode_lint.server.background import Background, BackgroundError
from hfmode_lint.server.positions import Lines
from hfmode_lint.server.report import Document, Report, diagnostic
from hfmode_lint.server.worker import Check, Fix, Modes
from hfmode_lint.source import UndecodableError, decode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfmode_lint.server.modes import ModuleMode

# In seconds: how long somebody has to stop typing, and how long other documents that are opened or
# saved at once are waited for.
_PAUSE = 0.3
_MOMENT = 0.05

# Cells of notebooks and texts of other programs have other schemes; a cell alone says little.
_SCHEMES = ("file", "untitled")
# What a check depends on, beside what is open.
_WATCHED = "**/*.{py,toml,cfg,txt,lock,yaml,yml}"


class Server(LanguageServer):
    """What is open in one editor, and what is known of it.

    All documents are checked together, as one may change what is found in another.
    """

    def __init__(self, *, unsafe_fixes: bool) -> None:
        # pygls breaks lines at form feeds and the like when it is sent parts of a text.
        super().__init__(
            "hfmode-lint", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full
        )
        self._background = Background(unsafe_fixes=unsafe_fixes)
        self._reports: dict[str, Report] = {}
        self._checking: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()
        self._anew = False
        self._told: frozenset[str] = frozenset()

    def can(self, capability: str) -> bool:
        """Whether the editor has said that it can do something."""
        return bool(get_capability(self.client_capabilities, capability, default=False))

    @property
    def _encoding(self) -> types.PositionEncodingKind | str:
        """In whose units the editor counts."""
        return self.workspace.position_encoding or types.PositionEncodingKind.Utf16

    # Checks

    def check_soon(self, pause: float = _MOMENT, *, anew: bool = False) -> None:
        """Check all documents after a pause, in place of a check that has not yet ended.

        :param anew: files on disk may have changed.
        """
        self._anew = self._anew or anew
        if self._checking is not None:
            self._checking.cancel()
        self._hurry.clear()
        self._checking = asyncio.ensure_future(self._check_after(pause))

    async def report_on(self, uri: str) -> Report | None:
        """What is known of a document as it is now; None where nothing is."""
        while self._checking is not None and not self._checking.done():
            self._hurry.set()
            await asyncio.wait({self._checking})
        return self._reports.get(uri)

    async def modes_in(self, report: Report) -> Sequence[ModuleMode]:
        """The modes of the modules that a document is about, as far as known."""
        if report.modes is None:
            with suppress(BackgroundError):
                texts = {each.name: each.text for each in self._documents()}
                report.modes = await self._background.ask(Modes(texts, report.document.name))
        return report.modes or ()

    async def fixed(self, report: Report) -> str | None:
        """The text of a document after its fixes; None where they can't be made."""
        texts = {each.name: each.text for each in self._documents()}
        with suppress(BackgroundError):
            return await self._background.ask(Fix(texts, report.document.name))
        return None

    def forget(self, uri: str) -> None:
        """Take back what was said of a document that is no longer open."""
        self._reports.pop(uri, None)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    async def stop(self) -> None:
        """End all work."""
        if self._checking is not None:
            self._checking.cancel()
        await self._background.stop()

    async def _check_after(self, pause: float) -> None:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), pause)
        documents = self._documents()
        anew = self._anew
        began = time.monotonic()
        question = Check({each.name: each.text for each in documents}, anew)
        try:
            results = await self._background.ask(question)
        except BackgroundError as error:
            self._reports = {}
            self._log(types.MessageType.Error, str(error))
            return
        self._anew = False
        self._show([Report(each, results[each.name]) for each in documents])
        elapsed = time.monotonic() - began
        self._log(types.MessageType.Log, f"checked {len(documents)} documents in {elapsed:.2f} s")

    def _documents(self) -> list[Document]:
        """What is open, as it is now."""
        return [
            Document(
                uri=document.uri,
                version=document.version or 0,
                name=to_fs_path(document.uri) or document.uri,
                text=document.source,
                lines=Lines(document.source, self._encoding),
            )
            for document in self.workspace.text_documents.values()
            if uri_scheme(document.uri) in _SCHEMES and document.language_id == "python"
        ]

    def _show(self, reports: list[Report]) -> None:
        self._reports = {each.document.uri: each for each in reports}
        lines = {each.document.name: each.document.lines for each in reports}
        for report in reports:
            self._publish(report, lines)
        problems = frozenset(filter(None, (each.checked.problem for each in reports)))
        for problem in sorted(problems - self._told):
            self.window_show_message(
                types.ShowMessageParams(types.MessageType.Error, f"hfmode-lint: {problem}")
            )
        self._told = problems

    def _publish(self, report: Report, known: dict[str, Lines]) -> None:
        def lines_of(path: str) -> Lines | None:
            if path not in known:
                with suppress(OSError, UndecodableError):
                    known[path] = Lines(decode(read(path))[0], self._encoding)
            return known.get(path)

        shows_others = self.can("text_document.publish_diagnostics.related_information")
        document = report.document
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(
                uri=document.uri,
                version=document.version,
                diagnostics=[
                    diagnostic(finding, document.lines, lines_of if shows_others else None)
                    for finding in report.checked.findings
                ],
            )
        )

    def _log(self, kind: types.MessageType, message: str) -> None:
        self.window_log_message(types.LogMessageParams(kind, message))


def create_server(*, unsafe_fixes: bool) -> Server:
    """A server that answers what an editor may ask.

    :param unsafe_fixes: all fixes are made at once, the unsafe ones included.
    """
    server = Server(unsafe_fixes=unsafe_fixes)
    server.feature(types.INITIALIZED)(_initialized)
    server.feature(types.SHUTDOWN)(_shutdown)
    for event in (
        types.TEXT_DOCUMENT_DID_OPEN,
        types.TEXT_DOCUMENT_DID_SAVE,
        types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
    ):
        server.feature(event)(_files_may_have_changed)
    server.feature(types.TEXT_DOCUMENT_DID_CHANGE)(_did_change)
    server.feature(types.TEXT_DOCUMENT_DID_CLOSE)(_did_close)
    server.feature(types.TEXT_DOCUMENT_HOVER)(_hover)
    server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(
            code_action_kinds=[types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll],
            resolve_provider=True,
        ),
    )(_code_actions)
    server.feature(types.CODE_ACTION_RESOLVE)(_resolve)
    return server


# pygls passes the server to handlers whose first parameter is called ``ls``.


def _initialized(ls: Server, _: types.InitializedParams) -> None:
    if ls.can("workspace.did_change_watched_files.dynamic_registration"):
        options = types.DidChangeWatchedFilesRegistrationOptions(
            [types.FileSystemWatcher(_WATCHED)]
        )
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        registration = types.Registration(id=method, method=method, register_options=options)
        ls.client_register_capability(types.RegistrationParams([registration]))


async def _shutdown(ls: Server, _: None) -> None:
    await ls.stop()


def _files_may_have_changed(ls: Server, _: object) -> None:
    ls.check_soon(anew=True)


def _did_change(ls: Server, _: types.DidChangeTextDocumentParams) -> None:
    ls.check_soon(_PAUSE)


def _did_close(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    ls.forget(params.text_document.uri)
    ls.check_soon()


async def _hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    report = await ls.report_on(params.text_document.uri)
    if report is None:
        return None
    parts = hover.on_findings(report, params.position)
    if hover.names_module(report, params.position):
        parts += hover.on_module(report, params.position, await ls.modes_in(report))
    if not parts:
        return None
    content = types.MarkupContent(types.MarkupKind.Markdown, "\n\n---\n\n".join(parts))
    return types.Hover(content)


async def _code_actions(
    ls: Server, params: types.CodeActionParams
) -> list[types.CodeAction] | None:
    report = await ls.report_on(params.text_document.uri)
    if report is None:
        return None
    return [await _as_the_editor_likes(ls, each) for each in actions.offered(report, params)]


async def _as_the_editor_likes(ls: Server, action: types.CodeAction) -> types.CodeAction:
    """An action as the editor understands it: some complete none, some know no versions."""
    resolvable = get_capability(
        ls.client_capabilities, "text_document.code_action.resolve_support.properties", default=[]
    )
    return action if action.edit is None and "edit" in resolvable else await _resolve(ls, action)


async def _resolve(ls: Server, action: types.CodeAction) -> types.CodeAction:
    if action.edit is None and isinstance(action.data, dict):
        report = await ls.report_on(action.data["uri"])
        # What has changed since would be changed in the wrong places.
        if report is not None and report.document.version == action.data["version"]:
            after = await ls.fixed(report)
            action.edit = actions.replacing(report.document, after) if after is not None else None
    if action.edit is not None and not ls.can("workspace.workspace_edit.document_changes"):
        action.edit = actions.without_version(action.edit)
    return action
