"""
Keeps tokens fresh: the schedule, single flight, renewal, test calls, back-off and rate budgets.

asyncio only. What it needs of the outside it states as Protocols in `ports`; it knows no Qt, no HTTP library and no
database.
"""
