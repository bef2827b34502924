"""What came of trying out credentials, in words."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from PySide6.QtCore import QLocale

from tokendeck.core.expiry import At, Never, NotStated
from tokendeck.ui.detail.subject import requested_scopes
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from tokendeck.core.connection import Connection
    from tokendeck.core.token import TokenFacts
    from tokendeck.core.wording import Wording
    from tokendeck.engine.issue import Issue


def minted(wording: Wording, issue: Issue) -> str:
    """Say that it works, and for how long the token is good."""
    tokens = issue.tokens
    match tokens.facts.expiry:
        case At():
            sentence = translate("Outcome", "It works. {answer}{type} token good for {span}.")
        case Never():
            sentence = translate("Outcome", "It works. {answer}{type} token that never expires.")
        case NotStated():
            sentence = translate("Outcome", "It works. {answer}{type} token; how long it is good for is not stated.")
        case _:
            assert_never(tokens.facts.expiry)
    answer = ""
    if issue.status is not None and issue.latency_ms is not None:
        latency = QLocale().toString(round(issue.latency_ms))
        answer = translate("Outcome", "{status} in {latency} ms, ").format(status=issue.status, latency=latency)
    span = wording.duration(tokens.facts.lifetime() or timedelta(0))
    return sentence.format(answer=answer, type=tokens.token_type, span=span)


def granted_scopes(facts: TokenFacts, connection: Connection) -> str:
    """Compare granted with requested scopes; empty where there is nothing to compare."""
    asked = requested_scopes(connection)
    if facts.scope is None or set(facts.scope) == set(asked):
        return ""
    granted = listed(facts.scope) or translate("Outcome", "no scope")
    sentence = (
        translate("Outcome", "Granted {granted}; you asked for {asked}.")
        if asked
        else translate("Outcome", "Granted {granted}; none were asked for.")
    )
    return sentence.format(granted=granted, asked=listed(asked))


def listed(words: tuple[str, ...]) -> str:
    """Join words as a sentence does."""
    return QLocale().createSeparatedList(words)
