"""Who sends: one client for everybody, and one of its own for each certificate, so that no connection is shared."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tokendeck.core.errors import TlsFault, Unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import timedelta
    from pathlib import Path

    from tokendeck.core.client_proof import ClientCertificate
    from tokendeck.oauth.exchange import Client
    from tokendeck.oauth.tls import Trust


@dataclass(slots=True)
class _Sender:
    """A client and whom it trusts; imported and built when it is first wanted."""

    opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    client: Client | None = None
    trust: Trust | None = None
    is_in_doubt: bool = False
    """Whether somebody was not known to whom it talked."""

    users: int = 0
    leaving: asyncio.TimerHandle | None = None


class Clients:
    """Belongs to one event loop. A certificate's client, and its key with it, is let go when it was idle for a time."""

    def __init__(self, ca_folder: Path | None, *, connect_timeout: timedelta, keep_idle: timedelta) -> None:
        """
        Take what is needed, opening and importing nothing yet.

        Args:
            ca_folder: holds the user's own files of authorities.
            connect_timeout: for a new connection.
            keep_idle: how long a certificate's client is kept while nobody sends with it.

        """
        self._ca_folder = ca_folder
        self._connect_timeout = connect_timeout
        self._keep_idle_s = keep_idle.total_seconds()
        self._senders: dict[ClientCertificate | None, _Sender] = {}
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def certificates(self) -> tuple[ClientCertificate, ...]:
        """Those whose keys are in memory."""
        return tuple(own for own in self._senders if own is not None)

    @asynccontextmanager
    async def lend(self, own: ClientCertificate | None) -> AsyncIterator[Client]:
        """
        Give the client that shows this certificate, or none.

        Raises:
            FieldError: the certificate or its key does not serve.

        """
        sender = self._senders.setdefault(own, _Sender())
        sender.users += 1
        if sender.leaving is not None:
            sender.leaving.cancel()
        try:
            yield await self._opened(sender, own)
        except Unreachable as refusal:
            sender.is_in_doubt = sender.is_in_doubt or refusal.fault is TlsFault.UNTRUSTED
            raise
        finally:
            sender.users -= 1
            if own is not None and not sender.users:
                idle_s = self._keep_idle_s if sender.client else 0
                sender.leaving = asyncio.get_running_loop().call_later(idle_s, self._let_go, own, sender)

    async def aclose(self) -> None:
        """Close kept connections and let every key go; a later request opens new ones."""
        for own, sender in tuple(self._senders.items()):
            if own is not None:
                self._let_go(own, sender)
            elif sender.client is not None:
                client, sender.client = sender.client, None
                await client.aclose()
        await asyncio.gather(*self._closing)

    async def _opened(self, sender: _Sender, own: ClientCertificate | None) -> Client:
        async with sender.opening:
            if sender.client is None:
                sender.client = await asyncio.to_thread(self._open, sender, own)
            elif sender.trust is not None and sender.is_in_doubt:
                # Perhaps the user has added whoever vouches for them since.
                sender.is_in_doubt = False
                await asyncio.to_thread(sender.trust.look_again)
            return sender.client

    def _open(self, sender: _Sender, own: ClientCertificate | None) -> Client:
        """Import and build: some 100 ms, in a worker thread, because the window must not stand still."""
        import anyio._backends._asyncio  # noqa: F401 - else imported by the first request: 35 to 60 ms

        from tokendeck.oauth.certificates import present
        from tokendeck.oauth.exchange import Client
        from tokendeck.oauth.tls import Trust

        if sender.trust is None:
            trust = Trust(self._ca_folder)
            if own is not None:
                present(trust.context, own)
            sender.trust = trust
        return Client(sender.trust.context, connect=self._connect_timeout)

    def _let_go(self, own: ClientCertificate, sender: _Sender) -> None:
        """Forget a certificate's client, if it is not forgotten already, and close its connections."""
        if sender.leaving is not None:
            sender.leaving.cancel()
        if self._senders.get(own) is sender:
            del self._senders[own]
        client, sender.client = sender.client, None
        if client is not None:
            closing = asyncio.get_running_loop().create_task(client.aclose(), name="close idle connections")
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
