"""
Values and pure rules: what a provider, a connection, a token and its expiry are, and what follows from them.

Standard library only. Nothing here reads a file, a socket or a clock; whoever needs the time hands in a `Moment`.
"""
