"""
States and errors as sentences, for the window and the command line alike.

Knows no Qt: whoever speaks another language hands a translation in. The words for statuses are needed for the first
paint of a list; all others are imported when they are first asked for.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from tokendeck.core.wording.spans import Spans
from tokendeck.core.wording.states import States

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta, tzinfo

    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.core.diagnosis import Diagnosis
    from tokendeck.core.moment import Moment
    from tokendeck.core.provider import Grant, Provider
    from tokendeck.core.status import Status
    from tokendeck.core.token import TokenFacts
    from tokendeck.core.vault import VaultState
    from tokendeck.core.verdict import Verdict
    from tokendeck.core.wording.errors import Errors
    from tokendeck.core.wording.findings import Findings
    from tokendeck.core.wording.published import Published
    from tokendeck.core.wording.vaults import Vaults
    from tokendeck.core.wording.verdicts import Verdicts


def as_written(context: str, text: str) -> str:  # noqa: ARG001 - the shape that a translation has
    """Translate nothing."""
    return text


class Wording:
    """Whole sentences from facts: what happened, what to do, and the other side's own words, quoted and plain."""

    def __init__(self, translate: Callable[[str, str], str] = as_written, *, local_zone: tzinfo | None = None) -> None:
        """
        Take the language and the zone.

        Args:
            translate: `translate(context, text)`; lupdate extracts its calls from the sources.
            local_zone: of clock times shown to people; None means the system's.

        """
        self._translate = translate
        self._spans = Spans(translate, local_zone)
        self._states = States(translate, self._spans, lambda: self._errors)

    def status_word(self, status: Status, now: Moment | None = None) -> str:
        """Give `Live`, `Needs attention` and so on; with `now`, waiting brings its countdown: `Waiting 0:38`."""
        return self._states.word(status, now)

    def status_sentence(
        self, record: ConnectionRecord, status: Status, provider: Provider, grant: Grant, now: Moment
    ) -> str:
        """Give what the status means and what to do; provider and grant with the connection's overrides applied."""
        return self._states.sentence(record, status, provider, grant, now)

    def expiry(self, record: ConnectionRecord, status: Status, grant: Grant, now: Moment) -> tuple[str, str]:
        """Give two short lines, main and quiet: `48:12` and `renews in 43:12`, `not stated` and `proven 2 min ago`."""
        return self._states.expiry(record, status, grant, now)

    def expiry_source(self, record: ConnectionRecord, provider: Provider, now: Moment) -> tuple[str, str]:
        """Give main and quiet: `today at 14:51:03` and `as the provider said (expires_in 3600)`."""
        return self._states.expiry_source(record, provider, now)

    def scopes(self, record: ConnectionRecord, requested: Sequence[str]) -> tuple[str, str]:
        """Give main and quiet: `profile, email` and `none were asked for`."""
        return self._states.scopes(record, requested)

    def good_for(self, facts: TokenFacts, now: Moment) -> str:
        """Give `good for 59 min`, `never expires` or `lifetime not stated`."""
        return self._states.good_for(facts, now)

    def spoken(self, record: ConnectionRecord, status: Status, provider: Provider, grant: Grant, now: Moment) -> str:
        """Give a row for a screen reader: `Web shop, Paysera sandbox, live, expires in 59 minutes`."""
        return self._states.spoken(record, status, provider, grant, now)

    def countdown(self, span: timedelta) -> str:
        """Give a span that is watched: `0:24`, `48:12`, `2 h 04 min`, `3 d 02 h`; a negative one is `0:00`."""
        return self._spans.countdown(span)

    def duration(self, span: timedelta) -> str:
        """Give a span in words, rounded down: `48 minutes`, `1 hour 20 minutes`."""
        return self._spans.duration(span)

    def age(self, when: datetime, now: Moment) -> str:
        """Give `3 min ago` or `just now`."""
        return self._spans.age(when, now)

    def when(self, when: datetime, now: Moment) -> str:
        """Give `today at 14:02:31`, `yesterday at …`, `tomorrow at …` or `2026-11-20 at …`."""
        return self._spans.when(when, now)

    def latency(self, milliseconds: float) -> str:
        """Give `182 ms` or `12.4 s`."""
        return self._spans.latency(milliseconds)

    def error(self, error: BaseException, *, provider: Provider | None = None) -> str:
        """
        Give one paragraph of plain text: what happened, what to do, then the provider's or the system's words, quoted.

        Args:
            error: any; those of `core.errors` have sentences of their own.
            provider: whose connection it is about, for its name and its fields' labels; None where it is about none.

        """
        return self._errors.sentences(error, provider)

    def verdict(self, verdict: Verdict, provider: Provider) -> tuple[str, str]:
        """Give headline and detail: `It works. 200 in 182 ms.`; the detail may be empty."""
        return self._verdicts.headline_and_detail(verdict, provider)

    def sign_in_page(
        self, connection: str, trouble: BaseException | None, *, provider: Provider | None = None
    ) -> tuple[str, str]:
        """Give heading and text of the page that the browser ends on; None means that it worked."""
        return self._errors.sign_in.page(connection, "" if trouble is None else self.error(trouble, provider=provider))

    def not_revoked(self, connection: str, error: BaseException, *, provider: Provider | None = None) -> str:
        """Say that the tokens of a deleted connection, named `connection`, were not revoked, and why."""
        return self._errors.sign_in.not_revoked(connection, self.error(error, provider=provider))

    def vault(self, state: VaultState) -> tuple[str, str]:
        """Give title and body of the page that stands where the list would be; short enough for a status bar too."""
        return self._vaults.page(state)

    def report(self, diagnosis: Diagnosis) -> str:
        """Give all of a diagnosis as plain text of many lines; hand in what `Diagnosis.told` gives."""
        from tokendeck.core.wording.report import Report

        return Report(self._translate).text(diagnosis)

    @cached_property
    def findings(self) -> Findings:
        """What `doctor` looked at."""
        from tokendeck.core.wording.findings import Findings

        return Findings(self._translate, self._errors)

    @cached_property
    def published(self) -> Published:
        """What an issuer publishes about itself."""
        from tokendeck.core.wording.published import Published

        return Published(self._translate)

    def new_vault_question(self) -> str:
        """Ask whether to set a vault aside whose key is lost, and say what becomes of it."""
        return self._vaults.new_vault_question()

    def vault_kept_as(self, path: str) -> str:
        """Say where a vault is that was set aside, and how to go back to it."""
        return self._vaults.kept_as(path)

    def damaged_store(self, path: str) -> str:
        """Say that a damaged store was set aside, for as long as it is there."""
        return self._vaults.damaged_store(path)

    @cached_property
    def _errors(self) -> Errors:
        from tokendeck.core.wording.errors import Errors

        return Errors(self._translate, self._spans, self._vaults)

    @cached_property
    def _vaults(self) -> Vaults:
        from tokendeck.core.wording.vaults import Vaults

        return Vaults(self._translate)

    @cached_property
    def _verdicts(self) -> Verdicts:
        from tokendeck.core.wording.verdicts import Verdicts

        return Verdicts(self._translate, self._spans, self._errors)
