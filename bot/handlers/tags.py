"""The editors' word on tags: what an item is tagged with and why, and one press to say that it is right or wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot import taggings
from bot.edition_messages import TAGS
from bot.messages import (
    Ask,
    Block,
    Button,
    Buttons,
    EntryLine,
    Field,
    FieldKind,
    Form,
    Heading,
    Message,
    Note,
    Option,
    Paragraph,
    Reply,
    link,
    say,
    text,
)
from bot.services import Services
from digests.model import FieldName, Item, Tag, TaggedItem, Topic, Verdict, kind_told

SHOW = TAGS
RIGHT, WRONG, ADD = "tags.right", "tags.wrong", "tags.add"
RELEVANT, NOT_RELEVANT = "tags.relevant", "tags.not-relevant"
FORM = "tags.topic"

NO_ITEM = say("This item is not (or no longer) there, so there is nothing to correct. Nothing was changed.")
EVERY_TOPIC = say("This item has every topic already. Nothing was changed.")
NO_TOPIC = "Please choose a topic from the list."


def card(tagged: TaggedItem, topics: Mapping[str, Topic], done: str = "") -> Message:
    """What an item is tagged with, why, and the buttons to say so or otherwise. ``done`` is what was just recorded."""
    item, tagging = tagged.item, tagged.tagging
    blocks: list[Block] = [Heading("Tags"), Paragraph(text(link(item.title, item.url), f" ({item.publisher})"))]
    if done:
        blocks.append(Paragraph(text(done)))
    blocks += [_line(item, tag, topics) for tag in tagging.tags]
    if tagging.relevant and not tagging.tags:
        blocks.append(Note(text("It has no topic.")))
    whole = (
        Button("Not relevant", NOT_RELEVANT, item.id, hint=f"Say that “{item.title}” is not about data or AI policy")
        if tagging.relevant
        else Button("Relevant", RELEVANT, item.id, hint=f"Say that “{item.title}” is about data or AI policy")
    )
    relevance = "Relevant" if tagging.relevant else "Not relevant"
    blocks += [
        Note(text(f"{relevance}: {tagging.gate}")),
        Note(text(f"Kind: {kind_told(item.kind, item.kind_because)}.")),
        Buttons((Button("Add a topic", ADD, item.id, hint=f"Add a topic to “{item.title}”"), whole)),
    ]
    return Message(f"Tags of {item.title}", tuple(blocks))


def _line(item: Item, tag: Tag, topics: Mapping[str, Topic]) -> EntryLine:
    topic = topics.get(tag.topic_id)
    name = topic.name if topic else tag.topic_id
    value = f"{item.id} {tag.topic_id}"
    wrong = Button("Wrong", WRONG, value, hint=f"Wrong: “{name}” does not belong there")
    right = Button("Right", RIGHT, value, hint=f"Right: “{name}” belongs there")
    buttons = (wrong,) if tag.field is FieldName.EDITOR else (right, wrong)
    return EntryLine(text(name), text(f"{tag.because[:1].upper()}{tag.because[1:]}"), buttons)


def which_topic(item: Item, missing: Sequence[Topic]) -> Form:
    """The form in which one of the topics is chosen that an item does not have."""
    options = tuple(Option(topic.id, topic.name) for topic in missing)
    field = Field("topic", "Topic", FieldKind.CHOICE, options=options)
    return Form(FORM, "Add a topic", "Add", (field,), text(item.title), item.id)


async def show(ask: Ask, services: Services) -> Reply:
    """Tags, on an entry of a draft: the button is about its item."""
    async with services.store.read() as uow:
        tagged = await uow.items.get(ask.value)
    return Reply((card(tagged, services.topics) if tagged else NO_ITEM,))


async def right(ask: Ask, services: Services) -> Reply:
    """This tag belongs there."""
    item_id, _, topic_id = ask.value.partition(" ")
    return await _correct(ask, services, item_id, Verdict.RIGHT, topic_id, "Recorded: “{topic}” is right.")


async def wrong(ask: Ask, services: Services) -> Reply:
    """This tag does not."""
    item_id, _, topic_id = ask.value.partition(" ")
    said = "Recorded: “{topic}” is wrong, and was taken away."
    return await _correct(ask, services, item_id, Verdict.WRONG, topic_id, said)


async def relevant(ask: Ask, services: Services) -> Reply:
    """The item is about data or AI policy."""
    said = "Recorded: this is relevant. It can come onto a draft that is made from now on."
    return await _correct(ask, services, ask.value, Verdict.RELEVANT, "", said)


async def not_relevant(ask: Ask, services: Services) -> Reply:
    """The item is not."""
    said = "Recorded: this is not relevant. On a draft that has it already it stays, until somebody leaves it out."
    return await _correct(ask, services, ask.value, Verdict.NOT_RELEVANT, "", said)


async def add(ask: Ask, services: Services) -> Reply:
    """Add a topic: which one?"""
    async with services.store.read() as uow:
        tagged = await uow.items.get(ask.value)
    if tagged is None:
        return Reply((NO_ITEM,))
    missing = [topic for topic in services.topics.values() if topic.id not in tagged.tagging.topic_ids]
    return Reply(form=which_topic(tagged.item, missing)) if missing else Reply((EVERY_TOPIC,))


async def submit(ask: Ask, services: Services) -> Reply:
    """The topic that was chosen."""
    topic_id = ask.fields.get("topic", "")
    if topic_id not in services.topics:
        return Reply(errors={"topic": NO_TOPIC})
    return await _correct(ask, services, ask.value, Verdict.MISSING, topic_id, "Recorded: “{topic}” was added.")


async def _correct(ask: Ask, services: Services, item_id: str, verdict: Verdict, topic_id: str, done: str) -> Reply:
    async with services.store.begin() as uow:
        member = await uow.members.resolve(ask.identity, services.clock.now())
        tagged = await taggings.correct(uow, services, item_id, member.id, verdict, topic_id)
        await uow.audit.note(member.id, "corrected tags", f"item:{item_id}", services.clock.now())
        await uow.commit()
    topic = services.topics.get(topic_id)
    return Reply((card(tagged, services.topics, done.replace("{topic}", topic.name if topic else topic_id)),))
