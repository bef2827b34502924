"""
Between the command line and a running app: a local socket that only this user can open.

One request and one answer for each connection, each a JSON object on a line of its own:

    {"protocol": 1, "ask": "token", "with": …}    →    {"value": …}   {"error": …}   {"failed": why}

`hello` and `show` are answered at once, `vault` as soon as it is known how the vault stands; `token`, `refresh`, `test`
and `add` only while the app is unlocked. What else the command line does, it does alone on the same store.

Windows has no such socket that Python could open to one user alone: there the command line always works alone, and a
second start opens a second window. Locks keep all of them apart in any case.
"""
