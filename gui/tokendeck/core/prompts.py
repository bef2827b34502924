"""What a person needs for signing in."""

from __future__ import annotations

from tokendeck.core.frozen import dataclass


@dataclass(frozen=True, slots=True)
class BrowserPrompt:
    """What a person needs for signing in with a browser."""

    link: str
    """The address to open."""

    redirect_uri: str
    """Where the browser ends."""

    is_pasted: bool
    """Whether the person must copy the address that the browser ends on: it ends on another machine than this."""


@dataclass(frozen=True, slots=True)
class DevicePrompt:
    """What a person needs for signing in on another device."""

    user_code: str
    """Typed in by hand."""

    page: str
    """Where it is typed in."""

    page_with_code: str
    """The same page with the code filled in; empty where the provider offers none."""
