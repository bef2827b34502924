"""`tokendeck` and `python -m tokendeck`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run what the command line asks for; give the exit code."""
    from tokendeck.app.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
