"""Signing in through the window: the attempt, the panel that shows it, and the code to photograph."""
