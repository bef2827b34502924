"""
The ledger, the vault and the connection locks, in one folder of the user's.

The only room that imports sqlite3, keyring and cryptography, and that locks files. It knows core alone: neither what a
refresh is nor when one is due.

`tokendeck.storage.records` reads the list for the first paint and loads next to nothing;
`tokendeck.storage.storage` opens everything.
"""
