"""Whether any of some files can have anything to say, told without looking at any project.

Most commits change nothing that matters. They should not wait for the analysis to be imported, nor
for the cache.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hfmode_lint.config import ConfigError, load
from hfmode_lint.discovery import is_notebook
from hfmode_lint.project_root import root_above
from hfmode_lint.reading import read
from hfmode_lint.relevance import may_ever_matter
from hfmode_lint.syntax import REFUSALS, tree

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from hfmode_lint.config import Options
    from hfmode_lint.discovery import Found

# For more than these the cache knows sooner which of them have changed.
_MOST = 2_000


def nothing_to_say(files: Sequence[Found], options: Options) -> bool:
    """Whether none of some files can have a finding, and nothing is wrong with any.

    Where that can't be told at a glance it is not so, and whoever looks closer says why.
    """
    if len(files) > _MOST or not all(map(_is_silent, files)):
        return False
    folders = {os.path.dirname(found.real) for found in files}
    try:
        return not follows_packages(folders, options)
    except ConfigError:
        return False


def follows_packages(folders: Collection[str], options: Options) -> bool:
    """Whether any file of some folders may call what loads in an installed package.

    :param folders: their true paths.
    :raises ConfigError: where the configuration of a project is wrong.
    """
    # Most folders of a run have their root in common: it is asked once.
    asked = dict.fromkeys((*folders, *map(root_above, folders)))
    configured = [load(each)[0] for each in asked]
    if not options.project:
        return False
    follow = options.follow
    return bool(follow) if follow is not None else any(each.follow for each in configured)


def _is_silent(found: Found) -> bool:
    in_json = is_notebook(found.path)
    if in_json and found.named:
        return False
    try:
        data = read(found.path)
        if may_ever_matter(data, in_json=in_json):
            return False
        if found.named:
            tree(data)
    except (OSError, *REFUSALS):
        return False
    return True
