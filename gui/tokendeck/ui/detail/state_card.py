"""What the state means and what to do, in one sentence with one button."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, assert_never

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from tokendeck.core import status as states
from tokendeck.core.expiry import At, Never
from tokendeck.core.provider import GrantKind
from tokendeck.ui.connections.look import sign_of
from tokendeck.ui.labels import Banner
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.detail.subject import Subject


class Remedy(Enum):
    """What the button does."""

    REFRESH = "refresh"
    TEST = "test"
    EDIT = "edit"
    RESUME = "resume"
    SIGN_IN = "sign_in"
    UNLOCK = "unlock"


def remedy_for(subject: Subject) -> Remedy | None:
    """Give what the sentence tells the user to do; None where there is nothing to do, or nothing that a button can."""
    match subject.status:
        case states.NoToken() | states.Expired() | states.Waiting():
            return Remedy.REFRESH
        case states.Live():
            ends = subject.record.token is None or isinstance(subject.record.token.expiry, At | Never)
            return None if ends else Remedy.TEST
        case states.NeedsAttention():
            return Remedy.EDIT
        case states.Paused():
            return Remedy.RESUME
        case states.Locked():
            return Remedy.UNLOCK
        case states.SignIn():
            return Remedy.SIGN_IN
        case states.Due() | states.Renewing() | states.OnDemand():
            return None
        case _:
            assert_never(subject.status)


class StateCard(Banner):
    """The sentence on its tone's ground."""

    remedy_requested = Signal(Remedy)

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(context.theme, parent)
        self._context = context
        self._remedy: Remedy | None = None
        self._button = QPushButton()
        self._button.clicked.connect(self._ask)
        self.row.addWidget(self._button)

    def show_subject(self, subject: Subject, *, signing_in: bool = False) -> None:
        """Say how the connection stands now; while somebody is `signing_in`, the panel below has the buttons."""
        sentence = self._context.wording.status_sentence(
            subject.record, subject.status, subject.provider, subject.grant, subject.now
        )
        self.say(sign_of(subject.status).tone, sentence, self._proof(subject))
        self._remedy = None if signing_in else remedy_for(subject)
        self._button.setVisible(self._remedy is not None)
        if self._remedy is not None:
            self._button.setText(_words(self._remedy, subject))

    def show_trouble(self, sentence: str, detail: str = "") -> None:
        """Say why nothing is known of the connection, and quietly what to do."""
        self._remedy = None
        self._button.hide()
        self.say("bad", sentence, detail)

    def _proof(self, subject: Subject) -> str:
        call, wording = subject.record.last_call, self._context.wording
        if call is None:
            return ""
        parts = [
            translate("StateCard", "Last tested {when}").format(when=wording.when(call.at, subject.now)),
            subject.call_name(call.call),
        ]
        if call.status is not None and call.latency_ms is not None:
            figures = translate("StateCard", "{status} in {latency}")
            parts.append(figures.format(status=call.status, latency=wording.latency(call.latency_ms)))
        return " · ".join(parts)

    def _ask(self) -> None:
        if self._remedy is not None:
            self.remedy_requested.emit(self._remedy)


def _words(remedy: Remedy, subject: Subject) -> str:
    match remedy:
        case Remedy.REFRESH if isinstance(subject.status, states.Waiting):
            return translate("StateCard", "Try now")
        case Remedy.REFRESH:
            return translate("StateCard", "Get a token")
        case Remedy.TEST:
            return translate("StateCard", "Test it")
        case Remedy.EDIT:
            return translate("StateCard", "Edit")
        case Remedy.RESUME:
            return translate("StateCard", "Resume")
        case Remedy.SIGN_IN if subject.grant.kind is GrantKind.DEVICE_CODE:
            return translate("StateCard", "Sign in")
        case Remedy.SIGN_IN:
            return translate("StateCard", "Sign in with the browser")
        case Remedy.UNLOCK:
            return translate("StateCard", "Unlock…")
        case _:
            assert_never(remedy)
