"""
Dataclasses that are cheap to define: what `dataclasses.dataclass(frozen=True, slots=True)` gives, at a start's price.

The standard library writes and compiles six methods for each class, which takes 0.5 ms, and a start would pay that for
each of a hundred classes before anything can be seen. Here all classes share the code of their methods: 0.02 ms. To
make a value takes as long as there where all of it is given by place, and 1 µs longer where not. All of `dataclasses`
(`replace`, `fields`, `asdict`, …) takes such a class for one of its own; `replace` is here too, so that a start need
not load that. To type checkers all of it is the standard library's.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from dataclasses import dataclass, field, replace
    from types import FunctionType

else:

    def dataclass(*, frozen: bool, slots: bool) -> Callable[[type], type]:
        """
        Give the decorator; it has no other form than `dataclass(frozen=True, slots=True)`.

        The class has no base, no `__post_init__` and no `__eq__` of its own, and its annotations are text.
        """
        assert frozen
        assert slots
        return _value

    def field(*, default_factory: Callable[[], object]) -> _Made:
        """Have each instance get a default of its own, as `dataclasses.field` does."""
        return _Made(default_factory)

    def replace(value: object, /, **changes: object) -> object:
        """Give a value that differs from another in `changes`, as `dataclasses.replace` does."""
        kind = type(value)
        return kind(**{name: getattr(value, name) for name in kind.__match_args__} | changes)


__all__ = ["dataclass", "field", "replace"]


class _Made(NamedTuple):
    """The default of a field that is made for each instance."""

    by: Callable[[], object]


def _value(draft: type) -> type:
    """Give the class again, with a slot for each field and all that a value can do."""
    body = dict(draft.__dict__)
    fields = tuple(name for name, hint in draft.__annotations__.items() if not hint.startswith("ClassVar"))
    defaults = {name: body.pop(name) for name in fields if name in body}
    for name in ("__dict__", "__weakref__"):
        body.pop(name, None)
    puts: list[Callable[[object, object], None]] = []
    for name, method in _methods(fields, defaults, puts).items():
        if name not in body:
            method.__name__, method.__qualname__ = name, f"{draft.__qualname__}.{name}"
            body[name] = method
    body |= {"__slots__": fields, "__match_args__": fields, "__dataclass_fields__": _Fields(draft)}
    made = type(draft)(draft.__name__, draft.__bases__, body)
    puts += [made.__dict__[name].__set__ for name in fields]  # past the class's own refusal
    return made


def _methods(
    fields: tuple[str, ...], defaults: Mapping[str, object], puts: Sequence[Callable[[object, object], None]]
) -> dict[str, FunctionType]:
    count = len(fields)
    facts: Callable[[object], object] = attrgetter(*fields) if fields else lambda _: ()

    def init(self: object, *given: object, **named: object) -> None:
        if named or len(given) != count:
            given = _complete(type(self), fields, defaults, given, named)
        for put, value in zip(puts, given, strict=True):
            put(self, value)

    def text(self: object) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in fields)})"

    def equals(self: object, other: object) -> bool:
        return facts(self) == facts(other) if type(other) is type(self) else NotImplemented

    def number(self: object) -> int:
        return hash(facts(self))

    def refuse_to_set(_: object, name: str, value: object) -> None:  # noqa: ARG001 - Python's signature
        raise _refusal(f"cannot assign to field {name!r}")

    def refuse_to_delete(_: object, name: str) -> None:
        raise _refusal(f"cannot delete field {name!r}")

    def reduce(self: object) -> tuple[type, tuple[object, ...]]:
        return type(self), tuple(getattr(self, name) for name in fields)

    methods: dict[str, Any] = {
        "__init__": init,
        "__repr__": text,
        "__eq__": equals,
        "__hash__": number,
        "__setattr__": refuse_to_set,
        "__delattr__": refuse_to_delete,
        "__reduce__": reduce,
    }
    return methods


def _complete(
    made: type,
    fields: tuple[str, ...],
    defaults: Mapping[str, object],
    given: tuple[object, ...],
    named: dict[str, object],
) -> tuple[object, ...]:
    """Give a value for each field; `named` is used up. Raises `TypeError` where arguments do not fit."""
    try:
        rest = [named.pop(name) if name in named else _default(defaults[name]) for name in fields[len(given) :]]
    except KeyError as missing:
        raise TypeError(f"{made.__qualname__}.__init__() missing a required argument: {missing}") from None
    for name in named:
        fault = "multiple values for argument" if name in fields else "an unexpected keyword argument"
        raise TypeError(f"{made.__qualname__}.__init__() got {fault} {name!r}")
    if len(given) > len(fields):
        raise TypeError(f"{made.__qualname__}.__init__() takes {len(fields)} arguments but {len(given)} were given")
    return (*given, *rest)


def _default(given: object) -> object:
    return given.by() if isinstance(given, _Made) else given


def _refusal(words: str) -> Exception:
    from dataclasses import FrozenInstanceError  # whoever meets it has time

    return FrozenInstanceError(words)


class _Fields:
    """What `dataclasses` asks a class for: made when it does, and taken from a twin that is one of its own."""

    def __init__(self, draft: type) -> None:
        self._draft = draft
        self._made: dict[str, Any] | None = None

    def __get__(self, _: object, owner: type) -> dict[str, Any]:
        if self._made is None:
            import dataclasses

            body = dict(self._draft.__dict__)
            for name, given in body.items():
                if isinstance(given, _Made):
                    body[name] = dataclasses.field(default_factory=given.by)
            twin: Any = type(owner.__name__, (), body)
            self._made = dataclasses.dataclass(init=False, repr=False, eq=False)(twin).__dataclass_fields__
        return self._made
