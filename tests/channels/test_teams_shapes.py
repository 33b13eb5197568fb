"""Whatever the shape of what comes in by Microsoft’s hand, the real listeners and desk take it without failing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.channels.teams_network import TeamsNetwork, teams_network
from tests.fakes.teams_record import ALICE, BOB, Json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
# Where in each kind of activity something may be of another shape than it should.
VALUES: dict[str, Json] = {
    "adaptiveCard/action": {"action": {"type": "Action.Execute", "verb": "help", "data": {"value": ""}}},
    "task/fetch": {"data": {"msteams": {"type": "task/fetch"}, "action": "digest.texts", "value": "2025-01-24 1"}},
    "task/submit": {"data": {"form": "link", "value": "", "f:url": "https://example.org/"}},
    "composeExtension/query": {
        "commandId": "search",
        "parameters": [{"name": "words", "value": "data"}],
        "queryOptions": {"skip": 0, "count": 25},
    },
    "composeExtension/fetchTask": {
        "commandId": "suggest",
        "messagePayload": {
            "body": {"content": "<a href='https://example.org'>x</a>", "contentType": "html"},
            "from": {"user": {"id": "x"}},
        },
    },
    "composeExtension/submitAction": {"commandId": "suggest", "data": {"form": "link", "value": ""}},
    "something/else": {},
}
DATA: Json = {"eventType": "channelCreated", "team": {"id": "19:x"}, "channel": {"id": "19:y", "name": "x"}}


@st.composite
def changed(draw: st.DrawFn, whole: Any) -> Any:
    """The same with something of another shape, or missing, at one place or another."""
    if isinstance(whole, dict) and whole and draw(st.integers(0, 3)):
        name = draw(st.sampled_from(sorted(whole)))
        return {**whole, name: draw(changed(whole[name]))}
    if isinstance(whole, list) and whole and draw(st.booleans()):
        return [draw(changed(whole[0]))]
    return draw(JSON)


@st.composite
def activities(draw: st.DrawFn, world: TeamsNetwork) -> Json:
    people = world.at.people
    place = draw(st.sampled_from([world.at.chat(ALICE), world.at.editors]))
    kind = draw(st.sampled_from(["message", "invoke", "conversationUpdate", "installationUpdate", "messageReaction"]))
    whole = people.activity(draw(st.sampled_from([ALICE, BOB])), place, kind)
    whole |= {
        "text": "help",
        "replyToId": "1",
        "entities": [{"type": "mention", "text": "x", "mentioned": {"id": "y"}}],
    }
    if kind == "invoke":
        name = draw(st.sampled_from(sorted(VALUES)))
        whole |= {"name": name, "value": VALUES[name]}
    if kind == "conversationUpdate":
        whole |= {"membersAdded": [{"id": "29:z"}], "membersRemoved": [{"id": "29:z"}]}
        whole["channelData"] |= DATA
    if kind == "installationUpdate":
        whole["action"] = "add"
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(whole.keys() - {"serviceUrl", "channelId", "type", "id"})))
        whole[name] = draw(changed(whole[name]))
    return whole


def test_no_shape_of_an_activity_makes_the_listeners_fail(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failed: list[tuple[Json, Exception]] = []
    with asyncio.Runner() as runner:
        opened = teams_network()
        world = runner.run(opened.__aenter__())
        on_turn = world.at.turns.on_turn

        async def watched(context: Any) -> None:
            try:
                await on_turn(context)
            except Exception as error:
                failed.append((context.activity.as_dict(), error))
                raise

        monkeypatch.setattr(world.at.turns, "on_turn", watched)

        async def give(activity: Json) -> int:
            status = (await world.at.people.send(activity)).status
            await world.at.settle()
            return status

        @settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(activities(world))
        def shaken(activity: Json) -> None:
            caplog.clear()
            assert runner.run(give(activity)) < 500
            assert not failed, failed
            faults = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
            assert not [fault for fault in faults if "cannot be read" not in fault], faults

        try:
            shaken()
        finally:
            runner.run(opened.__aexit__(None, None, None))
