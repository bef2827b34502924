"""The parts that the composition root would hand in, under the test's hand, and a terminal to type at."""

from __future__ import annotations

import io
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tests.cli.fake_door import FakeDoor
from tests.manual_clock import ManualClock
from tokendeck.cli.main import main
from tokendeck.core.connection import Connection, ConnectionRecord, Trouble
from tokendeck.core.diagnosis import Diagnosis, Finding, Inspected
from tokendeck.core.errors import DescriptorError, NoSuchConnection, UnknownProvider
from tokendeck.core.expiry import At, Expiry, ExpirySource
from tokendeck.core.provider import (
    AnswerShape,
    BodyKind,
    ClientAuth,
    ClientAuthMethod,
    Environment,
    Exchange,
    Field,
    Grant,
    GrantKind,
    Provider,
    Renewal,
    RenewalPolicy,
    Source,
    TestCall,
)
from tokendeck.core.secret import Secret
from tokendeck.core.template import Template
from tokendeck.core.token import TokenFacts, TokenSet
from tokendeck.core.vault import Guard, VaultOpen
from tokendeck.core.verdict import Step, Verdict, VerdictKind
from tokendeck.core.wording import Wording

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from typing import TextIO

    from tokendeck.cli.invocation import Options
    from tokendeck.core.vault import VaultState

MINT = Exchange(
    url=Template.parse("{base_url}/token"),
    method="POST",
    body=BodyKind.FORM,
    client_auth=ClientAuth(ClientAuthMethod.NONE),
    parameters={"client_id": Template.parse("{client_id}"), "client_secret": Template.parse("{client_secret}")},
)
MAIN = Grant(
    id="client_credentials",
    name="Client credentials",
    kind=GrantKind.CLIENT_CREDENTIALS,
    mint=MINT,
    refresh=None,
    answer=AnswerShape(),
    renewal=Renewal(RenewalPolicy.AHEAD, timedelta(seconds=300)),
)
SIGNING_IN = replace(MAIN, id="authorization_code", name="Signing in", kind=GrantKind.AUTHORIZATION_CODE)
SECRET = Field("client_secret", "Client secret", secret=True)

ACME = Provider(
    id="acme",
    name="Acme Pay",
    monogram="Ac",
    color="#123456",
    source=Source("Authentication", date(2026, 11, 20), "https://acme.example.test/docs"),
    environments=(
        Environment("production", "Production", production=True, base_urls={"base_url": "https://api.acme.test"}),
        Environment("sandbox", "Sandbox", production=False, base_urls={"base_url": "https://sandbox.acme.test"}),
    ),
    fields=(Field("client_id", "Client id"), SECRET, Field("scope", "Scope", required=False)),
    grants=(SIGNING_IN, MAIN),
    test_calls=(TestCall("ping", "Ping", "GET", Template.parse("{base_url}/ping")),),
)
HOSTLESS = replace(
    ACME,
    id="hostless",
    name="Hostless",
    environments=(Environment("production", "Production", production=True, base_urls={}),),
    fields=(Field("base_url", "Base URL", is_url=True), Field("merchantId", "Merchant id"), SECRET),
    grants=(replace(MAIN, mint=replace(MINT, parameters={"id": Template.parse("{merchantId}")})),),
    test_calls=(),
)
PERSONAL = replace(ACME, id="personal", name="Personal", grants=(SIGNING_IN,))
EVERY_USE = replace(
    ACME,
    id="everyuse",
    name="Every Use",
    grants=(replace(MAIN, renewal=Renewal(RenewalPolicy.ON_USE, timedelta(0))),),
    test_calls=(),
)
VAULT = VaultOpen(Guard.KEYRING, "Secret Service")


@dataclass
class Shelf:
    """A catalog of these providers; an override of `renewal.lead` alone is known."""

    shelved: tuple[Provider, ...] = (ACME, EVERY_USE, HOSTLESS, PERSONAL)

    def provider(self, provider_id: str) -> Provider:
        for one in self.shelved:
            if one.id == provider_id:
                return one
        raise UnknownProvider(provider_id, tuple(one.id for one in self.shelved))

    def provider_for(self, connection: Connection) -> Provider:
        for key in connection.overrides.keys() - {"base_url", "renewal.lead"}:
            raise DescriptorError("acme.toml", key, "a key that descriptors have")
        return self.provider(connection.provider)

    def providers(self) -> tuple[Provider, ...]:
        return self.shelved


def token_set(clock: ManualClock, text: str = "token-of-the-hour", expiry: Expiry | None = None) -> TokenSet:
    ends = expiry or At(clock.now().wall + timedelta(hours=1), ExpirySource.EXPIRES_IN)
    return TokenSet(Secret(text), None, TokenFacts(clock.now(), ends, scope=("profile", "email")))


@dataclass
class FakeEngine:
    """Remembers what was asked of it, and answers what it is told."""

    clock: ManualClock
    shelf: Shelf
    kept: dict[str, ConnectionRecord] = field(default_factory=dict)
    secrets: dict[str, Mapping[str, Secret]] = field(default_factory=dict)
    asked: list[tuple[object, ...]] = field(default_factory=list)
    vault: VaultState = VAULT
    passphrase: Secret | None = None
    unlocked: bool = False
    drained: bool = False
    renewing: set[str] = field(default_factory=set)
    answer: Callable[[str], Awaitable[TokenSet]] | None = None
    """Gives what a connection's token request comes to; None means a token good for an hour."""

    verdicts: list[Verdict | Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.door = FakeDoor(self)

    def keep(
        self,
        name: str,
        provider: Provider = ACME,
        *,
        token: TokenFacts | None = None,
        trouble: Trouble | None = None,
        paused: bool = False,
        values: Mapping[str, str] | None = None,
    ) -> Connection:
        connection = Connection(
            id=f"id-of-{name}",
            name=name,
            provider=provider.id,
            environment="production",
            grant=provider.grants[-1].id,
            created_at=self.clock.now().wall,
            values=values or {"client_id": "me"},
            confirmed_origins=("https://api.acme.test:443",),
            paused=paused,
        )
        self.kept[connection.id] = ConnectionRecord(connection, token=token, trouble=trouble)
        return connection

    def records(self) -> tuple[ConnectionRecord, ...]:
        return tuple(self.kept.values())

    def find(self, name: str) -> ConnectionRecord:
        for record in self.kept.values():
            if record.connection.name.casefold() == name.casefold():
                return record
        raise NoSuchConnection(name, tuple(record.connection.name for record in self.kept.values()))

    def is_renewing(self, connection_id: str) -> bool:
        return connection_id in self.renewing

    def provider(self, connection: Connection) -> Provider:
        return self.shelf.provider_for(connection)

    def grant(self, connection: Connection) -> Grant:
        for one in self.provider(connection).grants:
            if one.id == connection.grant:
                return one
        raise DescriptorError(connection.provider, f"grants.{connection.grant}", "a grant that is there")

    async def unlock(self) -> VaultState:
        self.unlocked = isinstance(self.vault, VaultOpen)
        return self.vault

    async def unlock_with_passphrase(self, passphrase: Secret) -> VaultState:
        self.passphrase = passphrase
        return await self.unlock()

    async def token(self, connection_id: str, *, min_valid: timedelta | None = None, fresh: bool = False) -> TokenSet:
        self.asked.append(("token", connection_id, min_valid, fresh))
        return await self._answer(connection_id)

    async def refresh(self, connection_id: str) -> TokenSet:
        self.asked.append(("refresh", connection_id))
        return await self._answer(connection_id)

    async def test(self, connection_id: str, call: str | None = None, *, confirmed: bool = False) -> Verdict:
        self.asked.append(("test", connection_id, call, confirmed))
        verdict = self.verdicts.pop(0) if self.verdicts else Verdict(VerdictKind.WORKS, Step.DONE, call="ping")
        if isinstance(verdict, Exception):
            raise verdict
        return verdict

    async def add(self, connection: Connection, secrets: Mapping[str, Secret]) -> None:
        assert self.unlocked, "nothing can be saved while the vault is shut"
        self.kept[connection.id] = ConnectionRecord(connection)
        self.secrets[connection.id] = dict(secrets)

    async def confirm(self, connection_id: str, origins: tuple[str, ...]) -> None:
        assert self.unlocked, "nothing can be saved while the vault is shut"
        connection = replace(self.kept[connection_id].connection, confirmed_origins=origins)
        self.kept[connection_id] = ConnectionRecord(connection)

    async def delete(self, connection_id: str) -> None:
        del self.kept[connection_id]

    async def _answer(self, connection_id: str) -> TokenSet:
        assert self.unlocked, "no token leaves a vault that is shut"
        tokens = token_set(self.clock) if self.answer is None else await self.answer(connection_id)
        self.kept[connection_id] = replace(self.kept[connection_id], token=tokens.facts)
        return tokens


@dataclass
class FakeProgram:
    """Hands out one engine, however often it is asked."""

    clock: ManualClock
    shelf: Shelf
    fake: FakeEngine
    problems: tuple[DescriptorError, ...] = ()
    findings: tuple[Finding, ...] = ()
    inspected: tuple[Inspected, ...] = ()
    store: Exception | None = None
    """What opening the store raises."""

    draining: Callable[[], Awaitable[None]] | None = None
    """Goes on while the engine's context is being left."""

    sandbox: Callable[[int, Callable[[str], None]], Awaitable[None]] | None = None

    def catalog(self) -> Shelf:
        return self.shelf

    def descriptor_problems(self) -> tuple[DescriptorError, ...]:
        return self.problems

    @asynccontextmanager
    async def engine(self) -> AsyncIterator[FakeEngine]:
        if self.store is not None:
            raise self.store
        try:
            yield self.fake
        finally:
            if self.draining is not None:
                await self.draining()
            self.fake.drained = True

    async def serve_sandbox(self, port: int, announce: Callable[[str], None]) -> None:
        assert self.sandbox is not None, "this test has no sandbox"
        await self.sandbox(port, announce)

    async def examine(self) -> Diagnosis:
        return Diagnosis(
            at=self.clock.now().wall,
            parts={"Tokendeck": "0.1.0", "Python": "3.11.7"},
            system="Linux",
            findings=self.findings,
            connections=self.inspected,
            log=(),
        )


class Typed(io.StringIO):
    """Stands in for stdin: a person at a terminal, or a pipe."""

    def __init__(self, text: str, *, person: bool) -> None:
        super().__init__(text)
        self._person = person

    def isatty(self) -> bool:
        return self._person


@dataclass
class Shown:
    """What one command line came to."""

    code: int
    out: str
    err: str


@dataclass
class Stage:
    """One program with nothing in it, and a terminal before it."""

    clock: ManualClock = field(default_factory=ManualClock)
    shelf: Shelf = field(default_factory=Shelf)
    environ: dict[str, str] = field(default_factory=dict)
    options: list[Options] = field(default_factory=list)
    """What the program was built for, each time it was."""

    asked_for: list[str] = field(default_factory=list)
    """The questions whose answers were typed unseen."""

    def __post_init__(self) -> None:
        self.engine = FakeEngine(self.clock, self.shelf)
        self.program = FakeProgram(self.clock, self.shelf, self.engine)

    def wording_of(self, error: Exception) -> str:
        return Wording().error(error)

    def run(
        self,
        *argv: str,
        stdin: str | bytes = "",
        person: bool = False,
        hidden: tuple[str | BaseException, ...] = (),
        stdout: TextIO | None = None,
    ) -> Shown:
        """
        Type a command line.

        A `person` sits at a terminal and types `stdin`, or unseen `hidden`, one after another. Where `stdout` is given,
        `Shown.out` stays empty.
        """
        answers = list(hidden)

        def ask_hidden(question: str) -> str:
            self.asked_for.append(question)
            answer = answers.pop(0)
            if isinstance(answer, BaseException):
                raise answer
            return answer

        out, err = io.StringIO(), io.StringIO()
        typed = Typed(stdin, person=person) if isinstance(stdin, str) else io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
        code = main(
            argv,
            self._build,
            stdin=typed,
            stdout=stdout or out,
            stderr=err,
            environ=self.environ,
            ask_hidden=ask_hidden,
        )
        return Shown(code, out.getvalue(), err.getvalue())

    def _build(self, options: Options) -> FakeProgram:
        self.options.append(options)
        return self.program
