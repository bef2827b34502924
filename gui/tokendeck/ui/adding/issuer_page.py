"""The page on which a provider is found by its issuer, and described from what that publishes."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from tokendeck.core.connection import folded
from tokendeck.core.errors import BadUrl, DescriptorError, PassingTrouble, TokendeckError
from tokendeck.core.frozen import dataclass
from tokendeck.core.origin import without_user_info
from tokendeck.ui.adding.edits import FieldEdit
from tokendeck.ui.adding.issuer_findings import IssuerFindings
from tokendeck.ui.adding.rows import TextRow
from tokendeck.ui.adding.sides import lay_out_sides
from tokendeck.ui.announce import announce
from tokendeck.ui.labels import label
from tokendeck.ui.text import readable_day, translate
from tokendeck.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XL, SPACE_XS, set_kind

if TYPE_CHECKING:
    from tokendeck.core.metadata import IssuerMetadata
    from tokendeck.core.provider import Provider
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.ports import Sketch

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Described:
    """What the form goes on with."""

    provider: Provider
    origin: str
    """The issuer's own: any other is asked about before a secret goes there."""

    sketch: Sketch | None
    """None where a file describes the provider already."""


class IssuerPage(QWidget):
    """Asks for the issuer, then for what the provider is called; the form asks for everything else."""

    described = Signal(Described)
    closed = Signal()
    another_provider_requested = Signal()

    def __init__(self, context: UiContext) -> None:
        """Build the page; nothing is asked yet."""
        super().__init__()
        self._context = context
        self._work: asyncio.Task[object] | None = None
        self._found: IssuerMetadata | None = None
        self._provider: Provider | None = None
        self._sketch: Sketch | None = None
        theme = context.theme
        self._address = TextRow(
            theme,
            translate("IssuerPage", "Issuer"),
            FieldEdit(lambda _: False),
            translate("IssuerPage", "As the provider's documentation spells it."),
            "https://login.example.com",
        )
        self._find = QPushButton(translate("IssuerPage", "Find"))
        self._name = TextRow(
            theme,
            translate("IssuerPage", "Name of the provider"),
            FieldEdit(lambda _: False),
            translate("IssuerPage", "Shown beside its connections."),
        )
        self._name.edit.setMaxLength(LONGEST_NAME)
        self._findings = IssuerFindings(context)
        self._cancel = QPushButton(translate("IssuerPage", "Cancel"))
        self._proceed = QPushButton(translate("IssuerPage", "Continue"))
        self._another = QPushButton(translate("IssuerPage", "Another provider"))
        self._lay_out()
        self._address.changed.connect(self._forget)
        self._find.clicked.connect(self.ask)
        self._findings.anew.clicked.connect(self.describe_anew)
        self._proceed.clicked.connect(self.proceed)
        self._cancel.clicked.connect(self._cancel_or_close)
        self._another.clicked.connect(self.another_provider_requested)
        self._show_readiness()

    def begin(self) -> None:
        """Take the dialog's Enter key, and go to the address; the page must be in its dialog."""
        self._show_readiness()
        self._address.setFocus()

    def stop(self) -> None:
        """Stop asking, and let go of a description that no file was written of."""
        if self._work is not None:
            self._work.cancel()
        self._drop_sketch()

    def ask(self) -> None:
        """Ask the issuer that is typed."""
        address = self._address.text
        if self._work is None and address:
            self._forget()
            asking = translate("IssuerPage", "Asking {address}…").format(address=without_user_info(address))
            self._findings.say("accent", asking)
            self._work = self._context.spawn(self._watched(address), name="ask an issuer")
            self._show_readiness()

    def proceed(self) -> None:
        """Go on with what was found, by the name that is chosen."""
        if self._provider is None or self._found is None:
            return
        if self._sketch is not None and not self._is_named(self._found):
            self._name.setFocus()
            return
        self.described.emit(Described(self._provider, self._found.origin, self._sketch))

    def describe_anew(self) -> None:
        """Describe what was found in a file of its own, beside the one that there is; connections stay with that."""
        if self._found is None or self._sketch is not None:
            return
        try:
            self._describe(self._found)
        except TokendeckError as error:
            self._show_error(error)
        else:
            self._name.setFocus()
        self._show_readiness()

    async def _watched(self, address: str) -> None:
        """Ask; an error becomes a sentence, and what is typed stays."""
        try:
            found = await self._context.issuers.discover(address)
            if isValid(self):
                self._show_found(found)
        except TokendeckError as error:
            if isValid(self):
                self._show_error(error)
        finally:
            if self._work is asyncio.current_task():
                self._work = None
                if isValid(self):
                    self._show_readiness()

    def _show_found(self, found: IssuerMetadata) -> None:
        """Show it, and what can be chosen. Raises `UnfitIssuer` where nothing can."""
        self._findings.show_metadata(found)
        known = self._context.issuers.known(found)
        if known is None:
            self._describe(found)
        else:
            self._go_on_with(known, found)
        self._found = found

    def _describe(self, found: IssuerMetadata) -> None:
        self._sketch = sketch = self._context.issuers.sketch(found)
        self._provider = sketch.provider
        self._name.put(self._free_name(sketch.provider.name))
        self._findings.say("good", translate("IssuerPage", "This is what it offers. Nothing is saved yet."))

    def _go_on_with(self, known: Provider, found: IssuerMetadata) -> None:
        """Say which file there is, and what that tells otherwise: what is shown is not what is going to be used."""
        self._provider = known
        said = translate(
            "IssuerPage", "You have described this issuer before, as “{name}”, on {date}. Continue goes on with that."
        ).format(name=known.name, date=readable_day(known.source.read))
        changed = self._context.issuers.changes(found, known)
        if changed:
            names = self._context.wording.published.names()
            otherwise = translate(
                "IssuerPage",
                "By now the issuer says otherwise about: {facts}. A new description leaves the old one as it is.",
            )
            said += " " + otherwise.format(facts=", ".join(names[one] for one in changed))
        self._findings.say("caution" if changed else "neutral", said, offers_anew=bool(changed))

    def _free_name(self, wanted: str) -> str:
        taken = {folded(one.name) for one in self._context.catalog.providers()}
        names = (wanted if number == 1 else f"{wanted} {number}" for number in count(1))
        return next(one for one in names if folded(one) not in taken)

    def _show_error(self, error: TokendeckError) -> None:
        sentence = self._context.wording.error(error)
        if isinstance(error, BadUrl) and error.url == without_user_info(self._address.text):
            self._findings.show_nothing()
            self._address.show_error(sentence)
            announce(self._address, sentence, urgent=True)
        else:
            self._findings.say("caution" if isinstance(error, PassingTrouble) else "bad", sentence)
        self._address.setFocus()

    def _is_named(self, found: IssuerMetadata) -> bool:
        """Give the sketch the name that is typed; tell whether it can have it, and show why where not."""
        name = self._name.text
        if not name:
            self._name.show_error(translate("IssuerPage", "Give it a name by which you will know it again."))
            return False
        if any(folded(one.name) == folded(name) for one in self._context.catalog.providers()):
            self._name.show_error(translate("IssuerPage", "Another provider is called so. Choose a different name."))
            return False
        try:
            named = self._context.issuers.sketch(found, name)
        except DescriptorError as error:
            wrong = translate("IssuerPage", "A file cannot hold this name: expected {expected}.")
            self._name.show_error(wrong.format(expected=error.expected))
            return False
        self._drop_sketch()  # only now: without one, the next click would go on unnamed
        self._sketch, self._provider = named, named.provider
        return True

    def _forget(self) -> None:
        """Another address makes what was found another's."""
        self._drop_sketch()
        self._found = self._provider = None
        self._findings.show_nothing()
        self._show_readiness()

    def _drop_sketch(self) -> None:
        if self._sketch is not None:
            self._sketch.drop()
            self._sketch = None

    def _cancel_or_close(self) -> None:
        if self._work is None:
            self.closed.emit()
        else:
            self._work.cancel()
            self._work = None  # a task that had no turn yet never comes to its end
            self._findings.say("neutral", translate("IssuerPage", "Stopped."))
            self._show_readiness()

    def _show_readiness(self) -> None:
        busy, found = self._work is not None, self._provider is not None
        self._address.edit.setReadOnly(busy)
        self._find.setEnabled(not busy and bool(self._address.text))
        self._another.setEnabled(not busy)
        self._proceed.setEnabled(found)
        self._name.setVisible(found and self._sketch is not None)
        set_kind(self._find, "" if found else "primary")
        set_kind(self._proceed, "primary" if found else "")
        (self._proceed if found else self._find).setDefault(True)

    def _lay_out(self) -> None:
        theme = self._context.theme
        left = QWidget()
        rows = QVBoxLayout(left)
        edge = theme.px(SPACE_XL)
        rows.setContentsMargins(edge, edge, edge, edge)
        rows.setSpacing(theme.px(SPACE_M + 2))
        rows.addWidget(self._address)
        rows.addWidget(self._find, alignment=Qt.AlignmentFlag.AlignLeft)
        rows.addWidget(self._name)
        rows.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(edge, theme.px(SPACE_L), edge, edge)
        buttons.setSpacing(theme.px(SPACE_S))
        buttons.addStretch(1)
        for button in (self._cancel, self._proceed):
            buttons.addWidget(button)
        lay_out_sides(self, self._heading(), left, self._findings, buttons)

    def _heading(self) -> QWidget:
        theme = self._context.theme
        heading = QWidget()
        heading.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        set_kind(heading, "header")
        set_kind(self._another, "link")
        quiet = QHBoxLayout()
        quiet.setSpacing(theme.px(SPACE_XS))
        quiet.addWidget(label(translate("IssuerPage", "Any provider that publishes what it offers"), "quiet"))
        quiet.addWidget(self._another)
        quiet.addStretch(1)
        rows = QVBoxLayout(heading)
        rows.setContentsMargins(theme.px(SPACE_XL), theme.px(SPACE_L), theme.px(SPACE_XL), theme.px(SPACE_L))
        rows.setSpacing(0)
        rows.addWidget(label(translate("IssuerPage", "New from issuer"), "title"))
        rows.addLayout(quiet)
        return heading
