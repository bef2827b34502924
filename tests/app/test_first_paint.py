"""What stands between a start and a painted list."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from tokendeck.storage.schema import MIGRATIONS, STORE_NAME, VERSION

if TYPE_CHECKING:
    from pathlib import Path

LATER = {
    *("argparse", "asyncio", "concurrent.futures", "dataclasses", "difflib", "email", "hashlib", "html", "http"),
    *(
        "logging",
        "multiprocessing",
        "secrets",
        "selectors",
        "socket",
        "ssl",
        "subprocess",
        "unicodedata",
        "uuid",
        "xml",
    ),
    *("anyio", "argon2", "cryptography", "filelock", "httpcore", "httpx", "jeepney", "keyring", "qasync", "truststore"),
    *("tokendeck.app.logfile", "tokendeck.core.redaction"),
    *("tokendeck.cli.invocation", "tokendeck.cli.parser", "tokendeck.cli.running.codec"),
    *("tokendeck.cli.main", "tokendeck.cli.running.wire"),
    *("tokendeck.core.answers", "tokendeck.core.preview", "tokendeck.core.request", "tokendeck.core.trouble"),
    *("tokendeck.engine.ports", "tokendeck.ui.ports"),
    *("tokendeck.core.wording.errors", "tokendeck.core.wording.verdicts"),
    *("tokendeck.engine.engine", "tokendeck.oauth", "tokendeck.sandbox", "tokendeck.storage.store"),
    *("tokendeck.ui.adding", "tokendeck.ui.detail", "tokendeck.ui.questions"),
}
"""Unless PySide brings them itself."""

PROGRAM = """
import sys
import PySide6.QtCore, PySide6.QtGui, PySide6.QtSvg, PySide6.QtWidgets
brought = set(sys.modules)
import tokendeck.app.main
from tokendeck.app.places import find_places, resources
from tokendeck.app.window import _hand_over, build_desktop
from tokendeck.engine.clock import SystemClock
from tokendeck.providers.catalog import Catalog
places = find_places(None)
assert not _hand_over(places)
desktop = build_desktop(places, Catalog(resources() / "providers", places.providers), SystemClock())
desktop.paint()
assert desktop.window.list.shows_list
print(*sorted(set(sys.modules) - brought))
"""


def test_a_painted_list_has_loaded_nothing_that_can_wait(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / STORE_NAME)) as store, store:
        store.executescript(f"{''.join(MIGRATIONS)} PRAGMA user_version = {VERSION};")
        store.execute(
            "INSERT INTO connections (id, name, folded_name, provider, environment, grant_id, created_at, settings,"
            " paused, asked_at, asked_elapsed_s, asked_boot, expiry, expires_at) VALUES ('a', 'Shop', 'shop', 'payos',"
            " 'production', 'client_credentials', ?1, '{}', 0, ?1, 1.5, 'boot', 'expires_in', ?1)",
            ("2026-11-20T12:00:00+00:00",),
        )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    environment |= {"TOKENDECK_HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}

    child = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False
    )

    assert child.returncode == 0, child.stderr
    loaded = set(child.stdout.split())
    assert "tokendeck.ui.connections.look" in loaded
    assert sorted(name for name in loaded if name in LATER) == []
