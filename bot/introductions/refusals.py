"""What somebody cannot do in the introduction journey, each with its sentence. None tells who is a member."""

from __future__ import annotations

from bot.introductions.rules import OPEN_AT_MOST
from digests.errors import ConvenorError, NotFound, Stale


class TooMany(ConvenorError):
    """The member has as many open requests as one may have."""

    sentence = (
        f"You have {OPEN_AT_MOST} open requests already, which is as many as one person can have, so this one was not "
        "recorded. Take one back with its “Take it back” button, or wait until it has been answered."
    )


class NoRequest(NotFound):
    """There is no such request, or none of whoever asks about it: the same words for both."""

    sentence = "That request is closed already. Nothing was changed."


class NotYours(NotFound):
    """Nobody answers for another; and whoever was not asked learns nothing of who was."""

    sentence = "That question is not (or no longer) open for you. Nothing was changed."


class Settled(Stale):
    """An answer that comes too late."""

    sentence = "That question has been settled meanwhile. Nothing was changed, and thank you all the same."


class Reworded(Stale):
    """What a yes would share is not what the question said."""

    sentence = (
        "What a yes would share is not what the question said when you were asked: something in your profile or around "
        "it has changed since. Nothing was agreed yet. The question now says what it would share; please look at it, "
        "and press Yes again if that is right."
    )


class IsParty(ConvenorError):
    """Whoever brokers an introduction is not party to it."""

    sentence = (
        "You are one of the two whom this is about, so another coordinator has to look after it. Nothing was changed."
    )


class CannotBeAsked(ConvenorError):
    """A limit, a list or a snooze stands in the way; which one is nobody's business."""

    sentence = (
        "At least one of those you chose cannot be asked at present. I do not say why: it may be a limit, or something "
        "private. Nobody was asked; please choose again."
    )


class NotAgreed(ConvenorError):
    """Whoever asked has not agreed to be shown to others, or does not any more."""

    sentence = (
        "Whoever asked for this has not agreed to be shown to those who are asked: the request may be older than the "
        "form in which one does. Please tell them to take it back and ask again. Nobody was asked."
    )


class OneAtATime(Stale):
    """Somebody is being asked about this request."""

    sentence = "Somebody is being asked about this already. Nothing was changed."


class RemindedAlready(Stale):
    """The one reminder has gone out."""

    sentence = "They have been reminded already, and one reminder is enough. Nothing was sent."


class OnItsWay(Stale):
    """The introduction has gone out, or may have."""

    sentence = "The introduction has gone out already, or is on its way this moment, so it cannot be taken back."
