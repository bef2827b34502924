"""
What keyring leaves out of the Secret Service.

Its backend waits for minutes where nobody owns the name and nobody can be started, does not tell that it waits for a
person, leaves its connection open when the prompt is dismissed, and knows the default collection alone. Everything here
blocks, perhaps for ever; `person_asked` is set for as long as that is because of a prompt.
"""

from __future__ import annotations

from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from tokendeck.core.errors import KeyringMissing

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from jeepney.io.blocking import DBusConnection
    from secretstorage import Collection, Item

NAME = "Secret Service"


def unlock_default(person_asked: threading.Event) -> None:
    """Have the default collection made and unlocked, perhaps by a prompt, before keyring asks for it."""
    import secretstorage

    with _bus() as bus:
        try:
            collection = secretstorage.Collection(bus)
        except secretstorage.ItemNotFoundException:
            person_asked.set()
            collection = secretstorage.get_default_collection(bus)
            person_asked.clear()
        _unlock(collection, person_asked)


def texts_anywhere(service: str, username: str, person_asked: threading.Event) -> Iterator[str]:
    """
    Give every entry of these names, from all collections, those first that need no unlocking.

    A person may have made another collection the default one, or restored one beside it. What is no text is empty.
    """
    with _bus() as bus:
        for item in _items(bus, service, username, person_asked):
            yield item.get_secret().decode("utf-8", "ignore")


def delete_everywhere(service: str, username: str, person_asked: threading.Event) -> None:
    """Remove every entry of these names from all collections."""
    with _bus() as bus:
        for item in _items(bus, service, username, person_asked):
            item.delete()


@contextmanager
def _bus() -> Iterator[DBusConnection]:
    import secretstorage

    with closing(secretstorage.dbus_init()) as bus:
        if not secretstorage.check_service_availability(bus):
            raise KeyringMissing(NAME, "nobody offers org.freedesktop.secrets on the session bus")
        yield bus


def _items(bus: DBusConnection, service: str, username: str, person_asked: threading.Event) -> Iterator[Item]:
    import secretstorage

    # The service gives those first that are not locked.
    for item in secretstorage.search_items(bus, {"service": service, "username": username}):
        _unlock(item, person_asked)
        yield item


def _unlock(one: Collection | Item, person_asked: threading.Event) -> None:
    """Unlock, perhaps by a prompt. Raises secretstorage's `LockedException` where a person would not."""
    if one.is_locked():
        person_asked.set()
        with suppress(AssertionError):  # of secretstorage, on what comes with a dismissal, which is not agreed upon
            one.unlock()
        one.ensure_not_locked()
        person_asked.clear()
