"""/digest export: links where the edition is public, else the text itself, and only for editors."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.commands import Front
from bot.handlers.export import parse
from bot.messages import Bullets, File, Message, Reply, from_json, to_json
from bot.table import build_table
from digests.render import Output
from tests.fakes import public
from tests.fakes.network import ALICE, BOB, Network, said


def files(reply: Reply) -> list[File]:
    return [block for message in reply.messages for block in message.blocks if isinstance(block, File)]


@pytest.fixture
async def network() -> Network:
    return await public.a_network()


async def test_without_a_public_address_the_text_itself_is_given(network: Network) -> None:
    reply = await network.say(BOB, "/digest export")
    (file,) = files(reply)
    assert said(reply).startswith("Data Policy Digest 34, as Markdown. Only you see this.")
    assert file.name == "edition-34.md"
    assert file.text.startswith('---\ntitle: "Data Policy Digest"\nnumber: 34\n')
    assert public.SECRET not in file.text


@pytest.mark.parametrize(
    ("words", "name", "begins"),
    [
        ("33 text", "edition-33.txt", "Data Policy Digest\n====="),
        ("EMAIL 33", "edition-33.html", "<!doctype html>"),
        ("html", "edition-34.html", "<article>"),
        ("latest json", "edition-34.json", "{"),
    ],
)
async def test_every_form_of_every_edition_can_be_had(network: Network, words: str, name: str, begins: str) -> None:
    (file,) = files(await network.say(BOB, f"/digest export {words}"))
    assert file.name == name
    assert file.text.startswith(begins)


async def test_the_draft_is_said_to_be_one(network: Network) -> None:
    reply = await network.say(BOB, "/digest export draft md")
    assert said(reply).startswith("Data Policy Digest 35 as it stands now, not published, as Markdown.")
    assert files(reply)[0].name == "edition-35.md"


async def test_a_public_edition_is_given_as_links_and_a_draft_never(network: Network) -> None:
    network.services = replace(network.services, public_url="https://d.example.org")
    network.desk = Front(build_table(), network.services)
    reply = await network.say(BOB, "/digest export email")
    assert files(reply) == []
    (bullets,) = [block for block in reply.messages[0].blocks if isinstance(block, Bullets)]
    assert [span.url for item in bullets.items for span in item] == [
        f"https://d.example.org/editions/34.{ending}" for ending in ("html", "md", "txt", "json")
    ]
    (draft,) = files(await network.say(BOB, "/digest export draft json"))
    assert json.loads(draft.text)["url"] == ""
    assert "d.example.org" not in draft.text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("pdf", "Which edition, and in which form?"),
        ("34 35", "Which edition, and in which form?"),
        ("99", "There is no edition with the number 99."),
    ],
)
async def test_what_cannot_be_given_is_said(network: Network, words: str, sentence: str) -> None:
    assert sentence in said(await network.say(BOB, f"/digest export {words}"))


async def test_it_is_for_editors_and_a_draft_that_there_is_not_is_said_so() -> None:
    empty = await Network.make()
    assert "you are not one here" in said(await empty.say(ALICE, "/digest export"))
    assert "There is no draft at the moment." in said(await empty.say(BOB, "/digest export draft"))
    assert "No edition has been published yet." in said(await empty.say(BOB, "/digest export"))


def test_words_come_in_any_order() -> None:
    assert parse("") == ("latest", Output.MARKDOWN)
    assert parse("json 12") == parse("12 JSON") == ("12", Output.JSON)
    assert parse("md text") is None


def test_a_file_survives_the_outbox_and_the_log() -> None:
    message = Message("x", (File("a.md", "* one\n“two”\n"),))
    assert from_json(to_json(message)) == message
