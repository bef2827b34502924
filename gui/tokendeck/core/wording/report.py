"""A diagnosis as one text: what `doctor` prints is what the window copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.expiry import At, source_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tokendeck.core.diagnosis import Diagnosis, Finding, Inspected

MOST_LISTED = 200
"""Connections of which each gets a line; of a larger list the counts say enough."""


class Report:
    """Lays a diagnosis out in plain text."""

    def __init__(self, translate: Callable[[str, str], str]) -> None:
        """Take the translation."""
        self.translate = translate

    def text(self, diagnosis: Diagnosis) -> str:
        """Give all of it; `diagnosis` as `Diagnosis.told` gives it."""
        return "\n".join(self._lines(diagnosis))

    def _lines(self, diagnosis: Diagnosis) -> Iterator[str]:
        yield from self._checks(diagnosis.findings)
        yield ""
        yield self.translate("Wording", "Versions")
        yield f"  {', '.join(f'{name} {version}' for name, version in diagnosis.parts.items())}"
        yield f"  {diagnosis.system}"
        yield f"  {diagnosis.at.isoformat(sep=' ', timespec='seconds')}"
        if diagnosis.connections:
            yield ""
            yield from self._connections(diagnosis)
        if diagnosis.log:
            yield ""
            yield self.translate("Wording", "Log")
            yield from (f"  {line}" for line in diagnosis.log)

    def _checks(self, findings: tuple[Finding, ...]) -> Iterator[str]:
        marks = {True: self.translate("Wording", "ok"), False: self.translate("Wording", "PROBLEM")}
        mark_wide = max(map(len, marks.values()))
        check_wide = max((len(one.check) for one in findings), default=0)
        for one in findings:
            yield f"{marks[one.ok]:{mark_wide}}  {one.check:{check_wide}}  {one.detail}"
            if one.advice:
                yield f"{'':{mark_wide}}  → {one.advice}"

    def _connections(self, diagnosis: Diagnosis) -> Iterator[str]:
        heading = self.translate("Wording", "Connections: {count}")
        counts = ", ".join(f"{status} {count}" for status, count in sorted(diagnosis.counts().items()))
        yield f"{heading.format(count=len(diagnosis.connections))} ({counts})"
        for one in diagnosis.connections[:MOST_LISTED]:
            yield f"  {one.name} ({one.id}): {self._connection(one)}"
        if len(diagnosis.connections) > MOST_LISTED:
            left = self.translate("Wording", "and {count} more")
            yield f"  {left.format(count=len(diagnosis.connections) - MOST_LISTED)}"

    def _connection(self, one: Inspected) -> str:
        """Give a line of words that programs know; a person who helps searches for them."""
        parts = [
            one.provider,
            one.environment or self.translate("Wording", "an environment of its own"),
            one.grant,
            one.renewal,
            one.status,
            _expiry(one),
            one.trouble,
            self.translate("Wording", "overrides {keys}").format(keys=" ".join(one.overrides)) if one.overrides else "",
        ]
        return ", ".join(filter(None, parts))


def _expiry(one: Inspected) -> str:
    match one.expiry:
        case None:
            return ""
        case At(when, source):
            return f"{source.value} {when.isoformat(sep=' ', timespec='seconds')}"
        case expiry:
            return source_word(expiry)
