"""A room under its floor is named."""

from __future__ import annotations

from typing import Any

from coverage_gate import FLOORS, judge


def measured(*, covered: int, of: int = 10) -> dict[str, Any]:
    return {"summary": {"num_statements": of, "covered_lines": covered, "num_branches": 4, "covered_branches": 4}}


def whole_rooms() -> dict[str, Any]:
    return {f"gui/tokendeck/{room}/file.py": measured(covered=10) for room in FLOORS}


def test_whole_rooms_are_fine() -> None:
    assert judge(whole_rooms()) == []


def test_one_missing_line_in_core_is_too_much() -> None:
    files = whole_rooms() | {"gui/tokendeck/core/token.py": measured(covered=999, of=1000)}

    assert judge(files) == ["core: 99.90 % of lines and branches, 100 % wanted"]


def test_a_room_without_a_floor_is_named() -> None:
    assert judge(whole_rooms() | {"gui/tokendeck/attic/file.py": measured(covered=10)}) == [
        "attic: has no floor in coverage_gate.py"
    ]


def test_a_room_without_a_single_file_is_named() -> None:
    files = whole_rooms()
    del files["gui/tokendeck/sandbox/file.py"]

    assert judge(files) == ["sandbox: not measured"]


def test_modules_beside_the_rooms_count_as_app() -> None:
    files = whole_rooms() | {"gui/tokendeck/__main__.py": measured(covered=10)}

    assert judge(files) == []
