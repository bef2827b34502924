"""
The window. The only room that imports Qt, and qasync in one file (`loop`).

What every part shares is in `context.UiContext`; named colours, sizes and fonts are in `theme`, icons in `icons`, and
all text that people read goes through `text.translate`. What is needed to paint the first list imports neither asyncio
nor anything that does.
"""

import builtins

import PySide6.QtCore  # noqa: F401 - for what it leaves in builtins

# PySide puts an `__import__` of its own in place, which reads the source of every module imported from then on, to see
# whether it may use `from __feature__ import …` (shibokensupport/feature.py, 6.11). Nothing here does; without it, a
# start takes 14 ms less, and the text of 500 modules is not kept in memory.
builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
