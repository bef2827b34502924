"""Keyrings in place of the system's, for what a real one cannot be made to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.errors import KeyringMissing

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self


class DictKeyring:
    """
    Entries in memory, under the name of the Secret Service.

    `before` and `after` are told the name of each call, in the keyring's thread; what they raise, the call raises.
    """

    def __init__(self, name: str = "Secret Service") -> None:
        self.name = name
        self.entries: dict[str, str] = {}
        self.before: Callable[[str], None] = lambda _: None
        self.after: Callable[[str], None] = lambda _: None

    def build(self) -> Self:
        return self

    def get_password(self, service: str, username: str) -> str | None:
        assert service == "Tokendeck"
        self.before("get_password")
        found = self.entries.get(username)
        self.after("get_password")
        return found

    def set_password(self, service: str, username: str, password: str) -> None:
        assert service == "Tokendeck"
        self.before("set_password")
        assert username not in self.entries, "an entry was about to be overwritten"
        self.entries[username] = password
        self.after("set_password")

    def delete_password(self, service: str, username: str) -> None:
        assert service == "Tokendeck"
        self.before("delete_password")
        del self.entries[username]
        self.after("delete_password")


class NoKeyring:
    name = "Secret Service"

    def build(self) -> DictKeyring:
        raise KeyringMissing(self.name)


def failing(call: str, error: Exception) -> Callable[[str], None]:
    """Give a `before` or `after` that raises at this call."""

    def fail(name: str) -> None:
        if name == call:
            raise error

    return fail
