"""Sections… of a draft: what sections it has; adding one for this edition only, renaming, moving, removing."""

from __future__ import annotations

from collections.abc import Mapping

from bot import editions
from bot.commands import GONE
from bot.edition_messages import SECTIONS, parse_value
from bot.handlers import forms
from bot.handlers.forms import Opened, Sent, Unaccepted, Unchanged
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
    Reply,
    count,
    say,
    text,
)
from bot.services import Services
from digests import editing
from digests.editing import Edit, Step
from digests.model import Content, Edition, Section

SHOW = SECTIONS
ADD, CHANGE = "section.add", "section.change"
FORM = "section.form"
MAX_TITLE = 100
TOP = "^top"  # no section's id begins so
REMOVE = "remove"

ONLY_HERE = "Readers see only sections that have entries. What you change here is for this edition alone."
GONE_PLACE = "That section is not there any more. Please choose another place."
NO_CHANGE_AND_REMOVE = "It has entries now, so it stays. Move them or leave them out first, then remove it."


def card(edition: Edition) -> Message:
    """The sections with what can be done to each."""
    content = edition.content
    lines: list[Block] = []
    for section in content.sections:
        number = len(content.of_section(section.id))
        change = Button("Change…", CHANGE, f"{edition.id} {section.id}", hint=f"Change… the section {section.title}")
        lines.append(EntryLine(text(f"{section.title}: {count(number, 'entry', 'entries')}"), buttons=(change,)))
    # A card with more would not fit a message; a plan has thirty at most, and each edition adds a few.
    shown, hidden = lines[:20], len(lines) - 20
    more = [Note(text(f"And {count(hidden, 'more section')}."))] if hidden > 0 else []
    add = Buttons((Button("Add a section", ADD, edition.id, hint="Add a section for this edition only"),))
    return Message("Sections of this edition", (Heading("Sections"), *shown, *more, Note(text(ONLY_HERE)), add))


def done(edit: Edit) -> Message:
    """The form was taken over."""
    return say(f"Done: {edit.what}.")


def values_of(section_id: str) -> forms.Values:
    """What the form shows of a content. A section that is to be added comes at the end."""

    def values(content: Content) -> Mapping[str, str]:
        if not section_id:
            return {"title": "", "after": content.sections[-1].id}
        section = next((each for each in content.sections if each.id == section_id), None)
        if section is None:
            return {"title": "", "after": "", "remove": ""}
        before = editing.section_before(content, section_id)
        return {"title": forms.tidy_line(section.title), "after": before or TOP, "remove": ""}

    return values


def section_form(edition: Edition, section: Section | None) -> Form:
    """The form on a section, or for a new one."""
    content = edition.content
    section_id = section.id if section else ""
    now = values_of(section_id)(content)
    places = [Option(TOP, "At the top")]
    places += [Option(each.id, f"After {each.title}") for each in content.sections if each.id != section_id]
    fields = [
        Field("title", "Title", value=now["title"], max_length=MAX_TITLE),
        Field("after", "Place", FieldKind.CHOICE, now["after"], options=tuple(places)),
    ]
    if section and not content.of_section(section_id) and len(content.sections) > 1:
        yes = (Option(REMOVE, "Yes, remove it from this edition"),)
        hint = "It has no entries."
        fields.append(Field("remove", "Remove it?", FieldKind.CHOICE, hint=hint, required=False, options=yes))
    opened = Opened.on(edition.id, section_id, edition.revision, now)
    title = "Change a section" if section else "Add a section"
    return Form(FORM, title, "Save" if section else "Add", tuple(fields), (), opened.value, opened.key)


async def show(ask: Ask, services: Services) -> Reply:
    """Sections…: the card, to this editor alone."""
    return Reply((card(await _draft(ask.value, services)),))


async def add(ask: Ask, services: Services) -> Reply:
    """Add a section: what is it called, and where does it stand?"""
    edition = await _draft(ask.value, services)
    await editions.arrive(services, ask.identity, edition.id, "the sections")
    return Reply(form=await forms.with_kept(services, ask.identity, section_form(edition, None)))


async def change(ask: Ask, services: Services) -> Reply:
    """Change… beside a section."""
    edition_id, section_id = parse_value(ask.value)
    edition = await _draft(edition_id, services)
    section = editing.the_section(edition.content, section_id)
    form = section_form(edition, section)
    await editions.arrive(services, ask.identity, edition.id, f"the section {section.title}")
    return Reply(form=await forms.with_kept(services, ask.identity, form))


async def submit(ask: Ask, services: Services) -> Reply:
    """The form was sent. What was typed is kept until it is taken over."""
    opened = Opened.read(ask.value)
    if opened is None:
        return Reply((GONE,))
    typed = {name: forms.tidy_line(ask.fields.get(name, "")) for name in ("title", "after", "remove")}
    sent = Sent(
        FORM,
        opened,
        typed,
        lambda content: decide(content, opened, typed),
        values_of(opened.thing),
        lambda edition: section_form(edition, editing.the_section(edition.content, opened.thing)),
        lambda edition, edit: Reply((done(edit), card(edition))),
        {"Title": typed["title"]},
        all_of_it=True,
    )
    return await forms.take_over(services, ask.identity, sent)


def decide(content: Content, opened: Opened, typed: Mapping[str, str]) -> Edit:
    """The edit that the form asks for. Raises Unaccepted, Clashing or Unchanged; NotFound where it is gone."""
    section_id, after = opened.thing, "" if typed["after"] == TOP else typed["after"]
    if not section_id:
        _check(content, typed)
        return editing.add_section(content, typed["title"], after)
    editing.the_section(content, section_id)
    wanted = opened.merged(values_of(section_id)(content), typed, free=("after",))
    if wanted.get("remove") == REMOVE:
        if content.of_section(section_id):
            raise Unaccepted({"remove": NO_CHANGE_AND_REMOVE})
        return editing.remove_section(content, section_id)
    _check(content, {**typed, **wanted})
    steps: list[Step] = []
    if title := wanted.get("title"):
        steps.append(lambda now: editing.rename_section(now, section_id, title))
    if "after" in wanted:
        steps.append(lambda now: editing.move_section(now, section_id, after))
    edit = editing.in_turn(content, steps)
    if edit is None:
        raise Unchanged
    return edit


def _check(content: Content, typed: Mapping[str, str]) -> None:
    wrong: dict[str, str] = {}
    if not typed["title"]:
        wrong["title"] = forms.NEEDED
    elif len(typed["title"]) > MAX_TITLE:
        wrong["title"] = forms.too_long(MAX_TITLE)
    if typed["after"] != TOP and all(each.id != typed["after"] for each in content.sections):
        wrong["after"] = GONE_PLACE
    if wrong:
        raise Unaccepted(wrong)


async def _draft(edition_id: str, services: Services) -> Edition:
    async with services.store.read() as uow:
        edition = await editions.the_edition(uow, edition_id)
    editing.must_be_draft(edition, services.clock.now())
    return edition
