"""Neutral messages, forms and lines of the log -> HTML. Every word passes through Jinja's escaping."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from adapters.local.cast import CAST, CONVENOR, Person, Room, is_group, people_in, person_of, rooms_of
from bot.legible import clean
from bot.messages import Button, File, Form, Message, Paragraph, from_json, plain, say
from bot.ports import Line
from bot.suggestion_texts import FROM_MESSAGE

LONDON = ZoneInfo("Europe/London")
_LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
MAX_WORDS = 4000  # characters in one line that a person types
RENDERED = 512  # messages whose HTML is kept at hand

_UNREADABLE = say("This message was written by another version of Convenor and cannot be shown.")


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the log as a page shows it, with the lines of its thread."""

    line: Line
    author: str
    message: Message
    html: Markup
    replies: tuple[Shown, ...] = ()

    @property
    def link(self) -> str:
        """The first web address in what a person said to the room, which can be suggested for the digest."""
        if self.line.author == CONVENOR or self.line.only_for:
            return ""
        said = " ".join(plain(block.text) for block in self.message.blocks if isinstance(block, Paragraph))
        found = _LINK.search(said)
        return found[0].rstrip(".,;:!?)’”'") if found else ""


def message_html(message: Message) -> Markup:
    """A message on its own."""
    return _render("message.html", message=message)


def form_html(form: Form) -> Markup:
    """The inside of the dialog in which a form is filled in."""
    return _render("form.html", form=form)


def lines_html(lines: Sequence[Line], person: Person, room_id: str) -> Markup:
    """The lines of a room, oldest first, a heading before each London day, threads beneath their headlines."""
    shown = threaded(lines)
    days = [(day, list(group)) for day, group in groupby(shown, key=lambda one: one.line.at.astimezone(LONDON).date())]
    return _render("lines.html", days=days, direct=room_id == person.direct_room)


def chat_page(
    lines: Sequence[Line],
    person: Person,
    room_id: str,
    about: str,
    commands: Sequence[tuple[str, str]],
    home: Message | None = None,
    groups: Sequence[Room] = (),
) -> Markup:
    """The whole page of one person in one room; ``home`` stands above the lines, ``groups`` in the list of rooms."""
    return _render(
        "chat.html",
        person=person,
        cast=CAST,
        rooms=rooms_of(person),
        groups=[(group.id, room_name(person, group.id)) for group in groups],
        room_id=room_id,
        room_name=room_name(person, room_id),
        about=about,
        commands=commands,
        max_words=MAX_WORDS,
        latest=max((line.id for line in lines), default=0),
        lines=lines_html(lines, person, room_id),
        home=message_html(home) if home else "",
    )


def first_page() -> Markup:
    """The page on which a visitor chooses who to be."""
    people: list[tuple[Person, tuple[Room, ...]]] = [(person, rooms_of(person)) for person in CAST]
    return _render("first.html", people=people)


def problem_page(sentence: str) -> Markup:
    """A page that says what is wrong."""
    return _render("problem.html", sentence=sentence)


def room_name(person: Person, room_id: str) -> str:
    """What a room is called on the page of one person."""
    if is_group(room_id):
        return " and ".join(other.name for other in people_in(room_id) if other != person)
    return "Convenor" if room_id == person.direct_room else f"#{room_id}"


def threaded(lines: Sequence[Line]) -> tuple[Shown, ...]:
    """Lines with their threads. A reply whose headline is not among them stands on its own."""
    present = {line.id for line in lines}
    replies: dict[int, list[Line]] = {}
    for line in lines:
        if line.thread in present:
            replies.setdefault(line.thread, []).append(line)
    return tuple(
        _shown(line, tuple(_shown(reply) for reply in replies.get(line.id, ())))
        for line in lines
        if line.thread not in present
    )


def _shown(line: Line, replies: tuple[Shown, ...] = ()) -> Shown:
    person = person_of(line.author)
    author = "Convenor" if line.author == CONVENOR else person.name if person else line.author
    message, html = _read(line.body)
    return Shown(line, author, message, html, replies)


@lru_cache(maxsize=RENDERED)
def _read(body: str) -> tuple[Message, Markup]:
    """The message of a line and its HTML. A page asks for every line of its room whenever one of them changes."""
    try:
        message = from_json(body)
    except (ValueError, KeyError, TypeError, IndexError):
        message = _UNREADABLE
    return message, message_html(message)


def _moment(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{local.day} {local:%b}, {local:%H:%M}"


def _full_moment(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{local:%A} {local.day} {local:%B} {local.year} at {local:%H:%M}, London time"


def _day(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{local:%A} {local.day} {local:%B} {local.year}"


def _as_download(file: File) -> str:
    """The whole file as an address: it is this person's alone, so it stands nowhere else."""
    return f"data:application/octet-stream;base64,{b64encode(file.text.encode('utf-8', 'replace')).decode()}"


def _spoken(button: Button) -> str:
    """What a screen reader says. It holds the visible label, or people who speak to their computer cannot press it."""
    if not button.hint or button.label.lower() in button.hint.lower():
        return button.hint or button.label
    return f"{button.label}: {button.hint}"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(suggest_action=FROM_MESSAGE)
    environment.filters.update(
        moment=_moment, full_moment=_full_moment, day=_day, spoken=_spoken, as_download=_as_download, clean=clean
    )
    environment.tests["of"] = lambda thing, name: type(thing).__name__ == name
    return environment


_ENVIRONMENT = _environment()


def _render(template: str, **context: object) -> Markup:
    return Markup(_ENVIRONMENT.get_template(template).render(**context))  # noqa: S704 (escaped by the environment)
