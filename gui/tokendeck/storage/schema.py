"""What the store's file looks like, and how an older one becomes so."""

from __future__ import annotations

STORE_NAME = "store.db"
"""The file's name inside the home folder."""

MIGRATIONS = (
    """
    CREATE TABLE vault (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        id TEXT NOT NULL,
        guard TEXT,              -- NULL until the key is known to be kept
        backend TEXT NOT NULL DEFAULT '',
        check_value BLOB,
        salt BLOB, passes INTEGER, lanes INTEGER, memory_kib INTEGER, nonce BLOB, wrapped BLOB
    ) STRICT;

    CREATE TABLE connections (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        folded_name TEXT NOT NULL,
        provider TEXT NOT NULL,
        environment TEXT NOT NULL,
        grant_id TEXT NOT NULL,
        created_at TEXT NOT NULL,
        settings TEXT NOT NULL,  -- JSON; what is empty is left out
        paused INTEGER NOT NULL,
        hidden_by TEXT,          -- the process that may still undo the deletion

        serial INTEGER NOT NULL DEFAULT 0,
        asked_at TEXT,           -- NULL: no tokens
        asked_elapsed_s REAL,
        asked_boot TEXT,
        expiry TEXT,
        expires_at TEXT,
        declared_by TEXT,
        scope TEXT,              -- JSON; NULL where the answer named none
        has_refresh_token INTEGER NOT NULL DEFAULT 0,
        token_type TEXT,
        discarded INTEGER NOT NULL DEFAULT 0,

        trouble TEXT,            -- JSON
        last_call TEXT,          -- JSON: the newest row of its history
        last_good_at TEXT,
        cut_off_at TEXT
    ) STRICT;
    CREATE UNIQUE INDEX visible_names ON connections (folded_name) WHERE hidden_by IS NULL;

    CREATE TABLE history (
        number INTEGER PRIMARY KEY,
        connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
        at TEXT NOT NULL,
        call TEXT NOT NULL,
        outcome TEXT NOT NULL,
        status INTEGER,
        latency_ms REAL,
        retried INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX history_of ON history (connection_id, number);

    CREATE TABLE sealed (
        connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
        field TEXT NOT NULL,
        version INTEGER NOT NULL,
        nonce BLOB NOT NULL,
        ciphertext BLOB NOT NULL,
        PRIMARY KEY (connection_id, field)
    ) STRICT;
    """,
    """
    CREATE TABLE tally (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        changes INTEGER NOT NULL,   -- of all connections, ever
        departed INTEGER NOT NULL   -- what `changes` was when a connection last left the list
    ) STRICT;
    INSERT INTO tally VALUES (1, 1, 0);

    ALTER TABLE connections ADD COLUMN change INTEGER NOT NULL DEFAULT 1;  -- the newest of its own
    CREATE INDEX newest_changes ON connections (change);

    CREATE TRIGGER connection_added AFTER INSERT ON connections BEGIN
        UPDATE tally SET changes = changes + 1;
        UPDATE connections SET change = (SELECT changes FROM tally) WHERE id = NEW.id;
    END;
    CREATE TRIGGER connection_changed AFTER UPDATE ON connections WHEN NEW.change = OLD.change BEGIN
        UPDATE tally SET changes = changes + 1,
            departed = CASE WHEN NEW.hidden_by IS NULL THEN departed ELSE changes + 1 END;
        UPDATE connections SET change = (SELECT changes FROM tally) WHERE id = NEW.id;
    END;
    """,
    # The rows themselves are brought over when the key is at hand: storage/rebinding.py.
    """
    ALTER TABLE vault ADD COLUMN digest BLOB;  -- of the other columns; NULL until the vault is next opened
    """,
    """
    CREATE TABLE recovery (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        nonce BLOB NOT NULL,
        wrapped BLOB NOT NULL
    ) STRICT;
    """,
    """
    ALTER TABLE recovery ADD COLUMN digest BLOB;  -- of the other columns
    """,
)
"""Each brings a store from the version of its index to the next; released ones never change."""

VERSION = len(MIGRATIONS)

OLDEST_LISTED = 1
"""The oldest version whose connections read as today's do."""
