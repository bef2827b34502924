"""The list of connections: what is shown, in which order, how a row is painted, and how mouse and keyboard reach it."""
