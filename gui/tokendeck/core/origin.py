"""Where a request goes: which URLs are allowed at all, and how two are told to have one origin."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from tokendeck.core.errors import BadUrl

DEFAULT_PORTS = {"https": 443, "http": 80}
USER_INFO = r"^((?:[^/?#:]+:)?//)?[^/?#]*@"
PLAIN_HOST = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?"
"""Compiled when they are first used, which no list needs to be painted."""


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
        BadUrl: not an absolute https URL (http is allowed to loopback only); a user name, a fragment, a blank; or
            anything that two programs could read as two different hosts.

    """
    if "\\" in url or not url.isprintable() or (url and url.split() != [url]):
        raise BadUrl(without_user_info(url), "no blanks, control characters or backslashes")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname
    except ValueError:
        raise BadUrl(without_user_info(url), "an absolute https URL") from None
    if parts.username is not None or parts.password is not None:
        raise BadUrl(without_user_info(url), "no user name or password inside the URL")
    if not host or parts.scheme not in DEFAULT_PORTS or port == 0:
        raise BadUrl(without_user_info(url), "an absolute https URL")
    if "#" in url:
        raise BadUrl(url, "no # part")
    if not _is_plain_host(host, bracketed="[" in parts.netloc):
        raise BadUrl(url, "a host name of letters, digits, dots and hyphens (xn--… for others), or an address")
    if parts.scheme == "http" and not is_loopback(host):
        raise BadUrl(url, "https (plain http is accepted for this machine only)")
    spelled = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{spelled.lower()}:{port or DEFAULT_PORTS[parts.scheme]}"


def host_of(origin: str) -> str:
    """Give the part of an origin that people read: the host, with its port where that is not the scheme's own."""
    parts = urlsplit(origin)
    return parts.hostname or "" if parts.port == DEFAULT_PORTS.get(parts.scheme) else parts.netloc


def without_user_info(url: str) -> str:
    """Leave out what might be a password: what is told or raised travels further than a URL was meant to."""
    return re.sub(USER_INFO, r"\1…@", url)


def readable_origin(origin: str) -> str:
    """Give an origin without the port that its scheme implies."""
    return f"{origin.partition(':')[0]}://{host_of(origin)}"


def _is_plain_host(host: str, *, bracketed: bool) -> bool:
    """Refuse what another reader might decode or normalise into another host."""
    if not bracketed:
        return re.fullmatch(PLAIN_HOST, host) is not None
    try:
        return ipaddress.IPv6Address(host).scope_id is None
    except ValueError:
        return False
