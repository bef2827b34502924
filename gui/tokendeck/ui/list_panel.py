"""The left side: search, Add, and the list or what stands in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from tokendeck.ui.connections.query import Query
from tokendeck.ui.connections.view import ConnectionsView
from tokendeck.ui.page import Page
from tokendeck.ui.search_field import SearchField
from tokendeck.ui.text import plural, translate
from tokendeck.ui.theme import SPACE_M, SPACE_S, set_kind

if TYPE_CHECKING:
    from tokendeck.ui.connections.model import ConnectionsModel
    from tokendeck.ui.context import UiContext


class ListPanel(QWidget):
    """Search field and list; empty pages say why there is nothing to see."""

    add_wanted = Signal()
    sandbox_wanted = Signal()

    def __init__(self, context: UiContext, model: ConnectionsModel, parent: QWidget | None = None) -> None:
        """Show `model`."""
        super().__init__(parent)
        self._context = context
        self._model = model
        set_kind(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        px = context.theme.px
        self.search = SearchField(context)
        self.search.textChanged.connect(self._search)
        self.search.left.connect(self.focus_list)
        self.add = QPushButton(translate("ListPanel", "Add"))
        self.add.setAccessibleName(translate("ListPanel", "Add a connection"))
        set_kind(self.add, "primary")
        context.icons.dress(self.add, "plus", "on_accent")
        self.add.clicked.connect(self.add_wanted)
        head = QHBoxLayout()
        head.setContentsMargins(px(SPACE_M), px(SPACE_M), px(SPACE_M), px(SPACE_M))
        head.setSpacing(px(SPACE_S))
        head.addWidget(self.search, 1)
        head.addWidget(self.add)
        rule = QFrame()
        set_kind(rule, "line")
        self.view = ConnectionsView(context, model)
        self.view.typed.connect(self._take_typing)
        self.view.escaped.connect(self.search.clear)
        self.page = Page(context)
        self.page.pressed.connect(self._press)
        self.rows = QWidget()
        over = QVBoxLayout(self.rows)
        over.setContentsMargins(0, 0, 0, 0)
        over.addWidget(self.view)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.rows)
        self._stack.addWidget(self.page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(rule)
        column.addWidget(self._stack, 1)
        self.setMinimumWidth(self.view.minimumWidth())
        model.counted.connect(self._choose_page)
        self._choose_page()

    @property
    def shows_list(self) -> bool:
        """Whether there are rows, and no page in their place."""
        return self._stack.currentWidget() is self.rows

    def focus_search(self) -> None:
        """Put the keyboard into the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def focus_list(self) -> None:
        """Put the keyboard onto the list, its first row where none is selected."""
        if not self.view.current_id and self._model.rowCount():
            self.view.select(self._model.id_at(0))
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take_typing(self, text: str) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.insert(text)

    def _search(self, text: str) -> None:
        self._model.set_query(Query.parse(text))

    def _press(self, key: str) -> None:
        match key:
            case "add":
                self.add_wanted.emit()
            case "sandbox":
                self.sandbox_wanted.emit()
            case _:
                self.search.clear()
                self.focus_list()

    def _choose_page(self) -> None:
        if self._model.rowCount():
            self._stack.setCurrentWidget(self.rows)
            return
        total, query, typed = self._model.total, self._model.query, self.search.text().strip()
        if not total:
            invitation = translate(
                "ListPanel", "Add one, or look around with the built-in sandbox: no network, no real secret."
            )
            self.page.say(
                "key",
                "accent",
                translate("ListPanel", "No connections yet"),
                "\n\n".join((invitation, *map(self._context.wording.damaged_store, self._context.damaged_stores))),
                (
                    ("add", translate("ListPanel", "Add a connection")),
                    ("sandbox", translate("ListPanel", "Try the sandbox")),
                ),
            )
        elif query.words:
            searched = plural(
                "ListPanel",
                "Searched the name, tags, provider, hosts and client id of %Ln connection.",
                "Searched names, tags, providers, hosts and client ids of %Ln connections.",
                total,
            )
            title = translate("ListPanel", "Nothing matches “{search}”").format(search=typed)
            self.page.say("search", "neutral", title, searched, (("clear", translate("ListPanel", "Clear search")),))
        else:
            hidden = plural(
                "ListPanel", "The filter hides your %Ln connection", "The filter hides all %Ln connections", total
            )
            body = translate("ListPanel", "None of them is “{filter}” now.").format(filter=typed)
            self.page.say("search", "neutral", hidden, body, (("clear", translate("ListPanel", "Clear the filter")),))
        self._stack.setCurrentWidget(self.page)
