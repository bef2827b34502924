"""Test calls: do these credentials work, and if not, at which step does it end?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tokendeck.core.answers import provider_words
from tokendeck.core.connection import CallFacts
from tokendeck.core.errors import (
    ActionNeeded,
    ConfirmationNeeded,
    GrantDead,
    OriginNotConfirmed,
    PassingTrouble,
    UnknownCall,
    Unreachable,
    UnusableToken,
)
from tokendeck.core.frozen import replace
from tokendeck.core.masking import mask_body, mask_text
from tokendeck.core.request import Request, build_call, connection_values
from tokendeck.core.verdict import Step, Verdict, VerdictKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.core.answers import Answer
    from tokendeck.core.connection import Connection
    from tokendeck.core.credentials import Credentials
    from tokendeck.core.errors import TokendeckError
    from tokendeck.core.provider import Provider, TestCall
    from tokendeck.core.secret import Secret
    from tokendeck.core.token import TokenSet
    from tokendeck.engine.dispenser import Dispenser
    from tokendeck.engine.politeness import Politeness
    from tokendeck.engine.ports import Clock, Ledger, TokenEndpoint, Vault
    from tokendeck.engine.roster import Roster

UNSAFE_METHOD = "unsafe_method"
"""Hazard id of a call that may change something in production."""

UNAUTHORIZED, FORBIDDEN, TOO_MANY_REQUESTS, SERVER_ERROR = 401, 403, 429, 500


class Prover:
    """Makes test calls and judges them."""

    def __init__(
        self,
        *,
        clock: Clock,
        roster: Roster,
        ledger: Ledger,
        vault: Vault,
        endpoint: TokenEndpoint,
        politeness: Politeness,
        dispenser: Dispenser,
    ) -> None:
        """Take what it asks."""
        self._clock = clock
        self._roster = roster
        self._ledger = ledger
        self._vault = vault
        self._endpoint = endpoint
        self._politeness = politeness
        self._dispenser = dispenser
        self._worked_here: set[str] = set()

    async def test(self, connection_id: str, call_id: str | None, *, confirmed: bool) -> Verdict:
        """
        Make a test call, or mint where the descriptor documents none, and keep the outcome in the history.

        Args:
            connection_id: whose credentials.
            call_id: which call; None means the descriptor's first.
            confirmed: whether the user said yes to the hazard.

        Raises:
            UnknownCall, ConfirmationNeeded, OriginNotConfirmed: before anything was sent.
            VaultUnavailable, NoSuchConnection, UsageError: there is nothing to judge.

        """
        credentials = await self._vault.credentials(connection_id)
        provider = self._roster.provider(credentials.connection)
        call = _choose(provider, call_id)
        if call is None:
            verdict = await self._mint(connection_id)
        else:
            self._check_hazards(credentials.connection, provider, call, confirmed=confirmed)
            verdict = await self._call(credentials, provider, call)
        await self._remember(connection_id, verdict)
        return verdict

    def forget(self, connection_id: str) -> None:
        """Let go of what is known of a connection that is gone for good."""
        self._worked_here.discard(connection_id)

    async def _mint(self, connection_id: str) -> Verdict:
        try:
            issue = await self._dispenser.obtain(connection_id, fresh=True, by_person=True)
        except (ActionNeeded, PassingTrouble) as error:
            return _failed(error, "")
        return Verdict(
            VerdictKind.MINTED,
            Step.DONE,
            method="POST" if issue.url else "",
            url=issue.url,
            status=issue.status,
            latency_ms=issue.latency_ms,
        )

    async def _call(self, credentials: Credentials, provider: Provider, call: TestCall) -> Verdict:
        connection, secrets = credentials.connection, credentials.secrets
        values = connection_values(provider, connection, secrets)
        retried = False
        while True:
            try:
                issue = await self._dispenser.obtain(connection.id, fresh=False, by_person=True)
                request = build_call(call, values, issue.tokens, grant=provider.grant(connection.grant))
                if request.origin not in connection.confirmed_origins:
                    raise OriginNotConfirmed(request.origin)
                answer = await self._send(request, provider)
            except (ActionNeeded, PassingTrouble) as error:
                return replace(_failed(error, call.id), retried=retried)
            if answer.status == UNAUTHORIZED:
                await self._vault.discard_tokens(connection.id, issue.tokens.facts.serial)
                await self._roster.reread(connection.id)
                if not retried:
                    retried = True
                    continue
            verdict = _judge(
                answer, request, call, provider, connection.grant, [*secrets.values(), *_secrets(issue.tokens)]
            )
            meaning = next((one for one in provider.meanings if one.status == answer.status), None)
            if meaning is not None and meaning.token_revoked:
                await self._vault.discard_tokens(connection.id, issue.tokens.facts.serial)
                await self._roster.reread(connection.id)
            return replace(verdict, retried=retried, meaning=meaning.text if meaning else "")

    async def _send(self, request: Request, provider: Provider) -> Answer:
        async with self._politeness.pass_gate(request.origin, provider.rate):
            answer = await self._endpoint.send(request, follow_same_origin=True)
        self._politeness.heed(request.origin, answer, provider.rate)
        return answer

    async def _remember(self, connection_id: str, verdict: Verdict) -> None:
        if verdict.kind is VerdictKind.WORKS:
            self._worked_here.add(connection_id)
        facts = CallFacts(
            at=self._clock.now().wall,
            call=verdict.call,
            outcome=verdict.kind.value,
            status=verdict.status,
            latency_ms=verdict.latency_ms,
            retried=verdict.retried,
        )
        await self._ledger.note_call(connection_id, facts)
        await self._roster.reread(connection_id)

    def _check_hazards(self, connection: Connection, provider: Provider, call: TestCall, *, confirmed: bool) -> None:
        """Ask first where a hazard threatens and no call worked in this run, and before unsafe calls in production."""
        if confirmed:
            return
        hazards = provider.hazards_of(connection.grant)
        if hazards and connection.id not in self._worked_here:
            raise ConfirmationNeeded(hazards[0].id, hazards[0].text)
        environment = provider.environment(connection.environment)
        if not call.is_safe and (environment is None or environment.production):
            raise ConfirmationNeeded(UNSAFE_METHOD, "")


def _choose(provider: Provider, call_id: str | None) -> TestCall | None:
    if call_id is None:
        return provider.test_calls[0] if provider.test_calls else None
    try:
        return provider.test_call(call_id)
    except KeyError:
        raise UnknownCall(call_id, tuple(one.id for one in provider.test_calls)) from None


def _failed(error: TokendeckError, call_id: str) -> Verdict:
    """Judge a test that got no answer from the provider's API."""
    kind = VerdictKind.TROUBLE if isinstance(error, PassingTrouble) else VerdictKind.REFUSED
    status = getattr(error, "status", None)
    return Verdict(
        kind,
        _step(error, status),
        call=call_id,
        status=status,
        code=getattr(error, "code", ""),
        words=getattr(error, "words", ""),
        error=error,
    )


def _step(error: TokendeckError, status: int | None) -> Step:
    match error:
        case Unreachable():
            return Step(error.step.value)
        case GrantDead() | UnusableToken():
            return Step.TOKEN
        case _ if status == UNAUTHORIZED or getattr(error, "code", "") == "invalid_client":
            return Step.AUTHENTICATION
        case _ if status == TOO_MANY_REQUESTS:
            return Step.RATE
        case _:
            return Step.TOKEN


def _judge(
    answer: Answer, request: Request, call: TestCall, provider: Provider, grant_id: str, secrets: list[Secret]
) -> Verdict:
    kind, step = _outcome(answer)
    code, words = provider_words(answer, provider.grant(grant_id).answer, secrets)
    return Verdict(
        kind,
        step,
        call=call.id,
        method=request.method,
        url=request.url,
        status=answer.status,
        latency_ms=answer.latency / timedelta(milliseconds=1),
        headers=_shown_headers(answer.headers, secrets),
        body=mask_body(answer.body, secrets),
        code=code,
        words=words,
        timings_ms=answer.timings_ms,
    )


def _outcome(answer: Answer) -> tuple[VerdictKind, Step]:
    success, redirect = range(200, 300), range(300, 400)
    match answer.status:
        case status if status in success:
            return VerdictKind.WORKS, Step.DONE
        case status if status == UNAUTHORIZED:
            return VerdictKind.REFUSED, Step.AUTHENTICATION
        case status if status == FORBIDDEN:
            return VerdictKind.REFUSED, Step.PERMISSION
        case status if status == TOO_MANY_REQUESTS:
            return VerdictKind.TROUBLE, Step.RATE
        case status if status >= SERVER_ERROR or status in redirect:
            return VerdictKind.TROUBLE, Step.ANSWER
        case _:
            return VerdictKind.REFUSED, Step.ANSWER


def _shown_headers(headers: Mapping[str, str], secrets: list[Secret]) -> dict[str, str]:
    return {name: mask_text(value, secrets) for name, value in headers.items() if name != "set-cookie"}


def _secrets(tokens: TokenSet) -> list[Secret]:
    return [tokens.access_token] + ([tokens.refresh_token] if tokens.refresh_token else [])
