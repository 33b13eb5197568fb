"""What is near the field without a word of it: the signs, and what a draft does with them. Rules are made up here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.corrections import NOT_BY_AN_EDITOR
from digests.drafting import draft
from digests.model import Content, FieldName, Kind, LeftOut, Sign, TaggedItem, Tagging
from digests.tagging import NearField, NearRules, SignRules
from digests.tagging.language import parse_rule
from tests.builders import NOW, an_item
from tests.fakes.network import BOB, Network, words_of
from tests.unit.test_drafting import WINDOW
from tests.unit.test_ranking import SOURCES, TOPICS, a_plan, tagged

LEADERS = SignRules("who leads government", 3, (parse_rule("permanent secretar*", {}), parse_rule("minister*", {})))
SPEECHES = SignRules("what a minister says", 1, (parse_rule("kind:speech & title:speech", {}),))
BODIES = SignRules("published by an office", 2, (parse_rule("publisher:office of examples", {}),))
FAR = (parse_rule("kind:written question", {}), parse_rule("title:sheep", {}))
FIELD = NearField(NearRules((SPEECHES, LEADERS, BODIES), FAR))

NOT_RELEVANT = Tagging(False, "Nothing in it is about data, AI or digital policy.")


def near(number: int, title: str = "A new Permanent Secretary", gate: str = "", **changes: Any) -> TaggedItem:
    """An item that is not relevant."""
    tagging = Tagging(False, gate) if gate else NOT_RELEVANT
    return TaggedItem(an_item(number, **{"title": f"{title} {number}", "summary": "", **changes}), tagging)


def drafted(*items: TaggedItem, plan: Any = None) -> Content:
    return draft(
        items,
        plan=plan or a_plan(),
        sources=SOURCES,
        topics=TOPICS,
        window=WINDOW,
        number=30,
        now=NOW,
        signs=FIELD.signs,
    )


class TestSigns:
    def test_a_sign_tells_what_it_is_where_it_stands_and_what_it_is_worth(self) -> None:
        (sign,) = FIELD.signs(an_item(title="A new Permanent  Secretary", summary=""))
        assert sign == Sign("who leads government", "Permanent Secretary", FieldName.TITLE, 3)
        assert sign.in_words == "who leads government (“Permanent Secretary” in the title)"

    def test_in_the_summary_it_is_worth_half_and_the_title_comes_first(self) -> None:
        (sign,) = FIELD.signs(an_item(title="News", summary="The minister said so."))
        assert (sign.field, sign.points) == (FieldName.SUMMARY, 1.5)
        (sign,) = FIELD.signs(an_item(title="Ministers", summary="The Permanent Secretary said so."))
        assert (sign.field, sign.points) == (FieldName.TITLE, 3)

    def test_the_strongest_stands_first_and_each_stands_once(self) -> None:
        item = an_item(title="Speech of the minister", summary="", kind=Kind.SPEECH, publisher="Office of Examples")
        assert [sign.points for sign in FIELD.signs(item)] == [3, 2, 1]

    def test_what_is_far_has_no_sign_whatever_else_it_says(self) -> None:
        assert FIELD.signs(an_item(title="Minister meets sheep", summary="")) == ()
        assert FIELD.signs(an_item(title="Minister", summary="", kind=Kind.WRITTEN_QUESTION)) == ()

    def test_without_rules_nothing_is_near(self) -> None:
        assert NearField(NearRules()).signs(an_item(title="Minister")) == ()

    def test_a_long_match_is_quoted_in_short(self) -> None:
        apart = NearField(NearRules((SignRules("a", 1, (parse_rule("begins ~20 ends", {}),)),)))
        (sign,) = apart.signs(an_item(title=f"begins {'exceedingly ' * 15}ends", summary=""))
        assert len(sign.phrase) <= 120
        assert sign.phrase.endswith("…")


async def test_editors_see_why_it_is_offered_and_can_add_it() -> None:
    network = await Network.make()
    network.services = replace(network.services, signs=FIELD.signs)
    await network.receives(near(9, title="Permanent Secretary leaves", received_at=NOW, published_at=NOW))
    await network.has_a_draft(count=2)
    maybes = words_of(network.courier.in_channel("editors")[-1])
    assert maybes.startswith("Maybe (1)")
    assert "Near the field: who leads government (“Permanent Secretary” in the title)" in maybes
    await network.press(BOB, network.button("Add", "editors", "Permanent Secretary leaves"))
    assert "3 entries in 1 section" in words_of(network.courier.in_channel("editors")[0])


class TestADraft:
    def test_offers_it_as_a_maybe_with_its_signs_as_reasons_and_never_proposes_it(self) -> None:
        content = drafted(near(1, kind=Kind.NEWS))
        assert content.entries == ()
        (maybe,) = content.maybe
        assert maybe.topics == ()
        assert maybe.reasons == (
            "Near the field: who leads government (“Permanent Secretary” in the title)",
            "News",
            "Not about data or AI policy by its own words",
        )
        assert content.left_out == ()

    def test_counts_only_what_has_no_sign(self) -> None:
        content = drafted(near(1, title="A bridge opens"))
        assert content.maybe == ()
        assert content.left_out == (("not about data or AI policy", 1),)

    def test_does_not_offer_again_what_an_editor_called_not_relevant(self) -> None:
        assert drafted(near(1, gate=NOT_BY_AN_EDITOR)).maybe == ()

    def test_keeps_places_for_it_among_the_maybes_and_the_relevant_stand_first(self) -> None:
        relevant = [tagged(n) for n in (11, 12, 13)]
        content = drafted(*relevant, near(1), near(2), plan=a_plan(maybe=3, near=1))
        assert [maybe.reasons[0].partition(":")[0] for maybe in content.maybe] == [
            "Relevant",
            "Relevant",
            "Near the field",
        ]

    def test_lets_it_have_the_places_that_no_relevant_item_needs(self) -> None:
        content = drafted(tagged(11), *(near(n) for n in range(1, 6)), plan=a_plan(maybe=4, near=1))
        assert len(content.maybe) == 4
        assert sum(maybe.reasons[0].startswith("Near the field") for maybe in content.maybe) == 3

    def test_gives_the_places_kept_for_it_to_the_relevant_where_nothing_is_near(self) -> None:
        relevant = [tagged(n) for n in (11, 12, 13)]
        assert len(drafted(*relevant, plan=a_plan(maybe=3, near=2)).maybe) == 3

    def test_lists_what_is_near_and_finds_no_place(self) -> None:
        content = drafted(near(1), near(2, title="Minister's speech", kind=Kind.SPEECH), plan=a_plan(maybe=1))
        why = "near the field only, and ranked below the maybes"
        assert content.left_out == ((why, 1),)
        (left,) = content.left_out_entries
        assert left == LeftOut(left.title, left.url, "Department of Examples", why)

    def test_ranks_more_signs_and_weightier_ones_first(self) -> None:
        content = drafted(
            near(1, title="Minister’s words"),
            near(2, title="Speech of the minister", kind=Kind.SPEECH),
            near(3, title="A speech", kind=Kind.SPEECH),
            plan=a_plan(maybe=3),
        )
        assert [maybe.title[-1] for maybe in content.maybe] == ["2", "1", "3"]

    def test_does_not_fill_up_with_one_loud_source(self) -> None:
        loud = [near(n, source_id="high", title="Minister") for n in range(1, 9)]
        other = near(9, source_id="low", title="Minister")
        content = drafted(*loud, other, plan=a_plan(maybe=5))
        assert other.item.url in {maybe.url for maybe in content.maybe}

    @pytest.mark.parametrize("number", [0, 1, 40, 300])
    def test_never_offers_more_than_the_plan_has_room_for_and_loses_none(self, number: int) -> None:
        week = [near(n) for n in range(1, number + 1)]
        content = drafted(*week, plan=a_plan(maybe=40, near=8))
        assert len(content.maybe) == min(number, 40)
        linked = {url for maybe in content.maybe for url in (maybe.url, *(also.url for also in maybe.also))}
        assert linked | {left.url for left in content.left_out_entries} == {each.item.url for each in week}

    @given(st.permutations([near(n) for n in range(1, 12)]))
    def test_is_the_same_whatever_the_order_in_which_items_came(self, items: list[TaggedItem]) -> None:
        plan = a_plan(maybe=4)
        assert drafted(*items, plan=plan) == drafted(*sorted(items, key=lambda each: each.item.id), plan=plan)

    def test_takes_nothing_from_outside_its_window(self) -> None:
        later = near(1, received_at=WINDOW.end)
        assert drafted(later).left_out == (("received outside this edition's dates", 1),)
