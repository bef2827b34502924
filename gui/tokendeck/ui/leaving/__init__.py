"""How each system tells that the person at it goes away: the screen is locked, the machine sleeps."""
