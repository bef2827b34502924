"""The HTTP client, built with everything from the environment shut out. Slow to import: for the worker thread."""

from __future__ import annotations

import logging
import ssl
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING

import anyio._backends._asyncio  # noqa: F401 - 35 to 60 ms at httpx's first request, unless loaded here
import httpx
import truststore

from tokendeck import __version__

if TYPE_CHECKING:
    from pathlib import Path

MOST_CONNECTIONS = 32
"""The engine allows fewer in flight; this only bounds what is kept open."""

for _noisy in ("httpx", "httpcore"):
    # They log whole URLs at INFO and headers at DEBUG.
    logging.getLogger(_noisy).setLevel(logging.WARNING)


def build_client(*, private_ca: Path | None, connect_s: float, read_s: float) -> httpx.AsyncClient:
    """Build the one client. Raises OSError or ssl.SSLError for a private CA file that cannot be used."""
    client = httpx.AsyncClient(
        verify=build_tls(private_ca),
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(read_s, connect=connect_s),
        limits=httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=MOST_CONNECTIONS),
        headers={
            "User-Agent": f"Tokendeck/{__version__}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        },
    )
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
    return client


def build_tls(private_ca: Path | None) -> ssl.SSLContext:
    """
    Give a context that trusts what the operating system trusts, and the private CA where given.

    Built directly, not by `ssl.create_default_context`, which would honour SSLKEYLOGFILE.
    """
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if private_ca is not None:
        context.load_verify_locations(cafile=private_ca)
    return context
