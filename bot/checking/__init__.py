"""``convenor check``: whether everything that Convenor needs is there, row by row, each with what to do."""
