"""What a provider hands out for signing in on another device."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.core.samples import answer, grant
from tokendeck.core.device import DeviceCode, read_device_answer, slower
from tokendeck.core.errors import ConfigurationRefused, HeldByAnother, PassingTrouble, ProviderBusy, UnreadableAnswer
from tokendeck.core.secret import Secret

GIVEN = {
    "device_code": "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://example.com/device",
    "verification_uri_complete": "https://example.com/device?user_code=WDJB-MJHT",
    "expires_in": 1800,
    "interval": 5,
}
"""The example of RFC 8628, section 3.2."""


def read(**changed: object) -> DeviceCode:
    fields = {name: value for name, value in {**GIVEN, **changed}.items() if value is not None}
    return read_device_answer(answer(json.dumps(fields)), grant())


def test_the_example_of_the_rfc_is_read() -> None:
    assert read() == DeviceCode(
        device_code=Secret("GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS"),
        user_code="WDJB-MJHT",
        page="https://example.com/device",
        page_with_code="https://example.com/device?user_code=WDJB-MJHT",
        lasts=timedelta(minutes=30),
        interval=timedelta(seconds=5),
    )


def test_what_may_be_absent_has_its_defaults() -> None:
    code = read(verification_uri_complete=None, interval=None, expires_in=None)

    assert (code.page_with_code, code.interval, code.lasts) == ("", timedelta(seconds=5), timedelta(hours=1))


def test_an_early_drafts_name_of_the_page_is_understood() -> None:
    assert read(verification_uri=None, verification_url="https://example.com/old").page == "https://example.com/old"


def test_absurd_spans_are_bounded() -> None:
    code = read(interval=86_400, expires_in=10**9)

    assert (code.interval, code.lasts) == (timedelta(minutes=1), timedelta(hours=1))


@pytest.mark.promise(19)
def test_the_user_code_is_plain_text() -> None:
    assert read(user_code="<b>WDJB\u202e\n-MJHT</b>").user_code == "<b>WDJB -MJHT</b>"


@pytest.mark.parametrize(
    "changed",
    [
        {"device_code": None},
        {"device_code": ""},
        {"device_code": 7},
        {"user_code": None},
        {"user_code": "\u0000"},
        {"user_code": ["W"]},
        {"verification_uri": None},
        {"verification_uri": "javascript:alert(1)"},
        {"verification_uri": "http://example.com/device"},
    ],
)
def test_an_answer_that_a_person_could_not_act_on_is_unreadable(changed: dict[str, object]) -> None:
    with pytest.raises(UnreadableAnswer) as caught:
        read(**changed)

    assert caught.value.what == "no_device_code"


def test_a_filled_in_page_that_no_browser_should_open_is_left_out() -> None:
    assert read(verification_uri_complete="file:///etc/passwd").page_with_code == ""


def test_a_refusal_says_who_can_mend_it() -> None:
    with pytest.raises(ConfigurationRefused):
        read_device_answer(answer('{"error": "unauthorized_client"}', 400), grant())


@pytest.mark.parametrize(
    ("trouble", "seconds"),
    [
        (ProviderBusy(code="slow_down"), 10),
        (ProviderBusy(status=503), 10),
        (ProviderBusy(status=429, retry_after=timedelta(seconds=30)), 30),
        (ProviderBusy(status=429, retry_after=timedelta(hours=1)), 60),
        (HeldByAnother(), 10),
    ],
)
def test_trouble_makes_the_next_question_come_later(trouble: PassingTrouble, seconds: int) -> None:
    assert slower(timedelta(seconds=5), trouble) == timedelta(seconds=seconds)
