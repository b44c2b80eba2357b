"""``python -m hfmode_lint`` is the same as ``hfmode-lint``."""

from hfmode_lint.cli import main

if __name__ == "__main__":
    main()
