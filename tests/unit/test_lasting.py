"""What is there once the program has started is spared by the garbage collector: once."""

from __future__ import annotations

import gc

from bot.lasting import spare_what_is_here


def test_what_is_there_at_the_start_is_not_looked_through_again_and_what_comes_later_is() -> None:
    spare_what_is_here()
    spared = gc.get_freeze_count()
    assert spared > 10_000
    later = [[number] for number in range(1_000)]
    spare_what_is_here()
    assert gc.get_freeze_count() <= spared
    assert gc.is_tracked(later)
