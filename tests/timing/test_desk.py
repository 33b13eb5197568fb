"""No step of shaping an edition out of three hundred candidates keeps an editor waiting for more than a second."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from bot import editions
from bot.commands import Front
from bot.messages import Ask, Button, Reply
from bot.table import build_table
from config.digest import load_plan
from tests.contract.databases import open_database
from tests.fakes.network import BOB, CAROL, Network, said
from tests.journeys.week import a_full_week

MOST_SECONDS = 1.0


class Timed(Front):
    """The front desk with a watch: ``took`` has the seconds of each kind of ask."""

    def __init__(self, network: Network) -> None:
        super().__init__(build_table(), network.services)
        self.took: dict[str, float] = {}

    async def answer(self, ask: Ask) -> Reply:
        began = time.perf_counter()
        reply = await super().answer(ask)
        what = f"{ask.kind.value} {ask.name} {ask.words}".strip()
        self.took[what] = max(self.took.get(what, 0.0), time.perf_counter() - began)
        return reply


async def test_every_step_at_the_desk_is_answered_within_a_second(tmp_path: Path) -> None:
    database = await open_database(await a_full_week(tmp_path))
    try:
        network = await Network.make(store=database, plan=load_plan())
        network.desk = desk = Timed(network)
        network.clock.set(datetime.now(UTC))
        await editions.make_edition_now(network.services)
        await network.sends()
        async with database.read() as uow:
            draft = await editions.open_draft(uow)
        assert draft is not None
        first, second, third = (f"{draft.id} {entry.id}" for entry in draft.content.included[:3])
        await network.press(BOB, Button("", "entry.drop", first))
        await network.press(BOB, Button("", "entry.down", second))
        form = (await network.press(BOB, Button("", "entry.change", third))).form
        assert "Done: re-worded" in said(await network.send(BOB, form, title="Another title"))
        form = (await network.press(BOB, Button("", "entry.change", third))).form
        assert form is not None
        into = next(field for field in form.fields if field.name == "into").options[0].value
        assert "Done: merged" in said(await network.send(BOB, form, into=into))
        form = (await network.press(BOB, Button("", "edition.texts", draft.id))).form
        await network.send(BOB, form, intro="Hello.")
        for words in ("undo", "history", "preview", "left-out", "draft"):
            assert said(await network.say(BOB, f"/digest {words}"))
        assert "Approved." in said(await network.press(CAROL, network.button("Approve", "editors")))
    finally:
        await database.close()
    print({what: round(seconds, 3) for what, seconds in desk.took.items()})
    assert len(desk.took) == 12
    assert max(desk.took.values()) < MOST_SECONDS
