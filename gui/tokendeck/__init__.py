"""Tokendeck: a desktop credential manager for APIs that hand out short-lived tokens."""

__version__ = "0.1.0"
