"""The editor: a language server that checks what is being written.

The ``lsp`` extra brings what it needs; nothing outside of this folder imports it. The server itself
(:mod:`hfmode_lint.server.language_server`) speaks with the editor and never waits; the texts are
checked in a second process (:mod:`hfmode_lint.server.worker`), which can be ended at any moment.
"""
