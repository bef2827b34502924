"""Providers, connections and tokens to show: small ones of every dialect that the window treats differently."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, timedelta

from tokendeck.core.connection import Connection, ConnectionRecord
from tokendeck.core.expiry import At, Expiry, ExpirySource
from tokendeck.core.moment import Moment
from tokendeck.core.provider import (
    AnswerShape,
    Assumption,
    BodyKind,
    ClientAuth,
    ClientAuthMethod,
    Environment,
    Exchange,
    Field,
    Grant,
    GrantKind,
    Hazard,
    Provider,
    RateBudget,
    Renewal,
    RenewalPolicy,
    Source,
    TestCall,
)
from tokendeck.core.secret import Secret
from tokendeck.core.template import Template
from tokendeck.core.token import TokenFacts, TokenSet

NOON = datetime(2026, 11, 20, 14, 2, 51, tzinfo=UTC)
NOW = Moment(NOON, 50_000.0, "boot")

CLIENT_ID = Field("client_id", "Client id", example="shop-20417")
CLIENT_SECRET = Field("client_secret", "Client secret", secret=True)


def template(text: str) -> Template:
    return Template.parse(text)


def mint(url: str, parameters: dict[str, object], body: BodyKind, auth: ClientAuth | None = None) -> Exchange:
    return Exchange(
        url=template(url),
        method="POST",
        body=body,
        client_auth=auth or ClientAuth(ClientAuthMethod.NONE),
        parameters=parameters,
    )


def grant(exchange: Exchange, *, policy: RenewalPolicy = RenewalPolicy.AHEAD, never_expires: bool = False) -> Grant:
    return Grant(
        id="client_credentials",
        name="Client credentials",
        kind=GrantKind.CLIENT_CREDENTIALS,
        mint=exchange,
        refresh=None,
        answer=AnswerShape(),
        renewal=Renewal(policy, timedelta(seconds=300)),
        never_expires=never_expires,
    )


def production(url: str = "") -> tuple[Environment, ...]:
    return (Environment("production", "Production", production=True, base_urls={"base_url": url} if url else {}),)


PAYSERA = Provider(
    id="paysera",
    name="Paysera Checkout",
    monogram="Pa",
    color="#0a6cff",
    source=Source("Paysera Checkout, Authentication", date(2026, 11, 20)),
    environments=production("https://api.paysera.com"),
    fields=(CLIENT_ID, CLIENT_SECRET),
    grants=(
        grant(
            mint(
                "{base_url}/auth/realms/Paysera/protocol/openid-connect/token",
                {
                    "grant_type": "client_credentials",
                    "client_id": template("{client_id}"),
                    "client_secret": template("{client_secret}"),
                },
                BodyKind.FORM,
            )
        ),
    ),
    test_calls=(
        TestCall(
            "methods", "List payment methods", "GET", template("{base_url}/checkout-project/integration/v1/methods")
        ),
    ),
    rate=RateBudget(50, timedelta(minutes=1), remaining_header="x-ratelimit-remaining"),
    rotation="Rotate the client secret periodically.",
)

PYNG = Provider(
    id="pyng",
    name="PYNG Checkout",
    monogram="PY",
    color="#d9480f",
    source=Source("PYNG Checkout, OAuth 2.0", date(2026, 11, 20)),
    environments=production(),
    fields=(
        Field(
            "base_url",
            "Base URL",
            example="https://sample.pyng.com.au",
            help="Comes with your onboarding.",
            is_url=True,
        ),
        Field("username", "API username", example="s6BhdRkqt3"),
        Field("password", "API password", secret=True),
        Field(
            "scope",
            "Scope",
            example="pyng_defined_scope",
            help="Required. PYNG may grant other scopes than you ask for.",
        ),
    ),
    grants=(
        grant(
            mint(
                "{base_url}/checkout/oauth2/token",
                {"grant_type": "client_credentials", "scope": template("{scope}")},
                BodyKind.FORM,
                ClientAuth(ClientAuthMethod.BASIC, template("{username}"), template("{password}")),
            )
        ),
    ),
)

SIGN_IN_GRANT = Grant(
    id="authorization_code",
    name="Authorization code",
    kind=GrantKind.AUTHORIZATION_CODE,
    mint=mint("{base_url}/oauth/token", {"grant_type": "authorization_code"}, BodyKind.FORM),
    refresh=None,
    answer=AnswerShape(),
    renewal=Renewal(RenewalPolicy.AHEAD, timedelta(seconds=300)),
)

PAYT = Provider(
    id="payt",
    name="Payt",
    monogram="Pt",
    color="#0f766e",
    source=Source("Payt API, Authentication", date(2026, 11, 20)),
    environments=production("https://api.paytsoftware.com"),
    fields=(CLIENT_ID, CLIENT_SECRET),
    grants=(
        grant(
            mint(
                "{base_url}/oauth/token",
                {"grant_type": "client_credentials"},
                BodyKind.FORM,
                ClientAuth(ClientAuthMethod.BASIC, template("{client_id}"), template("{client_secret}")),
            ),
            never_expires=True,
        ),
        SIGN_IN_GRANT,
    ),
    hazards=(
        Hazard(
            "allow_list",
            "A call from an address off the allow list revokes the token, and the application is e-mailed.",
        ),
    ),
    rotation="Live tokens stay valid until they expire; a new token needs the new secret.",
    assumptions=(Assumption("answer.access_token", "The page shows no token answer."),),
)

PAYSECUREZ = Provider(
    id="paysecurez",
    name="PaySecurez",
    monogram="PS",
    color="#be185d",
    source=Source("PaySecurez, Authentication", date(2026, 11, 20)),
    environments=production("https://api.paysecurez.com"),
    fields=(CLIENT_ID, CLIENT_SECRET),
    grants=(
        grant(
            mint(
                "{base_url}/api/token",
                {"client_id": template("{client_id}"), "client_secret": template("{client_secret}")},
                BodyKind.JSON,
            ),
            policy=RenewalPolicy.ON_USE,
        ),
    ),
)

PROVIDERS = (PAYSECUREZ, PAYSERA, PAYT, PYNG)


def connection(provider: Provider, name: str = "Web shop checkout", **changes: object) -> Connection:
    values: dict[str, object] = {
        "id": "0" * 32,
        "name": name,
        "provider": provider.id,
        "environment": "production",
        "grant": "client_credentials",
        "created_at": NOON - timedelta(days=41),
        "values": {one.key: one.example for one in provider.fields if not one.secret},
        "tags": ("shop", "vilnius"),
        "confirmed_origins": ("https://api.paysera.com:443",),
        **changes,
    }
    return Connection(**values)  # type: ignore[arg-type]  # the tests' own keywords


def facts(expiry: Expiry | None = None, *, age: timedelta = timedelta(minutes=11, seconds=48)) -> TokenFacts:
    asked_at = Moment(NOON - age, NOW.elapsed_s - age.total_seconds(), "boot")
    ends = expiry or At(asked_at.wall + timedelta(hours=1), ExpirySource.EXPIRES_IN)
    return TokenFacts(asked_at, ends, scope=("profile", "email"), serial=1)


def record(of: Connection, **changes: object) -> ConnectionRecord:
    return ConnectionRecord(of, **{"token": facts(), **changes})  # type: ignore[arg-type]  # the tests' own keywords


def jwt(claims: dict[str, object]) -> str:
    parts = ({"alg": "RS256", "typ": "JWT", "kid": "k1"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "c2lnbmF0dXJlLXRoYXQtbm9ib2R5LXZlcmlmaWVz7tQw"])


def tokens(text: str | None = None, of: TokenFacts | None = None) -> TokenSet:
    claims: dict[str, object] = {
        "iss": "https://api.paysera.com/auth/realms/Paysera",
        "sub": "shop-20417",
        "azp": "shop-20417",
        "iat": (NOON - timedelta(minutes=11, seconds=48)).timestamp(),
        "exp": (NOON + timedelta(minutes=48, seconds=12)).timestamp(),
        "scope": "profile email",
        "realm_access": {"roles": ["merchant", "offline_access"]},
    }
    return TokenSet(Secret(text or jwt(claims)), None, of or facts())
