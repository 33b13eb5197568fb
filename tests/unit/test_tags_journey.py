"""An editor says in one press whether a tag is right, through the real handlers, in memory."""

from __future__ import annotations

from bot.messages import Button, EntryLine
from digests.model import Verdict
from tests.builders import a_tagging, an_item
from tests.fakes.network import ALICE, BOB, CAROL, Network, said, words_of

TITLE = "Guidance on artificial intelligence, part 2"
ITEM = an_item(2).id


async def a_network() -> Network:
    network = await Network.make()
    await network.has_a_draft()
    return network


async def test_an_entrys_tags_are_shown_with_their_reasons_to_the_one_who_asks() -> None:
    network = await a_network()
    button = network.button("Tags", "editors", TITLE)
    reply = await network.press(BOB, button)
    (card,) = reply.messages
    assert words_of(card) == (
        "Tags\n"
        f"{TITLE} (Department of Examples)\n"
        "Artificial intelligence [“artificial intelligence” in the title (rule: ai-1)]\n"
        "Relevant: it names artificial intelligence\n"
        "Kind: guidance.\n"
        "<Add a topic> <Not relevant>"
    )
    line = next(block for block in card.blocks if isinstance(block, EntryLine))
    assert [(button.label, button.value) for button in line.buttons] == [
        ("Right", f"{ITEM} ai"),
        ("Wrong", f"{ITEM} ai"),
    ]


async def test_one_press_records_that_a_tag_is_wrong_and_takes_it_away() -> None:
    network = await a_network()
    reply = await network.press(BOB, Button("Wrong", "tags.wrong", f"{ITEM} ai"))
    assert "Recorded: “Artificial intelligence” is wrong, and was taken away." in words_of(reply.messages[0])
    assert "It has no topic." in words_of(reply.messages[0])
    reply = await network.submit(CAROL, "tags.topic", ITEM, topic="ai")
    assert "Recorded: “Artificial intelligence” was added." in words_of(reply.messages[0])
    async with network.store.read() as uow:
        events = [(each.verdict, each.topic_id, each.rule) for each in await uow.corrections.all()]
        people = {each.member_id for each in await uow.corrections.all()}
    assert events == [(Verdict.WRONG, "ai", "ai-1"), (Verdict.MISSING, "ai", "")]
    assert len(people) == 2


async def test_an_item_is_marked_not_relevant_and_relevant_again() -> None:
    network = await a_network()
    reply = await network.press(BOB, Button("Not relevant", "tags.not-relevant", ITEM))
    words = words_of(reply.messages[0])
    assert "Recorded: this is not relevant. On a draft that has it already it stays, until " in words
    assert "Not relevant: An editor marked it as not relevant." in words
    reply = await network.press(BOB, Button("Relevant", "tags.relevant", ITEM))
    assert "Artificial intelligence" in words_of(reply.messages[0])
    async with network.store.read() as uow:
        tagged = await uow.items.get(ITEM)
    assert tagged is not None
    assert tagged.tagging == a_tagging("ai")


async def test_a_topic_is_chosen_from_those_that_the_item_does_not_have() -> None:
    network = await a_network()
    await network.press(BOB, Button("Wrong", "tags.wrong", f"{ITEM} ai"))
    reply = await network.press(BOB, Button("Add a topic", "tags.add", ITEM))
    assert reply.form is not None
    assert [option.label for option in reply.form.fields[0].options] == ["Artificial intelligence"]
    reply = await network.submit(BOB, "tags.topic", ITEM, topic="no-such-topic")
    assert reply.errors == {"topic": "Please choose a topic from the list."}


async def test_an_item_that_has_every_topic_is_told_so_instead_of_an_empty_list() -> None:
    network = await a_network()
    reply = await network.press(BOB, Button("Add a topic", "tags.add", ITEM))
    assert said(reply) == "This item has every topic already. Nothing was changed."


async def test_a_member_who_is_no_editor_cannot_correct_anything() -> None:
    network = await a_network()
    await network.press(ALICE, Button("Wrong", "tags.wrong", f"{ITEM} ai"))
    async with network.store.read() as uow:
        assert await uow.corrections.all() == []


async def test_what_is_not_there_any_more_is_said() -> None:
    network = await a_network()
    reply = await network.press(BOB, Button("Tags", "tags.show", "gone"))
    assert said(reply) == "This item is not (or no longer) there, so there is nothing to correct. Nothing was changed."
    reply = await network.press(BOB, Button("Wrong", "tags.wrong", "gone ai"))
    assert said(reply).startswith("This item is not (or no longer) there.")
