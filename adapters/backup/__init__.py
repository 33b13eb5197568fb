"""Backups: a copy of the database in a folder with a manifest beside it, and the erasure journal outside of both."""
