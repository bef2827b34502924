"""Values that are cheap to define are what `dataclasses` makes of the same class."""

from __future__ import annotations

import ast
import copy
import dataclasses
import pickle
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from tokendeck.core import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PACKAGE = Path(frozen.__file__).parents[1]


@frozen.dataclass(frozen=True, slots=True)
class Ours:
    """Words."""

    kind: ClassVar[str] = "kind"
    a: int
    b: str = "b"
    c: Mapping[str, str] = frozen.field(default_factory=dict)

    @property
    def doubled(self) -> int:
        return 2 * self.a

    def __len__(self) -> int:
        return self.a


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    """Words."""

    kind: ClassVar[str] = "kind"
    a: int
    b: str = "b"
    c: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def doubled(self) -> int:
        return 2 * self.a

    def __len__(self) -> int:
        return self.a


@frozen.dataclass(frozen=True, slots=True)
class Nothing:
    def __repr__(self) -> str:
        return "nothing"


@frozen.dataclass(frozen=True, slots=True)
class AlsoNothing:
    pass


@pytest.mark.parametrize(
    "of",
    [
        lambda kind: kind(1),
        lambda kind: kind(1, "x", {"y": "z"}),
        lambda kind: kind(b="x", a=1),
        lambda kind: dataclasses.replace(kind(1), b="y"),
        lambda kind: (frozen if kind is Ours else dataclasses).replace(kind(1, "x"), a=2),
    ],
)
def test_they_are_made_as_those_of_the_standard_library_are(of: Callable[[type], Any]) -> None:
    ours, theirs = of(Ours), of(Theirs)

    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert (ours.doubled, len(ours), ours.kind) == (theirs.doubled, len(theirs), theirs.kind)
    assert [one.name for one in dataclasses.fields(ours)] == [one.name for one in dataclasses.fields(theirs)]


def test_they_say_the_same_of_themselves() -> None:
    for name in ("__slots__", "__match_args__", "__doc__", "__annotations__", "__module__", "kind"):
        assert getattr(Ours, name) == getattr(Theirs, name)
    assert not hasattr(Ours(1), "__dict__")
    assert not hasattr(Ours(1), "__weakref__")


@pytest.mark.parametrize(
    ("given", "named"), [((), {}), ((1, "b", {}, 4), {}), ((1,), {"a": 2}), ((1,), {"d": 2}), ((), {"b": "b"})]
)
@pytest.mark.parametrize("kind", [Ours, Theirs])
def test_arguments_that_do_not_fit_are_refused(kind: type, given: tuple[object, ...], named: dict[str, object]) -> None:
    with pytest.raises(TypeError, match=r"__init__\(\)"):
        kind(*given, **named)


def test_each_has_a_default_of_its_own() -> None:
    assert Ours(1).c is not Ours(1).c


def test_values_are_equal_where_kind_and_facts_are() -> None:
    several: list[object] = [Ours(1), Ours(2), Theirs(1), Nothing(), AlsoNothing()]

    assert Ours(1) == Ours(1, "b")
    assert Nothing() == Nothing()
    assert [[one == other for other in several] for one in several] == [
        [place == other for other in range(5)] for place in range(5)
    ]
    assert hash(Ours(1, "b", ())) == hash(Ours(1, "b", ()))  # type: ignore[arg-type]  # any value that hashes
    assert len({Nothing(), Nothing(), AlsoNothing()}) == 2


def test_nothing_in_them_changes() -> None:
    value = Ours(1)

    with pytest.raises(FrozenInstanceError, match="'a'"):
        value.a = 2  # type: ignore[misc]  # that is the point
    with pytest.raises(FrozenInstanceError, match="'a'"):
        del value.a
    with pytest.raises(FrozenInstanceError, match="'z'"):
        value.z = 2  # type: ignore[attr-defined]  # likewise

    assert value.a == 1


def test_copies_and_pickles_are_equal() -> None:
    value = Ours(1, "x", {"y": "z"})

    assert copy.copy(value) == copy.deepcopy(value) == pickle.loads(pickle.dumps(value)) == value  # noqa: S301 - our own


def test_a_method_that_the_class_has_stays() -> None:
    assert repr(Nothing()) == "nothing"
    assert repr(AlsoNothing()) == "AlsoNothing()"


def test_they_can_be_matched_by_place() -> None:
    match Ours(1, "x"):
        case Ours(a, b):
            assert (a, b) == (1, "x")


def test_no_class_asks_for_more_than_there_is() -> None:
    """What `dataclasses` would heed or refuse, and ours pass over."""
    odd = []
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not any(isinstance(node, ast.ImportFrom) and node.module == "tokendeck.core.frozen" for node in tree.body):
            continue
        for kind in ast.walk(tree):
            if isinstance(kind, ast.ClassDef) and any("frozen=True" in ast.unparse(one) for one in kind.decorator_list):
                odd += [f"{path.name}: {kind.name}: {one}" for one in passed_over(kind)]
    assert odd == []


def passed_over(kind: ast.ClassDef) -> list[str]:
    found = [ast.unparse(base) for base in kind.bases]
    for node in kind.body:
        match node:
            case ast.FunctionDef(name="__post_init__" | "__eq__" | "__hash__"):
                found.append(node.name)
            case ast.AnnAssign(annotation=hint, value=default):
                words = ast.unparse(hint)
                if words.startswith(("typing.", "InitVar", "dataclasses.")) or words == "KW_ONLY":
                    found.append(words)
                if isinstance(default, ast.List | ast.Dict | ast.Set):
                    found.append(ast.unparse(default))
            case _:
                pass
    return found
