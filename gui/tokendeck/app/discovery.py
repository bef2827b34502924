"""Asking an issuer what it publishes about itself, wherever it may stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.errors import UnfitIssuer, UnreadableAnswer
from tokendeck.core.metadata import metadata_urls, read_metadata
from tokendeck.core.request import Request

if TYPE_CHECKING:
    from tokendeck.core.metadata import IssuerMetadata
    from tokendeck.oauth.endpoint import HttpEndpoint


async def discover(endpoint: HttpEndpoint, issuer: str) -> IssuerMetadata:
    """
    Give the issuer's metadata from the first place that has it; no redirect is followed.

    Raises:
        BadUrl: no issuer, or an endpoint of its to which nothing is sent.
        UnfitIssuer: nothing is there, or another issuer's.
        Unreachable, ProviderBusy, UnreadableAnswer: passing trouble, or something else than metadata.

    """
    unreadable: UnreadableAnswer | None = None
    for url in metadata_urls(issuer):
        try:
            found = read_metadata(await endpoint.send(Request("GET", url)), issuer, url)
        except UnreadableAnswer as error:  # some servers answer whatever they do not know with a page
            unreadable = error
        else:
            if found is not None:
                return found
    raise unreadable or UnfitIssuer(issuer, "no_metadata")
