"""What Authlib's server remembers: the library asks for clients, codes, tokens and devices, and stores none itself."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, TokenMixin
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc8628 import DEVICE_CODE_GRANT_TYPE, DeviceCredentialMixin

from tests.real_servers.clients import (
    CONFIDENTIAL,
    DEVICE,
    ELSEWHERE,
    MACHINE,
    PERSON,
    PUBLIC,
    SHARER,
    SIGNER,
    is_registered,
)

if TYPE_CHECKING:
    from tests.real_servers.clients import Registered


@dataclass(frozen=True)
class User:
    """The one person there is."""

    pk: str = PERSON


@dataclass(frozen=True)
class Client(ClientMixin):
    """A registered client, as Authlib asks about it."""

    known: Registered
    grants: tuple[str, ...]

    @property
    def client_id(self) -> str:
        return self.known.id

    def get_client_id(self) -> str:
        return self.known.id

    def get_default_redirect_uri(self) -> str:
        return ELSEWHERE

    def get_allowed_scope(self, scope: str) -> str:
        return scope or "read"

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return is_registered(self.known, redirect_uri)

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == self.known.secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        del endpoint
        if self.known.signs:
            return method == str(JWTBearerClientAssertion.CLIENT_AUTH_METHOD)
        return method == ("client_secret_basic" if self.known.secret else "none")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.grants


@dataclass
class Code(AuthorizationCodeMixin):
    """An authorization code, once per consent."""

    code: str
    client_id: str
    redirect_uri: str
    scope: str
    code_challenge: str
    code_challenge_method: str
    expires_at: float

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


@dataclass
class Token(TokenMixin):
    """One issue; `family` begins with a consent and goes on through every refresh."""

    access_token: str
    client_id: str
    family: str
    refresh_token: str = ""
    token_type: str = "Bearer"
    scope: str = ""
    expires_in: int = 0
    issued_at: float = field(default_factory=time.time)
    is_spent: bool = False
    revoked: bool = False

    def check_client(self, client: Client) -> bool:
        return self.client_id == client.client_id

    def get_scope(self) -> str:
        return self.scope

    def get_expires_in(self) -> int:
        return self.expires_in

    def is_expired(self) -> bool:
        return time.time() >= self.issued_at + self.expires_in

    def is_revoked(self) -> bool:
        return self.revoked

    def get_user(self) -> User:
        return User()

    def get_client(self) -> str:
        return self.client_id


@dataclass
class Device(DeviceCredentialMixin):
    """What was handed out to a device, and what its person said."""

    device_code: str
    user_code: str
    client_id: str
    scope: str
    expires_at: float
    is_allowed: bool | None = None
    """None while its person has said nothing."""

    def get_client_id(self) -> str:
        return self.client_id

    def get_scope(self) -> str:
        return self.scope

    def get_user_code(self) -> str:
        return self.user_code

    def is_expired(self) -> bool:
        return time.time() >= self.expires_at


class Records:
    """Everything that this server remembers."""

    def __init__(self) -> None:
        sign_in, refresh = "authorization_code", "refresh_token"
        self.clients = {
            CONFIDENTIAL.id: Client(CONFIDENTIAL, (sign_in, refresh)),
            PUBLIC.id: Client(PUBLIC, (sign_in, refresh)),
            MACHINE.id: Client(MACHINE, ("client_credentials",)),
            SIGNER.id: Client(SIGNER, (sign_in, refresh)),
            SHARER.id: Client(SHARER, (sign_in, refresh)),
            DEVICE.id: Client(DEVICE, (DEVICE_CODE_GRANT_TYPE, refresh)),
        }
        self.codes: dict[str, Code] = {}
        self.tokens: list[Token] = []
        self.devices: list[Device] = []
        self.statements: set[str] = set()
        """The ids of what clients have signed, each of which is good once."""

        self.told_to_slow_down = 0
        """How many of the next questions of devices are."""

    def by_access_token(self, text: str) -> Token | None:
        return next((one for one in self.tokens if one.access_token == text), None)

    def by_refresh_token(self, text: str) -> Token | None:
        return next((one for one in self.tokens if one.refresh_token and one.refresh_token == text), None)

    def end_family(self, family: str) -> None:
        for one in self.tokens:
            one.revoked = one.revoked or one.family == family
