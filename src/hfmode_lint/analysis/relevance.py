"""Which files can matter, told from their bytes alone.

A file that is turned down here is never parsed, so this must never be wrong in that direction:
each finding needs one of these words in the source.
"""

from __future__ import annotations

import re

# HFM001, HFM002: a loader (knowledge.loaders) that reaches a LightningModule (knowledge.lightning).
_LOADER = re.compile(rb"_pretrained|SentenceTransformer|CrossEncoder|pipeline\(")
_LIGHTNING = b"ightning"

# HFM003: a mode method named at the end of a statement.
_UNCALLED = re.compile(rb"\.[ \t]*(?:train|eval)[ \t\f)]*(?:[;#\r\n\\]|$)")
_MODULE_LIBRARY = re.compile(rb"torch|ightning|transformers|diffusers")


def may_matter(data: bytes) -> bool:
    """Whether a file with these bytes can have a finding.

    :param data: the file's content, in any encoding that has ASCII as a subset.
    """
    if _LIGHTNING in data and _LOADER.search(data):
        return True
    return _UNCALLED.search(data) is not None and _MODULE_LIBRARY.search(data) is not None
