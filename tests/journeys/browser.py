"""
A browser that allows everything: `python -m tests.journeys.browser ADDRESS`, to be named by BROWSER.

It opens the address, presses Allow on the consent page, and follows the way back as far as it leads.
"""

from __future__ import annotations

import asyncio
import sys

import httpx

from tests.sandbox.person import decide


async def allow(address: str) -> str:
    """Give the text of the page on which the browser ends."""
    async with httpx.AsyncClient(trust_env=False) as http:
        return (await http.get(await decide(http, address))).text


if __name__ == "__main__":
    asyncio.run(allow(sys.argv[1]))
