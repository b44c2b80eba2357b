"""Sphinx's configuration: how the site is built.

``pip install -e '.[docs]'``, then ``sphinx-build -W docs build/site``. What is said of rules,
options and the lifecycle is written from the code first: see ``docs/generate``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hfmode_lint import __version__

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# conf.py is run with no package around it.
sys.path.insert(0, str(Path(__file__).parent))

from generate import write_pages

project = "hfmode-lint"
project_copyright = "the hfmode-lint maintainers"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["generated"]
nitpicky = True
# What is shown in quotes is copied into a shell.
smartquotes = False
# Annotations name what is imported for type checkers alone.
nitpick_ignore_regex = [("py:class", r".*")]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"

html_theme = "furo"
html_title = "hfmode-lint"
html_static_path = ["static"]
html_css_files = ["site.css"]
# Many pages have no source that could be shown or edited: they are written from the code.
html_theme_options = {
    "top_of_page_buttons": [],
}
# Sources of pages that are written by a program would be of no use to a reader.
html_copy_source = False

# `sphinx-build -b linkcheck`: GitHub draws its line anchors with JavaScript.
linkcheck_anchors = False
linkcheck_timeout = 20


def setup(app: Sphinx) -> None:
    """Write the pages that come from the code before Sphinx looks for pages."""
    app.connect("builder-inited", lambda started: write_pages(Path(started.srcdir)))
