"""
The sandbox's own addresses under `/_sandbox/`, for tests and people outside its process.

    POST   /_sandbox/faults     plan a fault or make a change: `fault_documents`; new secrets and tokens are answered
    DELETE /_sandbox/faults     drop every plan, let held requests go on
    GET    /_sandbox/received   the requests so far, secrets and tokens masked

POST wants `application/json`, which no page in a browser can send here without asking first.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, assert_never

from tokendeck.sandbox.fault_documents import (
    Plan,
    RedirectUriRegistered,
    SecretRotated,
    SignedIn,
    SignInSecretRotated,
    TokensRevoked,
    read_fault_document,
)
from tokendeck.sandbox.masking import masked
from tokendeck.sandbox.message import Reply, json_reply

if TYPE_CHECKING:
    from tokendeck.sandbox.message import Request
    from tokendeck.sandbox.server import Sandbox

PREFIX = "/_sandbox/"
NO_CONTENT = Reply(204, (), b"")


def answer_control(sandbox: Sandbox, request: Request) -> Reply:
    """Do what a request under `PREFIX` asks for."""
    match request.method, request.target.removeprefix(PREFIX):
        case "POST", "faults":
            return _plan(sandbox, request)
        case "DELETE", "faults":
            sandbox.clear()
            return NO_CONTENT
        case "GET", "received":
            return json_reply(200, {"received": [masked(record) for record in sandbox.received]})
        case _, "faults":
            return json_reply(405, {"error": "method_not_allowed"}, headers=(("Allow", "POST, DELETE"),))
        case _, "received":
            return json_reply(405, {"error": "method_not_allowed"}, headers=(("Allow", "GET"),))
        case _:
            return json_reply(404, {"error": "not_found"})


def _plan(sandbox: Sandbox, request: Request) -> Reply:
    if request.values("content-type") != ("application/json",):
        return json_reply(415, {"error": "Content-Type has to be application/json."})
    try:
        match read_fault_document(request.body):
            case Plan(place, faults, times):
                sandbox.inject(place.provider, place.endpoint, *faults, times=times)
            case SecretRotated(provider):
                return json_reply(200, {"fields": sandbox.rotate_secret(provider)})
            case TokensRevoked(provider):
                sandbox.revoke_tokens(provider)
            case SignInSecretRotated():
                return json_reply(200, {"fields": sandbox.sign_in.rotate_secret()})
            case RedirectUriRegistered(_, redirect_uri):
                sandbox.sign_in.register(redirect_uri)
            case SignedIn():
                return json_reply(200, {"tokens": asdict(sandbox.sign_in.sign_in())})
            case other:
                assert_never(other)
    except ValueError as error:
        return json_reply(400, {"error": str(error)})
    return NO_CONTENT
