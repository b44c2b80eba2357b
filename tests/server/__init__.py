"""The language server, with real clients."""
