"""Where a request goes: which URLs are allowed at all, and how two are told to have one origin."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from tokendeck.core.errors import BadUrl

DEFAULT_PORTS = {"https": 443, "http": 80}


def is_loopback(host: str) -> bool:
    """Tell whether `host` is this machine: `localhost` or a loopback address. Resolves nothing."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def origin_of(url: str) -> str:
    """
    Give `scheme://host:port` of an absolute URL, the port always spelled out: RFC 6454, section 4.

    Raises:
        BadUrl: not an absolute https URL (http is allowed to loopback only), or it carries a user name, a fragment or a blank.

    """
    if any(character.isspace() or ord(character) < 0x20 for character in url) or "\\" in url:  # noqa: PLR2004 - below the blank
        raise BadUrl(url, "no blanks, control characters or backslashes")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname
    except ValueError:
        raise BadUrl(url, "an absolute https URL") from None
    if not host or parts.scheme not in DEFAULT_PORTS:
        raise BadUrl(url, "an absolute https URL")
    if parts.username is not None or parts.password is not None:
        raise BadUrl(url, "no user name or password inside the URL")
    if parts.fragment:
        raise BadUrl(url, "no # part")
    if parts.scheme == "http" and not is_loopback(host):
        raise BadUrl(url, "https (plain http is accepted for this machine only)")
    spelled = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{spelled.lower()}:{port or DEFAULT_PORTS[parts.scheme]}"


def host_of(origin: str) -> str:
    """Give the part of an origin that people read: the host, with its port where that is not the scheme's own."""
    parts = urlsplit(origin)
    return parts.hostname or "" if parts.port == DEFAULT_PORTS.get(parts.scheme) else parts.netloc
