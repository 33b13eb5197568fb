"""Every sentence of /convenor privacy: the notice, the page before erasing, objections; kind, plain and exact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bot.members.consent import Consent, ConsentPurpose
from bot.members.texts import LEAVE_BUTTON
from bot.messages import (
    Block,
    Bullets,
    Button,
    Buttons,
    ButtonStyle,
    File,
    Heading,
    Message,
    Note,
    Paragraph,
    Text,
    bold,
    code,
    link,
    plain,
    say,
    text,
)
from bot.privacy.model import Complaint, Erasure, Held, Processing
from bot.privacy.packing import in_messages
from bot.privacy.register import BASES, PERSONAL, Fate, Kept, Why
from bot.privacy.retention import RULES, UNDO_DAYS, Swept
from digests.calendar import london_day, say_day, say_when

if TYPE_CHECKING:
    from bot.privacy.service import View

SHOW, EXPORT, OBJECT = "privacy.show", "privacy.export", "privacy.object"
TO_ERASE, ERASE, UNDO = "privacy.to_erase", "privacy.erase", "privacy.undo"
SAY_NO, TAKE_BACK = "privacy.say_no", "privacy.take_back"
COMPLAIN = "privacy.complain"

ICO = "https://ico.org.uk/make-a-complaint/"
ONLY_YOU = "Only you see this."
FILE = "what-convenor-holds-about-me.json"

CONSENTS_SHOWN = 20
NOTHING_HELD = "Convenor holds nothing about you: no account, no profile, nothing that you wrote."
NOTHING_ELSE = (
    "Nothing is passed on, except what you agree to share in an introduction; messages go through this chat, and mails "
    "through a mail server. Nothing is worked out about you from what you do: you are matched by the words of your own "
    "profile alone, and only where you agreed to be."
)
INTERESTS = (
    "Legitimate interests means that it is needed for what you or the network do with Convenor, and that this was "
    "weighed against your own interests. You can object."
)
_CONSENTS = {
    ConsentPurpose.DIRECTORY: "to be in the directory",
    ConsentPurpose.REQUEST: "to be shown to those who are asked about a request",
    ConsentPurpose.INTRODUCTION: "to be introduced",
}
OBJECTS = {
    Processing.INTRODUCTIONS: (
        "Being found for introductions",
        "When others look for an introduction, your profile is among those that are searched.",
        "You are not found and not asked, for as long as you like. Your profile stays as it is, and nobody is told.",
    ),
    Processing.RANKING: (
        "Counting what you follow",
        "When the digest is ranked, how many members follow a topic counts a little. Nobody sees who they are.",
        "What you follow is not counted. You still hear of it as before.",
    ),
}


def notice(view: View, owner: str, contact: str) -> tuple[Message, ...]:
    """What is held about somebody and why, with what they can do about it."""
    blocks: list[Block] = [Heading("What Convenor holds about you")]
    if view.erasure is not None:
        blocks += _waiting(view.erasure)
    if view.member is None:
        blocks.append(Paragraph(text(NOTHING_HELD)))
    else:
        blocks.append(Bullets(tuple(_purposes(view))))
        if view.consents:
            blocks += [Paragraph(text(bold("What you agreed to"))), Bullets(tuple(_agreed(view.consents)))]
        if view.objections:
            names = " and ".join(OBJECTS[each.processing][0].lower() for each in view.objections)
            blocks.append(Paragraph(text(bold("You object to: "), names, ". That is kept to.")))
        if view.complaints:
            blocks.append(Bullets(tuple(_complaint(each) for each in view.complaints)))
    blocks.append(Paragraph(text(NOTHING_ELSE)))
    if view.member is not None:
        blocks.append(Note(text(INTERESTS)))
    blocks += [Note(_who(owner, contact)), Note(text(ONLY_YOU)), Buttons(tuple(_buttons(view)))]
    return in_messages("What Convenor holds about you", blocks)


def _purposes(view: View) -> Iterator[Text]:
    for why in Why:
        found = [(kept, view.held[kept.table]) for kept in PERSONAL if kept.why is why and kept.table in view.held]
        if found:
            yield text(bold(f"{_capital(why.value)}: "), f"{_amounts(found)} Ground: {BASES[why].value}.")


def _amounts(found: Sequence[tuple[Kept, Held]]) -> str:
    """What is held for a purpose, and how long: once if it is the same for all, or else beside each."""
    times = [kept.how_long.replace("; ", ", and ") for kept, _ in found]
    if len(set(times)) == 1:
        return f"{'; '.join(amount(kept, held) for kept, held in found)}. Kept {times[0]}."
    each = (f"{amount(kept, held)}, kept {time}" for (kept, held), time in zip(found, times, strict=True))
    return f"{'; '.join(each)}."


def amount(kept: Kept, held: Held) -> str:
    """How much of one sort is held: “3 follows (Thursday 23 January 2025 to …)”."""
    what = f"{held.count:,} {kept.what[0] if held.count == 1 else kept.what[1]}"
    if held.first is None or held.last is None:
        return what
    first, last = say_day(london_day(held.first)), say_day(london_day(held.last))
    return f"{what} ({first})" if first == last else f"{what} ({first} to {last})"


def _agreed(consents: Sequence[Consent]) -> Iterator[Text]:
    earlier = len(consents) - CONSENTS_SHOWN
    if earlier > 0:
        yield text(f"{earlier:,} earlier consent{'' if earlier == 1 else 's'}: in the export")
    for consent in consents[-CONSENTS_SHOWN:]:
        ended = f", withdrawn {say_when(consent.withdrawn_at)}" if consent.withdrawn_at else ""
        what = _CONSENTS[consent.purpose]
        yield text(f"{_capital(what)}: {say_when(consent.at)}{ended}")


def _complaint(complaint: Complaint) -> Text:
    if complaint.answered_at is not None:
        return text(f"Your complaint {complaint.reference} was answered {say_when(complaint.answered_at)}.")
    by = say_day(london_day(complaint.answer_by))
    return text(f"Your complaint {complaint.reference} is open; it is to be answered by {by}.")


def _waiting(erasure: Erasure) -> Iterator[Block]:
    yield Paragraph(
        text(
            bold("You have asked to be erased. "),
            f"It is done on {say_when(erasure.due_at)}. Until then you are treated as absent, and can undo it.",
        )
    )


def _who(owner: str, contact: str) -> Text:
    runs = (
        f"{owner} runs Convenor here and answers for your data"
        if owner
        else "Whoever runs Convenor here answers for your data"
    )
    by = f" ({contact})" if contact else ""
    return text(
        f"{runs}{by}. You can also complain to the Information Commissioner’s Office at any time: ",
        link("ico.org.uk/make-a-complaint", ICO), ".",
    )  # fmt: skip


def _buttons(view: View) -> Iterator[Button]:
    if view.erasure is not None:
        yield Button("Undo: keep my data", UNDO, style=ButtonStyle.PRIMARY, hint="Do not erase what is held about me")
    if any(each.stands and each.purpose is ConsentPurpose.DIRECTORY for each in view.consents):
        yield LEAVE_BUTTON
    if view.member is not None:
        yield Button("Export", EXPORT, hint="Give me everything that is held about me, as a file")
        yield Button("Object …", OBJECT, hint="Object to a use of what is held about me")
        if view.erasure is None:
            yield Button("Erase …", TO_ERASE, hint="Show what erasing would delete and keep; nothing is deleted yet")
    yield Button("Complain …", COMPLAIN, hint="Complain about how my data are handled")


def exported(words: str) -> Message:
    """Everything, as a file."""
    intro = text("This is everything that Convenor holds about you, as JSON. ", ONLY_YOU)
    return Message(plain(intro), (Paragraph(intro), File(FILE, words)))


NOTHING_TO_EXPORT = say(NOTHING_HELD, " So there is nothing to export.")


def before_erasing(view: View) -> Message:
    """What erasing deletes and keeps, for how long and why, before anybody confirms it."""
    deleted = [(kept, view.held[kept.table]) for kept in PERSONAL if kept.table in view.held and _goes(kept)]
    stays = [(kept, view.held[kept.table]) for kept in PERSONAL if kept.table in view.held and not _goes(kept)]
    blocks: list[Block] = [
        Heading("Erase what is held about you"),
        Paragraph(text("Nothing has been erased yet. This is what would happen.")),
        Paragraph(
            text(
                bold("At once: "),
                "you are treated as absent. You are not found, not asked and sent no alerts. Requests of yours are "
                "closed and questions to you are taken back; undoing does not bring these back. Nobody is told why.",
            )
        ),
        Paragraph(
            text(
                bold(f"After {UNDO_DAYS} days: "),
                "this is deleted for good. Until then you can undo it with ", code("/convenor privacy"), ".",
            )
        ),
        Bullets(tuple(text(amount(kept, held)) for kept, held in deleted)),
        Paragraph(text(bold("This stays, and why:"))),
        Bullets(tuple(_staying(view, stays))),
    ]  # fmt: skip
    if view.roles:
        held = " and ".join(sorted(f"{'an' if role[0] in 'aeiou' else 'a'} {role.value}" for role in view.roles))
        goes = "your role is" if len(view.roles) == 1 else "your roles are"
        blocks.append(
            Paragraph(text(f"You are {held} here, and can act as that until then; {goes} deleted with the rest."))
        )
    blocks.append(Note(text(ONLY_YOU)))
    blocks.append(
        Buttons(
            (
                Button(
                    "Erase me",
                    ERASE,
                    style=ButtonStyle.DANGER,
                    confirm=f"Erase what is held about you? You can undo this for {UNDO_DAYS} days.",
                    hint=f"Erase what is held about me, {UNDO_DAYS} days from now",
                ),
                Button("Not now", SHOW, hint="Go back; nothing is erased"),
            )
        )
    )
    return Message("Erase what is held about you", tuple(blocks))


def _goes(kept: Kept) -> bool:
    return kept.links[0].fate is Fate.DELETE


def _staying(view: View, stays: Sequence[tuple[Kept, Held]]) -> Iterator[Text]:
    for kept, held in stays:
        yield text(f"{_capital(amount(kept, held))}: {_why_it_stays(kept)}")
    keep = RULES[Swept.MESSAGE_TEXTS].keep.days
    yield text(
        "Messages in channels that name you, for example that you approved a draft: Convenor’s own copy is emptied "
        f"{keep} days after it was sent. What stands in the chat itself is kept by whoever runs that chat."
    )
    yield text("Numbers, such as how many requests there were in a month, which say nothing about you.")


def _why_it_stays(kept: Kept) -> str:
    if kept.links[0].fate is Fate.KEEP:
        rule = RULES[kept.swept[0]]
        return f"kept until {rule.words}, {rule.why}."
    if kept.swept:
        rule = RULES[kept.swept[0]]
        return f"without you: a mark that leads to nobody stands in your place, until {rule.words}, {rule.why}."
    return "without you: “a former editor” stands in the place of your name, as the record of an edition is public."


def asked_to_erase(erasure: Erasure) -> Message:
    """It was confirmed."""
    words = text(
        "You will be erased on ", bold(say_when(erasure.due_at)), ". From now on you are treated as absent: not found, "
        "not asked, and sent no alerts. Until that moment you can undo it here, or with ", code("/convenor privacy"),
        ". Afterwards nobody will write to you about it, as nobody will know who you were.",
    )  # fmt: skip
    undo = Button("Undo: keep my data", UNDO, hint="Do not erase what is held about me")
    return Message(plain(words), (Paragraph(words), Note(text(ONLY_YOU)), Buttons((undo,))))


UNDONE = say(
    "You will not be erased, and nothing was deleted. Requests that were closed and questions that were taken back "
    "stay so; you can ask again at any time."
)


def objections(view: View) -> Message:
    """What somebody can object to, with what they do object to."""
    mine = {each.processing: each for each in view.objections}
    blocks: list[Block] = [
        Heading("Object to a use of your data"),
        Paragraph(text("You need give no reason, and it takes effect at once. ", ONLY_YOU)),
    ]
    buttons: list[Button] = []
    for processing, (name, what, then) in OBJECTS.items():
        known = mine.get(processing)
        state = f" You object to this since {say_when(known.at)}." if known else f" If you object: {_small(then)}"
        blocks.append(Paragraph(text(bold(f"{name}. "), what, state)))
        if known:
            buttons.append(Button(f"Allow again: {name.lower()}", TAKE_BACK, processing.value))
        else:
            buttons.append(Button(f"Object: {name.lower()}", SAY_NO, processing.value, ButtonStyle.PRIMARY))
    blocks.append(
        Note(
            text(
                "For the rest: what you follow ends with ", code("/topics stop"), "; what is kept of your work as an "
                "editor is part of the record of the edition. If you think it should not be, complain, and a person "
                "looks at it.",
            )
        )
    )  # fmt: skip
    return Message("Object to a use of your data", (*blocks, Buttons(tuple(buttons))))


def objected(processing: Processing, *, new: bool) -> Message:
    """An objection was recorded."""
    name, _, then = OBJECTS[processing]
    words = "Recorded, and in effect from now on" if new else "That was recorded before, and is in effect"
    return say(f"{words}: you object to {name.lower()}. {then}")


def taken_back(processing: Processing, *, was: bool) -> Message:
    """An objection was taken back."""
    name = OBJECTS[processing][0].lower()
    if not was:
        return say(f"You did not object to {name}, so nothing was changed.")
    return say(f"You no longer object to {name}. Everything is as before.")


NO_SUCH_USE = say("That is not something to object to here. Nothing was changed.")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]
