"""Builders of plausible nouns for tests: every field has a sane default, and a test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.members.profile import Contact, Profile
from bot.messages import Identity, say, to_json
from digests.model import (
    Address,
    Change,
    Content,
    Delivery,
    Edition,
    EditionState,
    Entry,
    FieldName,
    Format,
    Group,
    Item,
    ItemRevision,
    Kind,
    Revision,
    Section,
    Source,
    Tag,
    TaggedItem,
    Tagging,
    Window,
    item_id,
)

NOW = datetime(2025, 1, 23, 10, 0, tzinfo=UTC)
"""A Thursday morning, one day before edition 2025-01-24 is due; ``FakeClock`` starts here too."""

ALICE = Identity("slack", "T01", "U01", "Alice")
BOB = Identity("slack", "T01", "U02", "Bob")
CAROL = Identity("slack", "T01", "U03", "Carol")

CHANNEL = Address("slack", "T01", channel="C01")


def a_source(source_id: str = "example", **changes: Any) -> Source:
    """An enabled Atom source of example.org."""
    source = Source(
        id=source_id,
        name=f"News of {source_id}",
        publisher="Department of Examples",
        format=Format.ATOM,
        url=f"https://{source_id}.example.org/feed.atom",
        group=Group.GOVERNMENT,
    )
    return replace(source, **changes)


def an_item(number: int = 1, **changes: Any) -> Item:
    """An item whose URL and title carry ``number``; received ``number`` minutes after :data:`NOW`."""
    url = changes.pop("url", f"https://www.example.org/news/{number}")
    item = Item(
        id=item_id(url),
        url=url,
        title=f"Guidance on artificial intelligence, part {number}",
        summary=f"What public bodies should know about data and AI, part {number}.",
        publisher="Department of Examples",
        source_id="example",
        group=Group.GOVERNMENT,
        kind=Kind.GUIDANCE,
        received_at=NOW + timedelta(minutes=number),
        published_at=NOW - timedelta(hours=1) + timedelta(minutes=number),
    )
    return replace(item, **changes)


def a_tagging(*topic_ids: str, relevant: bool = True) -> Tagging:
    """A tagging with one tag for each topic."""
    tags = tuple(Tag(topic, "artificial intelligence", FieldName.TITLE, f"{topic}-1") for topic in topic_ids)
    return Tagging(relevant, "it names artificial intelligence", tags, rules_version="rules-1")


def a_tagged_item(number: int = 1, **changes: Any) -> TaggedItem:
    """An item tagged ``ai``."""
    return TaggedItem(an_item(number, **changes), a_tagging("ai"))


def a_newer(item: Item, title: str) -> ItemRevision:
    """The item's next revision, with this title."""
    newer = replace(item, title=title, revision=item.revision + 1)
    return ItemRevision(newer, (Change("title", item.title, title),), NOW + timedelta(days=item.revision))


def an_entry(number: int = 1, **changes: Any) -> Entry:
    """An included entry of the section ``news``, with the id ``e<number>``."""
    entry = Entry(
        id=f"e{number}",
        section="news",
        title=f"Guidance on artificial intelligence, part {number}",
        url=f"https://www.example.org/news/{number}",
        publisher="Department of Examples",
        blurb=f"What public bodies should know, part {number}.",
        kind=Kind.GUIDANCE,
        published_on=date(2025, 1, 23),
        item_id=item_id(f"https://www.example.org/news/{number}"),
        topics=("ai",),
        reasons=("“artificial intelligence” in the title (rule: ai-1)",),
    )
    return replace(entry, **changes)


def a_content(*entries: Entry, **changes: Any) -> Content:
    """The text of an edition with two sections; two entries unless some are given."""
    content = Content(
        title="Data Policy Digest",
        sections=(Section("news", "News"), Section("dates", "Dates")),
        entries=entries or (an_entry(1), an_entry(2)),
        intro="Good morning.",
    )
    return replace(content, **changes)


def an_edition(due_on: date = date(2025, 1, 24), **changes: Any) -> Edition:
    """A draft at its first revision, covering the week before its due date."""
    due_at = datetime(due_on.year, due_on.month, due_on.day, 9, 0, tzinfo=UTC)
    edition = Edition(
        id=due_on.isoformat(),
        number=1,
        due_on=due_on,
        window=Window(due_at - timedelta(days=7), due_at),
        state=EditionState.DRAFT,
        revision=1,
        content=a_content(),
        created_at=NOW,
    )
    return replace(edition, **changes)


def a_revision(edition: Edition, author: str = "", **changes: Any) -> Revision:
    """The revision that made an edition what it is."""
    revision = Revision(edition.id, edition.revision, author, NOW, "drafted", edition.content)
    return replace(revision, **changes)


def a_delivery(key: str = "2025-01-24/slack/C01", **changes: Any) -> Delivery:
    """A pending row of the outbox, due at once, for :data:`CHANNEL`."""
    delivery = Delivery(
        key=key,
        purpose="digest",
        address=CHANNEL,
        body=to_json(say(f"The digest: {key}.")),
        created_at=NOW,
    )
    return replace(delivery, **changes)


def a_profile(member_id: str, **changes: Any) -> Profile:
    """A profile of somebody who works on health data, and may be asked once a fortnight in chat."""
    fields: dict[str, Any] = {
        "member_id": member_id,
        "name": "Alice",
        "organisation": "Example Trust",
        "role": "Researcher",
        "can_help": "NHS data opt-outs, and how to read a data protection impact assessment.",
        "topics": ("ai",),
        "languages": ("English", "Welsh"),
        "regions": ("Wales",),
        "contacts": (Contact.CHAT,),
        "email": "",
        "per_fortnight": 1,
        "snoozed_until": None,
        "avoid": (),
        "pronouns": "",
        "revision": 1,
        "joined_at": NOW,
    }
    return Profile(**{**fields, **changes})
