"""Every sentence of the profile: the form, the preview, what is agreed to, and what is said afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from bot.members.profile import Contact, Profile
from bot.members.rules import AVOID_TEXT_AT_MOST, CAN_HELP_AT_MOST, PER_FORTNIGHT, SHORT, seems_sensitive
from bot.messages import (
    Block,
    Bullets,
    Button,
    Buttons,
    ButtonStyle,
    Divider,
    Field,
    FieldKind,
    Form,
    Heading,
    Message,
    Note,
    Option,
    Paragraph,
    Text,
    bold,
    code,
    italic,
    plain,
    say,
    text,
)
from digests.calendar import say_day
from digests.model import Topic

FORM = "profile"
EDIT, AGREE, DISCARD, PAUSE, RESUME, LEAVE, SHOW = (
    "profile.edit",
    "profile.agree",
    "profile.discard",
    "profile.pause",
    "profile.resume",
    "profile.leave",
    "profile.show",
)

SENSITIVE_HINT = (
    "In your own words: what could somebody ask you about? You need not say anything of your health, beliefs, "
    "politics, ethnicity, sexuality or union membership; please leave that out unless you want people to read it."
)
AVOID_HINT = (
    "People or organisations that you do not want to be introduced to, one a line. Nobody else can read this, not even "
    "the coordinators: you are simply never proposed to each other."
)
FORM_INTRO = (
    "Nothing is kept in the directory yet: you see first who would see what, and are in it only once you have said yes."
)
AVOIDED_SHOWN = 10
WAYS = {Contact.CHAT: "chat", Contact.EMAIL: "e-mail"}

AGREEMENT = (
    "I want to be in the directory of this network, as it says above. The coordinators see what stands under “What a "
    "coordinator sees”, and may hand it over to those who run the network after them. They may ask me about "
    "introductions{often}. Nobody else is told that I am in the directory. Only when I say yes to an introduction "
    "does the person who asked see what stands under “What somebody sees once you have said yes to them”. I can "
    "change this, pause or leave at any time with /profile."
)
NOT_IN = (
    "You are not in the directory. If you were, the coordinators could ask you, privately and not often, whether you "
    "would help somebody; you would say yes or no each time, and nobody would learn of a no."
)
MAY_JOIN = "You were invited, so you are in as soon as you have said yes."
HAS_TO_ASK = "Once you have said yes to your profile, a coordinator looks at it before you are in."
WAITS = "You have asked to join the directory. A coordinator will look at it, and I tell you what they say."
KEPT = "You began to write your profile. It is kept, for you alone, until you go on or throw it away."

DISCARDED = say("What you had written is thrown away. Nothing else was changed.")
NOTHING_TYPED = say("There is nothing to throw away. Nothing was changed.")
NOTHING_DIFFERENT = say("Nothing is different from your profile as it stands, so nothing was changed.")
CHANGED_SINCE = (
    "What you wrote has changed since this was shown, so it was not taken as your yes. This is how it now stands."
)
NOT_THERE = "What this button was about is not there any more: it was accepted or thrown away. Nothing was changed."
CHECK_AGAIN = "One of the answers is not right any more, so nothing was changed. Please press “Change it” and check."
CHANGED_ELSEWHERE = (
    "Your profile was changed from somewhere else since you opened the form, so nothing was changed now. What "
    "you wrote is kept: press “Change it”, look at it again, and send it."
)
LEFT = say(
    "You have left the directory. Your profile is deleted, and nobody will be asked to introduce you any more. "
    "What is kept is the record of what you had agreed to and that you withdrew it, for two years. ",
    "You can come back at any time with ", code("/profile"), ".",
)  # fmt: skip
NOT_IN_NOW = say("You are not in the directory, so nothing was changed. ", code("/profile"), " shows how to join.")
REQUEST_TAKEN_BACK = say(
    "Your request to join the directory is taken back, and the profile in it is deleted. What is kept is the record of "
    "what you had agreed to and that you withdrew it, for two years."
)
CONFIRM_LEAVING = "Leave the directory? Your profile is deleted at once. You can come back, but have to write it again."

GO_ON = Button("Go on with it", EDIT, hint="Go on with the profile that you began to write")
FILL_IN = Button("Fill in my profile", EDIT, style=ButtonStyle.PRIMARY)
CHANGE = Button("Change it", EDIT, hint="Change your profile")
THROW_AWAY = Button("Throw it away", DISCARD, hint="Throw away what you wrote and did not say yes to")
PAUSE_BUTTON = Button("Pause for four weeks", PAUSE, hint="Not be asked for four weeks")
RESUME_BUTTON = Button("I can be asked again", RESUME, style=ButtonStyle.PRIMARY)
LEAVE_BUTTON = Button(
    "Leave the directory", LEAVE, style=ButtonStyle.DANGER, confirm=CONFIRM_LEAVING, hint="Leave the directory at once"
)


def form(typed: Mapping[str, str], topics: Mapping[str, Topic], *, note: str = "", value: str = "") -> Form:
    """The form, with what stands in each field. ``value`` is the revision that it was opened on."""
    several_topics = tuple(
        Option(topic.id, topic.name) for topic in sorted(topics.values(), key=lambda topic: topic.name.casefold())
    )
    often = tuple(Option(str(number), often_in_words(number).capitalize()) for number in PER_FORTNIGHT)
    fields = (
        Field("name", "Your name", value=typed["name"], max_length=SHORT),
        Field("pronouns", "Pronouns", value=typed["pronouns"], required=False, max_length=SHORT),
        Field("organisation", "Organisation", value=typed["organisation"], required=False, max_length=SHORT),
        Field("role", "What you do there", value=typed["role"], required=False, max_length=SHORT),
        Field(
            "can_help",
            "What you can help with",
            FieldKind.PARAGRAPH,
            typed["can_help"],
            SENSITIVE_HINT,
            max_length=CAN_HELP_AT_MOST,
        ),
        Field("topics", "Topics", FieldKind.SEVERAL, typed["topics"], required=False, options=several_topics),
        Field("languages", "Languages", value=typed["languages"], hint="With commas between.", required=False),
        Field(
            "regions",
            "Regions that you know",
            value=typed["regions"],
            hint="With commas between: Wales, Greater Manchester.",
            required=False,
        ),
        Field(
            "contacts",
            "How to reach you once you have said yes",
            FieldKind.SEVERAL,
            typed["contacts"],
            options=tuple(Option(way.value, WAYS[way].capitalize()) for way in Contact),
        ),
        Field(
            "email",
            "E-mail address",
            value=typed["email"],
            hint="Only if you chose e-mail. It is shown to nobody before you have said yes to them.",
            required=False,
            max_length=SHORT * 2,
        ),
        Field("per_fortnight", "How often you may be asked", FieldKind.CHOICE, typed["per_fortnight"], options=often),
        Field(
            "snoozed_until",
            "Not to be asked before",
            value=typed["snoozed_until"],
            hint="A day, such as 14 February 2025. Leave it empty if you may be asked now.",
            required=False,
            max_length=40,
        ),
        Field(
            "avoid",
            "Not to be introduced to (private)",
            FieldKind.PARAGRAPH,
            typed["avoid"],
            AVOID_HINT,
            required=False,
            max_length=AVOID_TEXT_AT_MOST,
        ),
    )
    intro = text(italic(f"{note} ") if note else "", FORM_INTRO)
    return Form(FORM, "Your profile", "See who sees what", fields, intro, value, "profile")


def often_in_words(per_fortnight: int) -> str:
    """``once a fortnight``, ``twice a fortnight``, ``3 times a fortnight``."""
    times = {1: "once", 2: "twice"}.get(per_fortnight, f"{per_fortnight} times")
    return f"{times} a fortnight"


def as_coordinators_see(profile: Profile, topics: Mapping[str, Topic]) -> tuple[Text, ...]:
    """What coordinators see of a member, a line each: all but the e-mail address and the private list."""
    named = [topics[topic].name if topic in topics else topic.replace("_", " ") for topic in profile.topics]
    ways = " or ".join(WAYS[way] for way in profile.contacts)
    rows = (
        ("Organisation", profile.organisation),
        ("Role", profile.role),
        ("Can help with", profile.can_help),
        ("Topics", ", ".join(named)),
        ("Languages", ", ".join(profile.languages)),
        ("Regions", ", ".join(profile.regions)),
        ("Reached by", ways),
        ("May be asked", _asked(profile)),
    )
    return (text(bold(_called(profile))), *(text(f"{label}: {words}") for label, words in rows if words))


def as_introduced_see(profile: Profile) -> tuple[Text, ...]:
    """What somebody sees of a member who has said yes to being introduced to them, a line each."""
    ways = {Contact.CHAT: "in chat", Contact.EMAIL: f"by e-mail to {profile.email}"}
    rows = (
        ("Organisation", profile.organisation),
        ("Role", profile.role),
        ("Can be reached", " or ".join(ways[way] for way in profile.contacts)),
    )
    return (text(bold(_called(profile))), *(text(f"{label}: {words}") for label, words in rows if words))


def _called(profile: Profile) -> str:
    return f"{profile.name} ({profile.pronouns})" if profile.pronouns else profile.name


def _asked(profile: Profile) -> str:
    since = f", from {say_day(profile.snoozed_until)} on" if profile.snoozed_until else ""
    return f"{often_in_words(profile.per_fortnight)} at most{since}"


def agreement(profile: Profile, topics: Mapping[str, Topic]) -> tuple[Block, ...]:
    """What a yes to this profile agrees to, as it is shown."""
    often = f" {often_in_words(profile.per_fortnight)} at most"
    return (
        Heading("What a coordinator sees"),
        Bullets(as_coordinators_see(profile, topics)),
        Heading("What somebody sees once you have said yes to them"),
        Bullets(as_introduced_see(profile)),
        Heading("What you agree to"),
        Paragraph(text(AGREEMENT.format(often=often))),
    )


def consent_text(profile: Profile, topics: Mapping[str, Topic]) -> str:
    """:func:`agreement` word for word, as it is kept in the record of the consent."""
    return "\n".join(_plain_lines(agreement(profile, topics)))


def _plain_lines(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Heading):
            yield block.text
        elif isinstance(block, Bullets):
            yield from (f"- {plain(item)}" for item in block.items)
        elif isinstance(block, Paragraph):
            yield plain(block.text)


def preview(profile: Profile, topics: Mapping[str, Topic], mark: str, *, may_join: bool, note: str = "") -> Message:
    """Who would see what; with the buttons that say yes to exactly this, change it, or throw it away."""
    blocks: list[Block] = [Paragraph(text(bold(note)))] if note else []
    blocks += [Paragraph(text("Nothing has changed yet. Please read this, and say yes if it is right."))]
    blocks += agreement(profile, topics)
    if words := seems_sensitive(f"{profile.can_help}\n{profile.role}"):
        blocks.append(Paragraph(sensitive(words)))
    if profile.avoid:
        blocks.append(Note(text(_avoided(len(profile.avoid)))))
    if not may_join:
        blocks.append(Note(text(HAS_TO_ASK)))
    yes = Button("Yes, I agree", AGREE, mark, ButtonStyle.PRIMARY, hint="Agree to be in the directory as shown here")
    blocks.append(Buttons((yes, CHANGE, THROW_AWAY)))
    return Message("Your profile, before you say yes", tuple(blocks))


def sensitive(words: str) -> Text:
    """A kind word where somebody seems to have written something that is especially private."""
    return text(
        "You wrote ",
        italic(f"“{words}”"),
        ". That is quite all right if you want coordinators to read it. If you would rather keep it to yourself, "
        "change it now: nobody has seen it yet.",
    )


def _avoided(number: int) -> str:
    whom = "one person or organisation" if number == 1 else f"{number} people or organisations"
    return f"Your private list has {whom}. Only you can read it."


def page(
    profile: Profile | None, topics: Mapping[str, Topic], today: date, *, kept: bool, asked: bool, invited: bool
) -> Message:
    """How a member stands with the directory, with what they can do about it."""
    blocks: list[Block] = [Heading("Your profile")]
    if profile is None:
        blocks.append(Paragraph(text(WAITS if asked else NOT_IN)))
        if not asked:
            blocks.append(Paragraph(text(MAY_JOIN if invited else HAS_TO_ASK)))
        if kept:
            blocks += [Note(text(KEPT)), Buttons((GO_ON, THROW_AWAY))]
        elif asked:
            leave = Button("Take it back", LEAVE, hint="Take your request to join the directory back")
            blocks.append(Buttons((CHANGE, leave)))
        else:
            blocks.append(Buttons((FILL_IN,)))
        return Message("Your profile", tuple(blocks))
    profile = profile.on(today)
    blocks.append(Paragraph(text(standing(profile, today))))
    blocks += [Heading("What a coordinator sees"), Bullets(as_coordinators_see(profile, topics))]
    blocks += [
        Heading("What somebody sees once you have said yes to them"),
        Bullets(as_introduced_see(profile)),
        Divider(),
    ]
    if profile.avoid:
        more = len(profile.avoid) - AVOIDED_SHOWN
        others = f"; and {more} more, which the form shows" if more > 0 else ""
        shown = "; ".join(profile.avoid[:AVOIDED_SHOWN])
        blocks.append(Note(text(bold("Only you read this. "), f"Not to be introduced to: {shown}{others}")))
    if kept:
        blocks += [Note(text(KEPT)), Buttons((GO_ON, THROW_AWAY))]
    rest = RESUME_BUTTON if profile.snoozed(today) else PAUSE_BUTTON
    blocks.append(Buttons((*(() if kept else (CHANGE,)), rest, LEAVE_BUTTON)))
    return Message("Your profile", tuple(blocks))


def standing(profile: Profile, today: date) -> str:
    """Whether and how often they are asked, in a sentence."""
    if profile.snoozed(today):
        assert profile.snoozed_until is not None
        return f"You are in the directory and rest: you are not asked before {say_day(profile.snoozed_until)}."
    return f"You are in the directory, and may be asked {often_in_words(profile.per_fortnight)} at most."


def agreed(profile: Profile, *, first: bool) -> Message:
    """The yes is recorded."""
    begin = "Thank you. You are in the directory now" if first else "Thank you. Your profile is changed"
    return say(
        f"{begin}, exactly as you saw it (revision {profile.revision}). ", code("/profile"),
        " shows it, changes it, pauses it, and lets you leave.",
    )  # fmt: skip


ASKED = say(
    "Thank you. Your yes is recorded, and the coordinators are asked to let you in. I tell you what they say. ",
    "Until then you are not in the directory.",
)  # fmt: skip


def paused(until: date) -> Message:
    """They rest."""
    return Message(
        "You rest",
        (
            Paragraph(text("Done: you are not asked before ", bold(say_day(until)), ". Your profile stays as it is.")),
            Buttons((RESUME_BUTTON,)),
        ),
    )


RESUMED = say("Done: you may be asked again. Nothing else was changed.")
