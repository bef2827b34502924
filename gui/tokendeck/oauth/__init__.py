"""
Speaks HTTP to token endpoints and APIs: the only room that knows httpcore.

Knows requests and answers as `core` has them, nothing of providers, connections or stores. Importing the room imports
no httpcore yet: `HttpEndpoint.warm_up`, or the first request, does so in a worker thread.
"""
