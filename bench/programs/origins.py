"""
Sandboxes to ask for tokens, each an origin of its own: one process, apart from whoever asks.

    python origins.py COUNT

Prints, as a line of JSON, PYNG's fields of each.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack

from tokendeck.sandbox import Sandbox


async def main(count: int) -> None:
    async with AsyncExitStack() as stack:
        sandboxes = [await stack.enter_async_context(Sandbox()) for _ in range(count)]
        accounts = [{**one.fields["pyng"], "base_url": one.base_url} for one in sandboxes]
        sys.stdout.write(json.dumps(accounts) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
