"""Asking an issuer what it publishes about itself, wherever it may stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.errors import UnfitIssuer, UnreadableAnswer
from tokendeck.core.metadata import issuer_at, metadata_urls, read_metadata
from tokendeck.core.request import Request

if TYPE_CHECKING:
    from tokendeck.core.metadata import IssuerMetadata
    from tokendeck.oauth.endpoint import HttpEndpoint


async def discover(endpoint: HttpEndpoint, address: str) -> IssuerMetadata:
    """
    Give an issuer's metadata from the first place that has it; no redirect is followed.

    `address` is the issuer's, or that of its metadata.

    Raises:
        BadUrl: no issuer, or an endpoint of its to which nothing is sent.
        UnfitIssuer: nothing is there, or something else than metadata, or another issuer's.
        Unreachable, ProviderBusy, UnreadableAnswer: passing trouble.

    """
    issuer, flaw = issuer_at(address), "no_metadata"
    for url in metadata_urls(issuer):
        try:
            found = read_metadata(await endpoint.send(Request("GET", url)), issuer, url)
        except UnreadableAnswer as error:  # some servers answer whatever they do not know with a page
            if error.what == "cut_off":
                raise
            flaw = error.what if error.what in {"web_page", "redirect"} else "unreadable"
        else:
            if found is not None:
                return found
    raise UnfitIssuer(issuer, flaw)
