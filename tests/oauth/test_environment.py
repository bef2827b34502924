"""What surrounds the program has no say in where requests go, and sees nothing of them."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.oauth.servers import serving
from tokendeck.core.client_proof import BasicAuth
from tokendeck.core.provider import BodyKind
from tokendeck.core.request import Request
from tokendeck.core.secret import Secret, Text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.canary import Canary
    from tests.oauth.servers import Server
    from tokendeck.oauth.endpoint import HttpEndpoint


@pytest.mark.promise(11)
async def test_proxy_variables_have_no_effect(
    server: Server, endpoint: HttpEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "")

        answer = await endpoint.send(Request("POST", server.url()))

    assert answer.status == 200
    assert (proxy.connections, server.connections) == (0, 1)


@pytest.mark.promise(11)
async def test_netrc_has_no_effect(
    server: Server, endpoint: HttpEndpoint, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = home / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password other\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    await endpoint.send(Request("POST", server.url()))

    assert "authorization" not in server.received[0].headers


@pytest.mark.promise(1)
async def test_nothing_secret_is_logged_at_debug(server: Server, endpoint: HttpEndpoint, canary: Canary) -> None:
    secret, token = canary.plant("client secret"), canary.plant_token("token")
    server.script = lambda exchange: exchange.answer(token.encode(), X_Token=token)
    logging.getLogger("tests").debug("debug is on")

    for body in (BodyKind.FORM, BodyKind.JSON, BodyKind.MULTIPART):
        request = Request(
            "POST",
            server.url(),
            body,
            {"client_secret": Text(Secret(secret))},
            {"X-Token": Text(Secret(token))},
            BasicAuth(Text("user"), Text(Secret(secret)), form_encoded=True),
        )
        answer = await endpoint.send(request)
        logging.getLogger("tests").debug("%r %r", request, answer.status)

    assert len(server.received) == 3


def test_importing_the_room_imports_no_httpcore() -> None:
    code = (
        "import sys, tokendeck.oauth.endpoint\n"
        "tokendeck.oauth.endpoint.HttpEndpoint(lambda: None)\n"
        "print(sorted(sys.modules.keys() & {'httpcore', 'anyio', 'truststore', 'h11'}))"
    )

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout == "[]\n"


def test_warming_up_leaves_nothing_to_import_for_the_first_request() -> None:
    code = (
        "import asyncio, sys\n"
        "from tokendeck.oauth.endpoint import HttpEndpoint\n"
        "endpoint = HttpEndpoint(lambda: None)\n"
        "asyncio.run(endpoint.warm_up())\n"
        "print(sorted({'httpcore', 'anyio._backends._asyncio'} - sys.modules.keys()))"
    )

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout == "[]\n"
