"""
Descriptor files: TOML, shipped or the user's own, read into `Provider` values.

Knows the file format and `core`, nothing else. A file runs no code, and a wrong one costs only itself: every complaint
is a `DescriptorError` with file, dotted key and what should stand there.
"""
