"""An editor with a language server: pytest-lsp's client, and what a test wants to know of it."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient, client_capabilities
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from pathlib import Path

SERVER = (sys.executable, "-m", "hfmode_lint.server")
# A busy machine may need it.
_PATIENCE = 20.0


def visual_studio_code() -> types.ClientCapabilities:
    """What that editor says that it can do."""
    return client_capabilities("visual-studio-code")


@dataclass
class Editor:
    """What is open, what the server said of it, and how to change it."""

    client: LanguageClient
    published: dict[str, types.PublishDiagnosticsParams] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    times_published: int = 0
    registered: list[str] = field(default_factory=list)
    # Python's name of the encoding that was agreed on, and the bytes of a unit.
    codec: tuple[str, int] = ("utf-16-le", 2)

    def take(self, params: types.PublishDiagnosticsParams) -> None:
        self.published[params.uri] = params
        self.times_published += 1

    async def open(self, path: Path, text: str | None = None) -> str:
        """Open a file, or a text that is to be one; its URI, once it is checked."""
        uri = path.as_uri()
        await self.open_uri(uri, path.read_text(encoding="utf-8") if text is None else text)
        await self.checked(uri)
        return uri

    async def open_uri(self, uri: str, text: str, language: str = "python") -> None:
        self.texts[uri], self.versions[uri] = text, 1
        document = types.TextDocumentItem(uri, language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(document))

    def type(self, uri: str, text: str) -> None:
        """Change what is open, and go on."""
        self.texts[uri] = text
        self.versions[uri] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.versions[uri], uri),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    async def change(self, uri: str, text: str) -> None:
        """Change what is open, and wait until it is checked."""
        self.type(uri, text)
        await self.checked(uri)

    async def save(self, uri: str) -> None:
        """Say that what is open was written."""
        before = self.times_published
        document = types.TextDocumentIdentifier(uri)
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(document))
        await self.until(lambda: self.times_published > before)

    def close(self, uri: str) -> None:
        document = types.TextDocumentIdentifier(uri)
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(document))
        del self.texts[uri], self.versions[uri]

    @property
    def server(self) -> Process:
        """The server's process."""
        process = self.client._server
        assert process is not None
        return process

    def end(self) -> None:
        """End a server that was not told to shut down, as its test has failed."""
        if self.server.returncode is None:
            self.server.kill()

    async def close_all(self) -> None:
        """Close what is open, and wait until nothing is found any more."""
        uris = list(self.texts)
        for uri in uris:
            self.close(uri)
        await self.until(lambda: not any(self.found(uri) for uri in uris if uri in self.published))
        self.published.clear()
        self.client.messages.clear()

    async def checked(self, uri: str) -> None:
        """Wait for what is found in the present version."""

        def is_current() -> bool:
            return uri in self.published and self.published[uri].version == self.versions[uri]

        await self.until(is_current)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that the server is to bring about."""
        end = time.monotonic() + _PATIENCE
        while not condition():
            assert time.monotonic() < end, "the server did not do it"
            await asyncio.sleep(0.02)

    def found(self, uri: str) -> list[types.Diagnostic]:
        return list(self.published[uri].diagnostics)

    def codes(self, uri: str) -> list[Any]:
        return [each.code for each in self.found(uri)]

    async def actions(
        self, uri: str, place: types.Range, only: Sequence[types.CodeActionKind] | None = None
    ) -> list[types.CodeAction]:
        """What the editor would offer."""
        result = await self.client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(uri), place, types.CodeActionContext([], only)
            )
        )
        return [each for each in result or () if isinstance(each, types.CodeAction)]

    async def hover(self, uri: str, line: int, character: int) -> str | None:
        """What is shown where the mouse rests; both counted from 0, in the units of the editor."""
        result = await self.client.text_document_hover_async(
            types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(line, character))
        )
        if result is None:
            return None
        assert isinstance(result.contents, types.MarkupContent)
        return result.contents.value

    async def apply(self, action: types.CodeAction) -> None:
        """Do what an action says, as an editor would, and wait until it is checked."""
        if action.edit is None:
            action = await self.client.code_action_resolve_async(action)
        assert action.edit is not None
        changed: Mapping[str, Sequence[Any]] = action.edit.changes or {}
        if action.edit.document_changes is not None:
            changed = {}
            for each in action.edit.document_changes:
                assert isinstance(each, types.TextDocumentEdit)
                assert each.text_document.version == self.versions[each.text_document.uri]
                changed = {**changed, each.text_document.uri: each.edits}
        for uri, edits in changed.items():
            await self.change(uri, edited(self.texts[uri], edits, *self.codec))


def edited(text: str, edits: Sequence[types.TextEdit], codec: str, width: int) -> str:
    """A text after edits whose columns are units of an encoding."""
    units = text.encode(codec)

    def offset(position: types.Position) -> int:
        before = "".join(text.splitlines(keepends=True)[: position.line])
        return len(before.encode(codec)) + width * position.character

    for edit in sorted(edits, key=lambda edit: edit.range.start, reverse=True):
        start, end = offset(edit.range.start), offset(edit.range.end)
        units = units[:start] + edit.new_text.encode(codec) + units[end:]
    return units.decode(codec)


@asynccontextmanager
async def editor(
    *roots: Path,
    capabilities: types.ClientCapabilities | None = None,
    command: Sequence[str] = SERVER,
    **process: Any,  # noqa: ANN401 - what asyncio takes to start one
) -> AsyncIterator[Editor]:
    """An editor that has started its server, with these folders open."""
    client = LanguageClient(converter_factory=default_converter)
    opened = Editor(client)

    def take(params: types.PublishDiagnosticsParams) -> None:
        opened.take(params)

    def register(params: types.RegistrationParams) -> None:
        opened.registered += [each.method for each in params.registrations]

    answers = {
        types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: take,
        types.CLIENT_REGISTER_CAPABILITY: register,
    }
    register_lsp_features(client, {**DEFAULT_CLIENT_FEATURES, **answers})
    await client.start_io(*command, **process)
    try:
        await client.initialize_session(
            types.InitializeParams(
                capabilities=capabilities or visual_studio_code(),
                workspace_folders=[
                    types.WorkspaceFolder(root.as_uri(), root.name) for root in roots
                ],
            )
        )
        yield opened
        await client.shutdown_session()
    finally:
        opened.end()
        await client.stop()
