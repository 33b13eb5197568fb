"""Finds the day that a text is about: a closing date, a sitting, an event."""
