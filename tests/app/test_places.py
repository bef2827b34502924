from __future__ import annotations

from pathlib import Path

import pytest

from tokendeck.app.places import find_places
from tokendeck.cli.errors import Mistyped


def test_a_home_of_ones_own_holds_everything(tmp_path: Path) -> None:
    places = find_places(tmp_path)

    assert (places.data, places.providers, places.certificates, places.state) == (
        tmp_path,
        tmp_path / "providers",
        tmp_path / "certificates",
        tmp_path / "state",
    )


def test_the_variable_names_a_home_where_nothing_else_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENDECK_HOME", str(tmp_path / "named"))

    assert find_places(None).data == tmp_path / "named"
    assert find_places(tmp_path).data == tmp_path


def test_two_homes_have_two_names_and_one_home_has_one(tmp_path: Path) -> None:
    assert find_places(tmp_path / "a").name == find_places(tmp_path / "a").name
    assert find_places(tmp_path / "a").name != find_places(tmp_path / "b").name


def test_the_home_of_nobody_is_told_in_a_sentence() -> None:
    with pytest.raises(Mistyped, match="nobody on this machine"):
        find_places(Path("~nobody-of-this-name/deck"))
