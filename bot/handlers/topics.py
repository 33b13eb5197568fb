"""/topics: follow topics and words, hear of them as soon as you like, and stop with one press."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time

from bot import following
from bot.handlers import forms
from bot.messages import (
    Ask,
    Block,
    Bullets,
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
    bold,
    code,
    say,
    text,
)
from bot.services import Services
from digests import follows
from digests.model import Cadence, Follow, Quiet, Topic
from digests.search import terms, topic_called, typed

STOP, SHOW = following.STOP, following.SHOW
ADD, CHANGE, STOP_ALL, QUIET = "follow.add", "follow.change", "follow.stop-all", "follow.quiet"
FORM, QUIET_FORM = "follow.form", "follow.quiet-form"

ANY_TOPIC = "-"
NEVER = "never"
MOST_WORDS = 200
# How many lines one message of every platform can hold.
LINES_PER_MESSAGE = 12

HOW_SOON = {
    Cadence.NOW: "As soon as it is read",
    Cadence.DAILY: "Once a day, at 8 in the morning",
    Cadence.WEEKLY: "Once a week, on Monday morning",
}
SOON = {Cadence.NOW: "at once", Cadence.DAILY: "once a day", Cadence.WEEKLY: "once a week"}

NOTHING_YET = (
    "You follow nothing yet. Follow a topic, or words of your own, and I tell you in a direct message what is new: "
    "at once, daily or weekly. Nobody else sees what you follow."
)
FOLLOWED_ALREADY = "You follow exactly that already. Nothing was changed."
NOT_FOLLOWED = say("You do not follow that (any more). Nothing was changed.")
STOPPED_ALL = say("Stopped. You follow nothing now, and hear nothing more.")
NOTHING_TO_STOP = say("You follow nothing, so there is nothing to stop.")
CHOOSE = "Please choose a topic, or write words to look for."
NO_WORD = "There is no word in that to look for. Please write at least one."
CHOOSE_SOON = "Please choose how soon you want to hear of it."
BOTH = "A word cannot be wanted and unwanted at once: {words}."
TOO_MANY = say(
    f"You follow {following.MOST_FOLLOWS} things already, which is as many as I can keep for one person. "
    "Stop one of them, then follow this; what you wrote is kept in the form."
)
CHOOSE_HOURS = "Please choose an hour, or “Never”, in both fields."


def yours(followed: Sequence[Follow], quiet: Quiet | None, topics: Mapping[str, Topic]) -> tuple[Message, ...]:
    """What somebody follows, with the buttons to change it."""
    buttons = [Button("Follow something", ADD, hint="Choose a topic or words to follow")]
    if followed:
        buttons.append(Button("Quiet hours", QUIET, hint="Choose hours in which I send you nothing"))
        buttons.append(
            Button(
                "Stop everything",
                STOP_ALL,
                confirm=f"Stop all {len(followed)} of your follows?",
                hint="Follow nothing any more",
            )
        )
    close: list[Block] = [Buttons(tuple(buttons))]
    if not followed:
        topics_hint = Note(text(code("/topics list"), " shows every topic with what it is about."))
        return (Message("You follow nothing yet.", (Paragraph(text(NOTHING_YET)), *close, topics_hint)),)
    close.insert(0, Note(text(_quiet_sentence(quiet))))
    chunks = [followed[n : n + LINES_PER_MESSAGE] for n in range(0, len(followed), LINES_PER_MESSAGE)]
    messages: list[Message] = []
    for number, chunk in enumerate(chunks):
        blocks: list[Block] = [Heading("What you follow" if not number else "What you follow, continued")]
        blocks += [_line(follow, topics) for follow in chunk]
        messages.append(Message("What you follow", (*blocks, *(close if number == len(chunks) - 1 else ()))))
    return tuple(messages)


def _line(follow: Follow, topics: Mapping[str, Topic]) -> EntryLine:
    said = follows.in_words(follow, topics)
    buttons = (
        Button("Change", CHANGE, follow.id, hint=f"Change how you follow {said}"),
        Button("Stop", STOP, follow.id, hint=f"Stop following {said}"),
    )
    return EntryLine(text(bold(said)), text(f"You hear of it {SOON[follow.cadence]}."), buttons)


def _quiet_sentence(quiet: Quiet | None) -> str:
    if quiet is None:
        return "You have no quiet hours: what is due is sent at any time."
    return (
        f"Between {quiet.start:%H:%M} and {quiet.end:%H:%M} (London time) I send you nothing; it comes together when "
        "they are over."
    )


def every_topic(topics: Mapping[str, Topic]) -> tuple[Message, ...]:
    """All topics, with what each is about and how to follow it."""
    lines = [text(bold(topic.name), f": {topic.description} ", code(typed(topic.id))) for topic in topics.values()]
    chunks = [lines[n : n + LINES_PER_MESSAGE] for n in range(0, len(lines), LINES_PER_MESSAGE)]
    messages = [
        Message("Topics", (Heading("Topics" if not number else "Topics, continued"), Bullets(tuple(chunk))))
        for number, chunk in enumerate(chunks)
    ]
    first = typed(next(iter(topics), "health-data"))
    how = say(
        "Follow one with ", code(f"/topics follow {first}"), ". ",
        code(f"/digest search topic:{first}"), " finds what there is on it.",
    )  # fmt: skip
    return (*messages, how)


def form(topics: Mapping[str, Topic], kept: Mapping[str, str], follow_id: str = "") -> Form:
    """The form in which something is followed, or changed."""
    named = (Option(ANY_TOPIC, "Any topic"), *(Option(topic.id, topic.name) for topic in topics.values()))
    return Form(
        FORM,
        "Follow",
        "Save" if follow_id else "Follow",
        (
            Field("topic", "Topic", FieldKind.CHOICE, kept.get("topic", ANY_TOPIC), options=named),
            Field(
                "words",
                "Words that must all occur",
                value=kept.get("words", ""),
                hint="For example: facial recognition. Endings do not matter.",
                required=False,
                max_length=MOST_WORDS,
            ),
            Field(
                "without",
                "Words that must not occur",
                value=kept.get("without", ""),
                required=False,
                max_length=MOST_WORDS,
            ),
            Field(
                "soon",
                "How soon you want to hear of it",
                FieldKind.CHOICE,
                kept.get("soon", Cadence.DAILY.value),
                options=tuple(Option(cadence.value, words) for cadence, words in HOW_SOON.items()),
            ),
        ),
        text("Nobody else sees what you follow."),
        follow_id,
    )


def quiet_form(quiet: Quiet | None) -> Form:
    """The form of the quiet hours."""
    hours = (Option(NEVER, "Never"), *(Option(f"{hour:02}", f"{hour:02}:00") for hour in range(24)))
    return Form(
        QUIET_FORM,
        "Quiet hours",
        "Save",
        (
            Field("start", "From", FieldKind.CHOICE, f"{quiet.start:%H}" if quiet else NEVER, options=hours),
            Field("end", "Until", FieldKind.CHOICE, f"{quiet.end:%H}" if quiet else NEVER, options=hours),
        ),
        text("In these hours (London time) I send you nothing. What is due comes together when they are over."),
    )


def following_now(follow: Follow, topics: Mapping[str, Topic]) -> Message:
    """Something is followed from now on."""
    said = follows.in_words(follow, topics)
    return Message(
        f"You follow {said} now.",
        (
            Paragraph(text("You follow ", bold(said), f" now, and hear of it {SOON[follow.cadence]}.")),
            Buttons((Button("What I follow", SHOW, hint=following.SHOW_HINT),)),
        ),
    )


def stopped(follow: Follow, topics: Mapping[str, Topic]) -> Message:
    """One thing is not followed any more."""
    return say("Stopped. You no longer follow ", bold(follows.in_words(follow, topics)), ".")


async def show(ask: Ask, services: Services) -> Reply:
    """/topics: what you follow."""
    followed, quiet = await following.of(services, ask.identity)
    return Reply(yours(followed, quiet, services.topics))


async def show_all(ask: Ask, services: Services) -> Reply:
    """/topics list: every topic."""
    return Reply(every_topic(services.topics))


async def add(ask: Ask, services: Services) -> Reply:
    """/topics follow [topic], or the button: the form, with what was typed before, or with the topic that was named."""
    async with services.store.read() as uow:
        kept = await uow.inbox.kept_form(ask.identity, FORM)
    wanted = ask.words.strip()
    if not wanted:
        return Reply(form=form(services.topics, kept))
    topic = topic_called(wanted, services.topics)
    if topic is None:
        # What is no topic is words to look for.
        return Reply(form=form(services.topics, {"words": wanted[:MOST_WORDS]}))
    follow = Follow("", topic.id, "", "", Cadence.DAILY, datetime.min.replace(tzinfo=UTC))
    return await _follow(ask, services, follow, "")


async def change(ask: Ask, services: Services) -> Reply:
    """Change, beside something that is followed."""
    followed, _ = await following.of(services, ask.identity)
    for follow in followed:
        if follow.id == ask.value:
            kept = {
                "topic": follow.topic_id or ANY_TOPIC,
                "words": follow.words,
                "without": follow.without,
                "soon": follow.cadence.value,
            }
            return Reply(form=form(services.topics, kept, follow.id))
    return Reply((NOT_FOLLOWED,))


async def submit(ask: Ask, services: Services) -> Reply:
    """The form was sent. What was typed is kept until it is accepted."""
    typed = {name: ask.fields.get(name, "").strip() for name in ("topic", "words", "without", "soon")}
    await forms.keep_typed(services, ask.identity, FORM, typed)
    errors = _errors(typed, services.topics)
    if errors:
        return Reply(errors=errors)
    follow = Follow(
        "",
        "" if typed["topic"] == ANY_TOPIC else typed["topic"],
        " ".join(typed["words"].split()),
        " ".join(typed["without"].split()),
        Cadence(typed["soon"]),
        datetime.min.replace(tzinfo=UTC),
    )
    return await _follow(ask, services, follow, ask.value)


def _errors(typed: Mapping[str, str], topics: Mapping[str, Topic]) -> dict[str, str]:
    errors: dict[str, str] = {}
    if typed["topic"] != ANY_TOPIC and typed["topic"] not in topics:
        errors["topic"] = CHOOSE
    elif typed["topic"] == ANY_TOPIC and not typed["words"]:
        errors["words"] = CHOOSE
    for name in ("words", "without"):
        if typed[name] and not terms(typed[name]):
            errors[name] = NO_WORD
    both = set(terms(typed["words"])) & set(terms(typed["without"]))
    if both and "without" not in errors:
        said = [word for word in typed["without"].split() if both & set(terms(word))]
        errors["without"] = BOTH.replace("{words}", ", ".join(said))
    if typed["soon"] not in {cadence.value for cadence in Cadence}:
        errors["soon"] = CHOOSE_SOON
    return errors


async def _follow(ask: Ask, services: Services, follow: Follow, instead_of: str) -> Reply:
    followed, _ = await following.of(services, ask.identity)
    if len(followed) >= following.MOST_FOLLOWS and not instead_of:
        return Reply((TOO_MANY,))
    new = await following.follow(services, ask.identity, follow, instead_of=instead_of)
    await forms.drop_typed(services, ask.identity, FORM)
    return Reply((following_now(follow, services.topics) if new else say(FOLLOWED_ALREADY),))


async def stop(ask: Ask, services: Services) -> Reply:
    """Stop, on an alert or beside something that is followed."""
    gone = await following.stop(services, ask.identity, ask.value) if ask.value else ()
    return Reply((stopped(gone[0], services.topics) if gone else NOT_FOLLOWED,))


async def stop_all(ask: Ask, services: Services) -> Reply:
    """Stop everything."""
    return Reply((STOPPED_ALL if await following.stop(services, ask.identity) else NOTHING_TO_STOP,))


async def quiet(ask: Ask, services: Services) -> Reply:
    """/topics quiet: the form of the quiet hours."""
    _, hours = await following.of(services, ask.identity)
    return Reply(form=quiet_form(hours))


async def submit_quiet(ask: Ask, services: Services) -> Reply:
    """The quiet hours were sent."""
    chosen = [ask.fields.get(name, "") for name in ("start", "end")]
    if any(hour != NEVER and not (hour.isdecimal() and int(hour) < 24) for hour in chosen):
        return Reply(errors={"start": CHOOSE_HOURS})
    if NEVER in chosen and chosen[0] != chosen[1]:
        return Reply(errors={"start": CHOOSE_HOURS})
    start, end = chosen
    hours = None if start == end else Quiet(time(int(start)), time(int(end)))
    await following.be_quiet(services, ask.identity, hours)
    return Reply((say(_quiet_sentence(hours)),))
