"""Attempts to sign in, as the engine would begin them."""

from __future__ import annotations

from datetime import timedelta

from tests.ui import samples
from tokendeck.core.device import DeviceCode
from tokendeck.core.provider import Authorize
from tokendeck.core.secret import Secret
from tokendeck.core.sign_in import begin_attempt
from tokendeck.core.template import Template
from tokendeck.engine.attempts import BrowserSignIn, DeviceSignIn

SHOP = samples.connection(samples.PAYT)
REDIRECT = "https://example.com/callbacks/payt"


def with_browser(*, is_pasted: bool = False) -> BrowserSignIn:
    attempt = begin_attempt(
        Authorize(Template.parse("https://payt.test/authorize"), {}),
        {},
        optional=frozenset(),
        redirect_uri=REDIRECT,
        draw=lambda count: b"s" * count,
    )
    return BrowserSignIn(SHOP.id, attempt, samples.NOW, is_pasted=is_pasted)


def on_device(*, page_with_code: str = "https://payt.test/device?user_code=WDJB-MJHT") -> DeviceSignIn:
    code = DeviceCode(
        device_code=Secret("device"),
        user_code="WDJB-MJHT",
        page="https://payt.test/device",
        page_with_code=page_with_code,
        lasts=timedelta(minutes=15),
        interval=timedelta(seconds=5),
    )
    return DeviceSignIn(SHOP.id, code, samples.NOW)
