"""The loopback listener, asked over real sockets."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from tokendeck.core.errors import BadUrl, NotThisSignIn, PortInUse
from tokendeck.core.redirect import LoopbackRedirect
from tokendeck.oauth.callbacks import LoopbackListener, OpenPort

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tokendeck.core.connection import Connection


def describe(trouble: Exception | None, connection: Connection | None) -> tuple[str, str]:
    del connection
    return ("No", f"<script>{trouble!r}</script>") if trouble else ("Signed in", "Go & see")


LISTENER = LoopbackListener(describe)


@asynccontextmanager
async def listening(redirect: LoopbackRedirect | None = None) -> AsyncIterator[OpenPort]:
    port = await LISTENER.open(redirect or LoopbackRedirect())
    try:
        yield port
    finally:
        await port.close()


async def ask(port: int, request: str, *, address: str = "127.0.0.1") -> str:
    """Send one request and read until the other side closes."""
    reader, writer = await asyncio.open_connection(address, port)
    writer.write(request.encode("latin-1"))
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer.decode()


def get(port: int, target: str = "/callback?code=c&state=s", *, host: str = "127.0.0.1", more: str = "") -> str:
    return f"GET {target} HTTP/1.1\r\nHost: {host}:{port}\r\n{more}\r\n"


async def answered(port: OpenPort, trouble: Exception | None = None, *, request: str = "") -> tuple[str, str]:
    """Let one browser come and be answered; give what it brought, and its page."""
    browser = asyncio.create_task(ask(port.port, request or get(port.port)))
    callback = await port.next()
    callback.answer(trouble, None)
    callback.answer(ZeroDivisionError(), None)  # the first answer counts
    return callback.query, await browser


async def test_a_browser_brings_its_query_and_sees_how_it_went() -> None:
    async with listening() as port:
        query, page = await answered(port)

    assert query == "code=c&state=s"
    assert page.startswith("HTTP/1.1 200 ")
    assert "<h1>Signed in</h1><p>Go &amp; see</p>" in page


@pytest.mark.promise(18)
async def test_the_page_is_kept_by_nobody_and_escapes_everything() -> None:
    async with listening() as port:
        _, page = await answered(port, NotThisSignIn("<b>"))

    head, _, body = page.partition("\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "'unsafe-inline'" not in headers["Content-Security-Policy"]
    assert (headers["X-Content-Type-Options"], headers["Connection"]) == ("nosniff", "close")
    assert "&lt;script&gt;" in body
    assert "<script" not in body


@pytest.mark.promise(18)
@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        ("GET /callback?code=c HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 404),
        ("GET /callback?code=c HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 404),
        ("GET /callback?code=c HTTP/1.1\r\nHost: evil.example.com\r\n\r\n", 404),
        ("GET /callback?code=c HTTP/1.0\r\n\r\n", 404),
        ("GET /callback/?code=c HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", 404),
        ("GET /CALLBACK?code=c HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", 404),
        ("GET /%63allback?code=c HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", 404),
        ("GET http://127.0.0.1:{port}/callback?code=c HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", 404),
        ("GET /favicon.ico HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", 404),
        ("POST /callback?code=c HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\n\r\n", 405),
        ("HEAD /callback?code=c HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", 405),
        ("OPTIONS /callback?code=c HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", 405),
    ],
)
async def test_any_other_request_is_refused_and_the_wait_goes_on(request_text: str, status: int) -> None:
    async with listening() as port:
        page = await ask(port.port, request_text.replace("{port}", str(port.port)))
        query, _ = await answered(port)

    assert page.startswith(f"HTTP/1.1 {status} ")
    assert query == "code=c&state=s"


@pytest.mark.parametrize(
    "noise", ["\x16\x03\x01\x02\x00", "GET / HTTP/1.1\r\n" + "X: y\r\n" * 20_000, "GET /callback HTTP/1.1\r\nHost"]
)
async def test_what_is_no_request_ends_only_its_own_connection(noise: str) -> None:
    async with listening() as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port.port)
        writer.write(noise.encode("latin-1"))
        writer.write_eof()
        query, _ = await answered(port)
        writer.transport.abort()

    assert query == "code=c&state=s"


@pytest.mark.promise(34)
async def test_fifty_idle_preconnects_do_not_keep_a_callback_waiting() -> None:
    async with listening() as port:
        idle = [await asyncio.open_connection("127.0.0.1", port.port) for _ in range(50)]

        async with asyncio.timeout(1):
            query, page = await answered(port)

        for _, writer in idle:
            writer.transport.abort()
    assert query == "code=c&state=s"
    assert "Signed in" in page


@pytest.mark.promise(13)
async def test_it_is_closed_within_a_second_whatever_hangs_on() -> None:
    port = await LISTENER.open(LoopbackRedirect())
    waiting = asyncio.create_task(ask(port.port, get(port.port)))
    await port.next()
    idle = [await asyncio.open_connection("127.0.0.1", port.port) for _ in range(5)]

    async with asyncio.timeout(1):
        await port.close()

    assert "This sign-in is over" in await waiting
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port.port)
    for _, writer in idle:
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()


@pytest.mark.promise(13)
@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
async def test_it_listens_on_loopback_literals_only(host: str) -> None:
    addresses = {"127.0.0.1": ["127.0.0.1"], "::1": ["::1"], "localhost": ["127.0.0.1", "::1"]}[host]
    spelled = f"[{host}]" if ":" in host else host

    async with listening(LoopbackRedirect(host)) as port:
        pages = []
        for address in addresses:
            browser = asyncio.create_task(ask(port.port, get(port.port, host=spelled), address=address))
            callback = await port.next()
            callback.answer(None, None)
            pages.append(await browser)
        bound = sorted(str(one.getsockname()[0]) for server in port.servers for one in server.sockets)

    assert all("Signed in" in page for page in pages)
    assert bound == sorted(addresses)


async def test_the_last_page_reaches_its_browser_although_the_port_closes_at_once() -> None:
    port = await LISTENER.open(LoopbackRedirect())
    browser = asyncio.create_task(ask(port.port, get(port.port)))
    callback = await port.next()

    callback.answer(None, None)
    await port.close()

    assert "Signed in" in await browser


async def test_a_machine_without_the_other_address_listens_on_the_one_it_has() -> None:
    foreign = (socket.AF_INET, "192.0.2.1"), (9999, "::1")
    here = LoopbackListener(describe, {"localhost": ((socket.AF_INET, "127.0.0.1"), *foreign), "::1": foreign})

    port = await here.open(LoopbackRedirect("localhost"))
    assert len(port.servers) == 1
    await port.close()

    with pytest.raises(BadUrl):
        await here.open(LoopbackRedirect("::1"))


async def test_a_registered_port_is_taken_or_said_to_be_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(PortInUse) as caught:
            await LISTENER.open(LoopbackRedirect(port=number))
    assert caught.value.port == number

    async with listening(LoopbackRedirect(port=number)) as port:
        assert port.port == number


async def test_a_port_that_is_taken_on_one_of_two_addresses_is_given_back_on_the_other() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(PortInUse):
            await LISTENER.open(LoopbackRedirect("localhost", number))

        with socket.create_server(("127.0.0.1", number)):
            pass
