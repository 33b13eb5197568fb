"""``convenor setup``: the few questions that a new network has, and the files that its answers make."""
