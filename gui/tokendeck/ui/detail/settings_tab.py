"""The settings of a connection, the exact request that it sends, and what its descriptor is founded on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton

from tokendeck.core.connection import BASE_URL
from tokendeck.core.errors import TokendeckError
from tokendeck.core.origin import readable_origin
from tokendeck.core.pem import fingerprint
from tokendeck.core.preview import preview
from tokendeck.core.secret import Secret
from tokendeck.ui.detail.facts import FactsCard
from tokendeck.ui.detail.renewal_words import renewal_words
from tokendeck.ui.detail.request_view import RequestView
from tokendeck.ui.detail.tab import TabPage
from tokendeck.ui.keeping import kept_where
from tokendeck.ui.labels import label
from tokendeck.ui.text import readable_day, translate
from tokendeck.ui.theme import SPACE_S

if TYPE_CHECKING:
    from tokendeck.core.connection import Connection
    from tokendeck.core.preview import Line
    from tokendeck.core.provider import Field
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.detail.subject import Subject


class SettingsTab(TabPage):
    """Settings, request, source; made anew only where the settings are other ones."""

    edit_requested = Signal()
    pause_requested = Signal()

    def __init__(self, context: UiContext) -> None:
        """Start empty."""
        super().__init__(context)
        self._context = context
        self._shown: object = None
        self._settings: FactsCard | None = None
        self._changed: FactsCard | None = None
        self._source: FactsCard | None = None
        edit = QPushButton(translate("SettingsTab", "Edit…"))
        context.icons.dress(edit, "pencil")
        edit.clicked.connect(self.edit_requested)
        self._pause = QPushButton()
        self._pause.clicked.connect(self.pause_requested)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(context.theme.px(SPACE_S))
        self._buttons.addWidget(edit)
        self._buttons.addWidget(self._pause)
        self._buttons.addStretch(1)
        heading = translate("SettingsTab", "What is sent for a token")
        self._heading = label(heading.upper(), "overline")
        self.request = RequestView(context.theme, heading)
        self._problem = label(tone="caution", wraps=True)
        self.rows.addLayout(self._buttons)
        for part in (self._heading, self.request, self._problem):
            self.rows.addWidget(part)

    @property
    def settings(self) -> dict[str, str]:
        """The settings as they read, by field key."""
        cards = (card for card in (self._settings, self._changed) if card is not None)
        return {key: card.text(key) for card in cards for key in card.keys}

    def show_subject(self, subject: Subject) -> None:
        """Show the settings as they are now."""
        paused = subject.connection.paused
        self._pause.setText(translate("SettingsTab", "Resume") if paused else translate("SettingsTab", "Pause"))
        self._context.icons.dress(self._pause, "play" if paused else "pause")
        shown = (subject.connection, subject.provider, self._context.engine.vault_state)
        if shown != self._shown:
            self._shown = shown
            self._make_anew(subject)
        if self._settings is not None:
            self._settings.say(":renewal", *renewal_words(subject.grant, subject.record.token, self._context.wording))

    def _make_anew(self, subject: Subject) -> None:
        self._show_request(subject)
        for card in (self._settings, self._changed, self._source):
            if card is not None:
                self.remove(card)
        self._settings = self._settings_card(subject)
        self._changed = self._changed_card(subject)
        self._source = self._source_card(subject)
        self.rows.insertWidget(1, self._settings)
        if self._changed is not None:
            self.rows.insertWidget(2, self._changed)
        self.rows.addWidget(self._source)

    def _show_request(self, subject: Subject) -> None:
        kept = {field.key: Secret("kept") for field in subject.provider.fields if field.secret}
        lines: list[Line] = []
        self._problem.clear()
        try:
            lines = preview(self._context.engine.request_preview(subject.connection, kept))
        except TokendeckError as error:
            self._problem.setText(self._context.wording.error(error, provider=subject.provider))
        self.request.show_lines(lines)
        self.request.setVisible(bool(lines))
        self._problem.setVisible(not lines)

    def _settings_card(self, subject: Subject) -> FactsCard:
        connection, provider = subject.connection, subject.provider
        kept = kept_where(self._context.engine.vault_state)
        fields = provider.fields_of(connection.grant)
        values = {field.key: kept if field.secret else _shown(field, connection) for field in fields}
        names = {field.key: field.label for field in fields}
        origins = ", ".join(map(readable_origin, connection.confirmed_origins))
        own = {
            ":environment": (translate("SettingsTab", "Environment"), subject.environment_name),
            ":grant": (translate("SettingsTab", "Grant"), subject.grant.name),
            ":renewal": (translate("SettingsTab", "Renewal"), ""),
            BASE_URL: (translate("SettingsTab", "Base URL"), connection.overrides.get(BASE_URL, "")),
            ":origins": (translate("SettingsTab", "May be sent to"), origins),
            ":tags": (translate("SettingsTab", "Tags"), " ".join(f"#{tag}" for tag in connection.tags)),
        }
        card = FactsCard(self._context, {**{key: name for key, (name, _) in own.items()}, **names})
        for key, text in {**{key: text for key, (_, text) in own.items() if text}, **values}.items():
            if text:
                card.say(key, text)
        return card

    def _changed_card(self, subject: Subject) -> FactsCard | None:
        """Give what this connection says differently from its descriptor, by dotted key; None where it does not."""
        own = {key: text for key, text in sorted(subject.connection.overrides.items()) if key != BASE_URL}
        if not own:
            return None
        heading = translate("SettingsTab", "Changed from the provider's file")
        card = FactsCard(self._context, {key: key for key in own}, heading, names_kind="mono")
        for key, text in own.items():
            card.say(key, text)
        return card

    def _source_card(self, subject: Subject) -> FactsCard:
        provider = subject.provider
        read = readable_day(provider.source.read)
        rows = {
            "page": translate("SettingsTab", "Page"),
            "rotation": translate("SettingsTab", "Secret rotation"),
            "assumptions": translate("SettingsTab", "Assumptions"),
        }
        card = FactsCard(self._context, rows, translate("SettingsTab", "Where the facts come from"))
        card.say("page", provider.source.page, translate("SettingsTab", "read {date}").format(date=read))
        if provider.rotation:
            card.say("rotation", provider.rotation)
        else:
            card.say("rotation", translate("SettingsTab", "not stated"))
        own = f"grants.{subject.grant.id}."
        assumed = [one for one in provider.assumptions if one.key.startswith(own) or not one.key.startswith("grants.")]
        if assumed:
            card.say("assumptions", "\n".join(f"{one.key.removeprefix(own)}: {one.why}" for one in assumed))
        return card


def _shown(field: Field, connection: Connection) -> str:
    """Give a field's value as people read it: certificates by the fingerprint of the first."""
    value = connection.values.get(field.key, "")
    return (fingerprint(value) if field.multiline else "") or value
