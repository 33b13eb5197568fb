"""The Slack workspaces that added Convenor, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from adapters.slack.book import Workspace
from adapters.store.database import Database
from adapters.store.installations import SlackInstallations
from tests.builders import NOW

NETWORK = Workspace("T01", "Example Network", "xoxb-secret", "B01", "U01", NOW)


@pytest.fixture
def book(database: Database) -> SlackInstallations:
    return SlackInstallations(database)


async def test_a_workspace_comes_back_as_it_was_kept(book: SlackInstallations) -> None:
    await book.save(NETWORK)
    assert await book.find("T01") == NETWORK
    assert await book.find("T02") is None


async def test_adding_it_again_replaces_the_token(book: SlackInstallations) -> None:
    await book.save(NETWORK)
    again = replace(NETWORK, bot_token="xoxb-newer", installed_at=NOW + timedelta(days=1))
    await book.save(again)
    assert await book.all() == [again]


async def test_every_workspace_is_listed_by_name(book: SlackInstallations) -> None:
    other = replace(NETWORK, id="T00", name="Zebra Trust")
    await book.save(other)
    await book.save(NETWORK)
    assert await book.all() == [NETWORK, other]


async def test_a_workspace_that_left_is_forgotten_with_its_token(book: SlackInstallations) -> None:
    await book.save(NETWORK)
    assert await book.remove("T01", NOW + timedelta(seconds=1))
    assert await book.find("T01") is None
    assert not await book.remove("T01", NOW + timedelta(seconds=1))


async def test_word_of_an_earlier_leave_does_not_undo_a_later_installation(book: SlackInstallations) -> None:
    await book.save(NETWORK)
    assert not await book.remove("T01", NOW)
    assert await book.find("T01") == NETWORK


async def test_the_token_is_encrypted_at_rest_and_in_no_representation(
    book: SlackInstallations, database: Database
) -> None:
    await book.save(NETWORK)
    async with database.reading() as transaction:
        kept = str(await transaction.value(text("SELECT bot_token FROM slack_workspaces")))
    assert "xoxb" not in kept
    assert "xoxb" not in repr(NETWORK)
