"""
Let the state machine loose on the engine for as long as asked, with a new seed each round.

    python packaging/develop.py soak --minutes 10
    python packaging/develop.py soak --seed 4711      one round again, as a failed one says
"""

import argparse
import random
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MACHINE = "tests/engine/test_state_machine.py"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description="Run the engine's state machine with new seeds.")
    parser.add_argument("--minutes", type=float, default=10.0, help="for how long; 10 unless told")
    parser.add_argument("--seed", type=int, help="run this one round only")
    asked = parser.parse_args()
    if asked.seed is not None:
        return _round(asked.seed)
    end = time.monotonic() + 60 * asked.minutes
    while time.monotonic() < end:
        seed = random.SystemRandom().randrange(2**32)
        if _round(seed) != 0:
            print(f"\nTo repeat it:  make soak ARGS='--seed {seed}'")
            return 1
    return 0


def _round(seed: int) -> int:
    print(f"seed {seed} …", end=" ", flush=True)
    started = time.monotonic()
    settings = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--show-capture=no")
    command = [
        sys.executable,
        "-m",
        "pytest",
        *settings,
        "--hypothesis-profile=soak",
        f"--hypothesis-seed={seed}",
        MACHINE,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    print(f"{'ok' if done.returncode == 0 else 'FAILED'} after {time.monotonic() - started:.0f} s")
    if done.returncode != 0:
        print(done.stdout + done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
