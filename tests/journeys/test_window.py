"""From Add to a copied token and a verdict, for each provider, as a person at the window does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.adding import LABELS, SECRETS, add, fill_in
from tests.journeys.person import beside_the_text, pasted, until
from tests.journeys.stage import in_the_windows_loop
from tokendeck.ui.clipboard import MARKS

if TYPE_CHECKING:
    from tests.journeys.stage import Stage
    from tokendeck.sandbox import ProviderId

# Menus open over the window by means that the offscreen platform lacks; they open all the same.
pytestmark = pytest.mark.qt_log_ignore(r"This plugin does not support (raise\(\)|grabbing the keyboard)", extend=True)

PROVIDERS: tuple[ProviderId, ...] = ("payos", "paysera", "pyng", "payt", "paysecurez")
EXPIRY = {
    "payos": "lifetime not stated",
    "paysera": "expires in 59 minutes",
    "pyng": "expires in 59 minutes",
    "payt": "never expires",
    "paysecurez": "per use",
}
GOOD_FOR = {
    "payos": "Lifetime not stated.",
    "paysera": "Good for 59 min.",
    "pyng": "Good for 59 min.",
    "payt": "Never expires.",
    "paysecurez": "Good for 29 min.",
}
VERDICTS = {
    "payos": "Mine: It works. 200 in ",
    "paysera": "Mine: It works. 200 in ",
    "pyng": "Mine: A token was minted in ",
    "payt": "Mine: A token was minted in ",
    "paysecurez": "Mine: A token was minted in ",
}
PROVEN = {
    "payos": "List payments",
    "paysera": "List payment methods",
    "pyng": "PYNG Checkout documents no safe call, so that is all this proves.",
    "payt": "Payt documents no safe call, so that is all this proves.",
    "paysecurez": "PaySecurez documents no safe call, so that is all this proves.",
}
MINTED = {"payos": 1, "paysera": 1, "pyng": 2, "payt": 2, "paysecurez": 3}
"""Token requests of one addition, one copy and one test."""

REFUSALS = {
    "payos": "PayOS refused the client secret (",
    "paysera": "Paysera Checkout says: “Invalid client credentials”.",
    "pyng": "PYNG Checkout says: “Client authentication failed”.",
    "payt": "Payt refused the client secret (",
    "paysecurez": "PaySecurez refused the client secret (",
}


@pytest.mark.parametrize("provider", PROVIDERS)
@in_the_windows_loop
async def test_from_add_to_copied_token_to_verdict(stage: Stage, provider: ProviderId) -> None:
    async with stage.sandbox, stage.window() as person:
        fields = stage.sandbox.fields[provider]
        secret, public = fields[SECRETS[provider]], fields[next(iter(LABELS[provider]))]
        await person.until_reading("No connections yet", "Vault: in memory")

        await fill_in(person, stage, provider, "Mine")
        preview, form = person.shown("What will be sent"), person.reads()
        person.press("Test and save")
        await person.until_reading("It works. 200 in ")
        person.press("Close")
        row = person.row("Mine")
        minted = stage.sandbox.count(provider, "token")

        await person.key("Ctrl+C")
        await person.until_reading(f"Token copied. {GOOD_FOR[provider]}", "Clears in 30 s")
        copied, marks = pasted(), beside_the_text()

        await person.key("Ctrl+Return")
        await person.until_reading(VERDICTS[provider])
        person.turn_to("Test calls")
        await person.until_reading(PROVEN[provider])
        accepted = await stage.accepts(provider, copied)

    assert preview.startswith(f"POST {stage.sandbox.base_url}/")
    assert secret not in form
    assert public in form
    assert "••••••••" in preview
    assert row.endswith(EXPIRY[provider])
    assert minted == 1
    assert accepted
    assert marks == MARKS
    assert stage.sandbox.count(provider, "token") == MINTED[provider]
    assert pasted() == ""


@pytest.mark.parametrize("provider", PROVIDERS)
@in_the_windows_loop
async def test_a_wrong_secret_keeps_everything_typed_and_points_at_its_field(
    stage: Stage, provider: ProviderId
) -> None:
    async with stage.sandbox, stage.window() as person:
        await person.until_reading("Vault: in memory")
        label = LABELS[provider][SECRETS[provider]]

        await fill_in(person, stage, provider, "Mine", secret="wrong!")
        person.press("Test and save")
        await person.until_reading(REFUSALS[provider])

        assert person.typed("Name") == "Mine"
        assert person.typed(label) == "••••••"
        assert person.remark(label) == "The answer points here."
        assert person.has_focus(label)
        assert stage.sandbox.count(provider, "token") == 1

        person.fill(label, stage.sandbox.fields[provider][SECRETS[provider]])
        person.press("Test and save")
        await person.until_reading("It works. 200 in ")
        person.press("Close")

        assert person.row("Mine")


@pytest.mark.parametrize("provider", ["payos", "paysera", "pyng", "payt"])
@in_the_windows_loop
async def test_refresh_brings_another_token(stage: Stage, provider: ProviderId) -> None:
    async with stage.sandbox, stage.window() as person:
        await add(person, stage, provider, "Mine")
        await person.until(lambda: person.fact("fingerprint"))
        before = person.fact("fingerprint")

        await person.key("F5")
        await person.until_reading("Mine has a new token.")
        await person.until(lambda: person.fact("fingerprint") not in {"", before})

    assert stage.sandbox.count(provider, "token") == 2


@pytest.mark.promise(28)
@in_the_windows_loop
async def test_an_hours_token_is_renewed_five_minutes_ahead_by_itself(stage: Stage) -> None:
    async with stage.sandbox, stage.window() as person:
        await add(person, stage, "paysera", "Mine")
        await person.until_reading("Tokendeck renews it 5 minutes before it expires.")

        stage.clock.move_on(minutes=55, seconds=1)
        await person.until(lambda: stage.sandbox.count("paysera", "token") == 2)

        await person.until(lambda: person.row("Mine").endswith("live, expires in 59 minutes"))


@in_the_windows_loop
async def test_a_provider_that_is_down_is_waited_for_and_nothing_is_lost(stage: Stage) -> None:
    async with stage.window() as person:
        await stage.sandbox.start()
        port = int(stage.sandbox.base_url.rsplit(":", 1)[1])
        await add(person, stage, "paysera", "Mine")
        await person.key("Ctrl+C")
        await person.until_reading("Token copied.")
        token = pasted()

        await stage.sandbox.stop()
        await person.key("F5")
        await person.until_reading(f"Mine: No connection to 127.0.0.1:{port} came about.")
        waiting = person.row("Mine")
        await person.key("Ctrl+Shift+X")
        await person.key("Ctrl+C")
        await until(lambda: pasted() == token)

        await stage.sandbox.start(port)
        stage.clock.move_on(minutes=1)
        await person.until(lambda: person.row("Mine").endswith("live, expires in 59 minutes"))
        await stage.sandbox.stop()

    assert waiting.endswith("waiting, expires in 59 minutes")


@in_the_windows_loop
async def test_a_provider_that_is_down_while_adding_costs_nothing_typed(stage: Stage) -> None:
    async with stage.window() as person:
        await person.until_reading("Vault: in memory")
        async with stage.sandbox:
            await fill_in(person, stage, "paysera", "Mine")

        person.press("Test and save")
        await person.until_reading("No connection to 127.0.0.1:")
        kept = person.typed("Client secret")
        person.press("Save without testing")
        await person.until(lambda: not person.dialog)

        assert kept
        assert person.row("Mine").endswith(", no token")
