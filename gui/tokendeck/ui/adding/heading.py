"""The head of the form: which provider it is for, and where its facts come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from tokendeck.ui.labels import ElidedLabel, label
from tokendeck.ui.monogram import Monogram
from tokendeck.ui.text import readable_day, translate
from tokendeck.ui.theme import SPACE_L, SPACE_XL, SPACE_XS, set_kind

if TYPE_CHECKING:
    from tokendeck.core.provider import Provider
    from tokendeck.ui.context import UiContext

MONOGRAM_PX = 44


class PageHeading(QWidget):
    """Monogram, title, source, and the way back to the providers."""

    another_provider_requested = Signal()

    def __init__(
        self, context: UiContext, provider: Provider, editing: str | None, *, is_from_issuer: bool = False
    ) -> None:
        """Say what is added, and whether an issuer led to it; or, with the connection's name, what is edited."""
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._another: QPushButton | None = None
        theme = context.theme
        monogram = Monogram(theme.px(MONOGRAM_PX))
        monogram.show_provider(provider)
        title = ElidedLabel("title")
        title.set_whole(
            translate("PageHeading", "Add a connection to {provider}").format(provider=provider.name)
            if editing is None
            else translate("PageHeading", "Edit {name}").format(name=editing)
        )
        read = readable_day(provider.source.read)
        source = translate("PageHeading", "From your own file, facts read {date}")
        if is_from_issuer:
            source = translate("PageHeading", "From what its issuer publishes, read {date}")
        elif provider.shipped:
            source = translate("PageHeading", "Facts from the provider's page, read {date}")
        quiet = QHBoxLayout()
        quiet.setSpacing(0)
        quiet.addWidget(label(source.format(date=read), "quiet"))
        if editing is None:
            back = translate("PageHeading", "Another provider")
            if is_from_issuer:
                back = translate("PageHeading", "Back to the issuer")
            self._another = another = QPushButton(back)
            set_kind(another, "link")
            another.clicked.connect(self.another_provider_requested)
            quiet.addSpacing(theme.px(SPACE_XS))
            quiet.addWidget(another)
        quiet.addStretch(1)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(title)
        texts.addLayout(quiet)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(SPACE_XL), theme.px(SPACE_L), theme.px(SPACE_XL), theme.px(SPACE_L))
        row.setSpacing(theme.px(SPACE_L))
        row.addWidget(monogram)
        row.addLayout(texts, 1)
        set_kind(self, "header")

    def let_choose(self, *, possible: bool) -> None:
        """Offer another provider, or not now."""
        if self._another is not None:
            self._another.setEnabled(possible)
