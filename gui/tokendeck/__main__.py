"""`tokendeck` and `python -m tokendeck`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run what the command line asks for; give the exit code."""
    from tokendeck.app.hardening import complete_streams, harden

    harden()
    complete_streams()
    argv, told = sys.argv[1:], b""
    if "token" in argv:
        from tokendeck.cli.running.shortcut import print_token

        outcome = print_token(argv)
        if isinstance(outcome, int):
            return outcome
        told = outcome
    from tokendeck.app.main import run  # only where the shortcut leads nowhere: it takes long to load

    return run(argv, told)


if __name__ == "__main__":
    sys.exit(main())
