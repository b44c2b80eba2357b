"""The releases of Lightning, to ask a specifier about.

From https://pypi.org/pypi/pytorch-lightning/json on 2026-11-24: every key of ``releases`` from
1.0.0 on that is no pre-release of PEP 440 and has a file that is not yanked, in PEP 440's order.
``lightning`` has the same releases from 1.8.0.post1 on.
"""

from __future__ import annotations

_RELEASES = """
1.0.0 1.0.1 1.0.2 1.0.3 1.0.4 1.0.5 1.0.6 1.0.7 1.0.8
1.1.0 1.1.1 1.1.2 1.1.3 1.1.4 1.1.5 1.1.6 1.1.7 1.1.8
1.2.0 1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.2.6 1.2.7 1.2.8 1.2.9 1.2.10
1.3.0 1.3.1 1.3.2 1.3.3 1.3.4 1.3.5 1.3.6 1.3.7 1.3.7.post0 1.3.8
1.4.0 1.4.1 1.4.2 1.4.3 1.4.4 1.4.5 1.4.6 1.4.7 1.4.8 1.4.9
1.5.0 1.5.1 1.5.2 1.5.3 1.5.4 1.5.5 1.5.6 1.5.7 1.5.8 1.5.9 1.5.10 1.5.10.post0
1.6.0 1.6.1 1.6.2 1.6.3 1.6.4 1.6.5 1.6.5.post0
1.7.0 1.7.1 1.7.2 1.7.3 1.7.4 1.7.5 1.7.6 1.7.7
1.8.0 1.8.0.post1 1.8.1 1.8.2 1.8.3 1.8.3.post0 1.8.3.post1 1.8.3.post2 1.8.4 1.8.4.post0
1.8.5 1.8.5.post0 1.8.6
1.9.0 1.9.1 1.9.2 1.9.3 1.9.4 1.9.5
2.0.0 2.0.1 2.0.1.post0 2.0.2 2.0.3 2.0.4 2.0.5 2.0.6 2.0.7 2.0.8 2.0.9 2.0.9.post0
2.1.0 2.1.1 2.1.2 2.1.3 2.1.4
2.2.0 2.2.0.post0 2.2.1 2.2.2 2.2.3 2.2.4 2.2.5
2.3.0 2.3.1 2.3.2 2.3.3
2.4.0
2.5.0 2.5.0.post0 2.5.1 2.5.1.post0 2.5.2 2.5.3 2.5.4 2.5.5 2.5.6
2.6.0 2.6.1 2.6.4 2.6.5 2.6.6
"""
RELEASES = tuple(_RELEASES.split())

# Stand for all that is still to come, in this major version and in others.
FUTURE = ("2.99", "99")
