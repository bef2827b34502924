"""The mock-up's eight connections, their providers, and an engine that does what a test tells it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from tokendeck.core.connection import CallFacts, Connection, ConnectionRecord, Trouble, TroubleKind
from tokendeck.core.errors import DescriptorError, NoSuchConnection, PortInUse, UnknownProvider, VaultLocked
from tokendeck.core.expiry import At, Expiry, ExpirySource, Never, NotStated
from tokendeck.core.moment import Moment
from tokendeck.core.provider import (
    AnswerShape,
    BodyKind,
    ClientAuth,
    ClientAuthMethod,
    Environment,
    Exchange,
    Grant,
    GrantKind,
    Provider,
    Renewal,
    RenewalPolicy,
    Source,
)
from tokendeck.core.request import build_mint, connection_values
from tokendeck.core.secret import Secret
from tokendeck.core.status import Status, status_of
from tokendeck.core.template import Template
from tokendeck.core.token import TokenFacts, TokenSet
from tokendeck.core.vault import Guard, VaultOpen, VaultShut, VaultState
from tokendeck.core.verdict import Step, Verdict, VerdictKind
from tokendeck.engine.events import Event, RecordAdded, RecordChanged, RecordRemoved, VaultChanged

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping
    from typing import Any

    from tokendeck.core.request import Request
    from tokendeck.engine.attempts import BrowserSignIn

START = datetime(2026, 11, 21, 14, 2, 51, tzinfo=UTC)


class HandClock:
    """Both clocks, moved by hand."""

    def __init__(self) -> None:
        self.moment = Moment(START, 1000.0, "boot")

    def __call__(self) -> Moment:
        return self.moment

    def forward(self, seconds: float) -> None:
        self.moment = replace(
            self.moment,
            wall=self.moment.wall + timedelta(seconds=seconds),
            elapsed_s=self.moment.elapsed_s + seconds,
        )


def provider(id: str, name: str, monogram: str, color: str, policy: RenewalPolicy = RenewalPolicy.AHEAD) -> Provider:
    grant = Grant(
        id="main",
        name="Id and secret",
        kind=GrantKind.CLIENT_CREDENTIALS,
        mint=Exchange(
            url=Template.parse("{base_url}/token"),
            method="POST",
            body=BodyKind.FORM,
            client_auth=ClientAuth(ClientAuthMethod.NONE),
            parameters={},
        ),
        refresh=None,
        answer=AnswerShape(),
        renewal=Renewal(policy, timedelta(seconds=300)),
    )
    return Provider(
        id=id,
        name=name,
        monogram=monogram,
        color=color,
        source=Source(f"{name} API", date(2026, 11, 20)),
        environments=(
            Environment(
                "production", "Production", production=True, base_urls={"base_url": f"https://api.{id}.example"}
            ),
            Environment(
                "sandbox", "Sandbox", production=False, base_urls={"base_url": f"https://sandbox.{id}.example"}
            ),
        ),
        fields=(),
        grants=(grant,),
    )


PROVIDERS = {
    one.id: one
    for one in (
        provider("payos", "PayOS", "PO", "#6938ef"),
        provider("paysera", "Paysera Checkout", "Pa", "#0b6bff"),
        provider("pyng", "PYNG Checkout", "PY", "#d9480f"),
        provider("payt", "Payt", "Pt", "#0f766e"),
        provider("paysecurez", "PaySecurez", "PS", "#b4235f", RenewalPolicy.ON_USE),
        provider("keycloak", "keycloak.example", "KC", "#475467"),
    )
}


class MockupCatalog:
    def provider(self, provider_id: str) -> Provider:
        try:
            return PROVIDERS[provider_id]
        except KeyError:
            raise UnknownProvider(provider_id, tuple(PROVIDERS)) from None

    def provider_for(self, connection: Connection) -> Provider:
        return self.provider(connection.provider)

    def providers(self) -> tuple[Provider, ...]:
        return tuple(PROVIDERS.values())

    @property
    def problems(self) -> tuple[DescriptorError, ...]:
        return ()


def record(
    id: str,
    name: str,
    provider_id: str,
    environment: str = "production",
    *,
    expiry: Expiry | timedelta | None = None,
    age: timedelta = timedelta(minutes=12),
    trouble: Trouble | None = None,
    last_call: CallFacts | None = None,
    tags: tuple[str, ...] = (),
) -> ConnectionRecord:
    """Give a record whose token was asked for `age` ago and ends as `expiry` says, a span counting from `START`."""
    asked = Moment(START - age, 1000.0 - age.total_seconds(), "boot")
    end = At(START + expiry, ExpirySource.EXPIRES_IN) if isinstance(expiry, timedelta) else expiry
    return ConnectionRecord(
        connection=Connection(
            id=id,
            name=name,
            provider=provider_id,
            environment=environment,
            grant="main",
            created_at=START,
            values={"client_id": f"client-{id}"},
            tags=tags,
            confirmed_origins=(f"https://api.{provider_id}.example:443",),
        ),
        token=None if end is None else TokenFacts(asked, end, serial=1),
        trouble=trouble,
        last_call=last_call,
        last_good_at=last_call.at if last_call else None,
        serial=0 if end is None else 1,
    )


def call(outcome: str = "works", status: int | None = 200, ago: timedelta = timedelta(minutes=2)) -> CallFacts:
    return CallFacts(START - ago, "list", outcome, status, None if status is None else 182.4)


def mockup_records() -> tuple[ConnectionRecord, ...]:
    """Give what the mock-up shows."""
    waiting = Trouble(TroubleKind.WAITING, START, code="connect", attempts=2, retry_at=START + timedelta(seconds=38))
    refused = Trouble(
        TroubleKind.NEEDS_ATTENTION,
        START - timedelta(hours=5),
        code="invalid_client",
        words="Invalid client credentials",
        status=401,
    )
    dead = Trouble(TroubleKind.SIGN_IN, START, code="invalid_grant", status=400)
    minutes, hour = timedelta(minutes=1), timedelta(hours=1)
    web_left = timedelta(minutes=48, seconds=12)
    pilot_left = timedelta(minutes=3, seconds=41)
    internal_left = timedelta(minutes=24, seconds=36)
    return (
        record(
            "web",
            "Web shop checkout",
            "paysera",
            expiry=web_left,
            age=hour - web_left,
            last_call=call(),
            tags=("shop", "vilnius"),
        ),
        record("merchant", "Merchant 20417", "payos", expiry=NotStated(), last_call=call()),
        record("pilot", "Partner pilot", "pyng", "sandbox", expiry=pilot_left, age=hour - pilot_left),
        record("debtor", "Debtor sync", "payt", expiry=Never("payt"), age=timedelta(days=41)),
        record("refund", "Refund desk", "paysecurez", "sandbox", tags=("shop",)),
        record(
            "test-debtor",
            "Debtor sync, test company",
            "payt",
            "sandbox",
            expiry=-3 * minutes,
            age=2 * hour,
            trouble=dead,
        ),
        record("old", "Old shop", "paysera", trouble=refused, last_call=call("refused", 401)),
        record(
            "internal",
            "Internal gateway",
            "keycloak",
            "Staging",
            expiry=internal_left,
            age=hour - internal_left,
            trouble=waiting,
        ),
    )


@dataclass
class MockupEngine:
    """Answers at once with what a test put in; `raises` is what the next command fails with."""

    clock: HandClock
    kept: dict[str, ConnectionRecord] = field(default_factory=dict)
    vault_state: VaultState = field(default_factory=lambda: VaultOpen(Guard.KEYRING, "Secret Service"))
    unlocks_to: VaultState = field(default_factory=lambda: VaultOpen(Guard.KEYRING, "Secret Service"))
    renewing: set[str] = field(default_factory=set)
    raises: Exception | None = None
    calls: list[tuple[str, ...]] = field(default_factory=list)
    listeners: list[Callable[[Event], None]] = field(default_factory=list)
    deleted: dict[str, ConnectionRecord] = field(default_factory=dict)
    upcoming: tuple[str, float] | None = None
    on_token: Callable[[], None] = lambda: None
    """Called before a token is handed out."""

    verdict: Verdict = field(
        default_factory=lambda: Verdict(
            VerdictKind.WORKS, Step.DONE, call="list", method="GET", status=200, latency_ms=182.0
        )
    )

    def fill(self, records: Iterable[ConnectionRecord]) -> None:
        self.kept = {one.connection.id: one for one in records}

    def announce(self, event: Event) -> None:
        for listener in tuple(self.listeners):
            listener(event)

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def records(self) -> tuple[ConnectionRecord, ...]:
        return tuple(self.kept.values())

    def record(self, connection_id: str) -> ConnectionRecord:
        try:
            return self.kept[connection_id]
        except KeyError:
            raise NoSuchConnection(connection_id) from None

    def provider(self, connection: Connection) -> Provider:
        return MockupCatalog().provider_for(connection)

    def grant(self, connection: Connection) -> Grant:
        return self.provider(connection).grants[0]

    def status(self, connection_id: str) -> Status:
        one = self.record(connection_id)
        return status_of(
            one,
            self.grant(one.connection),
            self.clock(),
            renewing=connection_id in self.renewing,
            locked=isinstance(self.vault_state, VaultShut),
        )

    def next_renewal(self) -> tuple[str, float] | None:
        return self.upcoming

    def signing_in(self) -> None:
        return None

    def budget_left(self, connection: Connection) -> int | None:  # noqa: ARG002 - the shape of the engine
        return None

    def request_preview(self, connection: Connection, secrets: Mapping[str, Secret]) -> Request:
        one = self.provider(connection)
        return build_mint(one.grants[0].mint, connection_values(one, connection, secrets), optional=frozenset())

    async def as_saved(self, connection_id: str) -> Connection:
        self._do("as_saved", connection_id)
        return self.record(connection_id).connection

    async def history(self, connection_id: str, limit: int = 30) -> tuple[CallFacts, ...]:  # noqa: ARG002 - the shape of the engine
        return ()

    async def kept_token(self, connection_id: str) -> TokenSet | None:
        return self._tokens(connection_id)

    async def token(
        self,
        connection_id: str,
        *,
        min_valid: timedelta | None = None,  # noqa: ARG002 - the shape of the engine
        fresh: bool = False,  # noqa: ARG002 - the shape of the engine
    ) -> TokenSet:
        self._do("token", connection_id)
        self.on_token()
        return self._tokens(connection_id)

    async def refresh(self, connection_id: str) -> TokenSet:
        self._do("refresh", connection_id)
        return self._tokens(connection_id)

    async def test(self, connection_id: str, call: str | None = None, *, confirmed: bool = False) -> Verdict:
        self._do("test", connection_id, call or "", "confirmed" if confirmed else "")
        return self.verdict

    async def sign_in(self, connection_id: str) -> BrowserSignIn:
        self._do("sign_in", connection_id)
        raise PortInUse(8080)

    async def set_paused(self, connection_id: str, *, paused: bool) -> None:
        self._do("set_paused", connection_id, str(paused))
        one = self.kept[connection_id]
        self.kept[connection_id] = replace(one, connection=replace(one.connection, paused=paused))
        self.announce(RecordChanged(connection_id))

    async def delete(self, connection_id: str) -> None:
        self._do("delete", connection_id)
        self.deleted[connection_id] = self.kept.pop(connection_id)
        self.announce(RecordRemoved(connection_id))

    async def undo_delete(self, connection_id: str) -> None:
        self._do("undo_delete", connection_id)
        self.kept[connection_id] = self.deleted.pop(connection_id)
        self.announce(RecordAdded(connection_id))

    async def unlock(self) -> VaultState:
        self._do("unlock")
        self.change_vault(self.unlocks_to)
        return self.vault_state

    async def unlock_with_passphrase(self, passphrase: Secret) -> VaultState:
        self._do("unlock_with_passphrase", passphrase.reveal())
        self.change_vault(VaultOpen(Guard.PASSPHRASE, ""))
        return self.vault_state

    @property
    def door(self) -> MockupEngine:
        return self

    async def open_with_recovery_key(self, recovery_key: Secret) -> VaultState:
        self._do("open_with_recovery_key", recovery_key.reveal())
        self.change_vault(self.unlocks_to)
        return self.vault_state

    async def protect_with_passphrase(self, passphrase: Secret) -> VaultState:
        self._do("protect_with_passphrase", passphrase.reveal())
        self.change_vault(VaultOpen(Guard.PASSPHRASE, ""))
        return self.vault_state

    async def start_anew(self) -> str | None:
        self._do("start_anew")
        if isinstance(self.vault_state, VaultOpen):
            return None
        for connection_id in tuple(self.kept):
            del self.kept[connection_id]
            self.announce(RecordRemoved(connection_id))
        self.change_vault(self.unlocks_to)
        return "/home/ona/store.db.kept-20261121T030405.678901Z"

    def lock(self) -> None:
        self._do("lock")
        self.change_vault(VaultShut(VaultLocked()))

    def change_vault(self, state: VaultState) -> None:
        self.vault_state = state
        self.announce(VaultChanged(state))

    def _do(self, *what: str) -> None:
        self.calls.append(tuple(filter(None, what)))
        if self.raises is not None:
            error, self.raises = self.raises, None
            raise error

    def _tokens(self, connection_id: str) -> TokenSet:
        facts = self.record(connection_id).token or TokenFacts(self.clock(), NotStated())
        return TokenSet(Secret(f"token-of-{connection_id}"), None, facts)


def step_through(work: Coroutine[Any, Any, Any], *, name: str) -> None:  # noqa: ARG001 - the shape of `spawn`
    """Run a coroutine that waits for nothing, at once: all that the engine here does."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("the coroutine waits for something")
