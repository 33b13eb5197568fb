"""People who act in the Teams that tests play: what they do reaches the app as signed activities, as from Microsoft.

Each act returns what came of it for whoever acted; what everybody sees is in :class:`TeamsService`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from tests.fakes.teams_record import (
    CARD,
    Json,
    Person,
    Place,
    PlaceKind,
    Shown,
    Team,
    actions_on,
    inputs_on,
    words_on,
)
from tests.fakes.teams_service import TeamsService
from tests.fakes.teams_tokens import a_token

INVOKE_SECONDS = 10.0
"""How long Teams waits for the answer to a press or a dialog."""


@dataclass(slots=True)
class Dialog:
    """A dialog that is open before one person. ``of`` says by which kind of invoke it goes back to the app."""

    person: Person
    place: Place
    title: str
    card: Json
    of: Json = field(default_factory=dict)

    @property
    def words(self) -> str:
        return words_on(self.card)


@dataclass(slots=True)
class Outcome:
    """What came of an act for whoever acted. ``note`` is a sentence that they alone saw."""

    status: int
    body: Json
    note: str = ""
    card: Json = field(default_factory=dict)
    dialog: Dialog | None = None
    url: str = ""

    @property
    def is_good(self) -> bool:
        """Whether Teams shows no “something went wrong”."""
        return self.status in (200, 201, 202) and "error" not in str(self.body.get("type", ""))


class People:
    """Everybody. ``url`` is where the app takes activities."""

    def __init__(self, service: TeamsService, url: str, session: aiohttp.ClientSession) -> None:
        self.service = service
        self.url = url
        self._session = session

    # What people do in conversations

    async def say(
        self, person: Person, words: str, place: Place | None = None, *, root: Shown | None = None, mention: bool = True
    ) -> Outcome:
        """Write to the app: in the chat with it, or in a channel, there by naming it."""
        place = place or self.service.chat_with(person)
        activity = self.activity(person, place, "message", root=root.id if root else "")
        activity |= {"text": words, "textFormat": "plain"}
        if place.kind is PlaceKind.CHANNEL and not root:
            # Whatever is written in a channel begins a thread, and is named as a part of it.
            activity["conversation"]["id"] = f"{place.id};messageid={activity['id']}"
        if place.kind is not PlaceKind.PERSONAL and mention:
            entity = {"type": "mention", "mentioned": self._bot(), "text": "<at>Convenor</at>"}
            activity |= {"text": f"<at>Convenor</at> {words}", "entities": [entity]}
        self.service.shown.append(Shown(activity["id"], place, root.id if root else "", activity, person))
        return await self.send(activity)

    async def press(
        self, person: Person, shown: Shown, title: str, values: Mapping[str, str] | None = None, *, nth: int = 0
    ) -> Outcome:
        """Press what has this title on a message's card (the nth of several), also behind another button or in a menu.

        ``values`` are what was put into the card's questions, by their id or by their name without ``f:``.
        """
        action, above = self._find(shown.card(person), title, nth)
        data = self._data(action, above, values or {})
        kind = action.get("type")
        if kind == "Action.OpenUrl":
            return Outcome(200, {}, url=str(action["url"]))
        if kind == "Action.Execute":
            done = {"type": kind, "title": title, "verb": action.get("verb", ""), "data": data}
            return await self.execute(person, shown, done)
        assert kind == "Action.Submit", f"{title} is a {kind}, which cannot be pressed"
        if (data.get("msteams") or {}).get("type") == "task/fetch":
            return await self._invoke(person, shown.place, "task/fetch", {"data": data}, reply_to=shown)
        activity = self.activity(person, shown.place, "message", root=shown.root)
        return await self.send({**activity, "value": data, "replyToId": shown.id})

    async def execute(self, person: Person, shown: Shown, action: Json) -> Outcome:
        """Give the app this very Action.Execute, as a press does; for a test that changes what is in it."""
        value = {"action": action, "trigger": "manual"}
        outcome = await self._invoke(person, shown.place, "adaptiveCard/action", value, reply_to=shown)
        if outcome.card:
            shown.for_one[person.aad] = outcome.card
        return outcome

    async def fill(self, dialog: Dialog, values: Mapping[str, str], title: str = "") -> Outcome:
        """Fill a dialog and press what sends it: what has this title, or else its first button."""
        action, above = self._find(dialog.card, title, 0)
        data = self._data(action, above, values)
        name = dialog.of.get("name") or "task/submit"
        value = {**dialog.of.get("value", {}), "data": data}
        outcome = await self._invoke(dialog.person, dialog.place, name, value)
        if outcome.dialog:
            # What goes on goes back on the same way.
            outcome.dialog.of = dialog.of
        return outcome

    # The message extension

    async def query(self, person: Person, words: str, command: str = "search", place: Place | None = None) -> Outcome:
        """Search by the message extension."""
        parameters = [{"name": "words", "value": words}] if words else [{"name": "initialRun", "value": "true"}]
        value = {"commandId": command, "parameters": parameters, "queryOptions": {"skip": 0, "count": 25}}
        return await self._invoke(person, place or self.service.chat_with(person), "composeExtension/query", value)

    async def act_on(self, person: Person, shown: Shown, command: str, *, html: str = "") -> Outcome:
        """Choose an action of the message extension on a message; its dialog goes back to the same extension."""
        payload: Json = {
            "id": shown.id,
            "messageType": "message",
            "linkToMessage": shown.permalink,
            "from": {"user": {"id": shown.by.aad, "displayName": shown.by.name}} if shown.by else None,
            "body": {"contentType": "html", "content": html or str(shown.activity.get("text") or "")},
            "attachments": [],
        }
        value = {"commandId": command, "commandContext": "message", "messagePayload": payload}
        outcome = await self._invoke(person, shown.place, "composeExtension/fetchTask", value)
        if outcome.dialog:
            outcome.dialog.of = {"name": "composeExtension/submitAction", "value": value}
        return outcome

    # Who has the app, and where

    async def install(self, person: Person) -> Outcome:
        """Get the app for oneself."""
        self.service.installed.add(person.aad)
        place = self.service.chat_with(person)
        activity = self.activity(person, place, "conversationUpdate")
        await self.send({**activity, "membersAdded": [self._bot()]})
        return await self.send({**self.activity(person, place, "installationUpdate"), "action": "add"})

    async def uninstall(self, person: Person) -> Outcome:
        """Remove the app for oneself."""
        self.service.installed.discard(person.aad)
        place = self.service.chat_with(person)
        return await self.send({**self.activity(person, place, "installationUpdate"), "action": "remove"})

    async def add_to_team(self, person: Person, team: Team) -> Outcome:
        """Add the app to a team."""
        team.has_app = True
        activity = self.team_event(person, team, "teamMemberAdded")
        await self.send({**activity, "membersAdded": [self._bot()]})
        added = self.activity(person, team.channels[0], "installationUpdate")
        return await self.send({**added, "action": "add"})

    async def remove_from_team(self, person: Person, team: Team) -> Outcome:
        """Remove the app from a team."""
        team.has_app = False
        activity = self.team_event(person, team, "teamMemberRemoved")
        await self.send({**activity, "membersRemoved": [self._bot()]})
        removed = self.activity(person, team.channels[0], "installationUpdate")
        return await self.send({**removed, "action": "remove"})

    async def create_channel(self, person: Person, team: Team, name: str) -> Place:
        """Make a channel."""
        place = self.service.channel(team, name)
        await self.send(self.team_event(person, team, "channelCreated", place))
        return place

    async def delete_channel(self, person: Person, place: Place) -> Outcome:
        """Delete a channel."""
        assert place.team
        self.service.places.pop(place.id)
        place.team.channels.remove(place)
        return await self.send(self.team_event(person, place.team, "channelDeleted", place))

    def team_event(self, person: Person, team: Team, event: str, place: Place | None = None) -> Json:
        """What Teams tells of a team."""
        activity = self.activity(person, team.channels[0], "conversationUpdate")
        data: Json = {"eventType": event, "team": team.in_channel_data(), "tenant": {"id": team.tenant}}
        if place:
            data["channel"] = {"id": place.id, "name": place.name}
        return {**activity, "channelData": data}

    # How it reaches the app

    def activity(self, person: Person, place: Place, kind: str, *, root: str = "", **more: Any) -> Json:
        """An activity of this person's in a conversation, as Teams sends it."""
        conversation = place.in_activity()
        if root:
            conversation["id"] = f"{place.id};messageid={root}"
        data: Json = {"tenant": {"id": place.tenant}}
        if place.team:
            data["team"] = place.team.in_channel_data()
            data["channel"] = {"id": place.id}
            data |= {"teamsTeamId": place.team.id, "teamsChannelId": place.id}
        return {
            "type": kind,
            "id": self.service.next_id(),
            "timestamp": datetime.now(UTC).isoformat(),
            "channelId": "msteams",
            "serviceUrl": self.service.service_url,
            "from": person.as_account(),
            "recipient": self._bot(),
            "conversation": conversation,
            "channelData": data,
            "locale": "en-GB",
            **more,
        }

    async def send(self, activity: Json, *, token: str | None = None) -> Outcome:
        """Give the app an activity, with a good token unless another is given ("" for none)."""
        headers = {}
        if token is None and self.service.app_id:
            token = a_token(activity["serviceUrl"], app_id=self.service.app_id)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        timeout = aiohttp.ClientTimeout(total=INVOKE_SECONDS)
        async with self._session.post(self.url, json=activity, headers=headers, timeout=timeout) as answer:
            raw = await answer.text()
            body = await answer.json() if raw and answer.content_type == "application/json" else {}
            return Outcome(answer.status, body if isinstance(body, dict) else {})

    async def _invoke(
        self, person: Person, place: Place, name: str, value: Json, *, reply_to: Shown | None = None
    ) -> Outcome:
        activity = self.activity(person, place, "invoke", root=(reply_to.root or reply_to.id) if reply_to else "")
        if place.kind is PlaceKind.PERSONAL:
            activity["conversation"]["id"] = place.id
        activity |= {"name": name, "value": value}
        if reply_to:
            activity["replyToId"] = reply_to.id
        outcome = await self.send(activity)
        self._read_answer(outcome, person, place)
        return outcome

    def _read_answer(self, outcome: Outcome, person: Person, place: Place) -> None:
        body = outcome.body
        if body.get("type") == CARD:
            outcome.card = body["value"]
        elif isinstance(body.get("value"), str):
            outcome.note = body["value"]
        task = body.get("task")
        if not isinstance(task, dict):
            return
        if task["type"] == "continue":
            content = task["value"]["card"]["content"]
            outcome.dialog = Dialog(person, place, str(task["value"].get("title", "")), content)
        else:
            outcome.note = str(task.get("value", ""))

    def _bot(self) -> Json:
        return {"id": f"28:{self.service.app_id or 'development'}", "name": "Convenor"}

    def _find(self, card: Json, title: str, nth: int) -> tuple[Json, tuple[Json, ...]]:
        actions = actions_on(card)
        found = [one for one in actions if not title or one[0].get("title") == title]
        titles = [action.get("title", "") for action, _ in actions]
        assert len(found) > nth, f"nothing here is called {title}, but {titles}"
        return found[nth]

    def _data(self, action: Json, above: tuple[Json, ...], values: Mapping[str, str]) -> Json:
        """What Teams sends with a press: the action's own data and every question that stands on the cards above it."""
        data: Json = dict(action.get("data") or {})
        if action.get("associatedInputs") == "none":
            return data
        known = set()
        for question in (one for card in above for one in inputs_on(card.get("body"))):
            name = str(question["id"])
            known |= {name, name.removeprefix("f:")}
            value = values.get(name, values.get(name.removeprefix("f:"), question.get("value")))
            if question.get("isRequired") and not value:
                raise AssertionError(f"Teams asks for {name}: {question.get('errorMessage')}")
            if value is not None:
                assert len(value) <= question.get("maxLength", 1_000_000), f"{name} is longer than Teams lets it be"
                data[name] = value
        assert set(values) <= known, f"{set(values) - known} are not asked; {sorted(known)} are"
        return data


@asynccontextmanager
async def people(service: TeamsService, url: str) -> AsyncIterator[People]:
    """Everybody, acting on an app for as long as the block lasts."""
    async with aiohttp.ClientSession() as session:
        yield People(service, url, session)
