"""A member suggests a link and hears what became of it, through the real handlers and outbox, in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.messages import Button, Identity, plain
from bot.suggestion_texts import FROM_MESSAGE
from digests.model import EditionState, Outcome
from digests.suggestions import MOST_A_DAY
from tests.builders import a_content, a_revision, a_tagged_item, an_edition, an_entry
from tests.fakes.network import ALICE, BOB, CAROL, DAN, Network, buttons_of, said, words_of

URL = "https://news.example.org/a-page"
TITLE = "A page about AI"
WHO_SEES = "The editors see your name and what you write; readers do not."


async def a_network(*, draft: bool = True) -> Network:
    network = await Network.make()
    if draft:
        await network.has_a_draft()
    network.pages.has(URL, title=TITLE, publisher="The Gazette", description="Ministers said more.")
    return network


def told(network: Network, who: Identity) -> list[str]:
    """What somebody was sent in their direct messages, in order."""
    return [words_of(each.message) for each in network.courier.posted if each.address == who.address]


def suggested(network: Network) -> str:
    """What the editors' channel shows of what members suggest."""
    pages = [words_of(message) for message in network.courier.in_channel("editors")]
    return next((page for page in pages if page.startswith("Suggested by members")), "")


def suggestion_button(network: Network, label: str) -> Button:
    for message in network.courier.in_channel("editors"):
        if words_of(message).startswith("Suggested by members"):
            return next(button for button in buttons_of(message, TITLE) if button.label == label)
    raise AssertionError("nothing is suggested")


async def publish(network: Network) -> None:
    """The two editors approve the draft, and it goes out."""
    for who in (BOB, CAROL):
        await network.press(who, network.button("Approve", "editors"))
    network.clock.advance(hours=1)
    await network.sends()


async def test_a_suggestion_comes_before_the_editors_with_credit() -> None:
    network = await a_network()
    reply = await network.say(ALICE, f"/digest suggest {URL}?utm_source=x It is about  schools.")
    assert said(reply) == (
        f"Thank you: {TITLE} is with the editors for the edition of Friday 24 January 2025, and you hear here what "
        f"becomes of it. {WHO_SEES}"
    )
    assert suggested(network) == (
        "Suggested by members (1): not in the draft unless you add them\n"
        f"{TITLE} (The Gazette) Ministers said more. [Suggested by Alice: “It is about schools.”]"
    )


async def test_what_several_suggest_is_added_once_with_credit_to_all_who_are_all_told_once() -> None:
    network = await a_network()
    await network.say(ALICE, f"/digest suggest {URL} It is new.")
    await network.say(DAN, f"/digest suggest {URL} Me too.")
    assert "Suggested by members (1)" in suggested(network)
    add = suggestion_button(network, "Add")
    assert said(await network.press(BOB, add)) == (
        "Added to the draft of Data Policy Digest 1, Friday 24 January 2025. The 2 members who suggested it are told. "
        "To change its words, use its own buttons in the draft."
    )
    assert suggested(network) == ""
    section = words_of(network.courier.in_channel("editors")[1])
    assert f"{TITLE} (The Gazette) Ministers said more." in section
    assert "suggested by Alice: “It is new.”; Dan: “Me too.”" in section
    added = (
        f"{TITLE}, which you suggested, was added to the draft of Data Policy Digest 1. You hear here when it is "
        "published."
    )
    assert (told(network, ALICE), told(network, DAN)) == ([added], [added])
    assert "That suggestion is in the draft already. Nothing was changed." in said(await network.press(CAROL, add))


async def test_when_the_edition_is_out_those_who_suggested_hear_of_it_and_readers_see_no_names() -> None:
    network = await a_network()
    await network.say(ALICE, f"/digest suggest {URL} It is new.")
    await network.press(BOB, suggestion_button(network, "Add"))
    await network.press(CAROL, network.button("Approve", "editors"))
    network.clock.advance(hours=1)
    await network.sends()
    assert told(network, ALICE)[1:] == [
        f"{TITLE}, which you suggested, is in Data Policy Digest 1, which is out now. Thank you. /digest shows it."
    ]
    posted = "\n".join(words_of(message) for message in network.courier.in_channel("digest"))
    assert TITLE in posted
    assert "Alice" not in posted


async def test_not_this_time_is_told_with_the_editors_reason_and_without_their_name() -> None:
    network = await a_network()
    await network.say(ALICE, f"/digest suggest {URL} It is new.")
    reply = await network.press(BOB, suggestion_button(network, "Not this time…"))
    assert reply.form is not None
    assert plain(reply.form.intro) == TITLE
    too_long = await network.submit(BOB, reply.form.name, reply.form.value, reason="x" * 501)
    assert too_long.errors == {"reason": "Please keep it to 500 characters."}
    done = await network.submit(BOB, reply.form.name, reply.form.value, reason="We told it in May.")
    assert said(done) == f"{TITLE} will not be in this edition. The member who suggested it is told."
    assert suggested(network) == ""
    assert told(network, ALICE) == [
        f"{TITLE}, which you suggested, will not be in the digest this time. An editor writes: “We told it in May.” "
        "Thank you all the same: please go on suggesting."
    ]
    again = await network.submit(CAROL, reply.form.name, reply.form.value, reason="")
    assert "Somebody has said “Not this time” to that suggestion. Nothing was changed." in said(again)


async def test_what_is_in_the_draft_already_gets_credit_and_the_member_hears_so() -> None:
    network = await a_network()
    posted = len(network.courier.posted)
    reply = await network.say(ALICE, "/digest suggest https://www.example.org/news/2")
    assert said(reply) == (
        "Thank you: Guidance on artificial intelligence, part 2 is in the draft of Data Policy Digest 1 already. The "
        "editors see that you suggested it as well, and you hear here when it is published. " + WHO_SEES
    )
    assert suggested(network) == ""
    assert "suggested by Alice" in words_of(network.courier.in_channel("editors")[1])
    assert len(network.courier.posted) == posted
    await publish(network)
    assert len(told(network, ALICE)) == 1


async def test_what_stood_in_an_earlier_edition_is_said_to_the_member_and_to_the_editors() -> None:
    network = await a_network()
    old = an_edition(date(2025, 1, 17), number=4, state=EditionState.PUBLISHED)
    old = replace(old, content=a_content(an_entry(1, url=URL, title="Told otherwise")))
    async with network.store.begin() as uow:
        await uow.editions.add(old, a_revision(old))
        await uow.commit()
    reply = await network.say(ALICE, f"/digest suggest {URL}")
    assert "It stood in edition 4 (Friday 17 January 2025) before, and they see that too." in said(reply)
    assert "[Suggested by Alice · it stood in edition 4 (Friday 17 January 2025) already]" in suggested(network)


async def test_what_was_left_out_can_be_put_back_for_a_member() -> None:
    network = await a_network()
    title = "Guidance on artificial intelligence, part 2"
    await network.press(BOB, network.button("Leave out", "editors", title))
    reply = await network.say(ALICE, "/digest suggest https://www.example.org/news/2 Please.")
    assert "is before the editors already, who had not made up their minds." in said(reply)
    assert "left out of this draft" in suggested(network)
    pages = network.courier.in_channel("editors")
    page = next(message for message in pages if words_of(message).startswith("Suggested by members"))
    await network.press(BOB, buttons_of(page, title)[0])
    assert "(3 entries)" in words_of(pages[1]) or "(3 entries)" in words_of(network.courier.in_channel("editors")[1])


async def test_a_suggestion_made_before_there_is_a_draft_is_pulled_into_it() -> None:
    network = await a_network(draft=False)
    reply = await network.say(ALICE, f"/digest suggest {URL}")
    assert f"{TITLE} is with the editors for the next edition" in said(reply)
    await network.has_a_draft()
    assert "[Suggested by Alice]" in suggested(network)
    assert told(network, ALICE) == []


async def test_what_nobody_decided_on_is_carried_over_once_and_then_let_go() -> None:
    network = await a_network()
    await network.say(ALICE, f"/digest suggest {URL}")
    await publish(network)
    assert told(network, ALICE) == []
    for _ in range(2):
        network.clock.advance(days=7)
        now = network.clock.now()
        number = 10 + now.day
        await network.receives(a_tagged_item(number, received_at=now, published_at=now))
        await network.has_a_draft(0)
        if not told(network, ALICE)[1:]:
            assert "carried over from the last edition" in suggested(network)
            await publish(network)
    assert told(network, ALICE) == [
        f"The last edition went out without {TITLE}, which you suggested. The editors have it before them again for "
        "Data Policy Digest 2, due on Friday 31 January 2025. You need not do anything.",
        f"{TITLE}, which you suggested, will not be in the digest this time. Thank you all the same: please go on "
        "suggesting.",
    ]
    assert suggested(network) == ""


async def test_the_same_member_suggests_the_same_link_once() -> None:
    network = await a_network()
    await network.say(ALICE, f"/digest suggest {URL} First.")
    reply = await network.say(ALICE, f"/digest suggest {URL}#part Second.")
    assert said(reply) == (
        f"You suggested {TITLE} on Thursday 23 January 2025, 10:01, and the editors have it before them. Nothing was "
        "recorded a second time; you hear here what becomes of it."
    )
    assert "Second" not in suggested(network)


async def test_too_many_links_in_a_day_are_refused_kindly_before_any_page_is_called() -> None:
    network = await a_network()
    for number in range(MOST_A_DAY):
        await network.say(ALICE, f"/digest suggest https://news.example.org/{number}")
    called = len(network.pages.read_at)
    reply = await network.say(ALICE, f"/digest suggest {URL}")
    assert said(reply).startswith(
        "Thank you for so many links. You have suggested 10 within 24 hours, which is as many as one person can, so "
        "that the editors can read them all. This one was not recorded: you can suggest it again from Friday 24 "
        "January 2025, 10:01 on."
    )
    assert len(network.pages.read_at) == called
    assert "Thank you: " in said(await network.say(DAN, f"/digest suggest {URL}"))


async def test_the_form_keeps_what_was_typed_until_it_is_accepted() -> None:
    network = await a_network()
    reply = await network.say(ALICE, "/digest suggest")
    assert reply.form is not None
    wrong = await network.submit(ALICE, reply.form.name, url="nonsense", why="Because.")
    assert wrong.errors == {"url": "Please give the address of a page, such as https://www.example.org/a-page."}
    again = await network.say(ALICE, "/digest suggest")
    assert again.form is not None
    assert {field.name: field.value for field in again.form.fields} == {"url": "nonsense", "why": "Because."}
    done = await network.submit(ALICE, reply.form.name, url=URL, why="Because.")
    assert said(done).startswith(f"Thank you: {TITLE} is with the editors")
    assert "Alice: “Because.”" in suggested(network)


async def test_the_shortcut_on_a_message_opens_the_form_and_stores_nothing() -> None:
    network = await a_network()
    reply = await network.press(ALICE, Button("", FROM_MESSAGE, URL))
    assert reply.form is not None
    assert (reply.form.fields[0].value, plain(reply.form.intro)) == (URL, WHO_SEES)
    async with network.store.read() as uow:
        member = await uow.members.find(ALICE)
        assert member is not None
        assert await uow.suggestions.of_member(member.id, member.created_at) == []


async def test_a_page_that_cannot_be_read_is_suggested_by_its_address() -> None:
    network = await a_network()
    assert network.pages.pages[URL].outcome is Outcome.READ
    reply = await network.say(ALICE, "/digest suggest https://news.example.org/the_bill.pdf")
    assert said(reply).startswith("Thank you: The bill is with the editors")


async def test_members_cannot_decide_on_suggestions() -> None:
    network = await a_network()
    await network.say(ALICE, f"/digest suggest {URL}")
    for label in ("Add", "Not this time…"):
        reply = await network.press(ALICE, suggestion_button(network, label))
        assert "That is for an editor" in said(reply)
    assert "That is for an editor" in said(await network.submit(ALICE, "suggestion.decline", "x"))
