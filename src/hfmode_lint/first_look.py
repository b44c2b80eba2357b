"""Whether any of some files can have anything to say, told without looking at any project.

Most commits change nothing that matters. They should not wait for the analysis to be imported, nor
for the cache.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hfmode_lint.analysis.relevance import may_ever_matter
from hfmode_lint.config import ConfigError, load
from hfmode_lint.discovery import read
from hfmode_lint.project_root import root_above
from hfmode_lint.syntax import REFUSALS, tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfmode_lint.config import Options
    from hfmode_lint.discovery import Found

# For more than these the cache knows sooner which of them have changed.
_MOST = 2_000
_NOTEBOOK = ".ipynb"


def nothing_to_say(files: Sequence[Found], options: Options) -> bool:
    """Whether none of some files can have a finding, and nothing is wrong with any.

    Where that can't be told at a glance it is not so, and whoever looks closer says why.
    """
    if len(files) > _MOST or not all(map(_is_silent, files)):
        return False
    folders = {os.path.dirname(found.real) for found in files}
    try:
        return not any(follows_packages(folder, options) for folder in folders)
    except ConfigError:
        return False


def follows_packages(folder: str, options: Options) -> bool:
    """Whether any file of a folder may call what loads in an installed package.

    :param folder: its true path.
    :raises ConfigError: where the configuration of its project is wrong.
    """
    configured = [load(each)[0] for each in (folder, root_above(folder))]
    if not options.project:
        return False
    follow = options.follow
    return bool(follow) if follow is not None else any(each.follow for each in configured)


def _is_silent(found: Found) -> bool:
    is_notebook = found.path.lower().endswith(_NOTEBOOK)
    try:
        data = read(found.path)
        if may_ever_matter(data, in_json=is_notebook):
            return False
        if found.named:
            if is_notebook:
                return False
            tree(data)
    except (OSError, *REFUSALS):
        return False
    return True
