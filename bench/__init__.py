"""
How fast Tokendeck is, measured on the real program against baselines in the same run.

    python -m bench                     every row of the table; build/bench.json beside it
    python -m bench --only start        the rows whose names begin so
    python -m bench --compare OLD NEW   what changed between two such files

`rows` judges and prints, `stage` gives a display and a home that are thrown away, the other modules measure a few rows
each. What they start stands in `programs`: the baselines, and the window with a probe inside. Nothing here asserts a
time: a machine that does other work as well is slow, not wrong.
"""
