from __future__ import annotations

import pytest

from tokendeck.ui.adding.pasted import LARGEST_PASTE, match_fields, read_pasted


def pasted(text: str) -> dict[str, str]:
    return {key: secret.reveal() for key, secret in read_pasted(text).items()}


def test_of_a_pasted_block_all_that_can_be_read_is_taken() -> None:
    text = """
    # from the dashboard
    export CLIENT_ID=abc
    nonsense
    CLIENT_SECRET="s3cret = # kept"
    PASSWORD='abc
    """

    assert pasted(text) == {"CLIENT_ID": "abc", "CLIENT_SECRET": "s3cret = # kept", "PASSWORD": "'abc"}


def test_a_json_object_gives_its_texts_and_numbers() -> None:
    text = '{"merchantId": 20417, "clientSecret": "x", "live": true, "nested": {"a": "b"}, "none": null}'

    assert pasted(text) == {"merchantId": "20417", "clientSecret": "x"}


@pytest.mark.parametrize(
    "text", ["", "just-a-password", "{broken", "[1, 2]", '{"a": ' * 5000, "A=" + "x" * LARGEST_PASTE]
)
def test_anything_else_is_nothing_to_fill_from(text: str) -> None:
    assert pasted(text) == {}


def test_keys_fit_exactly_before_loosely() -> None:
    pairs = {"CLIENT_ID": "loose", "client_id": "exact"}

    assert match_fields(pairs, ["client_id"]) == {"client_id": "exact"}


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("CLIENT_SECRET", "client_secret"),
        ("client-secret", "clientSecret"),
        ("ClientSecret", "client_secret"),
        ("MERCHANTID", "merchantId"),
        ("PAYSERA_CLIENT_SECRET", "client_secret"),
        ("payos.merchantId", "merchantId"),
        ("PYNG_API_USERNAME", "username"),
    ],
)
def test_keys_fit_without_case_and_separators_and_by_their_last_words(key: str, field: str) -> None:
    assert match_fields({key: "value"}, [field]) == {field: "value"}


@pytest.mark.parametrize("key", ["SECRET_CLIENT", "NOTTHECLIENT_SECRETS", "IDENTITY"])
def test_other_keys_fit_nothing(key: str) -> None:
    assert match_fields({key: "value"}, ["client_secret", "id"]) == {}


def test_the_longer_field_takes_the_key_that_fits_two() -> None:
    pairs = {"PAYT_CLIENT_SECRET": "long", "OTHER_SECRET": "short"}

    assert match_fields(pairs, ["secret", "client_secret"]) == {"client_secret": "long", "secret": "short"}


def test_two_keys_that_fit_equally_well_fill_nothing() -> None:
    assert match_fields({"LIVE_CLIENT_ID": "a", "TEST_CLIENT_ID": "b"}, ["client_id"]) == {}
