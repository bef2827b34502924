"""The last calls, as a plot and one by one; never a body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.verdict import VerdictKind
from tokendeck.ui.detail.facts import FactsCard
from tokendeck.ui.detail.history_plot import MOST_CALLS, HistoryCard
from tokendeck.ui.detail.tab import TabPage
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from tokendeck.core.connection import CallFacts
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.detail.subject import Subject


class HistoryTab(TabPage):
    """Plot and list."""

    def __init__(self, context: UiContext) -> None:
        """Start empty."""
        super().__init__(context)
        self._context = context
        self.plot = HistoryCard(context)
        self._list: FactsCard | None = None
        self.rows.addWidget(self.plot)

    def show_calls(self, subject: Subject, calls: tuple[CallFacts, ...]) -> None:
        """Show these, oldest first, as a list with the newest on top."""
        self.plot.show_calls(calls)
        if self._list is not None:
            self.remove(self._list)
            self._list = None
        if not calls:
            return
        newest = tuple(reversed(calls[-MOST_CALLS:]))
        wording = self._context.wording
        names = {str(number): wording.when(call.at, subject.now) for number, call in enumerate(newest)}
        self._list = FactsCard(self._context, names, translate("HistoryTab", "One by one"))
        for number, call in enumerate(newest):
            self._list.say(str(number), self._outcome(call), subject.call_name(call.call))
        self.rows.addWidget(self._list)

    def _outcome(self, call: CallFacts) -> str:
        parts = [outcome_words().get(call.outcome, call.outcome)]
        if call.status is not None:
            parts.append(str(call.status))
        if call.latency_ms is not None:
            parts.append(self._context.wording.latency(call.latency_ms))
        if call.retried:
            parts.append(translate("HistoryTab", "token renewed, call repeated once"))
        return " · ".join(parts)


def outcome_words() -> dict[str, str]:
    """Give a word for each outcome."""
    return {
        VerdictKind.WORKS.value: translate("HistoryTab", "Worked"),
        VerdictKind.MINTED.value: translate("HistoryTab", "Token only"),
        VerdictKind.REFUSED.value: translate("HistoryTab", "Refused"),
        VerdictKind.TROUBLE.value: translate("HistoryTab", "Passing trouble"),
    }
