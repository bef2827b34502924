"""The panel in the detail that shows an attempt to sign in: what it waits for, and what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from tokendeck.core.secret import Secret
from tokendeck.engine.attempts import BrowserSignIn, DeviceSignIn
from tokendeck.ui.announce import announce
from tokendeck.ui.labels import Card, label
from tokendeck.ui.signing_in.qr_code import QrCode
from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_L, SPACE_M, SPACE_S, set_kind

if TYPE_CHECKING:
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.detail.subject import Subject
    from tokendeck.ui.signing_in.attempt import SigningIn


class SignInPanel(Card):
    """Shows the attempt of the connection in the detail; hidden while there is none."""

    def __init__(self, context: UiContext, signing_in: SigningIn) -> None:
        """Start hidden; the buttons act through `signing_in`."""
        super().__init__(context.theme)
        self._context = context
        self._signing_in = signing_in
        self._attempt: BrowserSignIn | DeviceSignIn | None = None
        self._heading = label(kind="heading")
        self._countdown = label(kind="quiet")
        self._countdown.setFont(context.theme.font("figures"))
        self._sentence = label(wraps=True)
        self._code = label(kind="title", selectable=True)
        self._page = label(kind="mono", wraps=True, selectable=True)
        self._qr_code = QrCode(context.theme)
        self._address = QLineEdit()
        self._flaw = label(kind="small", tone="bad", wraps=True)
        self._hand_in = QPushButton(translate("SignInPanel", "Continue"))
        self._open = QPushButton()
        self._copy_link = QPushButton(translate("SignInPanel", "Copy link"))
        self._copy_code = QPushButton(translate("SignInPanel", "Copy code"))
        self._cancel = QPushButton(translate("SignInPanel", "Cancel"))
        self._lay_out()
        self._connect()
        self.hide()

    def show_subject(self, subject: Subject) -> None:
        """Show the attempt under way if it is this connection's."""
        attempt = self._context.engine.signing_in()
        if attempt is None or attempt.connection_id != subject.connection.id:
            self._attempt = None
            self._address.clear()
            self.hide()
            return
        if attempt is not self._attempt:
            self._attempt = attempt
            self._begin(attempt, subject.provider.name)
        left = attempt.left(subject.now)
        self._countdown.setText("" if attempt.is_exchanging else self._context.wording.countdown(left))
        if attempt.is_exchanging:
            asking = translate("SignInPanel", "You are back. Asking {provider} for the token…")
            self._sentence.setText(asking.format(provider=subject.provider.name))
        self._cancel.setEnabled(not attempt.is_exchanging)
        self.show()

    def focus_first(self) -> None:
        """Put the keyboard where the person goes on."""
        (self._address if self._address.isVisibleTo(self) else self._open).setFocus(Qt.FocusReason.OtherFocusReason)

    def _begin(self, attempt: BrowserSignIn | DeviceSignIn, provider: str) -> None:
        self._flaw.hide()
        self._address.clear()
        self._heading.setText(translate("SignInPanel", "Signing in at {provider}").format(provider=provider))
        match attempt:
            case BrowserSignIn():
                self._show_browser(attempt, provider)
            case DeviceSignIn():
                self._show_device(attempt, provider)
            case _:
                assert_never(attempt)
        self.setAccessibleName(f"{self._heading.text()}. {self._sentence.text()}")
        announce(self, self.accessibleName())

    def _show_browser(self, attempt: BrowserSignIn, provider: str) -> None:
        pasted = attempt.prompt.is_pasted
        if pasted:
            words = translate(
                "SignInPanel",
                "Sign in on the page that has opened in your browser. It ends on {redirect_uri}, which may well show"
                " an error: copy the whole address of that page, and paste it here.",
            )
        else:
            words = translate(
                "SignInPanel",
                "Sign in on the page that has opened in your browser. Tokendeck goes on by itself as soon as {provider}"
                " sends you back.",
            )
        self._sentence.setText(words.format(redirect_uri=attempt.prompt.redirect_uri, provider=provider))
        self._open.setText(translate("SignInPanel", "Open the page again"))
        self._show_parts(pasted=pasted, device=False)
        self._qr_code.show_text("", "")

    def _show_device(self, attempt: DeviceSignIn, provider: str) -> None:
        prompt = attempt.prompt
        words = translate(
            "SignInPanel",
            "Open this page on any device and type in the code. Tokendeck goes on by itself as soon as {provider} says"
            " that you are done.",
        )
        self._sentence.setText(words.format(provider=provider))
        self._code.setText(prompt.user_code)
        self._code.setAccessibleName(translate("SignInPanel", "Code: {code}").format(code=" ".join(prompt.user_code)))
        self._page.setText(prompt.page)
        self._open.setText(translate("SignInPanel", "Open the page"))
        self._show_parts(pasted=False, device=True)
        self._qr_code.show_text(
            prompt.page_with_code or prompt.page, translate("SignInPanel", "QR code of the page to sign in on")
        )

    def _show_parts(self, *, pasted: bool, device: bool) -> None:
        for_pasting: tuple[QWidget, ...] = (self._address, self._hand_in)
        for_a_device: tuple[QWidget, ...] = (self._code, self._page, self._copy_code)
        for part in for_pasting:
            part.setVisible(pasted)
        for part in for_a_device:
            part.setVisible(device)

    def _link(self) -> str:
        match self._attempt:
            case BrowserSignIn(prompt=prompt):
                return prompt.link
            case DeviceSignIn(prompt=prompt):
                return prompt.page_with_code or prompt.page
            case None:
                return ""
            case _:
                assert_never(self._attempt)

    def _copy(self, text: str, copied: str) -> None:
        self._context.spawn(self._copy_and_tell(text, copied), name="copy for signing in")

    async def _copy_and_tell(self, text: str, copied: str) -> None:
        if await self._context.clipboard.copy_for_good(Secret(text)):
            self._signing_in.told.emit(copied, "good", None)
        else:
            words = translate("SignInPanel", "The clipboard did not take it. Bring this window forward and try again.")
            self._signing_in.told.emit(words, "bad", None)

    def _show_flaw(self, sentence: str) -> None:
        self._flaw.setText(sentence)
        self._flaw.show()
        set_kind(self._address, tone="bad")
        announce(self, sentence, urgent=True)

    def _connect(self) -> None:
        self._open.clicked.connect(self._signing_in.open_page)
        self._cancel.clicked.connect(self._signing_in.cancel)
        self._copy_link.clicked.connect(lambda: self._copy(self._link(), translate("SignInPanel", "Link copied.")))
        self._copy_code.clicked.connect(lambda: self._copy(self._code.text(), translate("SignInPanel", "Code copied.")))
        self._hand_in.clicked.connect(lambda: self._signing_in.hand_in(self._address.text()))
        self._address.returnPressed.connect(self._hand_in.click)
        self._address.textChanged.connect(self._forget_flaw)
        self._signing_in.refused.connect(self._show_flaw)

    def _forget_flaw(self) -> None:
        self._flaw.hide()
        set_kind(self._address, tone="")

    def _lay_out(self) -> None:
        theme = self._context.theme
        self._address.setPlaceholderText("https://…?code=…&state=…")
        self._address.setAccessibleName(translate("SignInPanel", "Address that the browser ended on"))
        self._address.setClearButtonEnabled(True)
        self._page.setAccessibleName(translate("SignInPanel", "Page to sign in on"))
        set_kind(self._hand_in, "primary")
        self._context.icons.dress(self._open, "external-link", "quiet")
        self.head.addWidget(self._heading)
        self.head.addStretch(1)
        self.head.addWidget(self._countdown)
        self.rows.addLayout(self.head)
        texts = QVBoxLayout()
        texts.setSpacing(theme.px(SPACE_M))
        for part in (self._sentence, self._code, self._page):
            texts.addWidget(part)
        texts.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(theme.px(SPACE_L))
        middle.addLayout(texts, 1)
        middle.addWidget(self._qr_code, 0, Qt.AlignmentFlag.AlignTop)
        self.rows.addLayout(middle)
        pasting = QHBoxLayout()
        pasting.setSpacing(theme.px(SPACE_S))
        pasting.addWidget(self._address, 1)
        pasting.addWidget(self._hand_in)
        self.rows.addLayout(pasting)
        self.rows.addWidget(self._flaw)
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(SPACE_S))
        for button in (self._open, self._copy_link, self._copy_code):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self._cancel)
        self.rows.addWidget(buttons)
