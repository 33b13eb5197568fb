"""What people are told of a post that is stuck in the outbox, and the buttons with which they decide about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.introductions.outgoing import UNSEEN
from bot.messages import (
    Block,
    Button,
    Buttons,
    ButtonStyle,
    EntryLine,
    Field,
    Form,
    Heading,
    Message,
    Note,
    Paragraph,
    Text,
    bold,
    channel_name,
    from_json,
    text,
)
from bot.typed import whole_number
from digests.calendar import say_when
from digests.model import Delivery, DeliveryState

IS_THERE, SEND_AGAIN, TRY_AGAIN, LEAVE = "post.is_there", "post.send_again", "post.try_again", "post.leave"
FORM = "post.link"
LINK = "link"
# Where links to messages in somebody's own chat with Convenor do not say which of its messages they are.
_OWN_CHATS_WITHOUT_LINKS = frozenset({"teams"})


@dataclass(frozen=True, slots=True)
class Post:
    """A delivery as people know it. ``name`` is what it says first; ``thread`` the same of its headline, if any.

    ``person`` is the name of the one whom it was written to, where it was not for a channel.
    """

    delivery: Delivery
    name: str
    thread: str = ""
    person: str = ""

    @classmethod
    def of(cls, delivery: Delivery, headline: Delivery | None = None, person: str = "") -> Post:
        """From its own row, and that of the headline of its thread."""
        return cls(delivery, _name(delivery), _name(headline) if headline else "", person)

    @property
    def is_mail(self) -> bool:
        """Whether it goes to mailboxes."""
        return self.delivery.address.platform == "mail"

    @property
    def has_link(self) -> bool:
        """Whether it can be pointed at where it is: in a chat, where those who decide can read it.

        Of a mail, and of what is between Convenor and others, a person can only say that it has arrived.
        """
        address = self.delivery.address
        is_known_by_link = bool(address.channel) or address.platform not in _OWN_CHATS_WITHOUT_LINKS
        return not self.is_mail and is_known_by_link and self.delivery.purpose not in UNSEEN

    @property
    def where(self) -> Text:
        """Where it was to go."""
        if self.is_mail:
            several = "es" if len(self.delivery.address.users) > 1 else ""
            return text(f"the mailbox{several} {' and '.join(self.delivery.address.users)}")
        if self.delivery.address.channel:
            return text(channel_name(self.delivery.address))
        return text(f"the direct messages of {self.person or 'somebody who is not known here any more'}")

    @property
    def title(self) -> Text:
        """What it is: “News”, in the thread of “Data Policy Digest 12, Friday 24 January 2025”."""
        thread = f", in the thread of “{self.thread}”," if self.thread else ""
        return text(bold(f"“{self.name}”"), thread)


def _name(row: Delivery) -> str:
    name = from_json(row.body).summary
    return name if len(name) <= 120 else name[:119].rstrip() + "…"


def value_of(row: Delivery) -> str:
    """What a button about a row carries: a press on one that was shown before the row moved on is known by it."""
    return f"{row.fence} {row.key}"


def parse_value(value: str) -> tuple[int, str]:
    """The fence and the key that a button carries."""
    fence, _, key = value.partition(" ")
    number = whole_number(fence)
    return (-1 if number is None else number), key


def choices(post: Post) -> tuple[Button, ...]:
    """The buttons with which a person decides about a row that is stuck; none about one that is not."""
    row, value, about = post.delivery, value_of(post.delivery), f"“{post.name}”"
    if row.state is DeliveryState.UNKNOWN:
        return (
            Button("It is there", IS_THERE, value, ButtonStyle.PRIMARY, hint=f"It is there: {about}"),
            Button(
                "Send again",
                SEND_AGAIN,
                value,
                ButtonStyle.DANGER,
                confirm="Send it again? If it did arrive, it then stands there twice. Please look first.",
                hint=f"Send again: {about}",
            ),
        )
    if row.state is DeliveryState.PARKED:
        leave = (
            "Leave it as it is there? The change will not be shown."
            if row.is_there
            else "Give this up? It will not be posted there, nor what was to follow it there."
        )
        return (
            Button("Try again", TRY_AGAIN, value, ButtonStyle.PRIMARY, hint=f"Try again: {about}"),
            Button("Leave it", LEAVE, value, ButtonStyle.DANGER, confirm=leave, hint=f"Leave it: {about}"),
        )
    return ()


def what_happened(post: Post) -> Text:
    """One sentence on a row that is stuck."""
    if post.delivery.state is DeliveryState.UNKNOWN:
        return text(post.title, " may or may not have arrived in ", post.where, ".")
    done = "brought up to date" if post.delivery.is_there else "posted"
    return text(post.title, f" could not be {done} in ", post.where, ".")


def card(post: Post) -> Message:
    """What the people who decide are shown as soon as something is stuck."""
    row = post.delivery
    unknown = row.state is DeliveryState.UNKNOWN
    heading = "Did this arrive?" if unknown else "This could not be posted"
    paste = " and paste its link" if post.has_link else ""
    look = "Please look there." if post.has_link or post.is_mail else f"Please ask {post.person or 'them'}."
    next_step = (
        f"{look} If it is there, press “It is there”{paste}; if it is not, press “Send again”."
        if unknown
        else "Once that is put right, press “Try again”. “Leave it” gives it up."
    )
    if row.edition_id and post.has_link:
        next_step += " What was to follow it there waits for your answer; other channels do not."
    blocks: tuple[Block, ...] = (
        Heading(heading),
        Paragraph(what_happened(post)),
        Paragraph(text(row.reason)),
        Paragraph(text(next_step)),
        Buttons(choices(post)),
    )
    return Message(f"{heading} “{post.name}”", blocks)


def decided_card(post: Post, decision: str) -> Message:
    """The same once somebody has decided, or it turned out to be there after all."""
    words = text(post.title, " in ", post.where, ".")
    return Message(f"Settled: “{post.name}”", (Heading("Settled"), Paragraph(words), Note(text(decision))))


def stuck_list(posts: Sequence[Post]) -> tuple[Message, ...]:
    """Everything that is stuck, with its buttons, at most eight to a message."""
    messages: list[Message] = []
    for start in range(0, len(posts), 8):
        heading = "Waiting for a decision" + (", continued" if start else "")
        lines = tuple(stuck_line(post) for post in posts[start : start + 8])
        messages.append(Message(heading, (Heading(heading), *lines)))
    return tuple(messages)


def stuck_line(post: Post) -> EntryLine:
    """One row that is stuck, with why and its buttons."""
    return EntryLine(what_happened(post), text(post.delivery.reason), choices(post))


def link_form(post: Post) -> Form:
    """Where is it? Threads and corrections need to know."""
    return Form(
        FORM,
        "It is there",
        "That is it",
        (
            Field(
                LINK,
                "Link of the message",
                hint="Copy it from the message itself: what follows in its thread, and corrections, need it.",
            ),
        ),
        text("Where is ", post.title, " in ", post.where, "?"),
        value_of(post.delivery),
    )


def decided_by(name: str, what: str, at: datetime) -> str:
    """A decision, as the card keeps it: ``Bob: it is there (Friday 24 January 2025, 09:12).``"""
    return f"{name}: {what} ({say_when(at)})."
