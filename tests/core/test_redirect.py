"""Where a browser is sent back to."""

from __future__ import annotations

import pytest

from tokendeck.core.errors import BadUrl
from tokendeck.core.redirect import LoopbackRedirect, PastedRedirect, read_redirect


@pytest.mark.parametrize(
    ("uri", "listened_on", "spelled"),
    [
        ("", LoopbackRedirect("127.0.0.1", 0, "/callback"), "http://127.0.0.1:5000/callback"),
        ("http://127.0.0.1/cb", LoopbackRedirect("127.0.0.1", 0, "/cb"), "http://127.0.0.1:5000/cb"),
        ("http://[::1]:8080/a/b", LoopbackRedirect("::1", 8080, "/a/b"), "http://[::1]:8080/a/b"),
        ("http://localhost:8080", LoopbackRedirect("localhost", 8080, "/"), "http://localhost:8080/"),
        (
            "http://127.0.0.1:1/cb?app=x",
            LoopbackRedirect("127.0.0.1", 1, "/cb", "app=x"),
            "http://127.0.0.1:1/cb?app=x",
        ),
    ],
)
def test_a_loopback_redirect_keeps_what_was_registered(uri: str, listened_on: LoopbackRedirect, spelled: str) -> None:
    redirect = read_redirect(uri)

    assert redirect == listened_on
    assert listened_on.uri(listened_on.port or 5000) == spelled


@pytest.mark.parametrize(
    "uri",
    [
        "https://example.com/callbacks/payt",
        "https://127.0.0.1:8443/callback",
        "http://127.0.0.2/callback",
        "http://127.0.0.1.example.com/callback",
        "com.example.app:/oauth",
        "urn:ietf:wg:oauth:2.0:oob",
    ],
)
def test_what_nothing_here_can_listen_for_is_pasted(uri: str) -> None:
    assert read_redirect(uri) == PastedRedirect(uri)


@pytest.mark.parametrize(
    "uri", ["callback", "https://example.com/cb#here", "http://[::1/cb", "http://127.0.0.1:99999/", "https://a b/"]
)
def test_what_is_no_redirect_uri_is_refused(uri: str) -> None:
    with pytest.raises(BadUrl):
        read_redirect(uri)
