"""Who is known to the real servers: the same clients and the same person at each."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

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


CONFIDENTIAL = Registered("shop", "s3cret/:+&=~%ü", (LOOPBACK, ELSEWHERE))
PUBLIC = Registered("desktop", redirect_uris=(LOOPBACK,))
MACHINE = Registered("machine", "m4chine/:+&=~%ü")
DEVICE = Registered("television")


def is_registered(client: Registered, redirect_uri: str) -> bool:
    """Compare as RFC 8252, section 7.3, says: letter by letter, but for the port of a loopback address."""
    parts = urlsplit(redirect_uri)
    if parts.hostname == "127.0.0.1":
        redirect_uri = parts._replace(netloc=parts.hostname).geturl()
    return redirect_uri in client.redirect_uris
