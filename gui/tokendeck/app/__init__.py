"""
The composition root: builds every part, hands it to the window or the command line, and quits in order.

The only room that knows all the others.
"""
