"""What every part of the window is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from tokendeck.engine.ports import Catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from tokendeck.core.errors import DescriptorError
    from tokendeck.core.moment import Moment
    from tokendeck.core.wording import Wording
    from tokendeck.engine.engine import RefreshEngine
    from tokendeck.ui.clipboard import SecretClipboard
    from tokendeck.ui.curtain import Curtain
    from tokendeck.ui.icons import Icons
    from tokendeck.ui.theme import Theme


class Spawn(Protocol):
    """Starts a coroutine as a task that somebody owns; `tasks.Tasks.spawn`."""

    def __call__(self, work: Coroutine[Any, Any, Any], *, name: str) -> None:
        """Start `work`; its errors end in one place."""
        ...


class Shelf(Catalog, Protocol):
    """The descriptors, and what is wrong with those that are not among them."""

    @property
    def problems(self) -> tuple[DescriptorError, ...]:
        """One complaint for each file that costs itself."""
        ...


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

    def attach(self, engine: RefreshEngine, spawn: Spawn) -> None:
        """Bring the engine, and the means to start tasks on its loop."""
        self._engine = engine
        self._spawn = spawn

    def spawn(self, work: Coroutine[Any, Any, Any], *, name: str) -> None:
        """Start `work` as a task with this name; raises RuntimeError before `attach`."""
        if self._spawn is None:
            work.close()
            raise RuntimeError("there is no loop to run tasks yet")
        self._spawn(work, name=name)
