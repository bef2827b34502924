"""What the provider says of the token when asked (RFC 7662), and taking the token back (RFC 7009)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtWidgets import QPushButton

from tokendeck.core.errors import TokendeckError
from tokendeck.core.status import Locked
from tokendeck.ui.announce import announce
from tokendeck.ui.detail.claims import claim_names
from tokendeck.ui.labels import Card, label
from tokendeck.ui.questions import ask_to_revoke
from tokendeck.ui.text import translate
from tokendeck.ui.theme import set_kind

if TYPE_CHECKING:
    from tokendeck.core.introspection import Introspection
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.detail.subject import Subject
    from tokendeck.ui.theme import Tone


class _About(NamedTuple):
    """Which token something was said of."""

    connection_id: str
    serial: int


class ProviderCard(Card):
    """Stands where the provider names an endpoint for either; what it said of an older token goes with that."""

    def __init__(self, context: UiContext) -> None:
        """Start hidden."""
        super().__init__(context.theme, translate("ProviderCard", "At the provider"))
        self._context = context
        self._subject: Subject | None = None
        self._about: _About | None = None
        self._ask = QPushButton(translate("ProviderCard", "Ask the provider"))
        self._revoke = QPushButton(translate("ProviderCard", "Revoke…"))
        for button in (self._ask, self._revoke):
            set_kind(button, "link")
            self.head.addWidget(button)
        self._sentence = label(wraps=True, selectable=True)
        self._claims = label(kind="small", wraps=True, selectable=True)
        self.rows.addWidget(self._sentence)
        self.rows.addWidget(self._claims)
        self._ask.clicked.connect(self._begin_to_ask)
        self._revoke.clicked.connect(self._ask_to_revoke)
        self.hide()

    def show_subject(self, subject: Subject) -> None:
        """Offer what this connection's provider can do about its token."""
        self._subject = subject
        about = _About(subject.connection.id, subject.record.serial)
        if about != self._about:
            self._about = about
            explanation = translate("ProviderCard", "Only the provider knows whether it still takes the token.")
            self._say(explanation, "neutral")
        possible = subject.record.token is not None and not isinstance(subject.status, Locked)
        for button, exchange in ((self._ask, subject.grant.introspect), (self._revoke, subject.grant.revoke)):
            button.setVisible(exchange is not None)
            button.setEnabled(possible)
        self.setVisible(subject.grant.introspect is not None or subject.grant.revoke is not None)

    def _begin_to_ask(self) -> None:
        if self._about is not None:
            self._context.spawn(self._introspect(self._about), name=f"introspect {self._about.connection_id}")

    def _ask_to_revoke(self) -> None:
        about, subject = self._about, self._subject
        if about is not None and subject is not None:
            ask_to_revoke(
                self.window(),
                subject.connection.name,
                lambda: self._context.spawn(self._revoke_tokens(about), name=f"revoke {about.connection_id}"),
            )

    async def _introspect(self, about: _About) -> None:
        try:
            told = await self._context.engine.introspect(about.connection_id)
        except TokendeckError as error:
            self._explain(about, error)
            return
        if about == self._about:
            self._show_told(told)

    async def _revoke_tokens(self, about: _About) -> None:
        try:
            await self._context.engine.revoke(about.connection_id)
        except TokendeckError as error:
            self._explain(about, error)
            return
        if self._about is not None and about.connection_id == self._about.connection_id:
            self._say(translate("ProviderCard", "The tokens were revoked and forgotten."), "good")

    def _explain(self, about: _About, error: TokendeckError) -> None:
        if about == self._about and self._subject is not None:
            self._say(self._context.wording.error(error, provider=self._subject.provider), "bad")

    def _show_told(self, told: Introspection) -> None:
        now = self._context.now()
        when = self._context.wording.when(told.asked_at, now)
        if told.active:
            words = translate("ProviderCard", "The provider takes this token (asked {when}).")
        else:
            words = translate("ProviderCard", "The provider no longer takes this token (asked {when}).")
        names = claim_names()
        claims = [
            (name, self._context.wording.when(value, now) if isinstance(value, datetime) else value)
            for name, value in told.claims.items()
        ]
        lines = [f"{names.get(name, name)}: {value}" for name, value in claims]
        self._say(words.format(when=when), "good" if told.active else "bad", "\n".join(lines))

    def _say(self, sentence: str, tone: Tone, claims: str = "") -> None:
        if sentence != self._sentence.text():
            announce(self, sentence)
        set_kind(self._sentence, tone=tone)
        self._sentence.setText(sentence)
        self._claims.setText(claims)
        self._claims.setVisible(bool(claims))
