"""
The five providers on loopback: the demo's network, `tokendeck sandbox`, and the other side of the tests.

A strict HTTP server that speaks the dialects of PayOS, Paysera, PYNG, Payt and PaySecurez as their pages document them,
checks every request it gets, and misbehaves when told to. Standard library and h11 only. It must not know any other
room of Tokendeck: what it shared with the program it could not test.
"""

from tokendeck.sandbox.dialects.sign_in import SignInApplication, TokenPair
from tokendeck.sandbox.faults import (
    AddressOffList,
    Breakage,
    CannedAnswer,
    CaptivePortal,
    ClockOff,
    Closed,
    Delay,
    Distortion,
    Fault,
    GiganticBody,
    Hold,
    NarrowedScope,
    NoExpiresIn,
    OddExpiresIn,
    OddToken,
    OddTokenType,
    Pause,
    Redirect,
    Replacement,
    Reset,
    SameToken,
    ServerError,
    ShortLifetime,
    TooManyRequests,
    Truncated,
)
from tokendeck.sandbox.journal import Received
from tokendeck.sandbox.script import Endpoint, ProviderId
from tokendeck.sandbox.server import PortInUse, Sandbox, describe

__all__ = [
    "AddressOffList",
    "Breakage",
    "CannedAnswer",
    "CaptivePortal",
    "ClockOff",
    "Closed",
    "Delay",
    "Distortion",
    "Endpoint",
    "Fault",
    "GiganticBody",
    "Hold",
    "NarrowedScope",
    "NoExpiresIn",
    "OddExpiresIn",
    "OddToken",
    "OddTokenType",
    "Pause",
    "PortInUse",
    "ProviderId",
    "Received",
    "Redirect",
    "Replacement",
    "Reset",
    "SameToken",
    "Sandbox",
    "ServerError",
    "ShortLifetime",
    "SignInApplication",
    "TokenPair",
    "TooManyRequests",
    "Truncated",
    "describe",
]
