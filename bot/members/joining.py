"""Joining by invitation: a coordinator's code, by mail, in chat or to pass on; and using it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.members import codes
from bot.members import joining_texts as texts
from bot.members.cards import NOTICE
from bot.members.codes import CodePurpose
from bot.messages import Identity, to_json
from bot.ports import UnitOfWork
from bot.privacy import audit
from bot.privacy.ports import COMMAND_LINE
from bot.services import Services
from digests.errors import ConvenorError
from digests.model import Address, Delivery

MAIL = "mail"


class WrongCode(ConvenorError):
    """A code that does not work, whatever the reason."""

    sentence = (
        "That code does not work: it may be mistyped, used already, or too old. Nothing was changed. Ask whoever "
        "gave it to you for a new one."
    )


class TooManyTries(ConvenorError):
    """An account typed too many wrong codes."""

    sentence = (
        f"You have typed {codes.TRIES} codes that do not work within an hour, so no other is looked at for now. "
        "Nothing was changed. Try again in an hour."
    )


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that was made. ``words`` is its code; ``address`` is where it is sent, None where it is not."""

    words: str
    address: Address | None


async def invite(
    uow: UnitOfWork, services: Services, who: Identity | None, to: Address | None, *, send: bool = True
) -> Invited:
    """Make an invitation, and send it where there is somewhere to and ``send`` is not off. None: the command line.

    Nobody looks whether they are in the directory already: the coordinator hears the same, and so do they.
    """
    now = services.clock.now()
    words = codes.new_words()
    made_by = (await uow.members.resolve(who, now)).id if who else COMMAND_LINE
    code = codes.made(words, CodePurpose.INVITATION, made_by, now, kept_as(to) if to else "")
    await uow.codes.add(code)
    if to is not None and send:
        by_mail = to.platform == MAIL
        message = (
            texts.invitation_by_mail(words, services.owner, services.contact) if by_mail else texts.invitation(words)
        )
        row = Delivery(codes.invitation_key(code.digest), NOTICE, to, to_json(message), now)
        await uow.deliveries.add([row])
    # The digest says nothing of whom it is for, and tells one invitation from another.
    await audit.note(uow, who, "invited", f"invitation:{code.digest[:16]}", now)
    return Invited(words, to)


async def already_sent(uow: UnitOfWork, now: datetime) -> set[str]:
    """Where invitations were sent that can still be used, as :func:`kept_as` has them."""
    return {code.sent_to for code in await uow.codes.open(CodePurpose.INVITATION, now) if code.sent_to}


def kept_as(address: Address) -> str:
    """An address as a code keeps it, to tell that it had an invitation."""
    return ":".join((address.platform, address.workspace, address.user)).casefold()


async def accept(services: Services, who: Identity, words: str) -> None:
    """Use an invitation up: whoever did so joins by their own yes. Nothing else changes.

    Raises WrongCode or TooManyTries. Whoever is in the directory already keeps the code for somebody else.
    """
    now = services.clock.now()
    async with services.store.begin() as uow:
        member = await uow.members.resolve(who, now)
        if await uow.profiles.get(member.id) or await uow.codes.invited(member.id):
            return
        works = await try_code(uow, who, words, CodePurpose.INVITATION, now)
        if works is not None and not await uow.codes.use(works.digest, member.id, now):
            raise WrongCode(member.id)  # somebody else was faster
        await uow.commit()
    if works is None:
        raise WrongCode(member.id)


async def try_code(
    uow: UnitOfWork, who: Identity, words: str, purpose: CodePurpose, now: datetime
) -> codes.Code | None:
    """The code that was typed, if it works; a wrong one is counted, so commit in any case. Raises TooManyTries."""
    if not codes.may_try(await uow.codes.tries(who, now - codes.TRIES_WITHIN)):
        raise TooManyTries(who.platform)
    code = await uow.codes.get(codes.digest_of(words))
    if code is not None and code.works(purpose, now):
        return code
    await uow.codes.tried(who, now)
    return None
