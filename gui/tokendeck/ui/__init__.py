"""
The window. The only room that imports Qt, and qasync in one file (`loop`).

What every part shares is in `context.UiContext`; named colours, sizes and fonts are in `theme`, icons in `icons`, and
all text that people read goes through `text.translate`. What is needed to paint the first list imports neither asyncio
nor anything that does.
"""
