"""The token: masked, where its expiry comes from, its scopes and what it says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton

from tokendeck.core.jwt import Jwt
from tokendeck.ui.detail import claims
from tokendeck.ui.detail.facts import FactsCard
from tokendeck.ui.detail.history_plot import HistoryCard
from tokendeck.ui.detail.provider_card import ProviderCard
from tokendeck.ui.detail.subject import requested_scopes
from tokendeck.ui.detail.tab import TabPage
from tokendeck.ui.detail.token_card import TokenCard
from tokendeck.ui.text import plural, translate
from tokendeck.ui.theme import set_kind

if TYPE_CHECKING:
    from tokendeck.core.connection import CallFacts
    from tokendeck.core.provider import RateBudget
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.detail.subject import Subject


class TokenTab(TabPage):
    """Cards of token, facts and claims, and the history at a glance."""

    def __init__(self, context: UiContext) -> None:
        """Start empty."""
        super().__init__(context)
        self._context = context
        self._jwt: Jwt | None = None
        self._subject: Subject | None = None
        self.token = TokenCard(context)
        self.token.decoded.connect(self._take_jwt)
        self.facts = FactsCard(
            context,
            {
                "expires": translate("TokenTab", "Expires"),
                "scopes": translate("TokenTab", "Scopes"),
                "claims": translate("TokenTab", "Claims"),
                "asked": translate("TokenTab", "Asked for"),
                "proven": translate("TokenTab", "Proven"),
                "rate": translate("TokenTab", "Rate budget"),
            },
        )
        self._all_claims = QPushButton()
        self._all_claims.setCheckable(True)
        set_kind(self._all_claims, "inline")
        self._all_claims.toggled.connect(self._show_claims)
        self.facts.put_behind("claims", self._all_claims)
        self.claims: FactsCard | None = None
        self.provider = ProviderCard(context)
        self._history = HistoryCard(context)
        for card in (self.token, self.facts, self.provider, self._history):
            self.rows.addWidget(card)
        self._show_claims()

    def show_subject(self, subject: Subject) -> None:
        """Show what is known now."""
        self._subject = subject
        record, wording, now = subject.record, self._context.wording, subject.now
        self.token.show_subject(subject)
        self.provider.show_subject(subject)
        if record.token is None:
            for key in ("expires", "scopes", "asked"):
                self.facts.clear(key)
        else:
            self.facts.say("expires", *wording.expiry_source(record, subject.provider, now))
            self.facts.say("scopes", *wording.scopes(record, requested_scopes(subject.connection)))
            asked_at = record.token.asked_at.wall
            self.facts.say("asked", wording.when(asked_at, now), wording.age(asked_at, now))
        if record.last_good_at is None:
            self.facts.clear("proven")
        else:
            self.facts.say("proven", wording.when(record.last_good_at, now), wording.age(record.last_good_at, now))
        self._show_rate(subject)
        self.facts.setVisible(any(self.facts.text(key) for key in ("expires", "proven", "rate", "claims")))

    def show_calls(self, calls: tuple[CallFacts, ...]) -> None:
        """Show the history at a glance."""
        self._history.show_calls(calls)

    def _show_rate(self, subject: Subject) -> None:
        rate = subject.provider.rate
        if rate is None:
            self.facts.clear("rate")
            return
        left = self._context.engine.budget_left(subject.connection)
        allowed = rate.requests if left is None else left
        words = translate("TokenTab", "{left} of {all} calls left {window}")
        self.facts.say("rate", words.format(left=allowed, all=rate.requests, window=self._window(rate)))

    def _window(self, rate: RateBudget) -> str:
        if rate.per.total_seconds() == 60:
            return translate("TokenTab", "this minute")
        return translate("TokenTab", "in {span}").format(span=self._context.wording.duration(rate.per))

    def _take_jwt(self, jwt: object) -> None:
        self._jwt = jwt if isinstance(jwt, Jwt) else None
        self._all_claims.setChecked(False)
        self._show_claims()

    def _show_claims(self) -> None:
        """Show the summary, and all of it below where that was asked for."""
        if self.claims is not None:
            self.remove(self.claims)
            self.claims = None
        self._all_claims.setVisible(self._jwt is not None)
        if self._jwt is None or self._subject is None:
            self.facts.clear("claims")
            return
        found = claims.rows(self._jwt, self._context.wording, self._subject.now)
        everything = self._all_claims.isChecked()
        words = plural("TokenTab", "Show it", "Show all %Ln", len(found))
        self._all_claims.setText(translate("TokenTab", "Show less") if everything else words)
        self.facts.say("claims", claims.summary(self._jwt))
        if everything:
            self.claims = FactsCard(
                self._context,
                {str(number): name for number, (name, _) in enumerate(found)},
                translate("TokenTab", "What the token says of itself"),
            )
            for number, (_, value) in enumerate(found):
                self.claims.say(str(number), value)
            self.rows.insertWidget(self.rows.indexOf(self.facts) + 1, self.claims)
