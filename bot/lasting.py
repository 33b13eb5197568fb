"""Tells Python's garbage collector what stays for good, so that it does not look through it time and again."""

from __future__ import annotations

import gc
from functools import cache


@cache
def spare_what_is_here() -> None:
    """Let the collector leave alone what is there now: call it once the program has started. The first call counts.

    Modules, rules and tables are some 150,000 objects. A full collection looks through all of them, which holds up
    everything for 70 ms and more, and reading sources sets one off every few seconds.
    """
    gc.freeze()
