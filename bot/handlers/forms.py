"""What the desk's forms share: what they were opened on, what was typed and is kept, and two editors at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot import editions
from bot.messages import Field, Form, Identity, Message, Reply, Text, bold, say, text
from bot.services import Services
from digests.calendar import say_when
from digests.editing import Edit, Merged, mark, merge_typed
from digests.errors import ConvenorError, NotFound, Stale
from digests.model import Content, Edition

Values = Callable[[Content], Mapping[str, str]]
"""The fields of a form as a content has them. What they are about may be gone: then every field is empty."""

KEPT_TYPING = "This is what you wrote last time, which was not taken over. "
NEEDED = "This is needed. Please fill it in."
NOTHING_DIFFERENT = say("Nothing was different from what stands in the draft, so nothing was changed.")
# What the value of a form that was not taken over is kept under, beside its fields; no field is called so.
_VALUE = "~value"
_SHOWN_OF_NEWER = 600


def too_long(most: int) -> str:
    """A text that does not fit."""
    return f"Please keep it to {most:,} characters."


class Unaccepted(Exception):
    """What was typed cannot be taken over as it is: a sentence for each field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__(*errors)


class Clashing(Exception):
    """Somebody else changed the same fields since the form was opened."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__(*names)


class Unchanged(Exception):
    """Nothing that was typed differs from what is there."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a form is about and what it was opened on; travels in the form's value.

    ``thing`` is the part of the edition that it is about; ``revision`` is the one that was shown, and ``seen`` has
    the marks of its texts.
    """

    edition_id: str
    thing: str
    revision: int
    seen: Mapping[str, str]

    @classmethod
    def on(cls, edition_id: str, thing: str, revision: int, present: Mapping[str, str]) -> Opened:
        """A form that shows these texts."""
        return cls(edition_id, thing, revision, {name: mark(words) for name, words in present.items()})

    @classmethod
    def read(cls, value: str) -> Opened | None:
        """What :meth:`value` wrote; None for anything else."""
        try:
            edition_id, thing, revision, seen = json.loads(value)
            return cls(str(edition_id), str(thing), int(revision), {str(k): str(v) for k, v in dict(seen).items()})
        except (ValueError, TypeError):
            return None

    @property
    def value(self) -> str:
        """As the form's value."""
        return json.dumps([self.edition_id, self.thing, self.revision, dict(self.seen)], separators=(",", ":"))

    @property
    def key(self) -> str:
        """What the form is about, whatever it was opened on."""
        return f"{self.edition_id} {self.thing}".strip()

    def merged(self, present: Mapping[str, str], typed: Mapping[str, str], free: Sequence[str] = ()) -> dict[str, str]:
        """The fields that the sender changed. ``free`` may be changed by anybody without a clash.

        Raises :class:`Unchanged` where there is none, or :class:`Clashing`.
        """
        came: Merged = merge_typed(self.seen, present, typed)
        if not came.wanted:
            raise Unchanged
        clashes = [name for name in came.clashes if name not in free]
        if clashes:
            raise Clashing(clashes)
        return dict(came.wanted)


@dataclass(frozen=True, slots=True)
class Sent:
    """A form of the desk that was sent, and what is its own about it.

    ``decide`` gives the edit that it asks for, and raises :class:`Unaccepted`, :class:`Clashing` or :class:`Unchanged`.
    ``anew`` is the form on an edition as that stands, with the fields' ``values``. ``done`` answers once the edit is
    made. ``written`` names the texts to give back where what the form is about is gone.
    """

    name: str
    opened: Opened
    typed: Mapping[str, str]
    decide: Callable[[Content], Edit]
    values: Values
    anew: Callable[[Edition], Form]
    done: Callable[[Edition, Edit], Reply]
    written: Mapping[str, str]
    all_of_it: bool = False
    """After a clash, show all that was typed, not only what the sender had changed."""

    def shown(self, edition: Edition) -> Mapping[str, str]:
        """What to show after a clash: what only others changed is shown as they left it."""
        if self.all_of_it:
            return self.typed
        return merge_typed(self.opened.seen, self.values(edition.content), self.typed).wanted


async def take_over(services: Services, who: Identity, sent: Sent) -> Reply:
    """Make the edit that a form asks for. What was typed is kept until it is taken over."""
    opened = sent.opened
    await keep(services, who, sent.name, opened, sent.typed)
    try:
        edition, edit = await editions.edit_entry(services, who, opened.edition_id, sent.decide)
    except Unaccepted as unaccepted:
        return Reply(errors=unaccepted.errors)
    except Clashing as clashing:
        async with services.store.read() as uow:
            edition = await editions.the_edition(uow, opened.edition_id)
        form = sent.anew(edition)
        newer = await told_of_newer(services, opened, clashing, form, sent.values)
        return Reply(form=filled(form, sent.shown(edition), note=newer))
    except Unchanged:
        await drop(services, who, sent.name, opened)
        return Reply((NOTHING_DIFFERENT,))
    except (NotFound, Stale) as known:
        return Reply((came_too_late(known, [*sent.written.items()]),))
    await drop(services, who, sent.name, opened)
    return sent.done(edition, edit)


def filled(form: Form, typed: Mapping[str, str], value: str = "", note: Text = ()) -> Form:
    """The form with what was typed in the place of what stands in it, and a note above."""
    fields = tuple(replace(field, value=typed.get(field.name, field.value)) for field in form.fields)
    return replace(form, fields=fields, value=value or form.value, intro=text(note, form.intro))


async def with_kept(services: Services, who: Identity, form: Form) -> Form:
    """The form, or with what this person sent last time and which was not taken over, on the text they saw then."""
    async with services.store.read() as uow:
        kept = dict(await uow.inbox.kept_form(who, _kept_under(form.name, form.key)))
    value = kept.pop(_VALUE, "")
    return filled(form, kept, value, text(KEPT_TYPING)) if kept and Opened.read(value) else form


async def keep(services: Services, who: Identity, name: str, opened: Opened, typed: Mapping[str, str]) -> None:
    """Keep what was sent, until it is taken over."""
    await keep_typed(services, who, _kept_under(name, opened.key), {**typed, _VALUE: opened.value})


async def drop(services: Services, who: Identity, name: str, opened: Opened) -> None:
    """What was sent is taken over, or was nothing new."""
    await drop_typed(services, who, _kept_under(name, opened.key))


async def keep_typed(services: Services, who: Identity, under: str, typed: Mapping[str, str]) -> None:
    """Keep what was typed into any form, under the form's name and what it is about."""
    async with services.store.begin() as uow:
        await uow.inbox.keep_form(who, under, typed, services.clock.now())
        await uow.commit()


async def drop_typed(services: Services, who: Identity, under: str) -> None:
    """What was kept is taken over."""
    async with services.store.begin() as uow:
        await uow.inbox.drop_form(who, under)
        await uow.commit()


def _kept_under(name: str, key: str) -> str:
    return f"{name}:{key}"


async def told_of_newer(services: Services, opened: Opened, clashing: Clashing, form: Form, values: Values) -> Text:
    """Who changed what since the form was opened, with the newer text of each field that clashes."""
    labels = {field.name: field for field in form.fields}
    parts: list[Text] = []
    for name in clashing.names:
        async with services.store.read() as uow:
            edition = await editions.the_edition(uow, opened.edition_id)

            def of_field(content: Content, name: str = name) -> str:
                return values(content).get(name, "")

            found = await editions.who_changed(uow, opened.edition_id, opened.revision, of_field)
        field, newer = labels[name], values(edition.content).get(name, "")
        who = f"{found[1]} changed it on {say_when(found[0].at)}" if found else "Somebody changed it"
        parts.append(text(bold(field.label), f": {who}. It now says: {_shown(field, newer)}\n"))
    return text(
        "Somebody changed the same meanwhile, so nothing was changed yet.\n",
        *parts,
        "What you wrote stands below; send it again to put it in the place of theirs. ",
    )


def _shown(field: Field, words: str) -> str:
    words = next((option.label for option in field.options if option.value == words), words)
    if not words:
        return "(nothing)"
    return f"“{words if len(words) <= _SHOWN_OF_NEWER else words[:_SHOWN_OF_NEWER].rstrip() + '…'}”"


def came_too_late(known: ConvenorError, written: Sequence[tuple[str, str]]) -> Message:
    """What the form is about is gone. What was written is given back, so that it can be used elsewhere."""
    parts = [text("\n", bold(label), f": {words}") for label, words in written if words]
    return say(known.sentence, *([" This is what you wrote:"] if parts else []), *parts)


def tidy_line(words: str) -> str:
    """On one line, without characters that nobody sees, which could turn round what stands beside them."""
    return "".join(letter for letter in " ".join(words.split()) if letter.isprintable())


def tidy_text(words: str) -> str:
    """With its line breaks, but without blanks at the ends of lines and more than one empty line in a row."""
    lines = [tidy_line(line) for line in words.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    kept = [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]
    return "\n".join(kept).strip()
