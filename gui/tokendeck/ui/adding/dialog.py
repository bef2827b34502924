"""Adding a connection, and editing one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from tokendeck.core.connection import Connection, folded
from tokendeck.core.frozen import replace
from tokendeck.ui.adding.chooser import ProviderChooser
from tokendeck.ui.adding.issuer_page import IssuerPage
from tokendeck.ui.adding.page import ConnectionPage
from tokendeck.ui.labels import Banner, label
from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_L, SPACE_S, SPACE_XL, SPACE_XS, set_kind

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent

    from tokendeck.core.provider import Provider
    from tokendeck.ui.adding.issuer_page import Described
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.ports import Sketch

WIDTH_PX, HEIGHT_PX = 980, 620


class ConnectionDialog(QDialog):
    """Leads from the provider to a saved connection; opened with `open()`, deletes itself when closed."""

    saved = Signal(str)
    """The id of a connection that is in the store now."""

    sign_in_wanted = Signal(str)
    """The id of one that a person signs in to next."""

    def __init__(
        self,
        context: UiContext,
        *,
        editing: str | None = None,
        provider: str | None = None,
        doubt: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """
        Start with the choice of a provider, or on the form where that is settled.

        Args:
            context: everything shared; the engine must be attached.
            editing: id of the connection to edit.
            provider: id of the provider to add a connection for.
            doubt: why the settings to edit may not be what was saved, as a sentence; then every origin has to be
                confirmed anew. Empty where there is no doubt.
            parent: the window.

        Raises:
            NoSuchConnection, UnknownProvider: there is nothing of this id.

        """
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._context = context
        self._page: ConnectionPage | None = None
        self._issuer: IssuerPage | None = None
        self._pages = QStackedWidget()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)
        self.resize(context.theme.px(WIDTH_PX), context.theme.px(HEIGHT_PX))
        if editing is not None:
            connection = context.engine.record(editing).connection
            self.setWindowTitle(translate("ConnectionDialog", "Edit a connection"))
            if doubt:
                warning = Banner(context.theme)
                warning.say("bad", doubt)
                whole.insertWidget(0, warning)
                connection = replace(connection, confirmed_origins=())
            self._show_form(context.catalog.provider(connection.provider), connection, is_new=False)
            return
        self.setWindowTitle(translate("ConnectionDialog", "Add a connection"))
        self._chooser = ProviderChooser(context)
        self._choosing = self._first_page()
        self._pages.addWidget(self._choosing)
        self._proceed.setDefault(True)
        self._chooser.setFocus()
        if provider is not None:
            self.choose(provider)

    def choose(self, provider_id: str) -> None:
        """Go to the form of this provider. Raises `UnknownProvider`."""
        provider = self._context.catalog.provider(provider_id)
        self._show_form(provider, self._new_connection(provider), is_new=True)

    def reject(self) -> None:
        """Close, and stop what is being tried out; a save comes to its end first."""
        if self._stop():
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Close as Esc does."""
        if self._stop():
            super().closeEvent(event)
        else:
            event.ignore()

    def ask_for_issuer(self) -> None:
        """Go to the page that describes a provider from what its issuer publishes."""
        self._issuer = page = IssuerPage(self._context)
        page.described.connect(self._show_described)
        page.closed.connect(self.reject)
        page.another_provider_requested.connect(self._choose_again)
        self._show(page)
        page.begin()

    def _stop(self) -> bool:
        """Stop every page; tell whether the dialog may go."""
        if self._page is not None and not self._page.stop():
            return False
        if self._issuer is not None:
            self._issuer.stop()
        return True

    def _show(self, page: QWidget) -> None:
        self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)

    def _show_described(self, described: Described) -> None:
        start = replace(self._new_connection(described.provider), confirmed_origins=(described.origin,))
        self._show_form(described.provider, start, is_new=True, sketch=described.sketch)

    def _show_form(self, provider: Provider, start: Connection, *, is_new: bool, sketch: Sketch | None = None) -> None:
        page = ConnectionPage(self._context, provider, start, is_new=is_new, sketch=sketch)
        page.saved.connect(self.saved)
        page.sign_in_wanted.connect(self.sign_in_wanted)
        page.closed.connect(self.reject)
        page.another_provider_requested.connect(self._choose_again)
        self._show(page)
        self._page = page
        page.begin()

    def _choose_again(self) -> None:
        """Go back a page: from the form to the issuer where one led to it, else to the providers."""
        if self._page is not None:
            if not self._page.stop():
                return
            self._leave(self._page)
            self._page = None
            if self._issuer is not None:
                self._issuer.begin()
                return
        elif self._issuer is not None:
            self._issuer.stop()
            self._leave(self._issuer)
            self._issuer = None
        self._proceed.setDefault(True)
        self._chooser.setFocus()

    def _leave(self, page: QWidget) -> None:
        self._pages.removeWidget(page)
        page.deleteLater()

    def _new_connection(self, provider: Provider) -> Connection:
        grant = provider.grants[0]
        return Connection(
            id=uuid4().hex,
            name=self._free_name(provider.name),
            provider=provider.id,
            environment=provider.environments[0].id if provider.environments else "",
            grant=grant.id,
            created_at=self._context.now().wall,
        )

    def _free_name(self, wanted: str) -> str:
        taken = {folded(record.connection.name) for record in self._context.engine.records()}
        name, number = wanted, 2
        while folded(name) in taken:
            name, number = f"{wanted} {number}", number + 1
        return name

    def _first_page(self) -> QWidget:
        theme = self._context.theme
        page, edge = QWidget(), theme.px(SPACE_XL)
        texts = QVBoxLayout()
        texts.setContentsMargins(edge, edge, edge, 0)
        texts.setSpacing(theme.px(SPACE_XS))
        texts.addWidget(label(translate("ConnectionDialog", "Add a connection"), "title"))
        texts.addWidget(label(translate("ConnectionDialog", "Which provider gave you the credentials?"), "quiet"))
        cancel = QPushButton(translate("ConnectionDialog", "Cancel"))
        cancel.clicked.connect(self.reject)
        self._proceed = proceed = QPushButton(translate("ConnectionDialog", "Continue"))
        set_kind(proceed, "primary")
        proceed.clicked.connect(self._chooser.choose_current)
        self._chooser.chosen.connect(self.choose)
        self._chooser.issuer_wanted.connect(self.ask_for_issuer)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(edge, theme.px(SPACE_L), edge, edge)
        buttons.setSpacing(theme.px(SPACE_S))
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(proceed)
        rows = QVBoxLayout(page)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addLayout(texts)
        rows.addWidget(self._chooser, 1)
        rows.addLayout(buttons)
        set_kind(page, "panel")
        return page
