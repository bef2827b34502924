"""The right side of the page for an issuer: what it publishes about itself, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton, QWidget

from tokendeck.ui.adding.sides import lay_out_outcome
from tokendeck.ui.announce import announce
from tokendeck.ui.detail.facts import FactsCard
from tokendeck.ui.labels import Banner, label
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from tokendeck.core.metadata import IssuerMetadata
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.theme import Tone


class IssuerFindings(QWidget):
    """Says what is going on, and shows what was found."""

    def __init__(self, context: UiContext) -> None:
        """Start with what is going to be here."""
        super().__init__()
        theme = context.theme
        self._words = context.wording.published
        heading = translate("IssuerFindings", "What it says of itself")
        self._hint = label(
            translate(
                "IssuerFindings",
                "Where tokens come from, how a client proves itself, which grants there are: many providers publish"
                " it under their issuer's address (OpenID Connect Discovery, RFC 8414). Nothing secret is sent to"
                " read it.",
            ),
            "quiet",
            wraps=True,
        )
        self.news = Banner(theme)
        self.anew = QPushButton(translate("IssuerFindings", "Describe it anew"))
        self.news.row.addWidget(self.anew)
        self.caution = Banner(theme)
        self.facts = FactsCard(context, self._words.names(), names_wrap=True)
        self.facts.setAccessibleName(heading)
        lay_out_outcome(self, theme, heading, self._hint, self.news, self.caution, self.facts)
        self.show_nothing()

    def show_nothing(self) -> None:
        """Go back to where it began."""
        self.facts.hide()
        self.news.say("neutral", "")
        self.caution.say("caution", "")
        self._hint.show()

    def show_metadata(self, found: IssuerMetadata) -> None:
        """Show what was found, and first where it would lead beside to the issuer itself."""
        self.caution.say("caution", self._words.caution(found))
        facts = self._words.facts(found)
        for key in self.facts.keys:
            if key in facts:
                self.facts.say(key, *facts[key])
            else:
                self.facts.clear(key)
        self._hint.hide()
        self.facts.show()

    def say(self, tone: Tone, sentence: str, *, offers_anew: bool = False) -> None:
        """Say what is going on; screen readers hear it, at once where something is wrong."""
        self.anew.setVisible(offers_anew)
        self.news.say(tone, sentence)
        if sentence:
            heard = f"{sentence} {self.caution.sentence}".strip()
            announce(self.news, heard, urgent=tone in {"bad", "caution"} or heard != sentence)
