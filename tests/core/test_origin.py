from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokendeck.core.errors import BadUrl
from tokendeck.core.origin import host_of, is_loopback, origin_of


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.example.test", "https://api.example.test:443"),
        ("https://api.example.test/token?a=b", "https://api.example.test:443"),
        ("HTTPS://API.Example.TEST:443/", "https://api.example.test:443"),
        ("https://api.example.test:8443/", "https://api.example.test:8443"),
        ("https://api.example.test:/", "https://api.example.test:443"),
        ("https://xn--exmple-cua.test/", "https://xn--exmple-cua.test:443"),
        ("https://a_b.test", "https://a_b.test:443"),
        ("https://10.0.0.1/", "https://10.0.0.1:443"),
        ("https://[2001:DB8::1]/", "https://[2001:db8::1]:443"),
        ("https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443"),
        ("http://localhost:8000/x", "http://localhost:8000"),
        ("http://LOCALHOST/", "http://localhost:80"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://127.8.9.1", "http://127.8.9.1:80"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
    ],
)
def test_the_port_is_always_spelled_out(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.promise(10)
@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.test",
        "/token",
        "//api.example.test/token",
        "https:",
        "https://",
        "https:///token",
        "https:api.example.test",
        "ftp://api.example.test",
        "file:///etc/passwd",
        "javascript:alert(1)",
        # Plain http elsewhere than on this machine
        "http://api.example.test",
        "http://10.0.0.1",
        "http://127.0.0.1.example.test",
        "http://localhost.example.test",
        "http://localhost.",
        "http://[2001:db8::1]",
        "http://0.0.0.0",
        # Users and passwords
        "https://user@api.example.test",
        "https://user:password@api.example.test",
        "https://@api.example.test",
        "https://:@api.example.test",
        "https://api.example.test@evil.test",
        # What two programs read as two hosts
        "https://api.example.test\\@evil.test",
        "https:\\\\api.example.test",
        "https://evil.test\\.example.test",
        "https://api.exämple.test",
        "https://\uff41pi.example.test",
        "https://api%2eexample.test",
        "https://api.example.test%00.evil.test",
        "https://api,example.test",
        "https://-api.example.test",
        "https://[fe80::1%25eth0]/",
        "https://[::1",
        "https://[example]/",
        "https://[v1.x]/",
        "https://2001:db8::1/",
        # Ports
        "https://api.example.test:0",
        "https://api.example.test:65536",
        "https://api.example.test:-1",
        "https://api.example.test:https",
        # Fragments, blanks, controls
        "https://api.example.test/#",
        "https://api.example.test/#a",
        "https://api.example.test#",
        " https://api.example.test",
        "https://api.example.test/a b",
        "https://api.example.test/\n",
        "https://api.exa\tmple.test/",
        "https://api.example.test/\x00",
        "https://api.example.test/\x7f",
        "https://api.example.test/\u202etset",
        "https://api.example.test/\u2028",
        "https://api.example.test/\u00a0",
    ],
)
def test_no_request_goes_to(url: str) -> None:
    with pytest.raises(BadUrl) as caught:
        origin_of(url)

    assert caught.value.expected


@pytest.mark.promise(1)
@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@api.example.test/path",
        "https://user:hunter2@api.example.test:port/",
        "https://hunter2@[::1",
        "user:hunter2@api.example.test",
        "https://user:hunter2@api.example.test/ ",
        "https://user:hunter2@",
        "https://a@hunter2@api.example.test",
    ],
)
def test_a_refused_url_keeps_its_password_to_itself(url: str) -> None:
    with pytest.raises(BadUrl) as caught:
        origin_of(url)

    assert "hunter2" not in caught.value.url
    assert "hunter2" not in str(caught.value)


@given(st.text(st.sampled_from(string.printable + "é\u202e\uff0f\u3002"), max_size=30))
def test_an_origin_is_its_own_origin(rest: str) -> None:
    try:
        origin = origin_of("https://" + rest)
    except BadUrl:
        return

    assert origin_of(origin) == origin
    assert origin.startswith("https://")


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://api.example.test:443", "api.example.test"),
        ("https://api.example.test:8443", "api.example.test:8443"),
        ("http://localhost:80", "localhost"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("https://[2001:db8::1]:443", "2001:db8::1"),
        ("https://[2001:db8::1]:8443", "[2001:db8::1]:8443"),
        ("", ""),
    ],
)
def test_people_read_the_host(origin: str, host: str) -> None:
    assert host_of(origin) == host


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("LocalHost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("127.1", False),
        ("0.0.0.0", False),  # noqa: S104 - a name to be judged
    ],
)
def test_loopback_is_told_without_asking_anybody(host: str, *, loopback: bool) -> None:
    assert is_loopback(host) is loopback
