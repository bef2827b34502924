"""Who is known to the real servers: the same clients and the same person at each."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

PERSON = "ada"
PASSWORD = "correct horse battery staple"

LOOPBACK = "http://127.0.0.1/callback"
"""Registered without a port: RFC 8252, section 7.3, has servers accept each one."""

ELSEWHERE = "https://example.com/callbacks/acme"
"""Where the browser ends on a page that is not ours, so that its address is pasted."""


@dataclass(frozen=True)
class Registered:
    """A client as the servers know it."""

    id: str
    secret: str = ""
    """Empty for a public client."""

    redirect_uris: tuple[str, ...] = ()
    private_key: str = ""
    """In PEM form, of a client that signs with its own key."""

    signs: bool = False
    """Whether it proves itself by what it signs: RFC 7523."""

    @property
    def secrets(self) -> dict[str, str]:
        """What its user keeps in the vault, by field."""
        named = {"client_secret": self.secret, "private_key": self.private_key}
        return {name: value for name, value in named.items() if value}


def private_key() -> str:
    """Make the same key in every process."""
    key = ec.derive_private_key(0x7061737365, ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


CONFIDENTIAL = Registered("shop", "s3cret/:+&=~%ü", (LOOPBACK, ELSEWHERE))
PUBLIC = Registered("desktop", redirect_uris=(LOOPBACK,))
MACHINE = Registered("machine", "m4chine/:+&=~%ü")
DEVICE = Registered("television")
SIGNER = Registered("signer", "", (LOOPBACK,), private_key(), signs=True)
SHARER = Registered("sharer", "s3cret/:+&=~%ü" * 3, (LOOPBACK,), signs=True)


def is_registered(client: Registered, redirect_uri: str) -> bool:
    """Compare as RFC 8252, section 7.3, says: letter by letter, but for the port of a loopback address."""
    parts = urlsplit(redirect_uri)
    if parts.hostname == "127.0.0.1":
        redirect_uri = parts._replace(netloc=parts.hostname).geturl()
    return redirect_uri in client.redirect_uris
