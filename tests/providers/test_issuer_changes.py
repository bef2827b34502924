"""What an issuer publishes otherwise than its file says, and which of several files goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.providers.issuers import FULL, ISSUER, TODAY
from tokendeck.core.wording import Wording
from tokendeck.providers.catalog import Catalog
from tokendeck.providers.issuer_changes import changes
from tokendeck.providers.issuer_files import known_descriptor, own_descriptor, sketch_of

if TYPE_CHECKING:
    from pathlib import Path

    from tokendeck.core.metadata import IssuerMetadata


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    tmp_path.joinpath("shipped").mkdir()
    return Catalog(tmp_path / "shipped", tmp_path / "own")


@pytest.mark.parametrize(
    ("now", "changed"),
    [
        (FULL, set()),
        (replace(FULL, scopes=("read",)), set()),
        (replace(FULL, token=f"{ISSUER}/new"), {"token"}),
        (replace(FULL, authorize=f"{ISSUER}/new", names_issuer=False), {"authorize", "answers"}),
        (replace(FULL, device=f"{ISSUER}/new", revoke="", introspect=""), {"device", "revoke", "introspect"}),
        (replace(FULL, grants=("client_credentials",)), {"grants"}),
        (replace(FULL, client_auth=("client_secret_post",)), {"client_auth"}),
        (replace(FULL, token=""), {"grants"}),
    ],
)
def test_what_is_published_otherwise_is_told(
    catalog: Catalog, tmp_path: Path, now: IssuerMetadata, changed: set[str]
) -> None:
    provider, _ = own_descriptor(FULL, catalog, tmp_path / "own", TODAY)

    told = changes(now, provider)

    assert set(told) == changed
    assert set(told) <= Wording().published.names().keys()


def test_of_several_files_the_one_goes_on_that_says_what_is_published_and_then_the_newest(
    catalog: Catalog, tmp_path: Path
) -> None:
    own, now = tmp_path / "own", replace(FULL, token=f"{ISSUER}/new")
    written = []
    for name, found, day in (
        ("First", FULL, TODAY + timedelta(days=9)),
        ("Second", now, TODAY),
        ("Third", now, TODAY + timedelta(days=1)),
    ):
        sketch = sketch_of(found, catalog, own, day, name)
        sketch.write()
        sketch.drop()
        catalog.reload()
        written.append(sketch.provider.id)

    known = known_descriptor(now, catalog)

    assert known is not None
    assert known.name == "Third"
    assert len({*written}) == 3
    assert known_descriptor(replace(FULL, url="https://other.example.test/x"), catalog) is None
