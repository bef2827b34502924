"""Adding and editing connections, and the passphrase of the vault."""
