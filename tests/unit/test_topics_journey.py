"""Following topics and words: what members type and press, every sentence they get back, and the alerts, in memory."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot import following, schedule
from bot.handlers import topics
from bot.messages import Button, EntryLine, Message
from bot.ports import TransportError
from digests.model import Topic
from digests.search import topic_called
from tests.builders import a_tagged_item
from tests.fakes.network import ALICE, BOB, Network, buttons_of, said, words_of

FILLED = {"topic": "ai", "words": "", "without": "", "soon": "now"}
FOLLOWED = "You follow Artificial intelligence now, and hear of it at once."


async def alice_follows(network: Network, **fields: str) -> None:
    reply = await network.submit(ALICE, topics.FORM, **{**FILLED, **fields})
    assert said(reply).startswith("You follow ")


def button(message: Message, label: str) -> Button:
    return next(b for b in (*buttons_of(message), *beside_lines(message)) if b.label == label)


def beside_lines(message: Message) -> list[Button]:
    return [b for block in message.blocks if isinstance(block, EntryLine) for b in block.buttons]


async def arrives(network: Network, number: int, minutes: int = 2, **changes: str) -> None:
    """An item is received now, and some time passes."""
    now = network.clock.now()
    await network.receives(a_tagged_item(number, received_at=now, published_at=now, **changes))
    network.clock.advance(minutes=minutes)
    await schedule.alert_tick(network.services)
    await network.sends()


async def test_who_follows_nothing_is_told_how_to_begin() -> None:
    network = await Network.make()
    assert said(await network.say(ALICE, "/topics")).startswith(
        "You follow nothing yet. Follow a topic, or words of your own, and I tell you in a direct message what is new: "
        "at once, daily or weekly. Nobody else sees what you follow."
    )
    assert said(await network.say(ALICE, "/topics stop")) == "You follow nothing, so there is nothing to stop."
    assert said(await network.say(ALICE, "/topics list")) == (
        "Topics\nArtificial intelligence: About AI ai\nFollow one with /topics follow ai. "
        "/digest search topic:ai finds what there is on it."
    )


async def test_what_is_followed_is_told_at_once_with_the_reason_and_stopped_with_one_press() -> None:
    network = await Network.make()
    reply = await network.submit(ALICE, topics.FORM, **FILLED)
    assert said(reply).splitlines()[0] == FOLLOWED
    network.clock.advance(minutes=5)
    await arrives(network, 1)
    (alert,) = network.courier.to("alice")
    assert words_of(alert).splitlines()[:2] == [
        "New in what you follow, Thursday 23 January 2025",
        "Guidance on artificial intelligence, part 1 (Department of Examples) [Thursday 23 January 2025 · "
        "Artificial intelligence: “artificial intelligence” in the title (rule: ai-1)]",
    ]
    stopped = await network.press(ALICE, button(alert, "Stop: Artificial intelligence"))
    assert said(stopped) == "Stopped. You no longer follow Artificial intelligence."
    await arrives(network, 2)
    assert len(network.courier.to("alice")) == 1
    again = await network.press(ALICE, button(alert, "Stop: Artificial intelligence"))
    assert said(again) == "You do not follow that (any more). Nothing was changed."


async def test_nothing_is_told_twice_whoever_looks_and_how_often() -> None:
    network = await Network.make()
    await alice_follows(network)
    await alice_follows(network, topic=topics.ANY_TOPIC, words="guidance")
    network.clock.advance(minutes=5)
    await arrives(network, 1)
    for _ in range(3):
        assert await schedule.alert_tick(network.services) == 0
    await arrives(network, 2)
    first, second = network.courier.to("alice")
    assert "part 1" in words_of(first)
    assert "part 2" in words_of(second)
    assert "part 1" not in words_of(second)
    assert "it has “guidance”" in words_of(first)


async def test_a_daily_alert_comes_in_the_morning_in_one_message() -> None:
    network = await Network.make()
    await alice_follows(network, soon="daily")
    network.clock.advance(minutes=5)
    await arrives(network, 1)
    await arrives(network, 2)
    assert network.courier.to("alice") == []
    network.clock.advance(hours=22)
    await schedule.alert_tick(network.services)
    await network.sends()
    (alert,) = network.courier.to("alice")
    assert "part 1" in words_of(alert)
    assert "part 2" in words_of(alert)


async def test_the_night_is_quiet_and_what_came_in_it_is_told_in_the_morning() -> None:
    network = await Network.make()
    await alice_follows(network)
    network.clock.advance(hours=11)  # 21:00 in London
    await arrives(network, 1)
    await arrives(network, 2)
    assert network.courier.to("alice") == []
    network.clock.advance(hours=11)
    await schedule.alert_tick(network.services)
    await network.sends()
    (alert,) = network.courier.to("alice")
    assert "part 1" in words_of(alert)
    assert "part 2" in words_of(alert)


async def test_what_was_read_before_somebody_followed_is_not_told() -> None:
    network = await Network.make()
    await arrives(network, 1)
    await alice_follows(network)
    network.clock.advance(minutes=5)
    assert await schedule.alert_tick(network.services) == 0


async def test_a_mark_moves_on_when_there_is_nothing_to_tell_for_long() -> None:
    network = await Network.make()
    await alice_follows(network, words="unicorns")
    network.clock.advance(hours=3)
    await arrives(network, 1)
    async with network.store.read() as uow:
        (listener,) = await uow.follows.listeners()
    assert min(listener.told_until.values()) < network.clock.now() - timedelta(hours=3)
    assert max(listener.told_until.values()) == network.clock.now() - timedelta(minutes=1)


async def test_many_items_are_cut_to_one_message_that_says_so() -> None:
    network = await Network.make()
    await alice_follows(network)
    network.clock.advance(minutes=5)
    now = network.clock.now()
    await network.receives(*(a_tagged_item(n, received_at=now, title="Long title " * 20) for n in range(60)))
    network.clock.advance(minutes=2)
    assert await schedule.alert_tick(network.services) == 1
    await network.sends()
    (alert,) = network.courier.to("alice")
    assert "more items: /digest search finds them by topic and date." in words_of(alert)


async def test_an_alert_that_may_have_arrived_is_not_sent_again() -> None:
    network = await Network.make()
    await alice_follows(network)
    network.clock.advance(minutes=5)
    network.courier.fails(TransportError("k", "No answer came.", ambiguous=True), after_posting=True)
    await arrives(network, 1)
    network.clock.advance(minutes=5)
    await schedule.alert_tick(network.services)
    await network.sends()
    assert len(network.courier.to("alice")) == 1


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"topic": "-"}, {"words": "Please choose a topic, or write words to look for."}),
        ({"topic": "gone"}, {"topic": "Please choose a topic, or write words to look for."}),
        ({"words": "!!"}, {"words": "There is no word in that to look for. Please write at least one."}),
        (
            {"words": "police data", "without": "policing"},
            {"without": "A word cannot be wanted and unwanted at once: policing."},
        ),
        ({"soon": ""}, {"soon": "Please choose how soon you want to hear of it."}),
    ],
)
async def test_a_form_that_cannot_be_right_says_what_to_change_and_keeps_what_was_typed(
    fields: dict[str, str], errors: dict[str, str]
) -> None:
    network = await Network.make()
    assert (await network.submit(ALICE, topics.FORM, **{**FILLED, **fields})).errors == errors
    form = (await network.say(ALICE, "/topics follow")).form
    assert form is not None
    typed = {**FILLED, **fields}
    assert {field.name: field.value for field in form.fields} == typed


async def test_a_topic_is_followed_by_its_name_and_other_words_open_the_form() -> None:
    network = await Network.make()
    assert said(await network.say(ALICE, "/topics follow Artificial Intelligence")).splitlines()[0] == (
        "You follow Artificial intelligence now, and hear of it once a day."
    )
    assert said(await network.say(ALICE, "/topics follow ai")) == (
        "You follow exactly that already. Nothing was changed."
    )
    form = (await network.say(ALICE, "/topics follow facial recognition")).form
    assert form is not None
    assert next(field.value for field in form.fields if field.name == "words") == "facial recognition"


async def test_what_is_followed_can_be_changed_and_all_of_it_stopped() -> None:
    network = await Network.make()
    await alice_follows(network)
    (shown,) = (await network.say(ALICE, "/topics")).messages
    assert words_of(shown).splitlines()[:3] == [
        "What you follow",
        "Artificial intelligence [You hear of it at once.]",
        "Between 20:00 and 08:00 (London time) I send you nothing; it comes together when they are over.",
    ]
    change = await network.press(ALICE, button(shown, "Change"))
    assert change.form is not None
    assert {field.name: field.value for field in change.form.fields} == FILLED
    await network.submit(ALICE, topics.FORM, change.form.value, **{**FILLED, "words": "opt-out", "soon": "weekly"})
    (shown,) = (await network.say(ALICE, "/topics")).messages
    assert words_of(shown).splitlines()[1] == ("Artificial intelligence with “opt-out” [You hear of it once a week.]")
    assert said(await network.press(BOB, button(shown, "Stop"))) == (
        "You do not follow that (any more). Nothing was changed."
    )
    stopped = await network.press(ALICE, button(shown, "Stop everything"))
    assert said(stopped) == "Stopped. You follow nothing now, and hear nothing more."


async def test_quiet_hours_are_chosen_in_a_form() -> None:
    network = await Network.make()
    await alice_follows(network)
    form = (await network.say(ALICE, "/topics quiet")).form
    assert form is not None
    assert {field.name: field.value for field in form.fields} == {"start": "20", "end": "08"}
    assert said(await network.submit(ALICE, topics.QUIET_FORM, start="22", end="06")) == (
        "Between 22:00 and 06:00 (London time) I send you nothing; it comes together when they are over."
    )
    assert said(await network.submit(ALICE, topics.QUIET_FORM, start="never", end="never")) == (
        "You have no quiet hours: what is due is sent at any time."
    )
    for wrong in ({"start": "never", "end": "06"}, {"start": "24", "end": "06"}, {"start": "x", "end": "06"}):
        assert (await network.submit(ALICE, topics.QUIET_FORM, **wrong)).errors == {
            "start": "Please choose an hour, or “Never”, in both fields."
        }


async def test_nobody_can_follow_without_end() -> None:
    network = await Network.make()
    for number in range(following.MOST_FOLLOWS):
        await alice_follows(network, words=f"word{number}")
    refused = await network.submit(ALICE, topics.FORM, **{**FILLED, "words": "onemore"})
    assert said(refused) == (
        "You follow 50 things already, which is as many as I can keep for one person. "
        "Stop one of them, then follow this; what you wrote is kept in the form."
    )
    shown = (await network.say(ALICE, "/topics")).messages
    assert sum(b.label == "Stop" for message in shown for b in beside_lines(message)) == 50


def test_the_list_shows_how_each_topic_can_be_typed() -> None:
    topic = Topic("ai_public_services", "AI in public services", "About both.")
    shown = "\n".join(map(words_of, topics.every_topic({topic.id: topic})))
    assert "AI in public services: About both. ai-public-services" in shown
    assert topic_called("ai-public-services", {topic.id: topic}) is topic
