"""Where a browser is sent back to after signing in: RFC 6749, section 3.1.2, and RFC 8252, section 7.3."""

from __future__ import annotations

from urllib.parse import urlsplit

from tokendeck.core.errors import BadUrl
from tokendeck.core.frozen import dataclass

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PATH = "/callback"
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class LoopbackRedirect:
    """A redirect URI on this machine, where the program itself waits for the browser."""

    host: str = DEFAULT_HOST
    """One of `LOOPBACK_HOSTS`, as registered: servers compare letter by letter."""

    port: int = 0
    """0 where any free one will do: RFC 8252 has servers accept each port of a loopback address."""

    path: str = DEFAULT_PATH
    query: str = ""

    def uri(self, port: int | str) -> str:
        """Spell the redirect URI with the port that is listened on, or with what stands for it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{port}{self.path}{'?' if self.query else ''}{self.query}"


@dataclass(frozen=True, slots=True)
class PastedRedirect:
    """A redirect URI elsewhere: the person pastes the address that the browser ended on."""

    uri: str
    """As registered."""


Redirect = LoopbackRedirect | PastedRedirect


def read_redirect(uri: str) -> Redirect:
    """
    Read a connection's registered redirect URI; an empty one means a free port of this machine.

    Raises:
        BadUrl: not an absolute URI, or one with a fragment: RFC 6749, section 3.1.2.

    """
    if not uri:
        return LoopbackRedirect()
    expected = "a redirect URI as registered, such as https://example.com/callback, without a # part"
    try:
        parts = urlsplit(uri)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise BadUrl(uri, expected) from None
    if not parts.scheme or "#" in uri or not uri.isprintable() or " " in uri or parts.username is not None:
        raise BadUrl(uri, expected)
    if parts.scheme == "http" and host in LOOPBACK_HOSTS:
        return LoopbackRedirect(host, port or 0, parts.path or "/", parts.query)
    return PastedRedirect(uri)
