"""The names of channels: asked of Teams where a message speaks of one, not often, and never waited for long."""

from __future__ import annotations

from bot.messages import Bullets, EntryLine, Message, Note, Reply, channel_name, say, text
from digests.model import Address
from tests.builders import NOW
from tests.channels.teams_installation import teams
from tests.fakes.clock import FakeClock
from tests.fakes.slack_desk import FakeDesk
from tests.fakes.teams_record import ALICE, BOB, TENANT
from tests.fakes.teams_service import TeamsService


def named(service: TeamsService, number: int) -> Address:
    return Address("teams", TENANT, channel=service.team().channels[number].id)


async def test_channels_are_called_by_their_names_which_are_asked_for_once_an_hour() -> None:
    desk, clock = FakeDesk(), FakeClock(NOW)
    async with teams(desk, installed=(ALICE,), clock=clock) as at:
        await at.people.add_to_team(BOB, at.service.team())
        for channel in at.service.team().channels:
            await at.people.say(BOB, "x", channel)
        await at.settle()
        editors, general = named(at.service, 1), named(at.service, 0)
        lines = (Bullets((text("in ", channel_name(editors)),)), EntryLine(text("x"), text(channel_name(general))))
        desk.replies = {
            "digest": Reply(
                (
                    Message(
                        "x",
                        (*lines, Note(text(channel_name(editors)))),
                    ),
                )
            )
        }
        for minutes in (0, 30, 31):
            clock.advance(minutes=minutes)
            await at.people.say(ALICE, "digest")
            await at.settle()
        assert [one.words() for one in at.said_to(ALICE)] == ["•\u00a0in #editors\nx\n#General\n#editors"] * 3
        assert len(at.service.of("team")) == 2


async def test_a_new_name_is_known_at_once() -> None:
    desk = FakeDesk()
    async with teams(desk, installed=(ALICE,)) as at:
        channel = await at.people.create_channel(BOB, at.service.team(), "drafts")
        await at.settle()
        desk.replies = {"digest": Reply((say("in ", channel_name(Address("teams", TENANT, channel=channel.id))),))}
        await at.people.say(ALICE, "digest")
        assert (await at.hears(ALICE)).words() == "in #drafts"
        assert at.service.of("team") == []


async def test_where_teams_does_not_tell_a_channel_has_no_name_and_the_answer_comes_all_the_same() -> None:
    desk = FakeDesk()
    async with teams(desk, installed=(ALICE,)) as at:
        await at.people.add_to_team(BOB, at.service.team())
        await at.people.say(BOB, "x", at.editors)
        await at.settle()
        at.service.breaks("team", 502)
        unknown = Address("teams", TENANT, channel="19:nobody@thread.tacv2")
        words = say(channel_name(named(at.service, 1)), " and ", channel_name(unknown))
        desk.replies = {"digest": Reply((words,))}
        await at.people.say(ALICE, "digest")
        assert (await at.hears(ALICE)).words() == "a channel in Teams and a channel in Teams"


async def test_a_press_in_a_channel_is_answered_privately_where_the_answer_names_a_channel() -> None:
    from tests.channels.test_teams_listeners import WITH_BUTTONS

    desk = FakeDesk()
    async with teams(desk, installed=(ALICE,)) as at:
        shown = await at.posted(WITH_BUTTONS)
        await at.people.say(ALICE, "x", at.editors)
        await at.hears(ALICE)
        desk.replies = {"again": Reply((say("Sent to ", channel_name(named(at.service, 1))),))}
        outcome = await at.people.press(ALICE, shown, "Again")
        assert outcome.note == "I have answered you in our chat."
        assert (await at.hears(ALICE, 2)).words() == "Sent to #editors"
