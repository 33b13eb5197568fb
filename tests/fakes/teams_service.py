"""Microsoft's side of Teams over HTTP on loopback: keys, tokens, and conversations that keep what they are given.

It counts every call and fails as it is told to. The people who act in it are in :mod:`tests.fakes.teams_people`.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from tests.fakes.teams_record import (
    ALICE,
    APP_ID,
    BOB,
    CAROL,
    DAN,
    PASSWORD,
    TENANT,
    Json,
    Person,
    Place,
    PlaceKind,
    Shown,
    Team,
)
from tests.fakes.teams_tokens import ISSUER, public_jwk
from tests.fakes.teams_troubles import Call, Troubles, error

ACTIVITY_BYTES = 28_000
"""What Teams takes as one message, as it comes over the wire."""


@dataclass
class TeamsService(Troubles):
    """One Microsoft with one tenant's team in it, and more where a test adds them.

    ``app_id`` is empty for an app without authentication.
    """

    url: str = ""
    app_id: str = APP_ID
    password: str = PASSWORD
    people: list[Person] = field(default_factory=lambda: [ALICE, BOB, CAROL, DAN])
    teams: list[Team] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    shown: list[Shown] = field(default_factory=list)
    keys: list[Json] = field(default_factory=lambda: [public_jwk()])
    installed: set[str] = field(default_factory=set)
    blocked: set[str] = field(default_factory=set)
    _tokens: dict[str, float] = field(default_factory=dict)
    _number: int = 1_737_626_400_000
    _runner: web.AppRunner | None = None

    # What there is

    @property
    def metadata_url(self) -> str:
        return f"{self.url}/v1/.well-known/openidconfiguration"

    @property
    def login_url(self) -> str:
        return f"{self.url}/login"

    @property
    def service_url(self) -> str:
        """What activities name as the way back."""
        return f"{self.url}/emea/"

    def team(self, name: str = "The network", *channels: str, tenant: str = TENANT, has_app: bool = True) -> Team:
        """The team of this name, made with these channels and everybody in it where there is none."""
        for team in self.teams:
            if team.name == name:
                return team
        members = [person for person in self.people if person.tenant == tenant]
        team = Team(f"19:{_slug(name)}general@thread.tacv2", name, tenant, members, has_app=has_app)
        self.teams.append(team)
        for channel in ("General", *(channels or ("editors", "digest", "coordinators"))):
            self.channel(team, channel)
        return team

    def channel(self, team: Team, name: str) -> Place:
        """The channel of this name in a team, made where there is none."""
        place = Place(f"19:{_slug(team.name)}{_slug(name)}@thread.tacv2", PlaceKind.CHANNEL, team.tenant, name, team)
        if place.id not in self.places:
            team.channels.append(place)
            self.places[place.id] = place
        return self.places[place.id]

    def chat_with(self, person: Person) -> Place:
        """Somebody's chat with the app; in one with no app installed nothing can be said."""
        place = Place(f"a:1-{person.aad}", PlaceKind.PERSONAL, person.tenant, person.name, person=person)
        return self.places.setdefault(place.id, place)

    def messages(self, place: Place) -> list[Shown]:
        """What stands in a conversation, its threads included, in the order in which it came."""
        return [one for one in self.shown if one.place is place]

    def thread(self, root: Shown) -> list[Shown]:
        """What stands below a message."""
        return [one for one in self.messages(root.place) if one.root == root.id]

    def posts_of(self, key: str) -> list[Shown]:
        """Every message that was posted for a delivery."""
        return [one for one in self.shown if one.key == key]

    def find(self, place_id: str, activity_id: str) -> Shown | None:
        base = place_id.partition(";")[0]
        return next((one for one in self.shown if (one.place.id, one.id) == (base, activity_id)), None)

    def add(self, place: Place, root: str, activity: Json, by: Person | None = None) -> Shown:
        """Show a message in a conversation."""
        shown = Shown(self.next_id(), place, root, activity, by)
        self.shown.append(shown)
        return shown

    def next_id(self) -> str:
        """An activity's id, as Teams makes them of the time."""
        self._number += 1_000
        return str(self._number)

    @asynccontextmanager
    async def out_of_reach(self) -> AsyncIterator[None]:
        """Nobody listens for as long as the block lasts."""
        assert self._runner
        port = int(self.url.rpartition(":")[2])
        for site in list(self._runner.sites):
            await site.stop()
        try:
            yield
        finally:
            await web.TCPSite(self._runner, "127.0.0.1", port, reuse_address=True).start()

    # How it is reached

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen for as long as the block lasts."""
        app = web.Application(client_max_size=2_000_000)
        app.router.add_get("/v1/.well-known/openidconfiguration", self._handler("metadata", self._metadata))
        app.router.add_get("/v1/.well-known/keys", self._handler("keys", self._keys))
        app.router.add_post("/login/{tenant}/oauth2/v2.0/token", self._handler("token", self._token))
        base = "/emea/v3/conversations"
        app.router.add_post(base, self._handler("create", self._create))
        app.router.add_post(base + "/{place}/activities", self._handler("post", self._post))
        app.router.add_post(base + "/{place}/activities/{id}", self._handler("post", self._post))
        app.router.add_put(base + "/{place}/activities/{id}", self._handler("update", self._update))
        app.router.add_get(base + "/{place}/members/{member}", self._handler("member", self._member))
        app.router.add_get("/emea/v3/teams/{team}", self._handler("team", self._team))
        app.router.add_get("/emea/v3/teams/{team}/conversations", self._handler("team", self._team_channels))
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        try:
            yield
        finally:
            await self._runner.cleanup()
            self._runner = None

    def _handler(
        self, method: str, act: Callable[[web.Request, Json], web.StreamResponse]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            body = await _body(request)
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            self.calls.append(Call(method, unquote(request.raw_path), body, token))
            if request.path.startswith("/emea/") and not self._knows(token):
                return error(401, "Unauthorized")
            if (request.content_length or 0) > ACTIVITY_BYTES:
                return error(413, "MessageSizeTooBig")

            async def proceed() -> web.StreamResponse:
                return act(request, body)

            return await self.go_on(method, request, proceed)

        return handle

    def _knows(self, token: str) -> bool:
        return not self.app_id or self._tokens.get(token, 0) > time.time()

    def expire_tokens(self) -> None:
        """No token that was given is good any more."""
        self._tokens.clear()

    # What it does

    def _metadata(self, request: web.Request, body: Json) -> web.StreamResponse:
        return web.json_response(
            {
                "issuer": ISSUER,
                "jwks_uri": f"{self.url}/v1/.well-known/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    def _keys(self, request: web.Request, body: Json) -> web.StreamResponse:
        return web.json_response({"keys": self.keys})

    def _token(self, request: web.Request, body: Json) -> web.StreamResponse:
        if (body.get("client_id"), body.get("client_secret")) != (self.app_id, self.password):
            return web.json_response({"error": "invalid_client", "error_description": "AADSTS7000215"}, status=401)
        if body.get("scope") != f"{ISSUER}/.default" or body.get("grant_type") != "client_credentials":
            return web.json_response({"error": "invalid_scope"}, status=400)
        token = f"token-{len(self._tokens) + 1}-of-{request.match_info['tenant']}"
        self._tokens[token] = time.time() + 3_600
        return web.json_response({"token_type": "Bearer", "expires_in": 3_599, "access_token": token})

    def _create(self, request: web.Request, body: Json) -> web.StreamResponse:
        data = body.get("channelData") or {}
        tenant = (data.get("tenant") or {}).get("id") or body.get("tenantId")
        if channel := (data.get("channel") or {}).get("id"):
            return self._show(channel, "", body.get("activity") or {}, created=True)
        wanted = [member.get("id") for member in body.get("members") or ()]
        found = [one for one in self.people if {one.id, one.aad} & set(wanted) and one.tenant == tenant]
        if len(wanted) != 1:
            return error(400, "BadSyntax", "a bot makes chats with one person alone")
        if not found:
            return error(404, "ConversationNotFound", "there is nobody of this id in this tenant")
        if found[0].aad not in self.installed:
            return error(403, "BotNotInConversationRoster")
        place = self.chat_with(found[0])
        answer: Json = {"id": place.id}
        if body.get("activity"):
            answer["activityId"] = self.add(place, "", body["activity"]).id
        return web.json_response(answer, status=201)

    def _post(self, request: web.Request, body: Json) -> web.StreamResponse:
        base, _, root = request.match_info["place"].partition(";messageid=")
        return self._show(base, root, body)

    def _show(self, place_id: str, root: str, activity: Json, *, created: bool = False) -> web.StreamResponse:
        place = self.places.get(place_id)
        if refused := self._refuses(place, activity):
            return refused
        assert place
        if root and not self.find(place_id, root):
            return error(404, "ConversationNotFound", "there is no such thread")
        shown = self.add(place, root, activity)
        if created:
            return web.json_response({"id": f"{place_id};messageid={shown.id}", "activityId": shown.id}, status=201)
        return web.json_response({"id": shown.id}, status=201)

    def _refuses(self, place: Place | None, activity: Json) -> web.Response | None:
        if place is None:
            return error(404, "ConversationNotFound")
        if place.person and place.person.aad in self.blocked:
            return error(403, "MessageWritesBlocked", "the message was blocked by the user")
        has_app = place.team.has_app if place.team else place.person is None or place.person.aad in self.installed
        if not has_app:
            return error(403, "BotNotInConversationRoster", "the bot is not part of the conversation roster")
        if not activity.get("type"):
            return error(400, "BadSyntax", "the activity has no type")
        if activity["type"] == "message" and not (activity.get("text") or activity.get("attachments")):
            return error(400, "BadSyntax", "the activity is empty")
        return None

    def _update(self, request: web.Request, body: Json) -> web.StreamResponse:
        shown = self.find(request.match_info["place"], request.match_info["id"])
        if shown is None or shown.by is not None:
            return error(404, "ActivityNotFoundInConversation")
        if refused := self._refuses(shown.place, body):
            return refused
        data = shown.activity.get("channelData")
        shown.activity = {**({"channelData": data} if data else {}), **body}
        shown.updates += 1
        shown.for_one.clear()
        return web.json_response({"id": shown.id})

    def _member(self, request: web.Request, body: Json) -> web.StreamResponse:
        place = self.places.get(request.match_info["place"].partition(";")[0])
        if place is None:
            return error(404, "ConversationNotFound")
        there = place.team.members if place.team else [place.person] if place.person else []
        wanted = request.match_info["member"]
        for person in there:
            if wanted in (person.id, person.aad):
                return web.json_response(person.as_member())
        return error(404, "MemberNotFoundInConversation")

    def _team(self, request: web.Request, body: Json) -> web.StreamResponse:
        for team in self.teams:
            if team.id == request.match_info["team"] and team.has_app:
                return web.json_response({**team.in_channel_data(), "channelCount": len(team.channels)})
        return error(404, "TeamNotFound")

    def _team_channels(self, request: web.Request, body: Json) -> web.StreamResponse:
        for team in self.teams:
            if team.id == request.match_info["team"] and team.has_app:
                # Teams gives the first channel no name.
                channels = [
                    {"id": one.id, "name": one.name if one.name != "General" else None} for one in team.channels
                ]
                return web.json_response({"conversations": channels})
        return error(404, "TeamNotFound")


@asynccontextmanager
async def teams_service(**given: Any) -> AsyncIterator[TeamsService]:
    """Microsoft's side, with one team, listening for as long as the block lasts."""
    service = TeamsService(**given)
    service.team()
    async with service.listening():
        yield service


async def _body(request: web.Request) -> Json:
    if request.content_type == "application/x-www-form-urlencoded":
        return {name: str(value) for name, value in (await request.post()).items()}
    raw = await request.read()
    body = json.loads(raw) if raw else {}
    assert isinstance(body, dict)
    return body


def _slug(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
