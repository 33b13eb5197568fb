"""What coordinators read of a request: the card, the form to ask somebody, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.introductions.model import Ask, AskState, Journey, Request, RequestState
from bot.introductions.texts.candidate import named
from bot.messages import (
    Block,
    Bullets,
    Button,
    Buttons,
    ButtonStyle,
    EntryLine,
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
    count,
    say,
    text,
)
from digests.calendar import say_day, say_when

SHOW, ASK, AGAIN, CLOSE, REMIND, WITHDRAW_ASK = (
    "broker.show",
    "broker.ask",
    "broker.again",
    "broker.close",
    "broker.remind",
    "broker.withdraw",
)
ASK_FORM, OUTSIDER_FORM = "broker.ask", "broker.outsider"
NOTE_AT_MOST = 1000
# So that the card fits into one message of every chat, however much people write.
NAME_AT_MOST, SHORT, ASKS_SHOWN, QUEUE_SHOWN = 80, 150, 4, 10
WAIT, GO_ON = "wait", "next"
APART, JOIN = "apart", "join"
NOBODY = "nobody"

ASKED = say("They are asked now. The card shows what comes of it.")
REMINDED = say("They are reminded. That was the one reminder.")
ASK_WITHDRAWN = say("The question is taken back.")
CLOSED = say(
    "The request is closed. Whoever asked hears on their date that there is no introduction this time, and not before."
)
NOBODY_TO_ASK = say("There is nobody who could be asked about this at present. Nothing was done.")
NOTE_TOO_LONG = f"Please keep it to {NOTE_AT_MOST:,} characters."
TWICE = "You chose the same person twice. Please choose each once."
CONSENT_NEEDED = "Please write down what they agreed to, and how: it is kept as the record of their consent."
CONSENT_AT_MOST = 1000
CONSENT_TOO_LONG = f"Please keep it to {CONSENT_AT_MOST:,} characters."
NAME_NEEDED = "Please give their name."
EMAIL_NEEDED = "Please give their e-mail address: it is how they are introduced."
NOTHING_WAITS = say("No request for an introduction is open at present.")
LOOKED_AGAIN = say("The candidates are those who fit now.")

_GONE = "somebody who has left"
_STATES = {
    RequestState.AGREED: "Both have said yes. The introduction is on its way.",
    RequestState.INTRODUCED: "They have been introduced.",
    RequestState.FOLLOWED_UP: "They have been introduced, and were asked whether they met.",
    RequestState.FINISHED: "They have been introduced, and this is finished.",
    RequestState.CLOSED: "A coordinator has closed this. Whoever asked hears on their date, and not before.",
    RequestState.ANSWERED: "This is over: there was no introduction, and whoever asked has been told.",
}
_QUEUED = {
    RequestState.OPEN: "Nobody is being asked",
    RequestState.ASKING: "Somebody is being asked",
    RequestState.AGREED: "Both have said yes, and the introduction is on its way",
}
_CAME = {
    AskState.PLANNED: "next in line",
    AskState.YES: "said yes",
    AskState.NOT_NOW: "said “not now”",
    AskState.NO: "said no",
    AskState.EXPIRED: "did not answer in time",
    AskState.WITHDRAWN: "is not asked any more",
    AskState.LEFT: "cannot be asked any more",
    AskState.TAKEN_BACK: "took a yes back",
    AskState.PASSED_OVER: "was not asked",
}

Names = Mapping[str, str]
"""What candidates are called, by member id: “Carol (Patients Trust)”."""


def card(journey: Journey, names: Names) -> Message:
    """What coordinators see of a request, as it is now."""
    request = journey.request
    state = request.state
    heading = "Request for an introduction"
    if state is RequestState.WITHDRAWN:
        return Message(
            f"{heading} (taken back) from {request.requester.name}",
            (
                Heading(f"{heading} (taken back)"),
                *_what(request),
                Note(text(f"{request.requester.name} has taken this request back. There is nothing to do.")),
            ),
        )
    blocks: list[Block] = [Heading(heading), *_what(request), *_asked(journey, names)]
    if state is RequestState.OPEN:
        blocks += _candidates(journey, names)
    elif state is RequestState.ASKING:
        blocks += _asking(journey)
    else:
        blocks.append(Paragraph(text(_STATES[state])))
    blocks.append(Note(text(_dates(request))))
    return Message(f"{heading} from {request.requester.name}", tuple(blocks))


def queue(journeys: Sequence[Journey]) -> Message:
    """The requests that are open, each with how far it is and a button for its card."""
    if not journeys:
        return NOTHING_WAITS
    heading = "Requests for introductions"
    blocks: list[Block] = [Heading(heading)]
    for journey in journeys[:QUEUE_SHOWN]:
        request, ask = journey.request, journey.open_ask
        who = _short(named(request.requester), NAME_AT_MOST)
        until = f" until {say_when(ask.expires_at)}" if ask and ask.expires_at else ""
        how_far = (
            f"{_QUEUED[request.state]}{until}. Without an introduction, they hear so on {say_when(request.answer_at)}."
        )
        show = Button("Show", SHOW, request.id, hint=f"Show the request of {who}")
        blocks.append(EntryLine(text(bold(who), ": ", _short(request.wish.need, SHORT)), text(how_far), (show,)))
    more = len(journeys) - QUEUE_SHOWN
    if more > 0:
        blocks.append(Note(text(f"{count(more, 'newer request')} will be here once some of these are settled.")))
    blocks.append(Note(text("Only you see this. A request of your own is not here: others look after it.")))
    return Message(heading, tuple(blocks))


def _what(request: Request) -> tuple[Block, ...]:
    wish, who = request.wish, named(request.requester)
    outsider = "" if request.requester.member_id else " (not a member; recorded by a coordinator)"
    blocks: list[Block] = [Paragraph(text(bold(who), f"{outsider} writes: ", wish.need))]
    if wish.blurb:
        blocks.append(Paragraph(text(bold("About them: "), wish.blurb)))
    more = []
    if wish.needed_by:
        more.append(text(bold("By: "), say_day(wish.needed_by)))
    if wish.prefer:
        more.append(text(bold("Preferably of: "), _short(", ".join(wish.prefer), SHORT)))
    return (*blocks, *([Bullets(tuple(more))] if more else []))


def _asked(journey: Journey, names: Names) -> list[Block]:
    lines: list[Text] = []
    earlier = len(journey.asks) - ASKS_SHOWN
    if earlier > 0:
        lines.append(text(f"{count(earlier, 'person', 'people')} before those below"))
    for ask in journey.asks[-ASKS_SHOWN:]:
        name = names.get(ask.candidate_id, _GONE)
        if ask.state is AskState.OPEN:
            lines.append(text(bold(name), f" is being asked: {_open(ask)}"))
        else:
            reason = f": “{_short(ask.reason, SHORT)}”" if ask.reason else ""
            lines.append(text(bold(name), f" {_CAME[ask.state]}{reason}"))
    return [Bullets(tuple(lines))] if lines else []


def _open(ask: Ask) -> str:
    asked = f"since {say_when(ask.asked_at)}" if ask.asked_at else ""
    until = f", until {say_when(ask.expires_at)}" if ask.expires_at else ""
    return f"{asked}{until}{', reminded' if ask.reminded_at else ''}"


def _asking(journey: Journey) -> list[Block]:
    ask = journey.open_ask
    if ask is None:
        return []
    remind = Button("Remind now", REMIND, ask.id, hint="Remind whoever is asked now, rather than on day 4")
    back = Button(
        "Take the question back",
        WITHDRAW_ASK,
        ask.id,
        ButtonStyle.DANGER,
        confirm="Take the question back? They see that it is no longer needed.",
        hint="Take the question back from whoever is asked",
    )
    return [Buttons((*([] if ask.reminded_at else [remind]), back, _close(journey.request)))]


def _candidates(journey: Journey, names: Names) -> list[Block]:
    request = journey.request
    shown = [each for each in request.suggested if each.member_id in names]
    blocks: list[Block] = []
    if not any(each.good for each in shown):
        blocks.append(
            Paragraph(text(bold("No good match: "), "nobody who can be asked now says that they could help with this."))
        )
    for each in shown:
        button = Button(
            "Ask…", ASK, f"{request.id} {each.member_id}", hint=f"Ask {names[each.member_id]} about this request"
        )
        weak = "" if each.good else "A weak match: "
        blocks.append(EntryLine(text(bold(names[each.member_id])), text(weak, _short(each.because, SHORT)), (button,)))
    again = Button("Look again", AGAIN, request.id, hint="Look again who could be asked about this request")
    return [*blocks, Buttons((again, _close(request)))]


def _close(request: Request) -> Button:
    return Button(
        "Close",
        CLOSE,
        request.id,
        ButtonStyle.DANGER,
        confirm="Close this without an introduction? Whoever asked hears so on their date, and not before.",
        hint="Close this request without an introduction",
    )


def _dates(request: Request) -> str:
    asked = f"Asked {say_when(request.created_at)}. "
    if request.is_open_to_requester:
        asked += f"Without an introduction, they hear so on {say_when(request.answer_at)}. "
    return f"{asked}Only coordinators see this."


def ask_form(journey: Journey, names: Names, first: str, value: str) -> Form:
    """Whom to ask, in which order, in which words, and what then."""
    options = tuple(
        Option(each.member_id, names[each.member_id]) for each in journey.request.suggested if each.member_id in names
    )
    nobody = Option(NOBODY, "Nobody")

    def choice(name: str, label: str, value: str, *more: Option) -> Field:
        return Field(name, label, FieldKind.CHOICE, value, options=(*more, *options))

    then = Field(
        "then",
        "If they say no, or nothing",
        FieldKind.CHOICE,
        GO_ON,
        options=(Option(GO_ON, "Ask the next by itself"), Option(WAIT, "Tell the coordinators, who decide")),
    )
    joins = Field(
        "joins",
        "If they say yes, are you in the conversation?",
        FieldKind.CHOICE,
        APART,
        "It can only be where the two meet in a chat that you have an account in. Whoever is asked is told.",
        options=(Option(APART, "No, the two are among themselves"), Option(JOIN, "Yes, I am in it too")),
    )
    note = Field(
        "note",
        "A note to whoever is asked",
        FieldKind.PARAGRAPH,
        hint="They also see who asks, what for, and which words of their profile fit.",
        required=False,
        max_length=NOTE_AT_MOST,
    )
    fields = (choice("first", "Ask first", first), choice("second", "Ask second", NOBODY, nobody),
              choice("third", "Ask third", NOBODY, nobody), then, joins, note)  # fmt: skip
    intro = text("One is asked at a time. Whoever asked for the introduction does not learn who was.")
    return Form(ASK_FORM, "Ask somebody", "Ask", fields, intro, value)


def outsider_fields(values: dict[str, str]) -> tuple[Field, ...]:
    """What is needed of somebody who is no member, before what they need."""
    return (
        Field("name", "Their name", FieldKind.LINE, values.get("name", ""), max_length=200),
        Field("email", "Their e-mail address", FieldKind.LINE, values.get("email", ""), max_length=200),
        Field("organisation", "Their organisation", FieldKind.LINE, values.get("organisation", ""),
              "For example: the office of an MP", required=False, max_length=200),
        Field("consent", "What they agreed to, and how", FieldKind.PARAGRAPH, values.get("consent", ""),
              "For example: on the phone on 23 January, to be shown to those whom we ask, and introduced by e-mail.",
              max_length=1000),
    )  # fmt: skip


OVER = Message(
    "A request for an introduction that is over",
    (
        Heading("Request for an introduction (over)"),
        Note(text("This has been over for three months, so its words were deleted.")),
    ),
)

LEFT = Message(
    "A request for an introduction that is over",
    (
        Heading("Request for an introduction (over)"),
        Note(text("Whoever asked has left and was erased, so its words were deleted.")),
    ),
)

NOTE_OF_NOBODY = say("This was about somebody who has left and was erased.")


def recorded(request: Request) -> Message:
    """A request for an outsider is recorded."""
    return say(
        f"The request for {request.requester.name} is recorded. They hear by mail, on "
        f"{say_when(request.answer_at)} at the latest."
    )


def needs_you(journey: Journey, names: Names) -> Message | None:
    """What is said in the thread of the card after something happened that coordinators should know; or nothing."""
    state = journey.request.state
    last = journey.last_answered
    name = names.get(last.candidate_id, _GONE) if last else ""
    if state is RequestState.OPEN and last is not None:
        return say(bold(name), f" {_CAME[last.state]}, and nobody is being asked now. Who is next?")
    if state is RequestState.INTRODUCED and last is not None:
        return say(bold(name), f" and {journey.request.requester.name} have been introduced.")
    return None


def name_of(name: str, organisation: str) -> str:
    """A candidate on the card."""
    return _short(f"{name} ({organisation})" if organisation else name, NAME_AT_MOST)


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def option_names(journey: Journey) -> Sequence[str]:
    """The member ids that a card names."""
    return [*(each.member_id for each in journey.request.suggested), *(ask.candidate_id for ask in journey.asks)]
