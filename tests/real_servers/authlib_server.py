"""
Authlib's authorization server, on Django, with an API behind it.

    python -m tests.real_servers.authlib_server

PKCE is required, every answer of the authorize endpoint names its issuer (RFC 9207), and refresh tokens rotate: one
that comes back ends its whole family. Beside what the library serves there are `/whoami`, an API that wants a token,
and `/control/…`, by which a test makes time and people act.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import django
from authlib.integrations.django_oauth2 import AuthorizationServer, RevocationEndpoint
from authlib.oauth2.rfc6749 import OAuth2Error
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint, DeviceCodeGrant
from authlib.oauth2.rfc9207 import IssuerParameter
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path
from joserfc.jwk import ECKey, OctKey

from tests.real_servers.authlib_records import Client, Code, Device, Records, Token, User
from tests.real_servers.serving import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import WSGIApplication

CONSENT_PAGE = '<form method="post"><button name="answer" value="yes">Authorize</button><button>Cancel</button></form>'
CODE_PAGE = '<form method="post"><input name="user_code"><button>Verify</button></form>'
DEVICE_PAGE = '<form method="post"><button name="answer" value="yes">Accept</button><button>Deny</button></form>'
CODE_LIFETIME_S = 60
LIFETIMES_S = {AuthorizationCodeGrant.GRANT_TYPE: 3600, RefreshTokenGrant.GRANT_TYPE: 3600}

RECORDS = Records()


class Server(AuthorizationServer):
    """Keeps what it issues in `RECORDS`."""

    def __init__(self) -> None:
        super().__init__(Client, Token)
        self.load_config(
            {"refresh_token_generator": True, "token_expires_in": LIFETIMES_S, "scopes_supported": ["read", "write"]}
        )

    def query_client(self, client_id: str) -> Client | None:
        return RECORDS.clients.get(client_id)

    def save_token(self, token: dict[str, Any], request: Any) -> None:  # noqa: ANN401 - as the library has it
        spent = getattr(request, "refresh_token", None)
        family = spent.family if spent else token["access_token"]
        RECORDS.tokens.append(Token(client_id=request.client.client_id, family=family, **token))

    def handle_response(self, status_code: int, payload: object, headers: Iterable[tuple[str, str]]) -> HttpResponse:
        named = dict(headers)
        if "Location" in named:
            return SentOn(named["Location"])
        return super().handle_response(status_code, payload, headers)


class SentOn(HttpResponseRedirect):
    """
    A redirect whose address extensions may add to.

    WORKAROUND: Authlib's IssuerParameter writes to `location`, which Flask's answers have and Django's have not.
    """

    @property
    def location(self) -> str:
        return str(self["Location"])

    @location.setter
    def location(self, address: str) -> None:
        self["Location"] = address


class NamesIssuer(IssuerParameter):
    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def get_issuer(self) -> str:
        return self._issuer


class Statement(JWTBearerClientAssertion):
    """Judges what a client signed of itself: RFC 7523."""

    def get_audiences(self) -> list[str]:
        return [f"{settings.BASE_URL}/token"]

    def validate_jti(self, claims: object, jti: str) -> bool:
        del claims
        is_new = jti not in RECORDS.statements
        RECORDS.statements.add(jti)
        return is_new

    def resolve_client_public_key(self, client: Client) -> ECKey | OctKey:
        if not client.known.private_key:
            return OctKey.import_key(client.known.secret)
        private = ECKey.import_key(client.known.private_key)
        return ECKey.import_key(private.as_dict(private=False))


AUTH_METHODS = ("client_secret_basic", "none", Statement.CLIENT_AUTH_METHOD)


class AuthorizationCode(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def save_authorization_code(self, code: str, request: Any) -> None:  # noqa: ANN401 - as the library has it
        RECORDS.codes[code] = Code(
            code=code,
            client_id=request.client.client_id,
            redirect_uri=request.payload.redirect_uri,
            scope=request.scope,
            code_challenge=request.payload.data["code_challenge"],
            code_challenge_method=request.payload.data["code_challenge_method"],
            expires_at=time.time() + CODE_LIFETIME_S,
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        known = RECORDS.codes.get(code)
        return known if known and known.client_id == client.client_id and time.time() < known.expires_at else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        del RECORDS.codes[authorization_code.code]

    def authenticate_user(self, authorization_code: Code) -> User:
        del authorization_code
        return User()


class Refresh(RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
        known = RECORDS.by_refresh_token(refresh_token)
        if known is not None and known.is_spent:
            RECORDS.end_family(known.family)
        return None if known is None or known.revoked else known

    def authenticate_user(self, refresh_token: Token) -> User:
        return refresh_token.get_user()

    def revoke_old_credential(self, refresh_token: Token) -> None:
        refresh_token.is_spent = True


class DeviceGrant(DeviceCodeGrant):
    def query_device_credential(self, device_code: str) -> Device | None:
        return next((one for one in RECORDS.devices if one.device_code == device_code), None)

    def query_user_grant(self, user_code: str) -> tuple[User, bool] | None:
        device = device_of(user_code)
        return None if device.is_allowed is None else (User(), device.is_allowed)

    def should_slow_down(self, credential: Device) -> bool:
        del credential
        RECORDS.told_to_slow_down -= 1
        return RECORDS.told_to_slow_down >= 0


class DeviceStart(DeviceAuthorizationEndpoint):
    INTERVAL = 1

    def get_verification_uri(self) -> str:
        return f"{settings.BASE_URL}/activate"

    def save_device_credential(self, client_id: str, scope: str, data: dict[str, Any]) -> None:
        expires_at = time.time() + data["expires_in"]
        RECORDS.devices.append(Device(data["device_code"], data["user_code"], client_id, scope, expires_at))


class Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = AUTH_METHODS

    def query_token(self, token: str, token_type_hint: str) -> Token | None:
        return RECORDS.by_refresh_token(token) if token_type_hint == "refresh_token" else RECORDS.by_access_token(token)

    def revoke_token(self, token: Token, request: object) -> None:
        del request
        RECORDS.end_family(token.family)


class Introspection(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS = AUTH_METHODS

    def query_token(self, token: str, token_type_hint: str) -> Token | None:
        del token_type_hint
        return RECORDS.by_access_token(token)

    def check_permission(self, token: Token, client: Client, request: object) -> bool:
        del request
        return token.check_client(client)

    def introspect_token(self, token: Token) -> dict[str, object]:
        return {
            "client_id": token.client_id,
            "scope": token.scope,
            "username": token.get_user().pk,
            "iat": int(token.issued_at),
            "exp": int(token.issued_at + token.expires_in),
        }


def authorization_server(issuer: str) -> Server:
    server = Server()
    server.register_grant(AuthorizationCode, [CodeChallenge(required=True)])
    server.register_grant(ClientCredentialsGrant)
    server.register_grant(Refresh)
    server.register_grant(DeviceGrant)
    for endpoint in (DeviceStart, Revocation, Introspection):
        server.register_endpoint(endpoint)
    server.register_extension(NamesIssuer(issuer))
    server.register_client_auth_method(Statement.CLIENT_AUTH_METHOD, Statement())
    return server


def device_of(user_code: str) -> Device:
    return next(one for one in RECORDS.devices if one.user_code == user_code)


def routes(server: Server) -> tuple[object, ...]:
    """Give the URLs of the library, of the pages and the API, and of what a test does behind the library's back."""

    def authorize(request: HttpRequest) -> HttpResponse:
        try:
            grant = server.get_consent_grant(request, end_user=User())
        except OAuth2Error as error:
            return server.handle_error_response(server.create_oauth2_request(request), error)
        if request.method == "GET":
            return HttpResponse(CONSENT_PAGE)
        allowed = User() if "answer" in request.POST else None
        return server.create_authorization_response(request, grant_user=allowed, grant=grant)

    def activate(request: HttpRequest) -> HttpResponse:
        if request.method == "GET":
            return HttpResponse(CODE_PAGE)
        return HttpResponseRedirect(f"/activate/{request.POST['user_code']}")

    def confirm(request: HttpRequest, user_code: str) -> HttpResponse:
        if request.method == "POST":
            device_of(user_code).is_allowed = "answer" in request.POST
        return HttpResponse(DEVICE_PAGE)

    def whoami(request: HttpRequest) -> HttpResponse:
        token = RECORDS.by_access_token(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if token is None or token.is_expired() or token.is_revoked():
            return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        return HttpResponse(token.get_user().pk)

    def metadata(request: HttpRequest) -> JsonResponse:
        del request
        return JsonResponse(published(settings.BASE_URL))

    def let_codes_expire() -> None:
        for code in RECORDS.codes.values():
            code.expires_at = 0

    def take_consent_back() -> None:
        for token in RECORDS.tokens:
            token.revoked = True

    def let_access_tokens_die() -> None:
        for token in RECORDS.tokens:
            token.expires_in = 0

    def let_device_codes_expire() -> None:
        for device in RECORDS.devices:
            device.expires_at = 0

    def tell_devices_to_slow_down() -> None:
        RECORDS.told_to_slow_down = 1

    acts = (
        let_codes_expire,
        take_consent_back,
        let_access_tokens_die,
        let_device_codes_expire,
        tell_devices_to_slow_down,
    )
    return (
        path(".well-known/oauth-authorization-server", metadata),
        path("authorize", authorize),
        path("token", server.create_token_response),
        path("device", lambda request: server.create_endpoint_response(DeviceStart.ENDPOINT_NAME, request)),
        path("revoke", lambda request: server.create_endpoint_response(Revocation.ENDPOINT_NAME, request)),
        path("introspect", lambda request: server.create_endpoint_response(Introspection.ENDPOINT_NAME, request)),
        path("activate", activate),
        path("activate/<user_code>", confirm),
        path("whoami", whoami),
        *(path(f"control/{act.__name__}", control(act)) for act in acts),
    )


def published(base_url: str) -> AuthorizationServerMetadata:
    """Give what the issuer says of itself, which Authlib judges; its clients sign, so this says."""
    metadata = AuthorizationServerMetadata(
        issuer=base_url,
        authorization_endpoint=f"{base_url}/authorize",
        token_endpoint=f"{base_url}/token",
        device_authorization_endpoint=f"{base_url}/device",
        revocation_endpoint=f"{base_url}/revoke",
        introspection_endpoint=f"{base_url}/introspect",
        response_types_supported=["code"],
        grant_types_supported=["authorization_code", "refresh_token"],
        token_endpoint_auth_methods_supported=["private_key_jwt", "client_secret_jwt"],
        token_endpoint_auth_signing_alg_values_supported=["ES256", "HS256"],
        code_challenge_methods_supported=["S256"],
        authorization_response_iss_parameter_supported=True,
    )
    metadata.validate()
    return metadata


def control(act: Callable[[], None]) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        del request
        act()
        return HttpResponse(status=204)

    return view


def build(base_url: str) -> WSGIApplication:
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # everything here stays on this machine
    settings.configure(
        SECRET_KEY="not a secret", ALLOWED_HOSTS=["127.0.0.1"], LOGGING_CONFIG=None, USE_TZ=True, BASE_URL=base_url
    )
    django.setup()
    settings.ROOT_URLCONF = routes(authorization_server(base_url))
    application: WSGIApplication = get_wsgi_application()
    return application


if __name__ == "__main__":
    serve(build)
