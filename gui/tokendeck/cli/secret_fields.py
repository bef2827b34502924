"""Reading the fields that a file, or what is pasted, holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from tokendeck.cli.errors import Mistyped
from tokendeck.core.field_block import Fault, read_field_block

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokendeck.core.field_block import Problem
    from tokendeck.core.provider import Field
    from tokendeck.core.secret import Secret


def read_fields(text: str, fields: Iterable[Field]) -> dict[str, Secret]:
    """
    Read fields as `read_field_block` does; PEM text alone is for those of `fields` that want some.

    Raises `Mistyped` for the first that cannot be read as it should.
    """
    block = read_field_block(text)
    for problem in block.problems:
        raise Mistyped(_sentence(problem))
    found = block.pem_for(fields)
    if block.pem and not found:
        raise Mistyped("The secrets hold PEM text, and nothing says for which field: put KEY= before its first line.")
    return found | block.fields


def _sentence(problem: Problem) -> str:
    match problem.fault:
        case Fault.NO_PAIR:
            return f"Line {problem.where} of the secrets is not KEY=VALUE."
        case Fault.OPEN_QUOTE:
            return f"In line {problem.where} of the secrets, what is in quotes does not end where it should."
        case Fault.NO_OBJECT:
            return "The secrets begin like a JSON object but are not one."
        case Fault.NO_TEXT:
            return f"In the secrets' JSON object, {problem.where} is no text."
        case _:
            assert_never(problem.fault)
