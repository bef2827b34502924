"""
The command line: reads what was typed, carries it out with what the composition root hands in, prints the result.

Knows core and the engine's ports. No Qt, no HTTP library, no database, no keyring: it works with no display. Results
go to stdout, everything else to stderr. A secret is never in argv, and never printed but for the token asked for.
"""
