"""Sources beside the catalogue: finding and adding one in chat after a preview, changing its details, removing it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from bot import sources
from bot.commands import GONE
from bot.handlers import forms
from bot.handlers.sources import EDIT, group_words, outcome_words
from bot.messages import (
    Ask,
    Block,
    Bullets,
    Button,
    Buttons,
    ButtonStyle,
    Field,
    FieldKind,
    Form,
    Heading,
    Message,
    Note,
    Option,
    Paragraph,
    Reply,
    Text,
    bold,
    code,
    count,
    link,
    say,
    text,
)
from bot.ports import Found
from bot.services import Services
from bot.sources import is_found
from digests.adding import MAX_NAME, Details, Feed
from digests.calendar import london_day, say_day
from digests.errors import ConvenorError
from digests.identity import canonical_url
from digests.model import FeedEntry, Format, Group, Kind, Outcome, Source

ADD, NOT_NOW = "sources.add", "sources.not-now"
FORM = EDIT
PREVIEWED = 5
# An address that does not fit into a button together with its title.
MAX_ADDRESS = 1_500

ADD_WHAT = say(
    "Which address? Write for example ", code("/convenor sources add https://www.example.org"),
    ": the address of a site, or of its feed.",
)  # fmt: skip


def there_already(source: Source) -> Message:
    """The address is known."""
    return say(
        "That is among the sources already: ", bold(source.name), " (", code(source.id), "). Nothing was added. ",
        code(f"/convenor sources show {source.id}"), " shows how its reading goes.",
    )  # fmt: skip


def no_feed_words(found: Found) -> str:
    """Why nothing can be added."""
    outcome, reason = found.result.outcome, found.result.reason
    if outcome is Outcome.NOT_A_FEED:
        return (
            "I found no feed there: the page names none, and there is none in the usual places. Nothing was added. "
            "If the site has a feed, give the address of the feed itself."
        )
    return f"I could not read {found.url[:300]}: {reason or outcome.value} Nothing was added."


def title_of(found: Found) -> str:
    """What the feed calls itself, or else its address."""
    return found.result.title[:100] or found.url[:100]


def preview_message(found: Found) -> Message:
    """The feed and its last entries, with the question whether to add it."""
    entries = newest(found)
    title = title_of(found)
    blocks: list[Block] = [
        Heading(title),
        Paragraph(text("I found a feed at ", link(found.url[:300], found.url), ".")),
    ]
    if entries:
        few = "this is its only item" if len(entries) == 1 else f"these are its last {len(entries)} items"
        blocks.append(Paragraph(text(f"It has {count(len(found.result.entries), 'item')}; {few}:")))
        blocks.append(Bullets(tuple(_entry_line(entry) for entry in entries)))
    else:
        blocks.append(Paragraph(text("It has no items at present.")))
    if found.others:
        blocks.append(
            Note(text("The page names other feeds as well: ", ", ".join(url[:200] for url in found.others), "."))
        )
    value = json.dumps([found.url, found.format.value, title], ensure_ascii=False, separators=(",", ":"))
    blocks += [
        Paragraph(text("Add it?")),
        Buttons(
            (
                Button("Add", ADD, value, ButtonStyle.PRIMARY, hint=f"Add {title[:50]} to the sources"),
                Button("Not now", NOT_NOW, hint="Do not add this feed"),
            )
        ),
    ]
    return Message(f"I found the feed “{title}”. Add it?", tuple(blocks))


def newest(found: Found) -> tuple[FeedEntry, ...]:
    """The entries to show before somebody says yes: the newest by their dates, or else the feed's first."""
    entries = found.result.entries
    dated = [(moment, entry) for entry in entries if (moment := entry.published or entry.updated)]
    if len(dated) == len(entries):
        entries = tuple(entry for _, entry in sorted(dated, key=lambda pair: pair[0], reverse=True))
    return entries[:PREVIEWED]


def _entry_line(entry: FeedEntry) -> Text:
    moment = entry.published or entry.updated
    when = f" ({say_day(london_day(moment))})" if moment else " (no date)"
    title = (entry.title or entry.summary or "without a title")[:200]
    return text(link(title, entry.link) if entry.link else title, when)


NOTHING_ADDED = say("Nothing was added.")


def added_words(source: Source) -> str:
    """A source was added."""
    return (
        f"Added: {source.name}, with the id {source.id}, among {group_words(source.group)}. What it holds "
        "now is background: it can be searched, and is never drafted. What it brings from now on counts."
    )


async def add(ask: Ask, services: Services) -> Reply:
    """/convenor sources add ADDRESS: look, show, and ask."""
    if not ask.words:
        return Reply((ADD_WHAT,))
    found = await sources.look_at(services, ask.words)
    if isinstance(found, Source):
        return Reply((there_already(found),))
    if not is_found(found):
        return Reply((say(no_feed_words(found)),))
    if len(found.url) > MAX_ADDRESS:
        return Reply((say("The address of that feed is too long to be added in chat. Nothing was added."),))
    return Reply((preview_message(found),))


async def add_found(ask: Ask, services: Services) -> Reply:
    """The button Add under a preview: record the source, and read it for the first time."""
    try:
        url, format, title = json.loads(ask.value)
        kind = Format(format)
    except (ValueError, TypeError):
        return Reply((GONE,))
    if not kind.is_feed or not isinstance(url, str) or not canonical_url(url):
        return Reply((GONE,))
    (planned,) = await sources.add(services, [Feed(url, kind, str(title))], ask.identity)
    assert planned.source is not None  # its address has just been found to be one
    if not planned.is_new:
        return Reply((there_already(planned.source),))
    return Reply((say(f"{added_words(planned.source)} {await first_reading(services, planned.source)}"),))


async def first_reading(services: Services, source: Source) -> str:
    """Read a source that was added a moment ago; what came of it, in words."""
    try:
        _, fetch = await sources.read_now(services, source.id)
    except ConvenorError:
        return "It will be read for the first time within a few minutes, while the service runs."
    return f"First reading: {outcome_words(fetch)}"


async def not_now(ask: Ask, services: Services) -> Reply:
    """The button Not now under a preview."""
    return Reply((NOTHING_ADDED,))


KEPT_TYPING = "This is what you wrote last time, which was not taken over. "
CHANGED_MEANWHILE = (
    "Somebody has changed this source since you opened the form, so nothing was changed yet. What you wrote stands "
    "below; send it again to put it in the place of theirs. "
)
NEED_NAME = "Please give it a name: it is what editors see in lists of sources."
NEED_PUBLISHER = "Please say who publishes it: that stands beside every entry in the digest."
TOO_LONG = f"Please keep it to {MAX_NAME} characters."
NEED_CHOICE = "Please choose one of the list."
NEED_WEIGHT = "Please write a number from 0 to 1, such as 0.5."


def fields_of(details: Details) -> dict[str, str]:
    """The details as they stand in the fields of the form: :func:`read_details` reads them again."""
    return {
        "name": details.name,
        "publisher": details.publisher,
        "group": details.group.value,
        "kind": details.document_kind.value,
        "weight": f"{details.weight:g}",
    }


def edit_form(source: Source, typed: Mapping[str, str] | None = None, note: str = "") -> Form:
    """The form with a source's details, or with what somebody typed into it before."""
    now = Details.of(source)
    shown = {**fields_of(now), **(typed or {})}
    as_it_is = (
        f"At present it is “{now.name}” by {now.publisher}, group {group_words(now.group)}, kind "
        f"{now.document_kind.value}, weight {now.weight:g}."
    )
    return Form(
        FORM,
        "Edit a source",
        "Save",
        (
            Field("name", "Name", value=shown["name"], hint="What editors see in lists.", max_length=MAX_NAME),
            Field(
                "publisher",
                "Publisher",
                value=shown["publisher"],
                hint="Who speaks: it stands beside every entry. What was read before keeps the publisher it has.",
                max_length=MAX_NAME,
            ),
            Field(
                "group",
                "Group",
                FieldKind.CHOICE,
                shown["group"],
                "It decides the section of the digest.",
                options=tuple(Option(group.value, group_words(group).capitalize()) for group in Group),
            ),
            Field(
                "kind",
                "Kind of its documents",
                FieldKind.CHOICE,
                shown["kind"],
                "Choose Other where they are of several kinds.",
                options=tuple(Option(kind.value, kind.value.capitalize()) for kind in Kind),
            ),
            Field(
                "weight",
                "Weight",
                value=shown["weight"],
                hint="From 0 to 1: how much it decides about data and AI policy. 0.5 suits most.",
                max_length=10,
            ),
        ),
        text(note, as_it_is if typed else ""),
        json.dumps([source.id, now.mark]),
    )


async def edit(ask: Ask, services: Services) -> Reply:
    """The button Edit below a source that was added: its details in a form, or what was typed and not accepted."""
    async with services.store.read() as uow:
        source = await sources.find_added(uow, services, ask.value)
        typed = await uow.inbox.kept_form(ask.identity, _kept_under(source.id))
    return Reply(form=edit_form(source, typed, KEPT_TYPING if typed else ""))


async def save(ask: Ask, services: Services) -> Reply:
    """The form was sent. What was typed is kept until it is accepted."""
    try:
        source_id, seen = map(str, json.loads(ask.value))
    except (ValueError, TypeError):
        return Reply((GONE,))
    async with services.store.begin() as uow:
        source = await sources.find_added(uow, services, source_id)
        await uow.inbox.keep_form(ask.identity, _kept_under(source.id), _typed(ask.fields), services.clock.now())
        await uow.commit()
    read = read_details(ask.fields)
    if not isinstance(read, Details):
        return Reply(errors=read)
    source, done = await sources.change(services, source_id, read, seen, ask.identity)
    if not done:
        return Reply(form=edit_form(source, _typed(ask.fields), CHANGED_MEANWHILE))
    await forms.drop_typed(services, ask.identity, _kept_under(source.id))
    return Reply((say(saved_words(source)),))


def _kept_under(source_id: str) -> str:
    return f"{FORM}:{source_id}"


def read_details(fields: Mapping[str, str]) -> Details | dict[str, str]:
    """The details that were typed into the form, or what is wrong with them: a sentence for each field."""
    typed = _typed(fields)
    wrong: dict[str, str] = {}
    for name, needed in (("name", NEED_NAME), ("publisher", NEED_PUBLISHER)):
        if not typed[name]:
            wrong[name] = needed
        elif len(typed[name]) > MAX_NAME:
            wrong[name] = TOO_LONG
    if typed["group"] not in set(Group):
        wrong["group"] = NEED_CHOICE
    if typed["kind"] not in set(Kind):
        wrong["kind"] = NEED_CHOICE
    weight = _weight(typed["weight"])
    if weight is None:
        wrong["weight"] = NEED_WEIGHT
    if wrong or weight is None:
        return wrong
    return Details(typed["name"], typed["publisher"], Group(typed["group"]), Kind(typed["kind"]), weight)


def _typed(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: forms.tidy_line(fields.get(name, "")) for name in ("name", "publisher", "group", "kind", "weight")}


def _weight(words: str) -> float | None:
    try:
        weight = float(words.replace(",", "."))
    except ValueError:
        return None
    return round(weight, 2) if math.isfinite(weight) and 0 <= weight <= 1 else None


def saved_words(source: Source) -> str:
    """The details were taken over."""
    return (
        f"Saved: {source.name}, published by {source.publisher}; group {group_words(source.group)}, kind "
        f"{source.document_kind.value}, weight {source.weight:g}. It counts for what is read from now on, and the "
        "weight for the next draft."
    )


def unchanged_words(source: Source) -> str:
    """Nothing was asked for."""
    return (
        f"Nothing was to be changed of {source.name}. Say what with --name, --publisher, --group, --kind or --weight."
    )


def removed_words(source: Source) -> str:
    """The source is gone."""
    return f"{source.name} is removed and no longer read; everything that was read from it is kept."


async def remove(ask: Ask, services: Services) -> Reply:
    """The button Remove below a source that was added."""
    source = await sources.remove(services, ask.value, ask.identity)
    return Reply(
        (
            say(
                f"{removed_words(source)} To have it back, type ", code(f"/convenor sources add {source.url}"), ".",
            ),
        )
    )  # fmt: skip
