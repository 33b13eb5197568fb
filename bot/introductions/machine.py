"""From which state a request or an ask goes to which, and by what: as data, from which the drawing is made too."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.introductions.model import FINAL, AskState, RequestState
from digests.errors import Stale


class Happening(StrEnum):
    """What happens to a request, in the words of the drawing."""

    ASKED = "a coordinator asks somebody"
    NEXT = "no yes; the next is asked"
    NOBODY_LEFT = "no yes; nobody is next"
    YES = "the candidate says yes"
    CLOSED = "a coordinator closes it"
    TAKEN_BACK = "the requester takes it back or leaves"
    DATE = "the date fixed at the start has come"
    SENT = "the introduction has gone out"
    UNDONE = "the yes is taken back, or the candidate leaves"
    FOLLOWED_UP = "14 days later: did you meet?"
    FINISHED = "both have answered, or 14 more days"
    LEFT = "either leaves"


_S, _H = RequestState, Happening

REQUEST: Mapping[tuple[RequestState, Happening], RequestState] = {
    (_S.OPEN, _H.ASKED): _S.ASKING,
    (_S.OPEN, _H.CLOSED): _S.CLOSED,
    (_S.OPEN, _H.TAKEN_BACK): _S.WITHDRAWN,
    (_S.OPEN, _H.DATE): _S.ANSWERED,
    (_S.ASKING, _H.NEXT): _S.ASKING,
    (_S.ASKING, _H.NOBODY_LEFT): _S.OPEN,
    (_S.ASKING, _H.YES): _S.AGREED,
    (_S.ASKING, _H.CLOSED): _S.CLOSED,
    (_S.ASKING, _H.TAKEN_BACK): _S.WITHDRAWN,
    (_S.ASKING, _H.DATE): _S.ANSWERED,
    (_S.AGREED, _H.SENT): _S.INTRODUCED,
    (_S.AGREED, _H.UNDONE): _S.OPEN,
    (_S.AGREED, _H.TAKEN_BACK): _S.WITHDRAWN,
    (_S.AGREED, _H.DATE): _S.ANSWERED,
    (_S.CLOSED, _H.TAKEN_BACK): _S.WITHDRAWN,
    (_S.CLOSED, _H.DATE): _S.ANSWERED,
    (_S.INTRODUCED, _H.FOLLOWED_UP): _S.FOLLOWED_UP,
    (_S.INTRODUCED, _H.LEFT): _S.FINISHED,
    (_S.FOLLOWED_UP, _H.FINISHED): _S.FINISHED,
    (_S.FOLLOWED_UP, _H.LEFT): _S.FINISHED,
}

ASK: Mapping[AskState, frozenset[AskState]] = {
    AskState.PLANNED: frozenset({AskState.OPEN, AskState.PASSED_OVER}),
    AskState.OPEN: frozenset(
        {AskState.YES, AskState.NOT_NOW, AskState.NO, AskState.EXPIRED, AskState.WITHDRAWN, AskState.LEFT}
    ),
    AskState.YES: frozenset({AskState.TAKEN_BACK, AskState.WITHDRAWN, AskState.LEFT}),
}


def after(state: RequestState, happening: Happening) -> RequestState:
    """The state of a request after something happened to it. Raises Stale where that cannot happen to it (any more)."""
    found = REQUEST.get((state, happening))
    if found is None:
        raise Stale(state.value, "That request has moved on meanwhile. Nothing was changed.")
    return found


def ask_after(state: AskState, to: AskState) -> AskState:
    """The same for an ask."""
    if to not in ASK.get(state, frozenset()):
        raise Stale(state.value, "That question has been settled meanwhile. Nothing was changed.")
    return to


def diagram() -> str:
    """Both machines as Mermaid draws them."""
    lines = ["stateDiagram-v2", f"    [*] --> {_name(RequestState.OPEN)}: a form is sent"]
    lines += [f"    {_name(state)} --> {_name(to)}: {happening}" for (state, happening), to in REQUEST.items()]
    lines += [f"    {_name(state)} --> [*]" for state in RequestState if state in FINAL]
    return "\n".join(lines) + "\n"


def ask_diagram() -> str:
    """One ask, as Mermaid draws it."""
    lines = ["stateDiagram-v2", f"    [*] --> {_name(AskState.PLANNED)}: a coordinator chooses somebody"]
    for state in AskState:
        lines += [f"    {_name(state)} --> {_name(to)}" for to in AskState if to in ASK.get(state, frozenset())]
    lines += [f"    {_name(state)} --> [*]" for state in AskState if state not in ASK or state is AskState.YES]
    return "\n".join(lines) + "\n"


def _name(state: RequestState | AskState) -> str:
    return state.value.replace(" ", "_")
