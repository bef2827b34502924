"""Test calls: those that the provider's page documents, and what the last one came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from tokendeck.core.errors import FieldError
from tokendeck.core.request import connection_values
from tokendeck.ui.detail.tab import TabPage
from tokendeck.ui.detail.verdict_view import VerdictView
from tokendeck.ui.labels import Banner, Card, ElidedLabel, label
from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_M, SPACE_XS

if TYPE_CHECKING:
    from tokendeck.core.provider import Provider, TestCall
    from tokendeck.core.verdict import Verdict
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.detail.subject import Subject


class CallsTab(TabPage):
    """A card for each call, hazards above, the verdict below."""

    test_requested = Signal(str)
    """Id of a call; empty for a mint."""

    def __init__(self, context: UiContext) -> None:
        """Start empty."""
        super().__init__(context)
        self._context = context
        self._cards: list[CallCard] = []
        self._shown: object = None
        self._hazard = Banner(context.theme)
        self._calls = QVBoxLayout()
        self._calls.setSpacing(context.theme.px(SPACE_M))
        self.verdict = VerdictView(context)
        self.rows.addWidget(self._hazard)
        self.rows.addLayout(self._calls)
        self.rows.addWidget(self.verdict)

    @property
    def hazard(self) -> str:
        """The warning as shown; empty where there is none."""
        return "" if self._hazard.isHidden() else self._hazard.sentence

    def show_subject(self, subject: Subject) -> None:
        """Show the calls of its descriptor; made anew only where they are other ones."""
        hazards = subject.provider.hazards_of(subject.connection.grant)
        self._hazard.say("caution", "\n".join(one.text for one in hazards))
        shown = (subject.connection, subject.provider)
        if shown == self._shown:
            return
        self._shown = shown
        for card in self._cards:
            self._calls.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = [CallCard(self._context, *parts) for parts in _offered(subject)]
        for card in self._cards:
            card.test_requested.connect(self.test_requested)
            self._calls.addWidget(card)

    def show_verdict(self, verdict: Verdict | None, provider: Provider) -> None:
        """Show the last verdict; None hides it."""
        if verdict is None:
            self.verdict.hide()
        else:
            self.verdict.show_verdict(verdict, provider)


class CallCard(Card):
    """One call with its button."""

    test_requested = Signal(str)

    def __init__(self, context: UiContext, call_id: str, name: str, request: str) -> None:
        """Show what is called and how."""
        super().__init__(context.theme)
        texts = QVBoxLayout()
        texts.setSpacing(context.theme.px(SPACE_XS))
        heading = label(name, "field", wraps=True)
        texts.addWidget(heading)
        if request:
            shown = ElidedLabel("mono")
            shown.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
            shown.set_whole(request)
            texts.addWidget(shown)
        button = QPushButton(translate("CallsTab", "Test"))
        button.setAccessibleName(translate("CallsTab", "Test: {call}").format(call=name))
        context.icons.dress(button, "play")
        button.clicked.connect(lambda: self.test_requested.emit(call_id))
        row = QHBoxLayout()
        row.addLayout(texts, 1)
        row.addWidget(button)
        self.rows.addLayout(row)


def _offered(subject: Subject) -> list[tuple[str, str, str]]:
    """Give id, name and request of what can be tested."""
    provider = subject.provider
    if not provider.test_calls:
        sentence = translate(
            "CallsTab", "{provider}'s page documents no safe call. A test asks for a token; that is all it proves."
        )
        return [("", sentence.format(provider=provider.name), "")]
    return [(call.id, call.name, f"{call.method} {_url(call, subject)}") for call in provider.test_calls]


def _url(call: TestCall, subject: Subject) -> str:
    try:
        return call.url.fill(connection_values(subject.provider, subject.connection, {})).masked()
    except FieldError:
        return call.url.source
