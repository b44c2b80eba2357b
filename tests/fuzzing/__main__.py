"""The long run: ``python -m tests.fuzzing --seconds 3600 --seed 1 --generator fixtures``.

The figures go to ``build/fuzzing/<module>-<seed>.json`` every minute, and each kind of failure
to ``build/fuzzing/failures/``, reduced, with its seed and what went wrong. The exit code is 1
where something failed.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tests.fuzzing.campaign import Campaign

_GENERATORS = {
    "atheris": "tests.fuzzing.atheris_inputs",
    "bytes": "tests.fuzzing.mutated_bytes",
    "composed": "tests.fuzzing.composed_programs",
    "fixtures": "tests.fuzzing.mutated_fixtures",
    "hypothesmith": "tests.fuzzing.hypothesmith_programs",
}


def main() -> int:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--executions", type=int, default=sys.maxsize)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--generator", choices=_GENERATORS, default="fixtures")
    parser.add_argument("--output", type=Path, default=Path("build/fuzzing"))
    options = parser.parse_args()
    campaign = Campaign(_GENERATORS[options.generator], options.seed, options.output.absolute())
    figures = campaign.run(options.seconds, options.executions)
    print(json.dumps(figures, indent=2))
    return 1 if any(figures[each] for each in ("crashes", "hangs", "failures")) else 0


if __name__ == "__main__":
    sys.exit(main())
