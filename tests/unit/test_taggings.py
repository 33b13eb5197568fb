"""An editor corrects a tag; the archive is tagged again after a change of rules."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot import taggings
from bot.services import Services
from bot.topic_commands import retagged_data, retagged_words
from digests.added_links import SOURCE_ID
from digests.errors import NotFound
from digests.kinds import KindRules, Place, TitleRule
from digests.model import Item, Kind, TaggedItem, Tagging, Topic, Verdict
from tests.builders import NOW, a_tagged_item, a_tagging, an_item
from tests.fakes.network import Network

HEALTH = Topic("health", "Health data", "About health data")


def with_rules(network: Network, version: str, topics: dict[str, tuple[str, ...]]) -> Services:
    """The network's services with rules that give these topics to items by id; to others, none."""

    def tag(item: Item) -> Tagging:
        given = topics.get(item.id, ())
        return replace(a_tagging(*given, relevant=bool(given)), rules_version=version)

    return replace(network.services, tag=tag, topics={**network.services.topics, "health": HEALTH})


async def correct(services: Services, item_id: str, verdict: Verdict, topic: str = "") -> TaggedItem:
    async with services.store.begin() as uow:
        tagged = await taggings.correct(uow, services, item_id, "bob", verdict, topic)
        await uow.commit()
    return tagged


async def test_an_editors_word_is_kept_and_changes_the_tags_at_once() -> None:
    network = await Network.make()
    await network.receives(a_tagged_item(1))
    services = with_rules(network, "rules-1", {an_item(1).id: ("ai",)})
    tagged = await correct(services, an_item(1).id, Verdict.MISSING, "health")
    assert tagged.tagging.topic_ids == ("ai", "health")
    tagged = await correct(services, an_item(1).id, Verdict.WRONG, "ai")
    assert tagged.tagging.topic_ids == ("health",)
    async with network.store.read() as uow:
        assert await uow.items.get(an_item(1).id) == tagged
        said = await uow.corrections.all()
    assert [(each.verdict, each.topic_id, each.rule, each.rules_version) for each in said] == [
        (Verdict.MISSING, "health", "", "rules-1"),
        (Verdict.WRONG, "ai", "ai-1", "rules-1"),
    ]
    assert {each.at for each in said} == {NOW}


@pytest.mark.parametrize(("item_id", "topic"), [("gone", "ai"), (an_item(1).id, "no-such-topic")])
async def test_nothing_is_kept_of_what_cannot_be(item_id: str, topic: str) -> None:
    network = await Network.make()
    await network.receives(a_tagged_item(1))
    with pytest.raises(NotFound):
        await correct(network.services, item_id, Verdict.WRONG, topic)
    async with network.store.read() as uow:
        assert await uow.corrections.all() == []


async def test_the_archive_is_tagged_again_and_editors_words_stay() -> None:
    network = await Network.make()
    await network.receives(*(a_tagged_item(number) for number in range(1, 451)))
    one, two, three = (an_item(number).id for number in (1, 2, 3))
    await correct(with_rules(network, "rules-1", {three: ("ai",)}), three, Verdict.RIGHT, "ai")
    newer = with_rules(network, "rules-2", {one: ("ai", "health"), two: ("health",)})

    steps: list[int] = []
    trial = await taggings.retag(newer, dry_run=True, on_progress=steps.append)
    assert steps == [200, 400, 450]
    async with network.store.read() as uow:
        assert (await uow.items.get(one)) == a_tagged_item(1), "a dry run stores nothing"

    result = await taggings.retag(newer)
    assert result == trial
    assert (result.items, result.changed, result.no_longer_relevant) == (450, 449, 447)
    assert (result.gained, result.lost) == ({"health": 2}, {"ai": 448})
    async with network.store.read() as uow:
        found = {name: await uow.items.get(name) for name in (one, two, three)}
    assert {name: each.tagging.topic_ids for name, each in found.items() if each} == {
        one: ("ai", "health"),
        two: ("health",),
        three: ("ai",),
    }
    assert (await taggings.retag(newer)).changed == 0


async def test_what_tagging_again_would_change_is_told_in_words() -> None:
    network = await Network.make()
    await network.receives(a_tagged_item(1), a_tagged_item(2))
    services = with_rules(network, "rules-2", {an_item(1).id: ("health",)})
    result = await taggings.retag(services, dry_run=True)
    assert retagged_words(result, {"health": "Health data"}, dry_run=True) == (
        "2 items were tagged by the present rules; 2 of them would change.\n"
        "Newly relevant: 0. No longer relevant: 1.\n"
        "  ai: 0 gained, 2 lost\n"
        "  Health data: 1 gained, 0 lost\n"
        "Nothing was stored. Without --dry-run it will be."
    )


async def test_the_archive_is_sorted_again_before_it_is_tagged() -> None:
    network = await Network.make()
    vacancy = a_tagged_item(1, title="Data analyst vacancy", kind=Kind.NEWS, kind_because="that is what it carries: S")
    await network.receives(vacancy, a_tagged_item(2))

    def tag(item: Item) -> Tagging:
        return a_tagging("health" if item.kind is Kind.JOB else "ai")

    rules = KindRules((TitleRule(Kind.JOB, ((Place.ENDS, "vacancy"),)),))
    services = replace(network.services, tag=tag, kind_rules=rules)
    trial = await taggings.retag(services, dry_run=True)
    async with network.store.read() as uow:
        assert await uow.items.get(vacancy.item.id) == vacancy, "a dry run stores nothing"
    assert retagged_words(trial, {"health": "Health data"}, dry_run=True) == (
        "2 items were tagged by the present rules; 1 of them would change.\n"
        "Newly relevant: 0. No longer relevant: 0.\n"
        "  ai: 0 gained, 1 lost\n"
        "  Health data: 1 gained, 0 lost\n"
        "Of another kind would be 1 item:\n"
        "  from news to job: 1\n"
        "Nothing was stored. Without --dry-run it will be."
    )
    assert json.loads(json.dumps(retagged_data(await taggings.retag(services)))) == {
        "items": 2,
        "changed": 1,
        "now_relevant": 0,
        "no_longer_relevant": 0,
        "gained": {"health": 1},
        "lost": {"ai": 1},
        "versions": {"rules-1": 2},
        "resorted": [{"from": "news", "to": "job", "items": 1}],
    }
    async with network.store.read() as uow:
        found = await uow.items.get(vacancy.item.id)
    assert found
    assert (found.item.kind, found.item.kind_because) == (Kind.JOB, "its title ends “vacancy”")
    assert found.tagging.topic_ids == ("health",)
    assert not (await taggings.retag(services)).resorted


async def test_a_link_that_an_editor_added_is_sorted_again_by_its_site() -> None:
    network = await Network.make()
    added = a_tagged_item(
        1, source_id=SOURCE_ID, title="Webinar vacancy", kind=Kind.EVENT, kind_because="its title begins “Webinar”"
    )
    await network.receives(added)
    rules = KindRules((TitleRule(Kind.JOB, ((Place.ENDS, "vacancy"),)),))
    result = await taggings.retag(replace(network.services, kind_rules=rules))
    assert dict(result.resorted) == {(Kind.EVENT, Kind.JOB): 1}
