"""``python -m hfmode_lint.server`` is the same as ``hfmode-lint-server``."""

from hfmode_lint.server.command import main

if __name__ == "__main__":
    main()
