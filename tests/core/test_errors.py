from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.core.error_samples import LEAVES, every_leaf
from tokendeck.core import errors
from tokendeck.core.errors import (
    ActionNeeded,
    KeyringChanged,
    NoSuchConnection,
    PassingTrouble,
    ProviderBusy,
    TokendeckError,
    UsageError,
    VaultUnavailable,
)


def test_every_leaf_has_a_sample() -> None:
    assert {type(error) for error in LEAVES} == every_leaf()


@pytest.mark.parametrize(
    ("branch", "code"),
    [(ActionNeeded, 1), (UsageError, 2), (PassingTrouble, 3), (VaultUnavailable, 4), (NoSuchConnection, 5)],
)
def test_a_branch_has_one_exit_code(branch: type[TokendeckError], code: int) -> None:
    of_branch = [error for error in LEAVES if isinstance(error, branch)]

    assert of_branch
    assert {error.exit_code for error in of_branch} == {code}


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")

    assert sorted(drawn) == sorted(cls.__name__ for cls in _public(TokendeckError))


def _public(cls: type[object]) -> set[type[object]]:
    below: set[type[object]] = set()
    for child in cls.__subclasses__():
        below |= {child, *_public(child)}
    shapes = {"ProviderSaid"}  # what several leaves share, and nobody catches
    return {
        one
        for one in below
        if not one.__name__.startswith("_")
        and one.__name__ not in shapes
        and one.__module__.startswith(errors.__name__)
    }


def test_a_changed_keyring_names_both() -> None:
    error = KeyringChanged("Secret Service", "KWallet")

    assert (error.expected, error.found, error.backend, error.detail) == ("Secret Service", "KWallet", "KWallet", "")


def test_passing_trouble_says_how_long_only_where_the_other_side_did() -> None:
    assert PassingTrouble().retry_after is None
    assert ProviderBusy(retry_after=timedelta(seconds=3)).retry_after == timedelta(seconds=3)
