"""The right side of the form: what will be sent, whether it may go there, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tokendeck.core.origin import readable_origin
from tokendeck.ui.adding.confirm_box import ConfirmBox
from tokendeck.ui.adding.sides import lay_out_outcome
from tokendeck.ui.detail.request_view import RequestView
from tokendeck.ui.labels import Banner, label
from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_L, SPACE_M, Tone, set_kind

if TYPE_CHECKING:
    from tokendeck.core.preview import Line
    from tokendeck.ui.context import UiContext


class SendingPanel(QWidget):
    """Shows the request as it is typed, and the answer once there is one."""

    confirmation_changed = Signal()
    """The user confirmed a new origin, or took that back."""

    def __init__(self, context: UiContext, *, is_new: bool) -> None:
        """Start empty, for a connection that is added or edited."""
        super().__init__()
        theme = context.theme
        heading = translate("SendingPanel", "What will be sent")
        self._request = RequestView(theme, heading)
        self._confirm = ConfirmBox(context)
        self._confirm.toggled.connect(self.confirmation_changed)
        self._ask = QFrame()
        set_kind(self._ask, "banner", tone="caution")
        ask_rows = QVBoxLayout(self._ask)
        ask_rows.setContentsMargins(theme.px(SPACE_L), theme.px(SPACE_M), theme.px(SPACE_L), theme.px(SPACE_M))
        why = translate("SendingPanel", "The secret has not been sent there before. Is the address right?")
        if is_new:
            why = translate("SendingPanel", "That is elsewhere than at the issuer's own address. Is it right?")
        ask_rows.addWidget(label(why, tone="caution", wraps=True))
        ask_rows.addWidget(self._confirm)
        self.outcome = Banner(theme)
        self._new_origins: tuple[str, ...] = ()
        lay_out_outcome(self, theme, heading, self._request, self._ask, self.outcome)
        self.show_new_origins(())

    @property
    def may_send(self) -> bool:
        """Whether the user has confirmed every origin that is new."""
        return not self._new_origins or self._confirm.isChecked()

    def show_request(self, lines: list[Line]) -> None:
        """Show the request as it stands."""
        self._request.setVisible(bool(lines))
        self._request.show_lines(lines)

    def show_new_origins(self, origins: tuple[str, ...]) -> None:
        """Ask whether the secret may go to `origins` from now on; none asks nothing. Other origins take a yes back."""
        if origins != self._new_origins:
            self._confirm.setChecked(False)
        self._new_origins = origins
        named = ", ".join(readable_origin(one) for one in origins)
        question = translate("SendingPanel", "Send this secret to {origin} from now on")
        self._confirm.setText(question.format(origin=named))
        self._confirm.updateGeometry()
        self._ask.setVisible(bool(origins))

    def say(self, tone: Tone, sentence: str, detail: str = "") -> None:
        """Show what came of it; an empty sentence shows nothing."""
        self.outcome.say(tone, sentence, detail)
