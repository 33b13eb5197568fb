"""Adding a link to the draft by its address: the page is read, and a form shows what would be added, to be changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from bot.commands import GONE
from bot.edition_messages import edition_name
from bot.editions import links
from bot.editions.links import Looked
from bot.handlers import forms
from bot.messages import Ask, Field, FieldKind, Form, Message, Option, Reply, Text, bold, link, say, text
from bot.services import Services
from bot.typed import day_of
from digests.added_links import Proposal
from digests.calendar import london_day, say_day
from digests.model import Edition, Outcome, item_id

ADDRESS_FORM, FORM = "link.address", "link.add"
MAX_TITLE, MAX_PUBLISHER, MAX_BLURB = 300, 100, 600

NEED_TITLE = "Please give it a title: it is what readers press."
NEED_PUBLISHER = "Please say who published it: that stands beside the title."
NEED_DAY = "Please write the day like 20 January 2025 or 2025-01-20, or leave it empty."
NEED_SECTION = "Please choose a section of the list."
KEPT_TYPING = "This is what you wrote last time, which was not added. "


def too_long(most: int) -> str:
    """A field holds more than fits."""
    return f"Please keep it to {most} characters."


def address_form(typed: str = "") -> Form:
    """Which address?"""
    field = Field("url", "Address", value=typed, hint="For example https://www.example.org/a-page.", max_length=2000)
    return Form(ADDRESS_FORM, "Add a link", "Look at it", (field,))


def link_form(looked: Looked, typed: Mapping[str, str] | None = None) -> Form:
    """What would be added, to be changed before it is; or what somebody typed into it before."""
    proposal, edition = looked.proposal, looked.edition
    sections = _sections(looked)
    present = {
        "title": proposal.title,
        "publisher": proposal.publisher,
        "date": _day(proposal),
        "blurb": proposal.blurb,
        "section": proposal.section,
    }
    shown = {**present, **(typed or {})}
    if shown["section"] not in {option.value for option in sections}:
        shown["section"] = sections[0].value if sections else ""
    return Form(
        FORM,
        "Add a link",
        "Add",
        (
            Field("title", "Title", value=shown["title"], max_length=MAX_TITLE),
            Field("publisher", "Publisher", value=shown["publisher"], max_length=MAX_PUBLISHER),
            Field(
                "date",
                "Published on",
                value=shown["date"],
                hint="Like 20 January 2025. Empty where it is not known.",
                required=False,
                max_length=40,
            ),
            Field(
                "blurb",
                "What it is about",
                FieldKind.PARAGRAPH,
                shown["blurb"],
                "One sentence, which stands after the title.",
                required=False,
                max_length=MAX_BLURB,
            ),
            Field("section", "Section", FieldKind.CHOICE, shown["section"], options=sections),
        ),
        _intro(looked, typed is not None),
        json.dumps([edition.id, proposal.url], separators=(",", ":")),
    )


def _intro(looked: Looked, kept: bool) -> Text:
    parts: list[str | Text] = [KEPT_TYPING] if kept else []
    parts.append(text(link(looked.proposal.url[:200], looked.proposal.url), ". "))
    if looked.page.outcome is not Outcome.READ and not looked.known:
        parts.append(f"The page could not be read, so please fill in the form. {looked.page.reason} ")
    elif looked.page.reason and not looked.known:
        parts.append(f"{looked.page.reason} ")
    if looked.known:
        parts.append("It is in the archive already, as it stands below. ")
    if looked.entry is not None:
        parts.append(_stands(looked))
    if looked.told is not None:
        parts.append(f"It stood in edition {looked.told.number} ({say_day(looked.told.due_on)}) already. ")
    return text(*parts)


def _stands(looked: Looked) -> str:
    entry, content = looked.entry, looked.edition.content
    assert entry is not None
    titles = {section.id: section.title for section in content.sections}
    where = titles.get(entry.section, "")
    if entry not in content.entries:
        return "It is among the maybes of this draft: adding it takes it from there. "
    if not entry.included:
        return f"It is in this draft already, left out under “{where}”: adding it puts it back in. "
    return f"It is in this draft already, under “{where}” as “{entry.title}”. Added, it will stand there twice. "


def _sections(looked: Looked) -> tuple[Option, ...]:
    return tuple(Option(section.id, section.title) for section in looked.edition.content.sections)


def _day(proposal: Proposal) -> str:
    if proposal.published_on is None:
        return ""
    return f"{proposal.published_on.day} {proposal.published_on:%B %Y}"


def added(edition: Edition, title: str, section: str) -> Message:
    """A link is in the draft."""
    return say("Added: ", bold(title), f" stands at the end of “{section}” in the draft of {edition_name(edition)}.")


async def add(ask: Ask, services: Services) -> Reply:
    """/digest add URL, or the button Add a link: with an address, the form; without, which address?"""
    if not ask.words.strip():
        async with services.store.read() as uow:
            await links.the_open_draft(uow)
            kept = await uow.inbox.kept_form(ask.identity, ADDRESS_FORM)
        return Reply(form=address_form(kept.get("url", "")))
    return await _look(ask, services, ask.words)


async def look(ask: Ask, services: Services) -> Reply:
    """The address was sent."""
    typed = ask.fields.get("url", "")
    await forms.keep_typed(services, ask.identity, ADDRESS_FORM, {"url": typed})
    try:
        links.address(typed)
    except links.NoAddress as wrong:
        return Reply(errors={"url": wrong.sentence})
    reply = await _look(ask, services, typed)
    await forms.drop_typed(services, ask.identity, ADDRESS_FORM)
    return reply


async def _look(ask: Ask, services: Services, typed: str) -> Reply:
    looked = await links.look_up(services, typed)
    async with services.store.read() as uow:
        kept = await uow.inbox.kept_form(ask.identity, _kept_under(looked.proposal.url))
    return Reply(form=link_form(looked, kept or None))


async def save(ask: Ask, services: Services) -> Reply:
    """The form was sent. What was typed is kept until it is added."""
    try:
        edition_id, url = map(str, json.loads(ask.value))
        links.address(url)
    except (ValueError, TypeError, links.NoAddress):
        return Reply((GONE,))
    typed = {name: ask.fields.get(name, "") for name in ("title", "publisher", "date", "blurb", "section")}
    await forms.keep_typed(services, ask.identity, _kept_under(url), typed)
    read = read_proposal(links.address(url), typed, london_day(services.clock.now()))
    if not isinstance(read, Proposal):
        return Reply(errors=read)
    edition, _, entry = await links.add_link(services, ask.identity, edition_id, read)
    await forms.drop_typed(services, ask.identity, _kept_under(url))
    section = next(section.title for section in edition.content.sections if section.id == entry.section)
    return Reply((added(edition, entry.title, section),))


def read_proposal(url: str, typed: Mapping[str, str], today: date) -> Proposal | dict[str, str]:
    """What was typed, or what is wrong with it: a sentence for each field. A day without a year is the latest one."""
    words = {name: forms.tidy_line(value) for name, value in typed.items()}
    wrong: dict[str, str] = {}
    for name, most, needed in (
        ("title", MAX_TITLE, NEED_TITLE),
        ("publisher", MAX_PUBLISHER, NEED_PUBLISHER),
        ("blurb", MAX_BLURB, ""),
    ):
        if not words[name] and needed:
            wrong[name] = needed
        elif len(words[name]) > most:
            wrong[name] = too_long(most)
    day = day_of(words["date"], today, past=True) if words["date"] else None
    if words["date"] and day is None:
        wrong["date"] = NEED_DAY
    if not words["section"]:
        wrong["section"] = NEED_SECTION
    if wrong:
        return wrong
    return Proposal(url, words["title"], words["publisher"], day, words["blurb"], words["section"])


def _kept_under(url: str) -> str:
    return f"{FORM}:{item_id(url)}"
