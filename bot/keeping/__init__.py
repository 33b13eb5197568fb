"""Surviving: backups and when they are due, who left since one was made, and the hold after one was restored."""
