from __future__ import annotations

from tests.core.samples import provider
from tokendeck.core.errors import IssuerMismatch
from tokendeck.core.wording import Wording

WORDING = Wording()
PAYSERA = provider()


def test_a_refusal_that_names_no_issuer_is_told_as_what_it_most_likely_is() -> None:
    declined = WORDING.error(IssuerMismatch("https://auth.example.test", "", "access_denied"), provider=PAYSERA)
    refused = WORDING.error(IssuerMismatch("https://auth.example.test", "", "invalid_scope"), provider=PAYSERA)
    unnamed = WORDING.error(IssuerMismatch("https://auth.example.test", ""), provider=PAYSERA)

    assert declined == (
        "Paysera was most likely told no: you or somebody else declined the sign-in (access_denied). "
        "The answer does not say that it comes from https://auth.example.test, so it was not taken at its word. "
        "Sign in once more, and allow it if that was a slip."
    )
    assert "Paysera has most likely refused the sign-in (invalid_scope)." in refused
    assert "interfering" not in declined + refused
    assert "Somebody may be interfering." in unnamed
