"""Templates that stand in a descriptor's tables, checked for where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.providers.vocabulary import read_template

if TYPE_CHECKING:
    from tokendeck.core.template import Template
    from tokendeck.providers.table import Table
    from tokendeck.providers.vocabulary import Place, Vocabulary


def template_at(table: Table, key: str, words: Vocabulary, place: Place) -> Template:
    """Give the template at a key that must be there."""
    return checked_template(table, key, table.text(key), words, place)


def checked_template(table: Table, key: str, source: str, words: Vocabulary, place: Place) -> Template:
    """Read a template that stands at `key`; raises `DescriptorError` where it may not stand there."""
    template = read_template(source)
    complaint = template if isinstance(template, str) else words.complaint(template, place)
    if isinstance(template, str) or complaint:
        raise table.error(key, complaint)
    return template
