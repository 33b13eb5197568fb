"""A public archive in memory for tests: five editions, one of them withdrawn and one corrected, and a draft."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from digests.model import (
    Also,
    Edition,
    EditionState,
    Entry,
    Group,
    Kind,
    Outcome,
    Section,
    Source,
    SourceState,
    item_id,
)
from tests.builders import NOW, a_content, a_revision, a_source, an_edition, an_entry, an_item
from tests.fakes.network import Network, a_plan

SECRET = "kept from readers"
SECTIONS = (Section("news", "News & views"), Section("dates", "Coming up"))
LATEST, CORRECTED, WITHDRAWN, DRAFT = 34, 33, 32, 35
STATES = {
    **dict.fromkeys((30, 31, CORRECTED, LATEST), EditionState.PUBLISHED),
    WITHDRAWN: EditionState.WITHDRAWN,
    DRAFT: EditionState.DRAFT,
}
HOSTILE = "<script>alert(1)</script> & “quoted”"


def sources() -> tuple[Source, ...]:
    """A source of each sort of health."""
    return (a_source("well"), a_source("ill", group=Group.PRESS, name="Ill feed", publisher="The Press"))


def entries(number: int) -> tuple[Entry, ...]:
    """Eight entries of one edition, with every part that an entry can have."""
    first = number * 10
    also = (
        Also("The Press", "What it means", "https://press.example.org/1"),
        Also("Department of Examples", "Annex", "https://www.example.org/annex"),
    )
    plain = [an_entry(n, reasons=(SECRET,)) for n in range(first, first + 6)]
    plain[0] = replace(plain[0], also=also)
    plain[1] = replace(plain[1], title=f"{HOSTILE} {number}", publisher=HOSTILE, blurb=HOSTILE)
    plain[2] = replace(plain[2], url="javascript:alert(1)", topics=(), item_id="")
    day = date(2025, 2, 3) + timedelta(days=number)
    return (
        *plain,
        an_entry(first + 6, section="dates", date=day, kind=Kind.CONSULTATION, blurb="Closing date."),
        an_entry(first + 7, section="dates", date=day, kind=Kind.EVENT, topics=()),
    )


def edition(number: int, state: EditionState = EditionState.PUBLISHED) -> Edition:
    """An edition of the archive, with what editors alone may see of it."""
    due_on = date(2025, 1, 24) + timedelta(weeks=number - 35)
    content = a_content(
        *entries(number),
        an_entry(900, included=False, title=SECRET),
        maybe=(an_entry(901, title=SECRET),),
        notes=(SECRET,),
        sections=SECTIONS,
        intro="Hello, and welcome.\n\nA second paragraph.",
        updates="- We met.\n- We wrote.",
        outro="Until next week.",
    )
    return an_edition(due_on, number=number, state=state, content=content)


async def a_network() -> Network:
    """The network whose editions these are. Its clock stands at Thursday 23 January 2025."""
    network = await Network.make(plan=a_plan(), sources=sources())
    async with network.store.begin() as uow:
        for number, state in STATES.items():
            made = edition(number, state)
            await uow.editions.add(made, a_revision(made, at=made.window.end - timedelta(hours=2)))
        old = edition(CORRECTED)
        newer = replace(old, revision=2, content=replace(old.content, intro="Corrected words."))
        await uow.editions.save_revision(newer, a_revision(newer, "bob", at=old.window.end + timedelta(days=1)))
        await uow.sources.save_states(
            [
                SourceState("well", outcome=Outcome.READ, last_good_at=NOW),
                SourceState("ill", outcome=Outcome.REFUSED, reason=SECRET, failures=3),
            ]
        )
        await uow.commit()
    # One item that is published, one that is only in the draft.
    await network.receives(an_item(340), an_item(351))
    return network


PUBLISHED_ITEM, DRAFTED_ITEM = (item_id(f"https://www.example.org/news/{number}") for number in (340, 351))
