"""Change… on an entry of a draft: its words, its section, its place, and the entry that it belongs to, in one form."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher

from bot import editions
from bot.commands import GONE
from bot.edition_messages import CHANGE, parse_value, short
from bot.handlers import forms
from bot.handlers.forms import Opened, Sent, Unaccepted, Unchanged
from bot.messages import Ask, Field, FieldKind, Form, Message, Option, Reply, count, say
from bot.services import Services
from bot.typed import whole_number
from digests import editing
from digests.editing import Edit, Step
from digests.model import Content, Edition, Entry

FORM = CHANGE
MAX_TITLE, MAX_BLURB = 300, 1000
# What the tightest platform offers in a list, less the choice of none.
MERGE_CHOICES = 99

NEED_PLACE = "Please write a number: 1 is the top of the section."
NO_SECTION = "Please choose one of the sections. Somebody may have removed the one that you chose."
GONE_TARGET = "That entry is not in the draft any more. Please choose another one, or none."


def done(edit: Edit) -> Message:
    """The form was taken over."""
    return say(f"Done: {edit.what}.")


def values_of(entry_id: str) -> forms.Values:
    """What the form shows of a content."""

    def values(content: Content) -> Mapping[str, str]:
        entry = content.entry(entry_id)
        if entry is None or entry not in content.included:
            return dict.fromkeys(("title", "blurb", "section", "place", "into"), "")
        place, _ = editing.place_of(content, entry_id)
        words = {"title": forms.tidy_line(entry.title), "blurb": forms.tidy_line(entry.blurb)}
        return {**words, "section": entry.section, "place": str(place), "into": ""}

    return values


def change_form(edition: Edition, entry: Entry) -> Form:
    """The form on an entry as it now stands."""
    content = edition.content
    now = values_of(entry.id)(content)
    _, of = editing.place_of(content, entry.id)
    others = likest(content, entry)
    fields = [
        Field("title", "Title", value=now["title"], max_length=MAX_TITLE),
        Field(
            "blurb",
            "Text",
            FieldKind.PARAGRAPH,
            now["blurb"],
            "What stands behind the title. Line breaks become spaces.",
            required=False,
            max_length=MAX_BLURB,
        ),
        Field(
            "section",
            "Section",
            FieldKind.CHOICE,
            now["section"],
            options=tuple(Option(section.id, section.title) for section in content.sections),
        ),
        Field(
            "place",
            "Place in the section",
            value=now["place"],
            hint=f"1 is the top. The section has {count(of, 'entry', 'entries')}.",
            max_length=4,
        ),
    ]
    if others:
        fields.append(
            Field(
                "into",
                "Merge into",
                FieldKind.CHOICE,
                hint="It becomes a link behind the entry that you choose; the likest titles come first.",
                required=False,
                options=tuple(Option(other.id, other.title) for other in others),
            )
        )
    opened = Opened.on(edition.id, entry.id, edition.revision, now)
    return Form(FORM, "Change an entry", "Save", tuple(fields), (), opened.value, opened.key)


def likest(content: Content, entry: Entry) -> list[Entry]:
    """The other entries of the draft, those with the likest titles first."""
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(entry.title.casefold())

    def likeness(other: Entry) -> float:
        matcher.set_seq1(other.title.casefold())
        return matcher.quick_ratio()

    others = [each for each in content.included if each.id != entry.id and each.item_id != entry.item_id]
    return sorted(others, key=lambda other: (-likeness(other), other.section != entry.section))[:MERGE_CHOICES]


async def open_form(ask: Ask, services: Services) -> Reply:
    """Change…: the entry in a form, or what was typed and not taken over."""
    edition_id, entry_id = parse_value(ask.value)
    async with services.store.read() as uow:
        edition = await editions.the_edition(uow, edition_id)
    editing.must_be_draft(edition, services.clock.now())
    entry = editing.the_entry(edition.content, entry_id)
    form = change_form(edition, entry)
    await editions.arrive(services, ask.identity, edition_id, f"“{short(entry.title)}”")
    return Reply(form=await forms.with_kept(services, ask.identity, form))


async def submit(ask: Ask, services: Services) -> Reply:
    """The form was sent. What was typed is kept until it is taken over."""
    opened = Opened.read(ask.value)
    if opened is None:
        return Reply((GONE,))
    typed = read(ask.fields)
    sent = Sent(
        FORM,
        opened,
        typed,
        lambda content: decide(content, opened, typed),
        values_of(opened.thing),
        lambda edition: change_form(edition, editing.the_entry(edition.content, opened.thing)),
        lambda edition, edit: Reply((done(edit),)),
        {"Title": typed["title"], "Text": typed["blurb"]},
    )
    return await forms.take_over(services, ask.identity, sent)


def read(fields: Mapping[str, str]) -> dict[str, str]:
    """What was typed, tidied."""
    return {name: forms.tidy_line(fields.get(name, "")) for name in ("title", "blurb", "section", "place", "into")}


def decide(content: Content, opened: Opened, typed: Mapping[str, str]) -> Edit:
    """The edit that the form asks for.

    Raises Unaccepted, Clashing or Unchanged; NotFound or Stale where the entry is not in the draft (any more).
    """
    entry_id = opened.thing
    entry = editing.the_entry(content, entry_id)
    present = values_of(entry_id)(content)
    editing.place_of(content, entry_id)
    wanted = opened.merged(present, typed, free=("place", "into"))
    if wrong := _wrong(content, wanted):
        raise Unaccepted(wrong)
    steps: list[Step] = []
    if {"title", "blurb"} & wanted.keys():
        title, blurb = wanted.get("title", entry.title), wanted.get("blurb", entry.blurb)
        steps.append(lambda now: editing.reword(now, entry_id, title, blurb))
    section = wanted.get("section", entry.section)
    number = whole_number(wanted["place"]) if "place" in wanted else None
    if into := wanted.get("into"):
        steps.append(lambda now: editing.merge(now, entry_id, into))
    elif number is not None or section != entry.section:
        steps.append(lambda now: editing.place(now, entry_id, section, number))
    edit = editing.in_turn(content, steps)
    if edit is None:
        raise Unchanged
    return edit


def _wrong(content: Content, wanted: Mapping[str, str]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    for name, most in (("title", MAX_TITLE), ("blurb", MAX_BLURB)):
        if len(wanted.get(name, "")) > most:
            wrong[name] = forms.too_long(most)
    if wanted.get("title") == "":
        wrong["title"] = forms.NEEDED
    if "section" in wanted and all(section.id != wanted["section"] for section in content.sections):
        wrong["section"] = NO_SECTION
    if "place" in wanted and not whole_number(wanted["place"]):
        wrong["place"] = NEED_PLACE
    if wanted.get("into") and all(each.id != wanted["into"] for each in content.included):
        wrong["into"] = GONE_TARGET
    return wrong
