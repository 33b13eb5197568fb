"""Tells administrators of what only a person can put right, once, and when it is well again."""
