"""Texts… of a draft: the edition's name, intro, what the network has been up to, and outro, in one form."""

from __future__ import annotations

from collections.abc import Mapping

from bot import editions
from bot.commands import GONE
from bot.edition_messages import TEXTS
from bot.handlers import forms
from bot.handlers.forms import Opened, Sent, Unaccepted, Unchanged
from bot.messages import Ask, Field, FieldKind, Form, Message, Reply, say
from bot.services import Services
from digests import editing
from digests.editing import Edit, Step
from digests.model import Content, Edition

FORM = TEXTS
MAX_TITLE, MAX_TEXT = 100, 3000
NAME_HINT = "The number and the day follow it."
LABELS = {"title": "Name", "intro": "Intro", "updates": "What we’ve been up to", "outro": "Outro"}


def done(edit: Edit) -> Message:
    """The form was taken over."""
    return say(f"Done: {edit.what}.")


def values(content: Content) -> Mapping[str, str]:
    """What the form shows of a content."""
    texts = {"intro": content.intro, "updates": content.updates, "outro": content.outro}
    return {"title": forms.tidy_line(content.title), **{name: forms.tidy_text(text) for name, text in texts.items()}}


def texts_form(edition: Edition) -> Form:
    """The form on the draft as it now stands."""
    now = values(edition.content)
    opened = Opened.on(edition.id, "", edition.revision, now)

    def several(name: str, hint: str) -> Field:
        return Field(name, LABELS[name], FieldKind.PARAGRAPH, now[name], hint, required=False, max_length=MAX_TEXT)

    return Form(
        FORM,
        "Texts of the edition",
        "Save",
        (
            Field("title", LABELS["title"], value=now["title"], hint=NAME_HINT, max_length=MAX_TITLE),
            several("intro", "An empty line begins a new paragraph. A web address becomes a link."),
            several("updates", "Each line is a point of its own. It stands after the sections."),
            several("outro", "What the edition ends with."),
        ),
        (),
        opened.value,
        opened.key,
    )


async def open_form(ask: Ask, services: Services) -> Reply:
    """Texts…: the texts in a form, or what was typed and not taken over."""
    async with services.store.read() as uow:
        edition = await editions.the_edition(uow, ask.value)
    editing.must_be_draft(edition, services.clock.now())
    await editions.arrive(services, ask.identity, edition.id, "the texts")
    return Reply(form=await forms.with_kept(services, ask.identity, texts_form(edition)))


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
        values,
        texts_form,
        lambda edition, edit: Reply((done(edit),)),
        {LABELS[name]: words for name, words in typed.items()},
    )
    return await forms.take_over(services, ask.identity, sent)


def read(fields: Mapping[str, str]) -> dict[str, str]:
    """What was typed, tidied."""
    texts = {name: forms.tidy_text(fields.get(name, "")) for name in editing.TEXTS}
    return {"title": forms.tidy_line(fields.get("title", "")), **texts}


def decide(content: Content, opened: Opened, typed: Mapping[str, str]) -> Edit:
    """The edit that the form asks for. Raises Unaccepted, Clashing or Unchanged."""
    wanted = opened.merged(values(content), typed)
    wrong = {
        name: forms.too_long(most)
        for name, words in wanted.items()
        if len(words) > (most := MAX_TITLE if name == "title" else MAX_TEXT)
    }
    if wanted.get("title") == "":
        wrong["title"] = forms.NEEDED
    if wrong:
        raise Unaccepted(wrong)
    steps: list[Step] = []
    if title := wanted.get("title"):
        steps.append(lambda now: editing.retitle(now, title))
    for name in editing.TEXTS:
        if name in wanted:
            steps.append(lambda now, name=name: editing.write(now, name, wanted[name]))  # type: ignore[misc]
    edit = editing.in_turn(content, steps)
    if edit is None:
        raise Unchanged
    return edit
