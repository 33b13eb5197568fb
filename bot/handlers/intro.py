"""/intro: a member asks for an introduction in a form; a coordinator records a request for an outsider."""

from __future__ import annotations

from collections.abc import Mapping

from bot.handlers.forms import keep_typed, tidy_line, tidy_text
from bot.handlers.intro_typed import FIELDS, email_of, too_long, wish_of
from bot.introductions import requesting
from bot.introductions.model import Requester
from bot.introductions.texts import coordinator as coordinator_texts
from bot.introductions.texts import requester as texts
from bot.messages import Ask, Form, Identity, Reply, say
from bot.services import Services
from digests.calendar import london_day

MINE = (*FIELDS, "organisation", "email")
OUTSIDERS = ("name", "email", "organisation", "consent", *FIELDS)
_WANTED = "wanted"


async def ask_for(ask: Ask, services: Services) -> Reply:
    """/intro [words]: the form, with those words or what was typed before. Nothing is recorded yet.

    The answer is the same whether or not somebody who is named is a member: nobody is looked up.
    """
    need = ask.words.strip()
    async with services.store.read() as uow:
        kept = dict(await uow.inbox.kept_form(ask.identity, texts.FORM))
        member = await uow.members.find(ask.identity)
        profile = await uow.profiles.get(member.id) if member else None
    value = kept.pop(_WANTED, "")
    if profile is not None:
        kept.setdefault("organisation", profile.organisation)
        kept.setdefault("email", profile.email if "email" in profile.contacts else "")
    if need:
        kept["need"] = _with_names(need, ask.mentions)[: texts.NEED_AT_MOST]
        value = _value(next(iter(ask.mentions.values()), None))
    return Reply(form=texts.form(kept, value))


async def submit(ask: Ask, services: Services) -> Reply:
    """The form was sent. What was typed is kept until it is accepted."""
    await _keep(ask, services, texts.FORM, MINE)
    wish, errors = wish_of(ask.fields, london_day(services.clock.now()))
    errors |= too_long(ask.fields, ("prefer", "avoid", "organisation", "email"))
    email, wrong = email_of(ask.fields.get("email", ""))
    if wrong:
        errors.setdefault("email", wrong)
    if errors:
        return Reply(errors=errors)
    request, told = await requesting.submit(
        services,
        ask.identity,
        wish,
        organisation=tidy_line(ask.fields.get("organisation", "")),
        email=email,
        wanted=_identity(ask.value),
    )
    return Reply((texts.recorded(request, told),))


async def withdraw(ask: Ask, services: Services) -> Reply:
    """Take it back."""
    await requesting.withdraw(services, ask.identity, ask.value)
    return Reply((say(texts.WITHDRAWN),))


async def for_outsider(ask: Ask, services: Services) -> Reply:
    """/intro outsider: the form in which a coordinator records a request for somebody who is no member."""
    async with services.store.read() as uow:
        kept = dict(await uow.inbox.kept_form(ask.identity, coordinator_texts.OUTSIDER_FORM))
    return Reply(form=_outsiders_form(kept))


async def submit_for_outsider(ask: Ask, services: Services) -> Reply:
    """The outsider's form was sent."""
    form = coordinator_texts.OUTSIDER_FORM
    await _keep(ask, services, form, OUTSIDERS)
    wish, errors = wish_of(ask.fields, london_day(services.clock.now()))
    name, consent = tidy_line(ask.fields.get("name", "")), tidy_text(ask.fields.get("consent", ""))
    email, wrong = email_of(ask.fields.get("email", ""))
    errors |= too_long(ask.fields, ("name", "prefer", "avoid", "organisation", "email"))
    if len(consent) > coordinator_texts.CONSENT_AT_MOST:
        errors["consent"] = coordinator_texts.CONSENT_TOO_LONG
    if not name:
        errors["name"] = coordinator_texts.NAME_NEEDED
    if not consent:
        errors["consent"] = coordinator_texts.CONSENT_NEEDED
    if not email:
        errors["email"] = wrong or coordinator_texts.EMAIL_NEEDED
    if errors:
        return Reply(errors=errors)
    who = Requester(name, organisation=tidy_line(ask.fields.get("organisation", "")), email=email)
    request = await requesting.submit_for_outsider(services, ask.identity, who, wish, consent, form)
    return Reply((coordinator_texts.recorded(request),))


def _outsiders_form(values: dict[str, str]) -> Form:
    before = coordinator_texts.outsider_fields(values)
    return texts.form(values, name=coordinator_texts.OUTSIDER_FORM, before=before)


async def _keep(ask: Ask, services: Services, form: str, names: tuple[str, ...]) -> None:
    fields = {name: ask.fields.get(name, "") for name in names} | ({_WANTED: ask.value} if ask.value else {})
    await keep_typed(services, ask.identity, form, fields)


def _with_names(need: str, mentions: Mapping[str, Identity]) -> str:
    """What was typed, with the names of those whom it mentions as the platform shows them."""
    for mention, identity in mentions.items():
        name = identity.name or mention
        need = f"An introduction to {name}" if need == mention else need.replace(mention, name)
    return need


def _value(wanted: Identity | None) -> str:
    return f"{wanted.platform} {wanted.workspace} {wanted.user}" if wanted else ""


def _identity(value: str) -> Identity | None:
    parts = value.split(" ")
    return Identity(*parts) if len(parts) == 3 and all(parts) else None
