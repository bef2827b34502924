"""
The five providers' dialects, one module each, and what they have in common.

What a page states is spoken to the letter; where a page is silent, the dialect's docstring says what the sandbox chose.
They read requests and make replies; connections and faults of the network are no concern of theirs.
"""
