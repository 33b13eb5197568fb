"""What editors do with an edition that readers have: correct it, withdraw it, send it to a channel that came late."""

from __future__ import annotations

from bot import editions
from bot.edition_messages import CORRECT, WITHDRAW, draft_pages, edition_name
from bot.editions.latecomers import missed, send_to
from bot.editions.lookup import latest_published
from bot.handlers import forms
from bot.messages import (
    Ask,
    Button,
    Buttons,
    Field,
    FieldKind,
    Form,
    Message,
    Paragraph,
    Reply,
    channel_name,
    say,
    text,
)
from bot.services import Services
from digests.correcting import NOTE_AT_MOST
from digests.model import Address, Edition

BEGIN_FORM, REWORD_FORM = "correction.begin", "correction.reword"
SEND_HERE = "edition.send_here"
WHAT = "what"

NOTHING_PUBLISHED = say("No edition has been published yet, so there is nothing to correct or to withdraw.")
EMPTY = "Please say what is corrected: readers are told exactly this."
TOO_LONG = f"Please keep it under {NOTE_AT_MOST} characters: it stands at the top of the edition."


def begun(edition: Edition) -> Message:
    """A correction was begun."""
    return say(
        f"A draft of the correction of {edition_name(edition)} is on its way to the editors’ channel. Edit it there "
        "like any draft; another editor approves it. Until then readers see the edition as it was."
    )


def reworded(edition: Edition) -> Message:
    """Readers will be told something else."""
    return say(f"Done. Readers will be told: {edition.content.corrections[-1].what}")


def given_up(edition: Edition) -> Message:
    """A correction has no effect."""
    return say(f"The correction of {edition_name(edition)} is given up. The edition stays as it was.")


def asked(edition: Edition) -> Message:
    """The editors were asked whether to withdraw."""
    return say(
        f"The editors are asked whether to withdraw {edition_name(edition)}. Nothing is changed until another editor "
        "confirms it."
    )


def withdrawn(edition: Edition) -> Message:
    """It is done."""
    return say(f"{edition_name(edition)} is withdrawn. Its messages are replaced one after the other.")


def kept(edition: Edition) -> Message:
    """It is not done."""
    return say(f"{edition_name(edition)} stays as it is.")


def which_withdrawal(edition: Edition) -> Message:
    """/digest withdraw: is this the one?"""
    words = text(
        f"This is about {edition_name(edition)}. If it is withdrawn, each of its messages is replaced by a line that "
        "says so. To put something right, correct it instead."
    )
    withdraw_it = Button("Withdraw", WITHDRAW, edition.id, hint=f"Withdraw {edition_name(edition)}")
    correct_it = Button("Correct…", CORRECT, edition.id, hint=f"Correct… {edition_name(edition)}")
    return Message(words[0].text, (Paragraph(words), Buttons((withdraw_it, correct_it))))


def sent_here(edition: Edition, address: Address) -> Message:
    """A channel that came late gets it."""
    return say(text(f"{edition_name(edition)} is on its way to ", channel_name(address), "."))


def offer(edition: Edition, address: Address) -> Message:
    """A channel that has just been set for the digest has missed the latest edition."""
    words = text(f"{edition_name(edition)} was published before that. It can be posted here too, as it now reads.")
    value = f"{edition.id} {address.platform} {address.workspace} {address.channel}"
    button = Button("Post it here", SEND_HERE, value, hint=f"Post it here: {edition_name(edition)}")
    return Message(words[0].text, (Paragraph(words), Buttons((button,))))


def what_form(name: str, edition: Edition, what: str = "") -> Form:
    """What are readers told of the correction?"""
    title, submit = ("Correct an edition", "Begin") if name == BEGIN_FORM else ("What readers are told", "Save")
    field = Field(
        WHAT,
        "What is corrected?",
        FieldKind.LINE,
        what,
        "For example: the closing date of the consultation on data access.",
        max_length=NOTE_AT_MOST,
    )
    words = text(f"Readers of {edition_name(edition)} are told exactly this, at its top, with the day and the time.")
    return Form(name, title, submit, (field,), words, edition.id)


async def correct(ask: Ask, services: Services) -> Reply:
    """/digest correct, and the button: shows the correction that is open, or asks what is corrected."""
    async with services.store.read() as uow:
        edition = await uow.editions.get(ask.value) if ask.value else await latest_published(uow)
        if edition is None:
            return Reply((NOTHING_PUBLISHED,))
        open_one = await editions.open_correction(uow, edition.id)
        if open_one is not None:
            view = await editions.view_of(uow, services, open_one)
            return Reply(tuple(page.message for page in draft_pages(view)))
        kept_words = (await uow.inbox.kept_form(ask.identity, BEGIN_FORM)).get(WHAT, "")
    return Reply(form=what_form(BEGIN_FORM, edition, ask.words.strip()[:NOTE_AT_MOST] or kept_words))


async def begin(ask: Ask, services: Services) -> Reply:
    """What is corrected was said. It is kept until the correction is begun."""
    what = " ".join(ask.fields.get(WHAT, "").split())
    await forms.keep_typed(services, ask.identity, BEGIN_FORM, {WHAT: what})
    if problem := _problem(what):
        return Reply(errors={WHAT: problem})
    edition = await editions.begin_correction(services, ask.identity, ask.value, what)
    await forms.drop_typed(services, ask.identity, BEGIN_FORM)
    return Reply((begun(edition),))


async def reword(ask: Ask, services: Services) -> Reply:
    """Change what readers are told: to what?"""
    async with services.store.read() as uow:
        edition = await editions.the_edition(uow, ask.value)
    what = edition.content.corrections[-1].what if edition.content.corrections else ""
    return Reply(form=what_form(REWORD_FORM, edition, what))


async def save_words(ask: Ask, services: Services) -> Reply:
    """It was said otherwise."""
    what = " ".join(ask.fields.get(WHAT, "").split())
    if problem := _problem(what):
        return Reply(errors={WHAT: problem})
    return Reply((reworded(await editions.reword_correction(services, ask.identity, ask.value, what)),))


async def give_up(ask: Ask, services: Services) -> Reply:
    """Give up."""
    return Reply((given_up(await editions.give_up_correction(services, ask.identity, ask.value)),))


async def withdrawal(ask: Ask, services: Services) -> Reply:
    """/digest withdraw: shows which edition it would be."""
    async with services.store.read() as uow:
        edition = await latest_published(uow)
    return Reply((which_withdrawal(edition) if edition else NOTHING_PUBLISHED,))


async def ask_to_withdraw(ask: Ask, services: Services) -> Reply:
    """Withdraw: the editors are asked."""
    wish = await editions.ask_to_withdraw(services, ask.identity, ask.value)
    return Reply((asked(wish.edition), editions.withdrawal_asked(wish, services.plan.approval.one_editor)))


async def withdraw(ask: Ask, services: Services) -> Reply:
    """Withdraw it: the second editor's word."""
    return Reply((withdrawn(await editions.withdraw(services, ask.identity, ask.value)),))


async def keep(ask: Ask, services: Services) -> Reply:
    """Keep it."""
    return Reply((kept(await editions.keep(services, ask.identity, ask.value)),))


async def offers(services: Services, address: Address) -> tuple[Message, ...]:
    """What a channel is offered that has just been set for the digest."""
    async with services.store.read() as uow:
        edition = await missed(uow, address)
    return (offer(edition, address),) if edition else ()


async def send_here(ask: Ask, services: Services) -> Reply:
    """Post it here: the channel is named by the button, so that a press from elsewhere means the same."""
    edition_id, platform, workspace, channel = (ask.value.split(" ") + [""] * 4)[:4]
    address = Address(platform, workspace, channel=channel)
    return Reply((sent_here(await send_to(services, ask.identity, edition_id, address), address),))


def _problem(what: str) -> str:
    if not what:
        return EMPTY
    return TOO_LONG if len(what) > NOTE_AT_MOST else ""
