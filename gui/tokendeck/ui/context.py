"""What every part of the window is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from tokendeck.core.moment import Moment
    from tokendeck.core.wording import Wording
    from tokendeck.engine.engine import RefreshEngine
    from tokendeck.ui.clipboard import SecretClipboard
    from tokendeck.ui.curtain import Curtain
    from tokendeck.ui.icons import Icons
    from tokendeck.ui.ports import Issuers, Shelf, Spawn
    from tokendeck.ui.theme import Theme


class UiContext:
    """
    The window's dependencies, handed down to every part.

    The first list is painted before there is an engine: `attach` brings it, with the means to start tasks.
    """

    def __init__(
        self,
        *,
        catalog: Shelf,
        wording: Wording,
        now: Callable[[], Moment],
        theme: Theme,
        icons: Icons,
        clipboard: SecretClipboard,
        curtain: Curtain,
        settings_path: Path,
        damaged_stores: tuple[str, ...] = (),
    ) -> None:
        """
        Hold what there is from the start.

        Args:
            catalog: the providers' descriptors.
            wording: makes sentences of states and errors.
            now: reads both clocks.
            theme: colours, sizes and fonts.
            icons: recoloured drawings.
            clipboard: the one way for a secret into the clipboard.
            curtain: covers the secrets on show.
            settings_path: the file in which geometry and the like are remembered.
            damaged_stores: files as which damaged stores were set aside.

        """
        self.catalog = catalog
        self.wording = wording
        self.now = now
        self.theme = theme
        self.icons = icons
        self.clipboard = clipboard
        self.curtain = curtain
        self.settings_path = settings_path
        self.damaged_stores = damaged_stores
        self._engine: RefreshEngine | None = None
        self._spawn: Spawn | None = None
        self._issuers: Issuers | None = None

    @property
    def has_engine(self) -> bool:
        """Whether the engine has come; until then only records are shown."""
        return self._engine is not None

    @property
    def engine(self) -> RefreshEngine:
        """The engine; raises RuntimeError before `attach`."""
        if self._engine is None:
            raise RuntimeError("the engine is not attached yet")
        return self._engine

    @property
    def issuers(self) -> Issuers:
        """Who asks issuers; raises RuntimeError before `attach`."""
        if self._issuers is None:
            raise RuntimeError("nobody is there yet to ask issuers")
        return self._issuers

    def attach(self, engine: RefreshEngine, spawn: Spawn, issuers: Issuers) -> None:
        """Bring the engine, the means to start tasks on its loop, and who asks issuers."""
        self._engine = engine
        self._spawn = spawn
        self._issuers = issuers

    def spawn(self, work: Coroutine[Any, Any, Any], *, name: str) -> Task[Any]:
        """Start `work` as a task with this name, and give that; raises RuntimeError before `attach`."""
        if self._spawn is None:
            work.close()
            raise RuntimeError("there is no loop to run tasks yet")
        return self._spawn(work, name=name)
