"""What the window asks of the outside beside the engine. For type checkers: nothing of it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from tokendeck.engine.ports import Catalog

if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import Coroutine

    from tokendeck.core.errors import DescriptorError
    from tokendeck.core.metadata import IssuerMetadata
    from tokendeck.core.provider import Provider


class Spawn(Protocol):
    """Starts a coroutine as a task that somebody owns; `tasks.Tasks.spawn`."""

    def __call__(self, work: Coroutine[Any, Any, Any], *, name: str) -> Task[Any]:
        """Start `work` in the loop's next turn; its errors end in one place."""
        ...


class Shelf(Catalog, Protocol):
    """The descriptors, and what is wrong with those that are not among them."""

    @property
    def problems(self) -> tuple[DescriptorError, ...]:
        """One complaint for each file that costs itself."""
        ...


class Sketch(Protocol):
    """A provider that no file describes yet; connections can be tried out with it all the same."""

    @property
    def provider(self) -> Provider:
        """As its file is going to say."""
        ...

    async def keep(self) -> None:
        """Write its file. Raises `DescriptorError` where that does not work, `FileTaken` where another is there."""
        ...

    async def take_back(self) -> None:
        """Erase the file that `keep` wrote: what it was written for came to nothing."""
        ...

    def drop(self) -> None:
        """Know it no longer, where no file was kept."""
        ...


class Issuers(Protocol):
    """Providers of the user's own, from what issuers publish about themselves."""

    async def discover(self, address: str) -> IssuerMetadata:
        """Ask an issuer. Raises `BadUrl`, `UnfitIssuer` or passing trouble."""
        ...

    def known(self, found: IssuerMetadata) -> Provider | None:
        """Give the provider that was described from this metadata before; None where there is none."""
        ...

    def changes(self, found: IssuerMetadata, provider: Provider) -> tuple[str, ...]:
        """Give which facts that provider's file tells otherwise by now, by the keys of `wording.published`."""
        ...

    def sketch(self, found: IssuerMetadata, name: str = "") -> Sketch:
        """Describe it anew, by `name` or else by its host. Raises `UnfitIssuer` where there is nothing to ask for."""
        ...
