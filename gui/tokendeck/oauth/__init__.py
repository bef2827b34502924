"""
Speaks HTTP to token endpoints and APIs: sends requests exactly as core built them, and gives back what came.

The only room that imports httpx. What an answer means is decided in core; when to ask is decided in the engine.
"""
