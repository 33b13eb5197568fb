"""What the audit log notes of what people do, and who may read it."""

from __future__ import annotations

from dataclasses import replace

from bot import sources
from bot.edition_messages import RESUME, SKIP
from bot.handlers import audit
from bot.messages import Button
from tests.fakes.network import ALICE, BOB, CAROL, DAN, Network, buttons_of, said, words_of


async def lines(network: Network) -> list[str]:
    async with network.store.read() as uow:
        return [f"{each.action} {each.subject}" for each in reversed(await uow.audit.latest(50))]


async def test_coordinators_read_who_did_what_and_nobody_else_does() -> None:
    network = await Network.make()
    await network.say(BOB, "/convenor roles add @alice editor", mentions={"@alice": ALICE})
    await network.say(BOB, "/convenor roles remove @alice editor", mentions={"@alice": ALICE})
    assert said(await network.say(DAN, "/convenor audit")) == (
        "Who did what\n"
        "Bob made no longer an editor (Alice), Thursday 23 January 2025, 10:00\n"
        "Bob made an editor (Alice), Thursday 23 January 2025, 10:00\n" + audit.WHAT_IS_NOTED
    )
    for nosy in (ALICE, BOB, CAROL):
        assert "That is for a coordinator, and you are not one here" in said(await network.say(nosy, "/convenor audit"))
        assert "That is for a coordinator" in said(await network.press(nosy, Button("Older", audit.OLDER, "9")))


async def test_a_long_log_is_read_in_pages_whatever_the_button_says() -> None:
    network = await Network.make()
    for _ in range(10):
        await network.say(BOB, "/convenor roles add @alice editor", mentions={"@alice": ALICE})
        await network.say(BOB, "/convenor roles remove @alice editor", mentions={"@alice": ALICE})
    (first,) = (await network.say(DAN, "/convenor audit")).messages
    (older,) = buttons_of(first)
    (second,) = (await network.press(DAN, older)).messages
    assert words_of(first).count("\nBob ") == 15
    assert words_of(second).count("\nBob ") == 5
    assert buttons_of(second) == []
    assert said(await network.press(DAN, replace(older, value="1"))) == (
        "There is nothing older than that: older lines have been deleted, and only their number is kept."
    )
    assert (await network.press(DAN, replace(older, value="Robert'); DROP TABLE"))).messages == (first,)


async def test_what_is_done_without_effect_is_not_noted() -> None:
    network = await Network.make()
    before = await lines(network)
    await network.say(BOB, "/convenor roles add @carol editor", mentions={"@carol": CAROL})
    await network.say(BOB, "/convenor roles remove @alice editor", mentions={"@alice": ALICE})
    assert await lines(network) == before


async def test_the_work_of_editors_on_an_edition_is_noted_from_the_draft_to_the_yes() -> None:
    network = await Network.make()
    edition_id = await network.has_a_draft()
    await network.press(BOB, network.button("Leave out", "editors", "part 1"))
    await network.press(CAROL, Button("Skip", SKIP, edition_id))
    await network.press(CAROL, Button("Undo", RESUME, edition_id))
    await network.press(CAROL, network.button("Approve", "editors"))
    assert await lines(network) == [
        f"edited edition:{edition_id}:2",
        f"skipped edition:{edition_id}",
        f"resumed edition:{edition_id}",
        f"approved edition:{edition_id}:2",
    ]


async def test_what_is_done_to_sources_is_noted_with_who_did_it() -> None:
    network = await Network.make()
    source = network.services.catalogue[0]
    await network.say(BOB, f"/convenor sources pause {source.id}")
    await sources.resume(network.services, source.id, None)
    assert await lines(network) == [f"paused a source source:{source.id}", f"resumed a source source:{source.id}"]
    assert "The command line resumed a source" in said(await network.say(DAN, "/convenor audit"))
