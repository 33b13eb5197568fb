"""One person on several workspaces: linking by a one-time code, what comes together, and separating again."""

from __future__ import annotations

from datetime import date, timedelta

from bot.members import cards, rules
from bot.members.consent import PROFILE, Consent, ConsentPurpose
from bot.messages import Button, EntryLine, Identity
from bot.ports import Grant, Role
from bot.privacy.model import Erasure
from tests.builders import NOW, a_profile
from tests.fakes.network import ALICE, BOB, CAROL, DAN, PLATFORM, Network, buttons_of, said, words_of

ELSEWHERE = Identity(PLATFORM, "W2", "alice2", "Alice elsewhere")


async def code_for(network: Network, who: Identity) -> str:
    told = said(await network.say(who, "/profile link"))
    assert "It works once, for ten minutes. Tell it to nobody" in told
    return told.partition("/profile link ")[2].partition(".")[0]


async def confirm(network: Network, who: Identity, code: str) -> Button:
    (message,) = (await network.say(who, f"/profile link {code}")).messages
    (button,) = buttons_of(message)
    return button


def separate(network: Network, user: str, about: str) -> Button:
    message = network.courier.to(user)[-1]
    lines = [block for block in message.blocks if isinstance(block, EntryLine)]
    return next(button for line in lines for button in line.buttons if about in button.hint)


async def test_a_code_from_one_account_links_the_other_after_a_warning_and_both_are_told() -> None:
    network = await Network.make()
    async with network.store.begin() as uow:
        alice = await uow.members.resolve(ALICE, NOW)
        other = await uow.members.resolve(ELSEWHERE, NOW)
        await uow.roles.grant(Grant(other, Role.EDITOR, "settings", NOW))
        await uow.profiles.put(a_profile(other.id))
        await uow.commit()
    code = await code_for(network, ALICE)
    question = said(await network.say(ELSEWHERE, f"/profile link {code}"))
    assert "This account would become one with:\nAlice on fake, workspace W\n" in question
    assert "Only go on if every one of them is yours." in question
    async with network.store.read() as uow:
        assert await uow.members.get(other.id) is not None
    button = await confirm(network, ELSEWHERE, code)
    assert "Alice on fake, workspace W" in said(await network.press(ELSEWHERE, button))
    async with network.store.read() as uow:
        assert await uow.members.get(other.id) is None
        assert [account.key for account in await uow.members.identities(alice.id)] == [ALICE.key, ELSEWHERE.key]
        assert await uow.roles.of(alice.id) == {Role.EDITOR}
        assert (await uow.profiles.all()) == [a_profile(alice.id)]
        (entry,) = await uow.audit.of(alice.id)
    assert (entry.action, entry.subject) == ("accounts linked", f"member:{alice.id}")
    for who in (ALICE, ELSEWHERE):
        assert "This account is linked now with the following." in words_of(network.courier.to(who.user)[-1])
    assert "That code does not work" in said(await network.press(ELSEWHERE, button))
    assert "That code does not work" in said(await network.say(BOB, f"/profile link {code}"))


async def test_where_both_have_a_profile_nothing_that_protects_anybody_is_lost() -> None:
    network = await Network.make()
    async with network.store.begin() as uow:
        alice, other = await uow.members.resolve(ALICE, NOW), await uow.members.resolve(ELSEWHERE, NOW)
        await uow.profiles.put(a_profile(alice.id, avoid=("Mallory",), per_fortnight=3))
        rests = {"avoid": ("mallory", "Eve"), "snoozed_until": date(2025, 3, 1), "per_fortnight": 1}
        await uow.profiles.put(a_profile(other.id, name="Other", **rests))
        await uow.commit()
    await network.press(ELSEWHERE, await confirm(network, ELSEWHERE, await code_for(network, ALICE)))
    async with network.store.read() as uow:
        (profile,) = await uow.profiles.all()
    assert (profile.name, profile.avoid, profile.per_fortnight) == ("Alice", ("Mallory", "Eve"), 1)
    assert profile.snoozed_until == date(2025, 3, 1)


async def test_a_code_is_used_up_expires_and_cannot_be_guessed_at() -> None:
    network = await Network.make()
    code = await code_for(network, ALICE)
    assert "type that code on the other account" in said(await network.say(ALICE, f"/profile link {code}"))
    network.clock.advance(minutes=10)
    assert "That code does not work" in said(await network.say(ELSEWHERE, f"/profile link {code}"))
    newer = await code_for(network, ALICE)
    for _ in range(4):
        assert "That code does not work" in said(await network.say(ELSEWHERE, "/profile link AAAA-BBBB-CCCC-DDDD"))
    assert "so no other is looked at for now" in said(await network.say(ELSEWHERE, f"/profile link {newer}"))
    invitation = said(await network.say(DAN, "/convenor invite")).partition("/profile join ")[2].partition(" ")[0]
    assert "That code does not work" in said(await network.say(BOB, f"/profile link {invitation}"))


async def test_an_account_that_is_to_be_erased_takes_no_other_with_it() -> None:
    network = await Network.make()
    async with network.store.begin() as uow:
        other = await uow.members.resolve(ELSEWHERE, NOW)
        await uow.rights.ask_erasure(Erasure(other.id, NOW, NOW + timedelta(days=14)))
        await uow.commit()
    answer = said(await network.say(ELSEWHERE, f"/profile link {await code_for(network, ALICE)}"))
    assert answer.startswith("One of these accounts is to be erased, and the other would be erased with it")


async def test_nobody_can_ask_for_codes_without_end() -> None:
    network = await Network.make()
    for _ in range(5):
        await code_for(network, ALICE)
    assert "You have asked for 5 codes within an hour" in said(await network.say(ALICE, "/profile link"))
    network.clock.advance(hours=1, minutes=1)
    assert await code_for(network, ALICE)


async def test_accounts_are_separated_again_with_everything_left_to_the_one_that_did_it() -> None:
    network = await Network.make()
    await network.press(ELSEWHERE, await confirm(network, ELSEWHERE, await code_for(network, ALICE)))
    button = separate(network, "alice", "Alice elsewhere")
    assert "That account is not linked with this one" in said(await network.press(BOB, button))
    assert said(await network.press(ALICE, button)) == (
        "Alice elsewhere on fake, workspace W2 is separated. Everything else stays as it was."
    )
    assert "It begins anew here: it has no profile" in words_of(network.courier.to("alice2")[-1])
    assert "Only this account is you here." in said(await network.say(ELSEWHERE, "/profile accounts"))
    assert "That account is not linked with this one" in said(await network.press(ALICE, button))


async def test_nobody_is_asked_about_their_own_request_once_two_accounts_are_one_person() -> None:
    network = await Network.make()
    await network.joins(ELSEWHERE, organisation="Patients Trust")
    await network.joins(CAROL, organisation="Example Council")
    await network.asks_for(ALICE, "someone who knows about NHS data opt-outs")
    card = network.courier.in_channel("coordinators")[-1]
    lines = [block for block in card.blocks if isinstance(block, EntryLine) and "elsewhere" in str(block.text)]
    ask = next(button for button in lines[0].buttons if button.label == "Ask…")
    await network.send(DAN, (await network.press(DAN, ask)).form)
    async with network.store.read() as uow:
        (journey,) = await uow.requests.unfinished()
    assert journey.open_ask is not None
    await network.press(ELSEWHERE, await confirm(network, ELSEWHERE, await code_for(network, ALICE)))
    async with network.store.read() as uow:
        (journey,) = await uow.requests.unfinished()
        alice, carol = await uow.members.find(ALICE), await uow.members.find(CAROL)
    assert alice is not None
    assert carol is not None
    assert journey.open_ask is None
    assert journey.request.requester.member_id == alice.id
    assert [each.member_id for each in journey.request.suggested] == [carol.id]
    (card,) = [m for m in network.courier.in_channel("coordinators") if m.summary.startswith("Request for an intro")]
    assert [b for b in card.blocks if isinstance(b, EntryLine) and b.buttons and "elsewhere" in str(b.text)] == []


async def test_a_request_to_join_goes_on_under_the_member_who_stays_and_can_be_decided() -> None:
    network = await Network.make()
    async with network.store.begin() as uow:
        other = await uow.members.resolve(ELSEWHERE, NOW)
        await uow.applications.put(a_profile(other.id), NOW)
        await uow.consents.record(Consent("c1", other.id, ConsentPurpose.DIRECTORY, PROFILE, "the words", 1, NOW))
        await cards.announce_waiting(uow, network.services, NOW)
        await uow.commit()
    await network.sends()
    old = network.button("Let them in", "coordinators")
    await network.press(ELSEWHERE, await confirm(network, ELSEWHERE, await code_for(network, ALICE)))
    assert "decided already, changed or taken back" in said(await network.press(DAN, old))
    await network.press(DAN, network.button("Let them in", "coordinators"))
    async with network.store.read() as uow:
        alice = await uow.members.find(ALICE)
        (profile,) = await uow.profiles.all()
    assert alice is not None
    assert profile.member_id == alice.id


async def test_nobody_is_linked_by_a_name_or_an_address() -> None:
    network = await Network.make()
    twin = Identity(PLATFORM, "W2", "twin", "Alice")
    async with network.store.begin() as uow:
        alice, other = await uow.members.resolve(ALICE, NOW), await uow.members.resolve(twin, NOW)
        await uow.profiles.put(a_profile(alice.id, email="alice@example.org"))
        await uow.profiles.put(a_profile(other.id, email="alice@example.org"))
        await uow.commit()
    assert alice.id != other.id


def test_of_two_profiles_of_one_person_the_shorter_leash_counts() -> None:
    one, two = a_profile("a", snoozed_until=date(2025, 2, 1)), a_profile("b", snoozed_until=date(2025, 3, 1))
    assert rules.joined(one, two) == a_profile("a", snoozed_until=date(2025, 3, 1))
    assert rules.joined(a_profile("a"), one).snoozed_until == date(2025, 2, 1)
