"""The lines that a search gives where a conversation is not: the same things that the command finds, newest first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.lookup import Searcher
from digests.search import QueryError
from tests.builders import NOW, a_tagged_item
from tests.fakes.network import ALICE, Network, said


async def test_lines_say_title_publisher_day_and_topics_newest_first_and_a_part_at_a_time() -> None:
    network = await Network.make()
    await network.receives(*(a_tagged_item(n, published_at=NOW - timedelta(days=n)) for n in range(1, 4)))
    searcher = Searcher(network.services)
    all_found = await searcher.find("topic:ai", 0, 10)
    assert len(all_found) == 3
    assert all_found[0].about.endswith("Artificial intelligence")
    assert await searcher.find("topic:ai", 1, 1) == [all_found[1]]
    command = said(await network.say(ALICE, "/digest search topic:ai"))
    assert all(each.title in command and each.about in command for each in all_found)
    with pytest.raises(QueryError, match="topic"):
        await searcher.find("topic:nothing", 0, 10)
