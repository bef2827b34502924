"""Beginning an attempt to sign in, and telling how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from tokendeck.core.errors import EndOfSignIn, NotThisSignIn, SignInEnded, TokendeckError
from tokendeck.engine.attempts import BrowserSignIn, DeviceSignIn
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokendeck.core.provider import Provider
    from tokendeck.core.token import TokenSet
    from tokendeck.ui.context import UiContext

SILENT_ENDS = {EndOfSignIn.CANCELLED, EndOfSignIn.REPLACED}
"""Those that the person has just asked for."""


def open_in_browser(address: str) -> bool:
    """Have the system's browser open an address; False where there is none."""
    return QDesktopServices.openUrl(QUrl.fromEncoded(address.encode("ascii")))


class SigningIn(QObject):
    """What a person does about an attempt: begin it, open its page, hand in an address, give up."""

    told = Signal(str, str, object)
    """Words for a toast, its tone, and None."""

    came_back = Signal(str)
    """Somebody comes back from signing in to the connection of this id, with a token or without one."""

    begun = Signal(str)
    """An attempt for the connection of this id waits for the person."""

    refused = Signal(str)
    """What is wrong with the address that was handed in."""

    def __init__(
        self,
        context: UiContext,
        parent: QObject | None = None,
        *,
        open_address: Callable[[str], bool] = open_in_browser,
    ) -> None:
        """Act through `context.engine`."""
        super().__init__(parent)
        self._context = context
        self._open_address = open_address

    def begin(self, connection_id: str) -> None:
        """Begin to sign in, and open the page for it."""
        if self._context.has_engine:
            self._context.spawn(self._sign_in(connection_id), name=f"sign in {connection_id}")

    def cancel(self) -> None:
        """Give up."""
        if (attempt := self._context.engine.signing_in()) is not None:
            attempt.cancel()

    def open_page(self) -> None:
        """Open the page of the attempt under way, once more or for the first time."""
        match self._context.engine.signing_in():
            case BrowserSignIn() as attempt:
                self._open(attempt.prompt.link)
            case DeviceSignIn() as attempt:
                self._open(attempt.prompt.page_with_code or attempt.prompt.page)
            case None:
                pass

    def hand_in(self, address: str) -> None:
        """Take the address that the browser ended on, as pasted."""
        attempt = self._context.engine.signing_in()
        if not isinstance(attempt, BrowserSignIn):
            return
        try:
            attempt.paste(address)
        except NotThisSignIn as error:
            self.refused.emit(self._context.wording.error(error))

    async def _sign_in(self, connection_id: str) -> None:
        engine = self._context.engine
        name, provider, attempt = connection_id, None, None
        try:
            connection = engine.record(connection_id).connection
            name, provider = connection.name, engine.provider(connection)
            attempt = await engine.sign_in(connection_id)
            self.begun.emit(connection_id)
            if isinstance(attempt, BrowserSignIn):
                self._open(attempt.prompt.link)
            self._tell_good(name, await attempt.outcome())
        except TokendeckError as error:
            self._tell_bad(name, provider, error)
            if attempt is None or isinstance(error, SignInEnded):  # nobody was away, or nobody came
                return
        self.came_back.emit(connection_id)

    def _open(self, address: str) -> None:
        if not self._open_address(address):
            words = translate("SigningIn", "No browser could be opened. Copy the link, and open it in one yourself.")
            self.told.emit(words, "caution", None)

    def _tell_good(self, name: str, tokens: TokenSet) -> None:
        how_long = self._context.wording.good_for(tokens.facts, self._context.now())
        words = translate("SigningIn", "Signed in to {name}. The token is {how_long}.")
        self.told.emit(words.format(name=name, how_long=how_long), "good", None)

    def _tell_bad(self, name: str, provider: Provider | None, error: TokendeckError) -> None:
        if isinstance(error, SignInEnded) and error.why in SILENT_ENDS:
            return
        sentence = self._context.wording.error(error, provider=provider)
        words = translate("SigningIn", "{name}: {sentence}").format(name=name, sentence=sentence)
        self.told.emit(words, "bad", None)
