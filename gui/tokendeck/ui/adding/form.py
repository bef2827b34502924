"""The form of a connection, made from what its provider's descriptor asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokendeck.core.connection import BASE_URL, Connection, composed
from tokendeck.core.secret import Secret
from tokendeck.ui.adding.advanced import Advanced
from tokendeck.ui.adding.blame import NAME
from tokendeck.ui.adding.draft import Draft
from tokendeck.ui.adding.edits import FieldEdit, SecretEdit
from tokendeck.ui.adding.from_file import FromFile
from tokendeck.ui.adding.pasted import LARGEST_PASTE, match_fields, pem_in, read_pasted
from tokendeck.ui.adding.rows import ChoiceRow, Row, TextRow
from tokendeck.ui.keeping import kept_where
from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_M, SPACE_XL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokendeck.core.provider import Field, Provider
    from tokendeck.ui.context import UiContext

ANOTHER = ""
"""Key of the choice of an environment that the descriptor does not name."""

ENVIRONMENT = "environment"
LONGEST_NAME = 120


class ConnectionForm(QWidget):
    """Holds what is typed, and gives it as a draft."""

    changed = Signal()
    """Something else is typed or chosen now."""

    def __init__(self, context: UiContext, provider: Provider, start: Connection, *, keeps_secrets: bool) -> None:
        """
        Build the rows.

        Args:
            context: theme and icons.
            provider: as its file says, without overrides.
            start: what the form begins with; its id, date and everything that no row shows stay as they are.
            keeps_secrets: whether secret fields left empty keep what the vault has.

        """
        super().__init__()
        self._context = context
        self._provider = provider
        self._start = start
        self._keeps_secrets = keeps_secrets
        self._fields: dict[str, TextRow] = {}
        theme = context.theme

        self._name = self._text_row(translate("ConnectionForm", "Name"))
        self._name.edit.setMaxLength(LONGEST_NAME)
        self._environment = self._environment_row()
        self._other_name = self._text_row(
            translate("ConnectionForm", "Environment name"), example=translate("ConnectionForm", "Staging")
        )
        self._base_url = self._text_row(
            translate("ConnectionForm", "Base URL"),
            translate("ConnectionForm", "Takes the place of every address that the provider's page names."),
            "https://…",
        )
        self._grant = self._grant_row()
        self._advanced = Advanced(context, start)
        self._advanced.changed.connect(self.changed)

        head = QHBoxLayout()
        head.setSpacing(theme.px(SPACE_M))
        head.addWidget(self._name, 3, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._environment, 2, Qt.AlignmentFlag.AlignTop)
        rows = QVBoxLayout(self)
        edge = theme.px(SPACE_XL)
        rows.setContentsMargins(edge, edge, edge, edge)
        rows.setSpacing(theme.px(SPACE_M + 2))
        rows.addLayout(head)
        self.from_file = FromFile(context, self.take_block)
        fields = (*self._field_rows(), self.from_file)
        for row in (self._other_name, self._base_url, self._grant, *fields, self._advanced):
            rows.addWidget(row)
        rows.addStretch(1)
        self._start_with(start)
        self._follow_choices()
        for choice in (self._environment, self._grant):
            choice.changed.connect(self._follow_choices)

    def draft(self) -> Draft:
        """Give what is typed so far, right or wrong; it may go nowhere yet."""
        grant = self._grant.key
        wanted = {one.key: one for one in self._provider.fields_of(grant)}
        shown = {key: row.text for key, row in self._fields.items() if key in wanted}
        overrides = self._advanced.overrides()
        if not self._base_url.isHidden():
            overrides[BASE_URL] = self._base_url.text
        connection = Connection(
            id=self._start.id,
            name=composed(self._name.text),
            provider=self._provider.id,
            environment=self._environment.key or self._other_name.text,
            grant=grant,
            created_at=self._start.created_at,
            values={key: text for key, text in shown.items() if text and not wanted[key].secret},
            overrides={key: text for key, text in overrides.items() if text},
            tags=self._advanced.tags(),
            confirmed_origins=self._start.confirmed_origins,
            paused=self._start.paused,
        )
        return Draft(connection, {key: Secret(text) for key, text in shown.items() if text and wanted[key].secret})

    def problems(self) -> Iterator[tuple[str, str]]:
        """Give what the form itself misses, by key: names, and where an environment of one's own is reached."""
        if not self._name.text:
            yield NAME, translate("ConnectionForm", "Give it a name by which you will find it again.")
        if self._is_another() and not self._other_name.text:
            yield ENVIRONMENT, translate("ConnectionForm", "Name the environment, for example Staging.")
        if not self._base_url.isHidden() and not self._base_url.text:
            yield BASE_URL, translate("ConnectionForm", "Enter where this environment is reached.")

    def show_error(self, key: str, text: str) -> bool:
        """Show what is wrong with a field and go there; tell whether the form has such a field."""
        rows = {NAME: self._name, ENVIRONMENT: self._other_name, BASE_URL: self._address_row(), **self._fields}
        row = rows.get(key)
        if row is None or row.isHidden():
            return False
        if row is self._advanced.base_url:
            self._advanced.open()
        row.show_error(text)
        row.setFocus()
        return True

    def clear_errors(self) -> None:
        """Bring every help text back."""
        for row in self._all_rows():
            row.show_error("")

    def clear_secrets(self) -> None:
        """Forget what was typed into the secret fields."""
        for field in self._provider.fields:
            if field.secret:
                self._fields[field.key].edit.clear()

    def take_block(self, text: str) -> bool:
        """Fill every field that a pasted block names, or that its PEM text is for; tell whether there was any."""
        named = {BASE_URL: self._address_row(), **self._fields}
        found = match_fields(read_pasted(text), [key for key, row in named.items() if not row.isHidden()])
        found |= pem_in(text, [field for field in self._provider.fields if not named[field.key].isHidden()])
        for key, value in found.items():
            named[key].put(value.reveal())
        return bool(found)

    def focus_first(self) -> None:
        """Go to the first thing that is still to be filled in."""
        rows = [self._name, *self._fields.values()]
        empty = next((row for row in rows if not row.isHidden() and not row.text), self._name)
        empty.setFocus()

    def _text_row(self, name: str, help_text: str = "", example: str = "") -> TextRow:
        row = TextRow(self._context.theme, name, FieldEdit(self.take_block), help_text, example)
        row.changed.connect(self.changed)
        return row

    def _field_rows(self) -> Iterator[TextRow]:
        for field in self._provider.fields:
            row = self._secret_row(field) if field.secret else self._text_row(field.label, field.help, _example(field))
            if field.multiline:
                row.edit.setMaxLength(LARGEST_PASTE)
            self._fields[field.key] = row
            yield row

    def _secret_row(self, field: Field) -> TextRow:
        state = self._context.engine.vault_state
        where = translate("ConnectionForm", "{kept}.").format(kept=kept_where(state).capitalize())
        kept = translate("ConnectionForm", "Kept; type to replace.") if self._keeps_secrets else _example(field)
        edit = SecretEdit(self._context, self.take_block)
        row = TextRow(self._context.theme, field.label, edit, field.help or where, kept)
        row.changed.connect(self.changed)
        return row

    def _environment_row(self) -> ChoiceRow:
        choices = [(one.id, one.name) for one in self._provider.environments]
        choices.append((ANOTHER, translate("ConnectionForm", "Another…")))
        return ChoiceRow(self._context, translate("ConnectionForm", "Environment"), choices)

    def _grant_row(self) -> ChoiceRow:
        row = ChoiceRow(
            self._context,
            translate("ConnectionForm", "Grant"),
            [(one.id, one.name) for one in self._provider.grants],
        )
        row.setHidden(len(self._provider.grants) < 2)
        return row

    def _start_with(self, start: Connection) -> None:
        self._name.put(start.name)
        self._grant.choose(start.grant)
        known = self._provider.environment(start.environment) is not None
        self._environment.choose(start.environment if known else ANOTHER)
        self._other_name.put("" if known else start.environment)
        self._base_url.put(start.overrides.get(BASE_URL, ""))
        for key, value in start.values.items():
            if key in self._fields:
                self._fields[key].put(value)

    def _follow_choices(self) -> None:
        wanted = {one.key for one in self._provider.fields_of(self._grant.key)}
        for key, row in self._fields.items():
            row.setVisible(key in wanted)
        has_field = BASE_URL in wanted
        self._other_name.setVisible(self._is_another())
        self._base_url.setVisible(self._is_another() and not has_field)
        self._advanced.base_url.setVisible(not self._is_another() and not has_field)
        self.changed.emit()

    def _is_another(self) -> bool:
        return self._environment.key == ANOTHER

    def _address_row(self) -> TextRow:
        """The row for a base URL that the provider has no field for."""
        return self._base_url if self._is_another() else self._advanced.base_url

    def _all_rows(self) -> tuple[Row, ...]:
        return (self._name, self._other_name, self._base_url, self._advanced.base_url, *self._fields.values())


def _example(field: Field) -> str:
    """Give what a field shows while nothing is typed."""
    pem = translate("ConnectionForm", "PEM text: paste it, or fill it from a file")
    return field.example or (pem if field.multiline else "")
