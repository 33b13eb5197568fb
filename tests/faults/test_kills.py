"""The sender is killed (SIGKILL) at every sort of moment, on both databases, while Slack or Teams
loses, fails and slows down.

CONVENOR_KILLS says how many kills each combination gets: 2 unless set; ``make faults`` sets 200.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.contract.databases import postgres_url, sqlite_url
from tests.faults.peers import PEERS
from tests.faults.world import World

KILLS = int(os.environ.get("CONVENOR_KILLS", "2"))
SEED = int(os.environ.get("CONVENOR_SEED", "1"))
# What of each sort of moment may be the process's last: before and after a commit or a call, or while Slack has it.
MOMENTS = {
    "approving": ("approve.before", "approve.before", "approve.before", "approve.after"),
    "claiming": ("claim.before", "claim.after"),
    "posting": ("post.before", "flight.done", "flight.not", "post.after"),
    "settling": ("settle.before", "settle.after"),
    "correcting": ("correct.before", "correct.after", "update.before", "flight.done", "flight.not", "update.after"),
}


# With every test, not everything is tried on both databases and platforms; make faults tries all of it.
A_FEW = {
    ("slack", "postgresql"): ("posting", "correcting"),
    ("teams", "sqlite"): ("posting",),
    ("teams", "postgresql"): ("correcting",),
}
CASES = [
    pytest.param(platform, database, sort, id=f"{platform}-{database}-{sort}")
    for platform in PEERS
    for database in ("sqlite", "postgresql")
    for sort in MOMENTS
    if "CONVENOR_KILLS" in os.environ or sort in A_FEW.get((platform, database), MOMENTS)
]


def database_url(database: str, tmp_path: Path) -> str:
    return sqlite_url(tmp_path) if database == "sqlite" else postgres_url()


@pytest.mark.timeout(60 + 3 * KILLS)
@pytest.mark.parametrize(("platform", "database", "sort"), CASES)
async def test_nothing_is_lost_or_posted_twice_when_the_sender_is_killed(
    tmp_path: Path, platform: str, database: str, sort: str
) -> None:
    async with World.open(database_url(database, tmp_path), SEED, platform) as world:
        number = 0
        while world.kills < KILLS:
            number += 1
            edition = await world.draft(number)
            act = f"approve {edition.id}"
            if sort == "correcting":
                await world.child([act])
                assert await world.settle() == []
                act = f"correct {(await world.correct(edition)).id}"
            world.trouble = 0.08
            at_work = True
            while at_work and world.kills < KILLS:
                moment = world.random.choice(MOMENTS[sort])
                times = 1 if sort in ("approving", "correcting") else world.random.randint(1, 3)
                died = await world.child([act], (moment, times))
                # Where something waits for people it goes on after their word, into the next kill.
                at_work = died or bool(await world.decide())
        assert await world.settle() == []
        assert world.kills == KILLS


@pytest.mark.parametrize(
    ("platform", "database"), [("slack", "sqlite"), ("slack", "postgresql"), ("teams", "postgresql")]
)
async def test_nothing_is_lost_or_posted_twice_when_a_platform_does_all_it_can(
    tmp_path: Path, platform: str, database: str
) -> None:
    async with World.open(database_url(database, tmp_path), SEED, platform) as world:
        edition = await world.draft(1)
        world.trouble = 0.4
        await world.child([f"approve {edition.id}"])
        for _ in range(3):
            await world.rest()
        assert await world.settle() == []
