"""/convenor home and the Home tab: what is next, what you follow and asked for, and what waits for you."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot import editions, following, posts
from bot.handlers.topics import ADD
from bot.introductions.model import Ask as IntroductionAsk
from bot.introductions.model import Request, RequestState
from bot.introductions.texts import candidate, requester
from bot.keeping.model import Hold
from bot.members import texts as members
from bot.members.profile import Profile
from bot.messages import (
    Ask,
    Block,
    Bullets,
    Button,
    Buttons,
    EntryLine,
    Heading,
    Identity,
    Message,
    Note,
    Paragraph,
    Reply,
    Text,
    bold,
    code,
    count,
    text,
)
from bot.ports import Role, UnitOfWork
from bot.services import Services
from digests import follows, polling
from digests.calendar import london_day, say_day, say_when
from digests.model import Edition, EditionState, Follow, SuggestionState, Topic

WORDS = "home"
"""The word after /convenor that asks for it."""

LATEST, DRAFT, SOURCES = "home.latest", "home.draft", "home.sources"
SHOW_PROFILE = Button("Show my profile", members.SHOW, hint="Show your profile, and what you can do with it")
FOLLOWS_SHOWN = 5
NEED_SHOWN = 150

FOLLOWS_NOTHING = "Nothing yet. Follow a topic or words, and I tell you what is new."
ASKED_NOTHING = "You have asked for no introduction at present."
NOTHING_WAITS = "Nothing waits for you."


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for people of a role, in numbers."""

    suggestions: int = 0
    stuck: int = 0
    ill_sources: int = 0
    requests: int = 0
    oldest_request: datetime | None = None
    to_let_in: int = 0


@dataclass(frozen=True, slots=True)
class HomeView:
    """All that somebody's home shows."""

    name: str
    roles: frozenset[Role]
    next_due: datetime
    draft: Edition | None
    approved: Edition | None
    latest: Edition | None
    follows: Sequence[Follow]
    requests: Sequence[Request]
    asked: Sequence[tuple[Request, IntroductionAsk]]
    waiting: Waiting
    profile: Profile | None = None
    asked_to_join: bool = False
    today: date = date.min
    hold: Hold | None = None


def page(view: HomeView, topics: dict[str, Topic]) -> Message:
    """The home of one person."""
    blocks: list[Block] = [Heading(f"Hello {view.name}"[:140]), *_digest(view), *_followed(view, topics)]
    blocks += [*_profile(view), *_requests(view), *_asked(view)]
    waits = list(_waits(view))
    if view.roles:
        blocks += [Heading("Waiting for you"), Bullets(tuple(waits)) if waits else Paragraph(text(NOTHING_WAITS))]
        blocks += _editors_buttons(view)
    blocks.append(Note(text("Only you see this page. ", code("/convenor help"), " shows everything I can do.")))
    return Message("Your home in Convenor", tuple(blocks))


def _digest(view: HomeView) -> Iterator[Block]:
    yield Heading("The digest")
    yield Paragraph(text(_next_edition(view)))
    if view.latest:
        name = editions_name(view.latest)
        yield Buttons((Button("Read the latest", LATEST, hint=f"Read {name}"),))


def _next_edition(view: HomeView) -> str:
    if view.approved and view.approved.posts_at:
        return (
            f"{editions_name(view.approved)} is approved. It is due to be posted on {say_when(view.approved.posts_at)}."
        )
    if view.draft:
        return f"{editions_name(view.draft)}, of {say_day(view.draft.due_on)}, is with the editors."
    return f"The next draft is due on {say_when(view.next_due)}."


def editions_name(edition: Edition) -> str:
    """The edition without its day: ``Data Policy Digest 12``."""
    return f"{edition.content.title} {edition.number}"


def _followed(view: HomeView, topics: dict[str, Topic]) -> Iterator[Block]:
    yield Heading("What you follow")
    if not view.follows:
        yield Paragraph(text(FOLLOWS_NOTHING))
    else:
        lines = [text(follows.in_words(each, topics)) for each in view.follows[:FOLLOWS_SHOWN]]
        if len(view.follows) > FOLLOWS_SHOWN:
            lines.append(text(f"and {len(view.follows) - FOLLOWS_SHOWN} more"))
        yield Bullets(tuple(lines))
    label = "Change" if view.follows else "Follow something"
    action = following.SHOW if view.follows else ADD
    yield Buttons((Button(label, action, hint=following.SHOW_HINT),))


def _profile(view: HomeView) -> Iterator[Block]:
    yield Heading("Your profile")
    if view.profile is not None:
        yield Paragraph(text(members.standing(view.profile, view.today)))
        rest = members.RESUME_BUTTON if view.profile.snoozed(view.today) else members.PAUSE_BUTTON
        yield Buttons((SHOW_PROFILE, rest))
        return
    yield Paragraph(text(members.WAITS if view.asked_to_join else members.NOT_IN))
    yield Buttons((SHOW_PROFILE,))


def _requests(view: HomeView) -> Iterator[Block]:
    yield Heading("Your requests for introductions")
    if not view.requests:
        yield Paragraph(text(ASKED_NOTHING))
    for request in view.requests:
        detail = requester.standing(request)
        yield EntryLine(text(_shortened(request.wish.need)), detail, (requester.take_back(request),))


def _asked(view: HomeView) -> Iterator[Block]:
    if not view.asked:
        return
    yield Heading("Somebody asks to be introduced to you")
    for request, ask in view.asked:
        who = candidate.named(request.requester)
        until = text(f"You can answer until {say_when(ask.expires_at)}.") if ask.expires_at else ()
        show = Button("Show", candidate.SHOW, ask.id, hint=f"Show the question of {who}")
        yield EntryLine(text(bold(who), ": ", _shortened(request.wish.need)), until, (show,))


def _shortened(need: str) -> str:
    return need if len(need) <= NEED_SHOWN else f"{need[: NEED_SHOWN - 1].rstrip()}…"


def _waits(view: HomeView) -> Iterator[Text]:
    waiting = view.waiting
    if view.hold and Role.ADMINISTRATOR in view.roles:
        yield text(
            bold("On hold."),
            f" The database was restored on {say_when(view.hold.since)} from a backup of "
            f"{say_when(view.hold.made_at)}. Nothing is sent, read or drafted until whoever runs Convenor ",
            "releases it, with ",
            code("convenor release"),
            " at its machine.",
        )
    if view.asked:
        yield text("A question to you, above.")
    if Role.EDITOR in view.roles:
        if view.draft:
            yield text(bold(editions_name(view.draft)), " waits for editing and approval.")
        if waiting.suggestions:
            yield text(f"{count(waiting.suggestions, 'suggestion')} from members to look at.")
        if waiting.ill_sources:
            yield text(f"{count(waiting.ill_sources, 'source')} in trouble.")
    if waiting.stuck:
        yield text(f"{count(waiting.stuck, 'message')} stuck on the way: ", code("/convenor stuck"), " shows them.")
    if Role.COORDINATOR in view.roles and waiting.requests:
        since = f", the oldest since {say_when(waiting.oldest_request)}" if waiting.oldest_request else ""
        yield text(
            f"{count(waiting.requests, 'request')} for an introduction{since}: ", code("/intro queue"), " shows them."
        )
    if Role.COORDINATOR in view.roles and waiting.to_let_in:
        yield text(f"{count(waiting.to_let_in, 'request')} to join the directory.")


def _editors_buttons(view: HomeView) -> Iterator[Block]:
    if Role.EDITOR not in view.roles:
        return
    buttons = [Button("Show the draft", DRAFT, hint="Show the draft to you")] if view.draft else []
    if view.waiting.ill_sources:
        buttons.append(Button("Show the sources", SOURCES, hint="Show which sources are in trouble"))
    if buttons:
        yield Buttons(tuple(buttons))


async def home(ask: Ask, services: Services) -> Reply:
    """/convenor home."""
    async with services.store.read() as uow:
        view = await _view(uow, services, ask)
    return Reply((page(view, dict(services.topics)),))


async def _view(uow: UnitOfWork, services: Services, ask: Ask) -> HomeView:
    member = await uow.members.find(ask.identity)
    roles = await services.roles_of(uow, ask.identity)
    approved = await uow.editions.in_state(EditionState.APPROVED)
    member_id = member.id if member else ""
    mine = await uow.requests.of_requester(member_id) if member else ()
    theirs = await uow.requests.of_candidate(member_id) if member else ()
    return HomeView(
        name=(member.name if member else ask.identity.name) or "there",
        roles=roles,
        next_due=await editions.next_draft_at(uow, services),
        draft=await editions.open_draft(uow),
        approved=approved[0] if approved else None,
        latest=await editions.latest_published(uow),
        follows=await uow.follows.of(member.id) if member else (),
        requests=[each.request for each in mine if each.request.is_open_to_requester],
        asked=[(each.request, one) for each in theirs if (one := each.open_ask) and one.candidate_id == member_id],
        waiting=await _waiting(uow, services, roles, ask.identity, member_id),
        profile=await uow.profiles.get(member.id) if member else None,
        asked_to_join=member is not None and await uow.applications.get(member.id) is not None,
        today=london_day(services.clock.now()),
        hold=await uow.holds.get(),
    )


async def _waiting(
    uow: UnitOfWork, services: Services, roles: frozenset[Role], identity: Identity, member_id: str
) -> Waiting:
    suggestions = ill = to_let_in = 0
    if Role.EDITOR in roles:
        suggestions = len(await uow.suggestions.in_state(SuggestionState.OPEN))
        states = await uow.sources.states()
        now = services.clock.now()
        known = [(source, states[source.id]) for source in await services.all_sources(uow) if source.id in states]
        ill = sum(polling.standing(source, state, now) is not None for source, state in known)
    requests: Sequence[Request] = ()
    if Role.COORDINATOR in roles:
        to_let_in = len(await uow.applications.all())
        # Nobody looks after what they asked for themselves.
        unfinished = [each.request for each in await uow.requests.unfinished()]
        waits = [each for each in unfinished if each.state is RequestState.OPEN]
        requests = [each for each in waits if each.requester.member_id != member_id or not member_id]
    # Of what is between others, such as an introduction, not even the number is for everybody.
    stuck = len(await posts.waiting(uow, roles, identity)) if roles else 0
    return Waiting(suggestions, stuck, ill, len(requests), requests[0].created_at if requests else None, to_let_in)
