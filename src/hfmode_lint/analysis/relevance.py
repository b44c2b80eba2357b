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
# In the strings of JSON a line ends with an escape, which begins with a backslash, or the string.
_UNCALLED_IN_JSON = re.compile(rb'\.[ \t]*(?:train|eval)[ \t\f)]*[;#\\"]')
_MODULE_LIBRARY = re.compile(rb"torch|ightning|transformers|diffusers")


def may_matter(data: bytes, *, in_json: bool = False) -> bool:
    """Whether a file with these bytes can have a finding.

    :param data: the file's content, in any encoding that has ASCII as a subset.
    :param in_json: the source stands in the strings of a notebook. JSON may spell any letter as
        an escape, and may cut a word in two strings of one cell; nothing that writes notebooks
        does, and such a word is not seen here.
    """
    if _LIGHTNING in data and _LOADER.search(data):
        return True
    uncalled = _UNCALLED_IN_JSON if in_json else _UNCALLED
    return uncalled.search(data) is not None and _MODULE_LIBRARY.search(data) is not None
