"""The real keyring that storage is tested against is, in every state, what its name says."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if sys.platform != "linux":
    pytest.skip("only Linux has the Secret Service", allow_module_level=True)

from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection
from keyring.backends.SecretService import Keyring
from keyring.errors import InitError, KeyringLocked

if TYPE_CHECKING:
    from tests.secret_service import SecretService


def test_what_is_saved_is_read_again(secret_service: SecretService) -> None:
    assert secret_service.address

    Keyring().set_password("Tokendeck", "vault", "the key")

    assert Keyring().get_password("Tokendeck", "vault") == "the key"


def test_a_locked_keyring_refuses_and_keeps_what_it_holds(secret_service: SecretService) -> None:
    Keyring().set_password("Tokendeck", "vault", "the key")

    secret_service.lock()
    with pytest.raises(KeyringLocked):
        Keyring().get_password("Tokendeck", "vault")
    secret_service.unlock()

    assert Keyring().get_password("Tokendeck", "vault") == "the key"


def test_a_mute_keyring_answers_once_it_speaks(secret_service: SecretService) -> None:
    service = DBusAddress("/org/freedesktop/secrets", "org.freedesktop.secrets", "org.freedesktop.Secret.Service")
    question = new_method_call(service, "ReadAlias", "s", ("default",))
    with open_dbus_connection(secret_service.address) as connection:
        secret_service.go_mute()
        with pytest.raises(TimeoutError):
            connection.send_and_get_reply(question, timeout=0.2)

        secret_service.speak()

        assert connection.send_and_get_reply(question, timeout=10).body == (
            "/org/freedesktop/secrets/collection/login",
        )


def test_a_bus_whose_keyring_vanished_has_no_secret_service(secret_service: SecretService) -> None:
    secret_service.vanish()

    with pytest.raises(InitError):
        Keyring().get_password("Tokendeck", "vault")
