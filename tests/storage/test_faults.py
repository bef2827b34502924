"""Every exception that sqlite3 and keyring name becomes one of ours."""

from __future__ import annotations

import errno
import importlib
import inspect
import pkgutil
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import jeepney
import keyring.errors
import pytest
import secretstorage.exceptions
from jeepney import DBusAddress, DBusErrorResponse, new_error, new_method_call

from tokendeck.core.errors import (
    Hindrance,
    KeyLost,
    KeyringLocked,
    KeyringMissing,
    KeyringMute,
    StoreUnwritable,
    VaultUnavailable,
)
from tokendeck.storage.faults import FOREIGN, is_damage, unwritable
from tokendeck.storage.keyrings import translate
from tokendeck.storage.records import Unreadable

if TYPE_CHECKING:
    from types import ModuleType

PATH = Path("/home/someone/store.db")


def exceptions_of(module: object) -> list[type[Exception]]:
    return [one for _, one in inspect.getmembers(module, inspect.isclass) if issubclass(one, Exception)]


def with_code(code: int) -> sqlite3.Error:
    error = sqlite3.DatabaseError("in sqlite's words")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize("kind", exceptions_of(sqlite3), ids=lambda kind: kind.__name__)
def test_every_exception_of_sqlite3_is_translated(kind: type[Exception]) -> None:
    error = kind("in sqlite's words")

    assert isinstance(error, FOREIGN)
    assert not is_damage(error)
    translated = unwritable(error, PATH)
    assert (translated.path, translated.detail) == (str(PATH), "in sqlite's words")


PRIMARY_CODES = sorted(
    {value & 0xFF for name, value in vars(sqlite3).items() if name.startswith("SQLITE_") and isinstance(value, int)}
)


@pytest.mark.parametrize("code", PRIMARY_CODES)
def test_only_codes_that_mean_a_broken_file_set_it_aside(code: int) -> None:
    assert is_damage(with_code(code)) == (code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def test_extended_codes_count_as_their_primary_ones() -> None:
    assert is_damage(with_code(sqlite3.SQLITE_CORRUPT_INDEX))
    assert not is_damage(with_code(sqlite3.SQLITE_IOERR_WRITE))


def test_rows_and_texts_that_do_not_read_are_damage() -> None:
    assert is_damage(Unreadable("x"))
    assert is_damage(sqlite3.OperationalError("Could not decode to UTF-8 column 'name' with text '\ufffd'"))


def test_a_fault_of_the_file_system_names_its_file_and_the_systems_words() -> None:
    translated = unwritable(PermissionError(13, "Permission denied", "/home/someone"), PATH)

    assert (translated.path, translated.detail) == ("/home/someone", "Permission denied")
    assert unwritable(OSError("odd"), PATH).detail == "OSError"


LEAVES = (KeyringLocked, KeyringMute, KeyringMissing, KeyLost)


def build(kind: type[Exception]) -> Exception:
    return kind("in the keyring's words")


def exceptions_below(package: ModuleType) -> set[type[Exception]]:
    """Give every exception that a package defines; of its tests and of what is not installed none."""
    found: set[type[Exception]] = set()
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".tests" not in module.name:
            with suppress(ImportError):
                found.update(exceptions_of(importlib.import_module(module.name)))
    return {kind for kind in found if kind.__module__.startswith(package.__name__)}


def from_the_bus(kind: type[Exception]) -> Exception:
    call = new_method_call(DBusAddress("/x", "a.b", "a.b"), "Get")
    refusal = new_error(call, "org.freedesktop.DBus.Error.Failed", "s", ("in its words",))
    return kind(refusal if kind is DBusErrorResponse else b"in its words")


@pytest.mark.promise(4)
@pytest.mark.parametrize("kind", sorted(exceptions_below(jeepney), key=repr), ids=lambda kind: kind.__name__)
def test_every_exception_of_the_bus_is_translated(kind: type[Exception]) -> None:
    assert type(translate(from_the_bus(kind), "Secret Service")) in LEAVES


@pytest.mark.promise(4)
@pytest.mark.parametrize(
    "kind",
    [
        *(kind for kind in exceptions_of(keyring.errors)),
        *(kind for kind in exceptions_of(secretstorage.exceptions)),
        *(OSError, ConnectionError, TimeoutError, RuntimeError, ImportError, NameError, ValueError),
    ],
    ids=lambda kind: kind.__name__,
)
def test_every_exception_of_keyring_and_below_is_translated(kind: type[Exception]) -> None:
    translated = translate(build(kind), "Secret Service")

    assert type(translated) in LEAVES
    assert isinstance(translated, VaultUnavailable)


@pytest.mark.parametrize(
    ("error", "leaf"),
    [
        (keyring.errors.KeyringLocked("x"), KeyringLocked),
        (secretstorage.exceptions.LockedException("x"), KeyringLocked),
        (secretstorage.exceptions.PromptDismissedException("x"), KeyringLocked),
        (secretstorage.exceptions.SecretServiceNotAvailableException("x"), KeyringMissing),
        (keyring.errors.NoKeyringError("x"), KeyringMissing),
        (TimeoutError("x"), KeyringMute),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"), KeyLost),
        (KeyLost("Secret Service", "x"), KeyLost),
    ],
)
def test_what_a_person_can_do_decides_the_leaf(error: Exception, leaf: type[Exception]) -> None:
    assert type(translate(error, "Secret Service")) is leaf


def test_the_cause_behind_a_general_failure_counts() -> None:
    error = keyring.errors.InitError("Failed to create the collection")
    error.__cause__ = secretstorage.exceptions.PromptDismissedException("dismissed")

    assert type(translate(error, "Secret Service")) is KeyringLocked


def test_an_error_from_below_keyring_is_missing_with_its_words() -> None:
    call = new_method_call(DBusAddress("/x", "a.b", "a.b"), "Get")
    error = DBusErrorResponse(new_error(call, "org.freedesktop.DBus.Error.Failed", "s", ("in its words",)))

    translated = translate(error, "Secret Service")

    assert isinstance(translated, KeyringMissing)
    assert "in its words" in translated.detail
    assert "DBusErrorResponse" not in translated.detail


def test_a_windows_error_that_is_no_keyring_error_is_missing_with_its_words_simulated() -> None:
    class error(Exception):  # noqa: N801 - pywintypes spells it so
        """As pywintypes.error: number, function, words."""

    translated = translate(error(1783, "CredWrite", "The stub received bad data"), "Credential Manager")

    assert isinstance(translated, KeyringMissing)
    assert (translated.backend, "1783" in translated.detail) == ("Credential Manager", True)


def test_words_are_kept_short() -> None:
    translated = translate(RuntimeError("x" * 1000), "Secret Service")

    assert isinstance(translated, KeyringMissing)
    assert len(translated.detail) == 300


@pytest.mark.parametrize(
    ("error", "hindrance"),
    [
        (with_code(sqlite3.SQLITE_FULL), Hindrance.FULL),
        (OSError(errno.ENOSPC, "No space left on device"), Hindrance.FULL),
        (with_code(sqlite3.SQLITE_READONLY_DBMOVED), Hindrance.READ_ONLY),
        (OSError(errno.EROFS, "Read-only file system"), Hindrance.READ_ONLY),
        (OSError(errno.EISDIR, "Is a directory"), Hindrance.IN_THE_WAY),
        (with_code(sqlite3.SQLITE_BUSY_RECOVERY), Hindrance.BUSY),
        (with_code(sqlite3.SQLITE_IOERR_WRITE), Hindrance.OTHER),
        (OSError("odd"), Hindrance.OTHER),
    ],
    ids=repr,
)
def test_what_hinders_decides_what_a_person_can_do(error: Exception, hindrance: Hindrance) -> None:
    assert unwritable(error, PATH).hindrance is hindrance


@pytest.mark.parametrize("words", ["no such table: x", "no such column: x", "table x has no column named y"])
def test_tables_that_this_program_never_made_are_damage(words: str) -> None:
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = sqlite3.SQLITE_ERROR

    assert is_damage(error)


def test_a_store_that_is_unwritable_is_never_called_damaged() -> None:
    assert isinstance(unwritable(with_code(sqlite3.SQLITE_FULL), PATH), StoreUnwritable)
