"""Engine events, as Qt signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from PySide6.QtCore import QObject, Signal

from tokendeck.engine.events import (
    ClockWarning,
    NotRevoked,
    RecordAdded,
    RecordChanged,
    RecordRemoved,
    StatusChanged,
    VaultChanged,
)

if TYPE_CHECKING:
    from tokendeck.engine.engine import RefreshEngine
    from tokendeck.engine.events import Event


class EngineBridge(QObject):
    """Listens to the engine until `let_go`. Engine and window share one thread, so signals arrive in order."""

    record_changed = Signal(str)
    """A connection was added, or is another one now."""

    status_changed = Signal(str)
    """A connection is in another state, and what is known of it is what it was."""

    record_removed = Signal(str)
    vault_changed = Signal(object)
    """The `VaultState` as it is now."""

    warned = Signal(object)
    """A `ClockWarning` or a `NotRevoked`: what a person is told at once."""

    def __init__(self, engine: RefreshEngine, parent: QObject | None = None) -> None:
        """Listen to `engine` from now on."""
        super().__init__(parent)
        self.let_go = engine.subscribe(self._hear)

    def _hear(self, event: Event) -> None:
        match event:
            case RecordAdded() | RecordChanged():
                self.record_changed.emit(event.connection_id)
            case StatusChanged():
                self.status_changed.emit(event.connection_id)
            case RecordRemoved():
                self.record_removed.emit(event.connection_id)
            case VaultChanged():
                self.vault_changed.emit(event.state)
            case ClockWarning() | NotRevoked():
                self.warned.emit(event)
            case _:
                assert_never(event)
