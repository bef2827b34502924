from __future__ import annotations

import pytest

from tests.ui import samples
from tokendeck.core.errors import (
    BadUrl,
    ConfigurationRefused,
    FieldError,
    GrantDead,
    NameTaken,
    NetworkStep,
    ProviderBusy,
    TokendeckError,
    Unreachable,
)
from tokendeck.ui.adding.blame import field_to_blame


@pytest.mark.parametrize(
    ("error", "field"),
    [
        (FieldError("username", "a value"), "username"),
        (NameTaken("Shop"), "name"),
        (BadUrl("nonsense", "an absolute https URL"), "base_url"),
        (Unreachable("partner.test", NetworkStep.NAME_LOOKUP), "base_url"),
        (ConfigurationRefused(status=401, code="invalid_client"), "password"),
        (ConfigurationRefused(status=401), "password"),
        (GrantDead(code="invalid_grant"), "password"),
        (ConfigurationRefused(status=400, code="invalid_scope"), "scope"),
        (ConfigurationRefused(status=400, code="unauthorized_client"), None),
        (ConfigurationRefused(status=400, code="invalid_request"), None),
        (ProviderBusy(status=503), None),
    ],
)
def test_an_answer_points_at_the_field_that_can_mend_it(error: TokendeckError, field: str | None) -> None:
    assert field_to_blame(error, samples.PYNG, "client_credentials") == field


def test_where_no_field_holds_the_address_the_base_url_is_to_blame() -> None:
    error = Unreachable("api.paysera.com", NetworkStep.CONNECT)

    assert field_to_blame(error, samples.PAYSERA, "client_credentials") == "base_url"


def test_the_client_id_is_to_blame_for_a_client_without_rights() -> None:
    error = ConfigurationRefused(status=400, code="unauthorized_client")

    assert field_to_blame(error, samples.PAYSERA, "client_credentials") == "client_id"
