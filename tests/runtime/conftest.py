"""The runtime tests need torch and Lightning; without them there is nothing to collect."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("torch") and find_spec("lightning") else ["*test_*.py"]
