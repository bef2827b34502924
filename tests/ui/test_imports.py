from __future__ import annotations

import os
import subprocess
import sys

SLOW = (
    "asyncio",
    "qasync",
    "httpcore",
    "keyring",
    "cryptography",
    "ssl",
    "sqlite3",
    "tokendeck.ui.detail",
    "tokendeck.ui.adding",
)


def test_what_the_first_paint_needs_imports_nothing_slow() -> None:
    program = "import sys, tokendeck.ui.window; print(*sys.modules)"

    unmeasured = {
        name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")
    }  # brings sqlite3

    child = subprocess.run([sys.executable, "-c", program], env=unmeasured, capture_output=True, text=True, check=True)
    loaded = child.stdout.split()

    assert [name for name in SLOW if name in loaded] == []


def test_no_module_is_read_for_the_sake_of_features_that_nobody_uses() -> None:
    program = "import tokendeck.ui.window, asyncio, linecache; print(*linecache.cache)"

    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert [name for name in child.stdout.split() if "tokendeck" in name or "asyncio" in name] == []
