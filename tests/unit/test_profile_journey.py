"""A member's own profile: the form, who would see what, the yes, pausing, leaving, and joining in each of its ways."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.members import handover, rules, texts
from bot.members.consent import ConsentPurpose
from bot.messages import Button, EntryLine, Form, Identity, Reply
from bot.ports import Role
from tests.builders import NOW
from tests.fakes.network import ALICE, BOB, CAROL, DAN, Network, buttons_of, said, words_of

FILLED = {
    "name": "Alice Example",
    "organisation": "Example Trust",
    "role": "Policy lead",
    "can_help": "How to read a data protection impact assessment, and NHS data opt-outs.",
    "topics": "ai",
    "languages": "English, Welsh, english",
    "regions": "Wales",
    "contacts": "chat,email",
    "email": "alice@example.org",
    "avoid": "Mallory\nAcme, Ltd",
}


def pressable(reply: Reply, label: str) -> Button:
    for message in reply.messages:
        for button in buttons_of(message):
            if button.label == label:
                return button
    raise AssertionError(f"no button “{label}” in: {said(reply)}")


async def opened(network: Network, who: Identity) -> Form:
    reply = await network.press(who, texts.FILL_IN)
    assert reply.form is not None
    return reply.form


async def invited(network: Network, who: Identity) -> None:
    reply = await network.say(DAN, f"/convenor invite @{who.name}", mentions={f"@{who.name}": who})
    assert "An invitation is on its way" in said(reply)
    (button,) = [b for m in network.courier.to(who.user) for b in buttons_of(m) if b.label == "Show me"][-1:]
    await network.press(who, button)


async def joined(network: Network, who: Identity = ALICE, **changed: str) -> Reply:
    await invited(network, who)
    preview = await network.send(who, await opened(network, who), **{**FILLED, **changed})
    return await network.press(who, pressable(preview, "Yes, I agree"))


async def directory(network: Network) -> list[str]:
    async with network.store.read() as uow:
        return [profile.name for profile in await uow.profiles.all()]


async def test_somebody_who_is_invited_is_in_the_directory_once_they_have_said_yes_to_what_they_saw() -> None:
    network = await Network.make()
    await invited(network, ALICE)
    page = await network.say(ALICE, "/profile")
    assert said(page).startswith("Your profile\nYou are not in the directory.")
    assert "You were invited, so you are in as soon as you have said yes." in said(page)
    form = await opened(network, ALICE)
    assert {field.name: field.value for field in form.fields if field.value} == {
        "name": "Alice",
        "languages": "English",
        "contacts": "chat",
        "per_fortnight": "1",
    }
    preview = await network.send(ALICE, form, **FILLED)
    assert await directory(network) == []
    words = said(preview)
    coordinator, _, rest = words.partition("What somebody sees once you have said yes to them")
    introduced, _, agreement = rest.partition("What you agree to")
    assert "Can help with: How to read a data protection impact assessment" in coordinator
    assert "Topics: Artificial intelligence\nLanguages: English, Welsh\nRegions: Wales" in coordinator
    assert "Reached by: chat or e-mail\nMay be asked: once a fortnight at most" in coordinator
    assert "alice@example.org" not in coordinator
    assert introduced.strip() == (
        "Alice Example\nOrganisation: Example Trust\nRole: Policy lead\n"
        "Can be reached: in chat or by e-mail to alice@example.org"
    )
    assert "They may ask me about introductions once a fortnight at most." in agreement
    assert "Your private list has 2 people or organisations. Only you can read it." in agreement
    assert "Mallory" not in words
    done = await network.press(ALICE, pressable(preview, "Yes, I agree"))
    assert said(done).startswith("Thank you. You are in the directory now, exactly as you saw it (revision 1).")
    assert await directory(network) == ["Alice Example"]
    async with network.store.read() as uow:
        member = await uow.members.find(ALICE)
        assert member is not None
        (consent,) = await uow.consents.of(member.id)
        profile = await uow.profiles.get(member.id)
    assert profile is not None
    assert profile.avoid == ("Mallory", "Acme, Ltd")
    assert profile.languages == ("English", "Welsh")
    assert (consent.purpose, consent.revision, consent.at) == (ConsentPurpose.DIRECTORY, 1, NOW)
    # Word for word what stood between the first line and the notes beneath.
    shown = words.partition("\n")[2].partition("\nYour private list")[0]
    assert consent.text.replace("\n- ", "\n") == shown


async def test_what_was_typed_is_kept_when_it_cannot_be_accepted_and_across_a_restart() -> None:
    network = await Network.make()
    form = await opened(network, ALICE)
    wrong = await network.send(
        ALICE, form, can_help="Data", contacts="email", email="alice at example", snoozed_until="soon", name=""
    )
    assert wrong.errors == {
        "name": "Please write the name that people know you by.",
        "can_help": "Please say a little more (at least 20 characters): what could somebody ask you about?",
        "email": "This does not look like an e-mail address. Write one such as alice@example.org.",
        "snoozed_until": "Please write the day like this: 2025-02-14 or 14 February 2025.",
    }
    page = await network.say(ALICE, "/profile")
    assert "You began to write your profile. It is kept, for you alone" in said(page)
    again = await network.press(ALICE, pressable(page, "Go on with it"))
    assert again.form is not None
    kept = {field.name: field.value for field in again.form.fields}
    assert (kept["can_help"], kept["email"], kept["snoozed_until"]) == ("Data", "alice at example", "soon")
    assert said(await network.press(ALICE, texts.THROW_AWAY)).startswith("What you had written is thrown away.")
    assert said(await network.press(ALICE, texts.THROW_AWAY)).startswith("There is nothing to throw away.")
    assert not (await opened(network, ALICE)).fields[4].value


async def test_a_yes_to_something_older_is_not_taken_and_what_now_stands_is_shown() -> None:
    network = await Network.make()
    await invited(network, ALICE)
    first = await network.send(ALICE, await opened(network, ALICE), **FILLED)
    second = await network.send(ALICE, await opened(network, ALICE), avoid="Somebody else")
    answer = await network.press(ALICE, pressable(first, "Yes, I agree"))
    assert said(answer).startswith("What you wrote has changed since this was shown, so it was not taken as your yes.")
    assert await directory(network) == []
    await network.press(ALICE, pressable(second, "Yes, I agree"))
    assert await directory(network) == ["Alice Example"]
    late = await network.press(ALICE, pressable(second, "Yes, I agree"))
    assert said(late).startswith("What this button was about is not there any more")


async def test_a_change_is_a_new_revision_with_a_yes_of_its_own_and_the_directory_hears_of_it() -> None:
    network = await Network.make()
    await joined(network)
    async with network.store.read() as uow:
        before = await uow.profiles.stamp()
    preview = await network.send(ALICE, await opened(network, ALICE), role="Director")
    assert "Your yes is recorded" not in said(preview)
    done = await network.press(ALICE, pressable(preview, "Yes, I agree"))
    assert said(done).startswith("Thank you. Your profile is changed, exactly as you saw it (revision 2).")
    async with network.store.read() as uow:
        (profile,) = await uow.profiles.all()
        consents = await uow.consents.of(profile.member_id)
        assert await uow.profiles.stamp() > before
    assert (profile.role, profile.revision, profile.joined_at) == ("Director", 2, NOW)
    assert [(consent.revision, "Role: Director" in consent.text) for consent in consents] == [(1, False), (2, True)]


async def test_a_form_that_was_opened_before_another_change_does_not_undo_it() -> None:
    network = await Network.make()
    await joined(network)
    old = await opened(network, ALICE)
    preview = await network.send(ALICE, await opened(network, ALICE), role="Director")
    await network.press(ALICE, pressable(preview, "Yes, I agree"))
    stale = await network.send(ALICE, old, organisation="Elsewhere")
    answer = await network.press(ALICE, pressable(stale, "Yes, I agree"))
    assert "Your profile was changed from somewhere else since you opened the form" in said(answer)
    again = await opened(network, ALICE)
    assert {field.name: field.value for field in again.fields}["organisation"] == "Elsewhere"
    preview = await network.send(ALICE, again)
    assert "revision 3" in said(await network.press(ALICE, pressable(preview, "Yes, I agree")))


@pytest.mark.parametrize("by_command", [True, False])
async def test_pausing_and_leaving_take_one_press(by_command: bool) -> None:
    network = await Network.make()
    await joined(network)
    page = await network.say(ALICE, "/profile")

    async def act(word: str, label: str) -> Reply:
        if by_command:
            return await network.say(ALICE, f"/profile {word}")
        return await network.press(ALICE, pressable(page, label))

    assert said(await act("pause", "Pause for four weeks")).startswith(
        "Done: you are not asked before Thursday 20 February 2025."
    )
    page = await network.say(ALICE, "/profile")
    assert "You are in the directory and rest: you are not asked before Thursday 20 February 2025." in said(page)
    assert (
        said(await act("resume", "I can be asked again")) == "Done: you may be asked again. Nothing else was changed."
    )
    page = await network.say(ALICE, "/profile")
    left = await act("leave", "Leave the directory")
    assert said(left).startswith("You have left the directory. Your profile is deleted")
    assert await directory(network) == []
    async with network.store.read() as uow:
        member = await uow.members.find(ALICE)
        assert member is not None
        (consent,) = await uow.consents.of(member.id)
    assert consent.withdrawn_at == NOW
    for word in ("pause", "resume", "leave"):
        assert said(await network.say(ALICE, f"/profile {word}")).startswith("You are not in the directory")


async def test_a_rest_that_is_over_is_neither_shown_nor_in_the_way() -> None:
    network = await Network.make()
    await joined(network, snoozed_until="14 Feb")
    assert "from Friday 14 February 2025 on" in said(await network.say(ALICE, "/profile"))
    network.clock.advance(days=30)
    page = said(await network.say(ALICE, "/profile"))
    assert "You are in the directory, and may be asked once a fortnight at most." in page
    assert "February" not in page
    preview = await network.send(ALICE, await opened(network, ALICE), role="Director")
    assert "revision 2" in said(await network.press(ALICE, pressable(preview, "Yes, I agree")))


@pytest.mark.parametrize("word", ["pause", "leave"])
async def test_whoever_pauses_or_leaves_is_on_no_card_any_more_and_what_they_are_asked_ends(word: str) -> None:
    network = await Network.make()
    await joined(network, CAROL, name="Carol Example")
    await network.asks_for(ALICE, "someone who knows about NHS data opt-outs")
    lines = [b for b in network.courier.in_channel("coordinators")[-1].blocks if isinstance(b, EntryLine) and b.buttons]
    await network.send(DAN, (await network.press(DAN, lines[0].buttons[0])).form)
    async with network.store.read() as uow:
        (journey,) = await uow.requests.unfinished()
    assert journey.open_ask is not None
    await network.say(CAROL, f"/profile {word}")
    async with network.store.read() as uow:
        (journey,) = await uow.requests.unfinished()
    assert journey.open_ask is None
    assert journey.request.suggested == ()


async def test_whoever_asks_to_join_waits_for_a_coordinator_and_is_told() -> None:
    network = await Network.make()
    preview = await network.send(ALICE, await opened(network, ALICE), **FILLED)
    assert "a coordinator looks at it before you are in" in said(preview)
    asked = await network.press(ALICE, pressable(preview, "Yes, I agree"))
    assert said(asked).startswith("Thank you. Your yes is recorded, and the coordinators are asked to let you in.")
    assert await directory(network) == []
    assert "You have asked to join the directory." in said(await network.say(ALICE, "/profile"))
    (card,) = [m for m in network.courier.in_channel("coordinators") if "asks to join" in m.summary]
    assert "Can help with: How to read" in words_of(card)
    assert "Mallory" not in words_of(card)
    assert "alice@example.org" not in words_of(card)
    yes = network.button("Let them in", "coordinators")
    refused = await network.press(CAROL, yes)
    assert said(refused).startswith("That is for a coordinator")
    assert said(await network.press(DAN, yes)) == "Alice Example is in the directory now, and is told so."
    assert await directory(network) == ["Alice Example"]
    assert any("You are in the directory now" in words_of(m) for m in network.courier.to("alice"))
    assert "That request to join was decided already" in said(await network.press(DAN, yes))
    async with network.store.read() as uow:
        noted = [(entry.action, entry.subject.split(":")[0]) for entry in await uow.audit.latest(5)]
    assert noted[0] == ("let into the directory", "member")


async def test_whoever_is_not_let_in_is_told_kindly_and_nothing_of_their_profile_is_left() -> None:
    network = await Network.make()
    preview = await network.send(ALICE, await opened(network, ALICE), **FILLED)
    await network.press(ALICE, pressable(preview, "Yes, I agree"))
    no = network.button("Not this time", "coordinators")
    assert said(await network.press(DAN, no)).startswith("Done. They are told")
    (told,) = [m for m in network.courier.to("alice") if "has not let you in this time" in words_of(m)]
    assert "Dan" not in words_of(told)
    assert not any("Alice Example" in words_of(m) for m in network.courier.in_channel("coordinators"))
    async with network.store.read() as uow:
        member = await uow.members.find(ALICE)
        assert member is not None
        assert await uow.applications.get(member.id) is None
        assert not any(consent.stands for consent in await uow.consents.of(member.id))


async def test_a_request_to_join_is_taken_back_or_changed_and_its_card_says_so() -> None:
    network = await Network.make()
    preview = await network.send(ALICE, await opened(network, ALICE), **FILLED)
    await network.press(ALICE, pressable(preview, "Yes, I agree"))
    old = network.button("Let them in", "coordinators")
    preview = await network.send(ALICE, await opened(network, ALICE), role="Director")
    await network.press(ALICE, pressable(preview, "Yes, I agree"))
    assert "decided already, changed or taken back" in said(await network.press(DAN, old))
    assert await directory(network) == []
    newer = network.button("Let them in", "coordinators")
    left = await network.say(ALICE, "/profile leave")
    assert said(left).startswith("Your request to join the directory is taken back")
    assert "decided already" in said(await network.press(DAN, newer))
    assert not any("Director" in words_of(m) for m in network.courier.in_channel("coordinators"))


async def test_a_coordinator_who_comes_later_sees_who_waits() -> None:
    network = await Network.make(bound=False)
    async with network.store.begin() as uow:
        dan = await uow.members.find(DAN)
        assert dan is not None
        await uow.roles.revoke(dan.id, Role.COORDINATOR)
        await uow.commit()
    preview = await network.send(ALICE, await opened(network, ALICE), **FILLED)
    await network.press(ALICE, pressable(preview, "Yes, I agree"))
    await network.say(BOB, "/convenor roles add @Dan coordinator", mentions={"@Dan": DAN})
    assert any("asks to join the directory" in m.summary for m in network.courier.to("dan"))


async def test_an_invitation_reads_the_same_for_a_member_and_for_anybody_else() -> None:
    network = await Network.make()
    await joined(network)
    answers = [
        said(await network.say(DAN, f"/convenor invite @{who.name}", mentions={f"@{who.name}": who})).replace(
            who.name, "X"
        )
        for who in (ALICE, CAROL)
    ]
    assert answers[0] == answers[1]
    sent = [network.courier.to(who.user)[-1] for who in (ALICE, CAROL)]
    assert words_of(sent[0]) == words_of(sent[1])
    (button,) = buttons_of(sent[0])
    # A member who presses it only sees their own profile, and the invitation still works.
    assert "You are in the directory, and may be asked" in said(await network.press(ALICE, button))
    assert "You were invited" in said(await network.press(CAROL, button))


async def test_a_code_can_be_passed_on_and_works_once_however_it_is_typed() -> None:
    network = await Network.make()
    told = said(await network.say(DAN, "/convenor invite"))
    code = told.partition("/profile join ")[2].partition(" ")[0]
    assert "It works until Saturday 22 February 2025, and once" in told
    assert "You were invited" in said(await network.say(ALICE, f"/profile join {code.lower().replace('-', ' ')}"))
    wrong = said(await network.say(CAROL, f"/profile join {code}")).partition(" (reference")[0]
    assert wrong == said(await network.say(CAROL, "/profile join ABCD-EFGH-JKMN-PQRS")).partition(" (reference")[0]
    assert wrong.startswith("That code does not work: it may be mistyped, used already, or too old.")
    async with network.store.read() as uow:
        assert not any(code in repr(each) for each in uow._work.seen().codes.values())


async def test_codes_expire_and_cannot_be_guessed_at() -> None:
    network = await Network.make()
    code = said(await network.say(DAN, "/convenor invite")).partition("/profile join ")[2].partition(" ")[0]
    for _ in range(5):
        assert "That code does not work" in said(await network.say(ALICE, "/profile join AAAA-BBBB-CCCC-DDDD"))
    assert "so no other is looked at for now" in said(await network.say(ALICE, f"/profile join {code}"))
    network.clock.advance(hours=1, minutes=1)
    network.clock.advance(days=30)
    assert "That code does not work" in said(await network.say(ALICE, f"/profile join {code}"))


async def test_inviting_is_for_coordinators_and_says_how_it_is_done() -> None:
    network = await Network.make()
    assert said(await network.say(ALICE, "/convenor invite @Bob", mentions={"@Bob": BOB})).startswith(
        "That is for a coord"
    )
    assert "Nothing was sent." in said(await network.say(DAN, "/convenor invite somebody nice"))
    assert "No mail server is set up here" in said(await network.say(DAN, "/convenor invite eve@example.org"))
    assert "Write /profile join and the code" in said(await network.say(ALICE, "/profile join"))


async def test_something_sensitive_is_met_with_a_kind_word_and_is_still_allowed() -> None:
    network = await Network.make()
    preview = await network.send(
        ALICE,
        await opened(network, ALICE),
        **{**FILLED, "can_help": "As a disabled person I know about benefits data."},
    )
    assert "That is quite all right if you want coordinators to read it." in said(preview)
    assert pressable(preview, "Yes, I agree")
    plain = await network.send(ALICE, await opened(network, ALICE), can_help="I research trade unions and health data.")
    assert "quite all right" not in said(plain)


async def test_a_coordinator_pastes_a_list_and_each_line_becomes_an_invitation_or_is_explained() -> None:
    network = await Network.make()
    assert said(await network.say(ALICE, "/convenor members import")).startswith("That is for a coordinator")
    form = (await network.say(DAN, "/convenor members import")).form
    refused = await network.send(DAN, form, people="name\nBob")
    assert refused.errors == {"people": f"Nobody was invited. Line 1: {handover.NO_HEADER}"}
    refused = await network.send(DAN, form, people=" ")
    assert refused.errors == {"people": "There is nobody in this list. Nobody was invited."}
    people = "email,account\n,fake:W:carol\n,local:W:bob\nzed@example.org\nnot an address"
    words = said(await network.send(DAN, form, people=people)).split("\n")
    assert words[:3] == [
        "2 invitations made, 2 lines not taken.",
        "Line 2: “fake:W:carol” is not an account: write slack:T0123:U012AB3CD.",
        "Line 5: “not an address” is not an e-mail address.",
    ]
    assert words[-1].startswith("zed@example.org: /profile join ")
    again = await network.send(DAN, form, people=people)
    assert "Line 4: An invitation that can still be used was sent there before." in again.errors["people"]
    async with network.store.read() as uow:
        assert [entry.action for entry in await uow.audit.latest(9)] == ["invited", "invited"]
        assert await uow.profiles.all() == []


async def test_the_export_is_for_coordinators_has_no_private_list_or_address_and_is_in_the_audit_log() -> None:
    network = await Network.make()
    await joined(network, role="=HYPERLINK(1)")
    assert said(await network.say(ALICE, "/convenor members export")).startswith("That is for a coordinator")
    words = said(await network.say(DAN, "/convenor members export"))
    assert "Alice Example,,Example Trust,'=HYPERLINK(1)," in words
    assert "fake:W:alice" in words
    assert "Mallory" not in words
    assert "alice@example.org" not in words
    async with network.store.read() as uow:
        (entry, *_) = await uow.audit.latest(1)
    assert (entry.action, entry.subject) == ("exported the directory", "directory")


async def test_the_home_shows_how_somebody_stands() -> None:
    network = await Network.make()
    assert "You are not in the directory." in said(await network.say(ALICE, "/convenor home"))
    await joined(network)
    home = await network.say(ALICE, "/convenor home")
    assert "You are in the directory, and may be asked once a fortnight at most." in said(home)
    page = await network.press(ALICE, pressable(home, "Show my profile"))
    assert "Only you read this. Not to be introduced to: Mallory; Acme, Ltd" in said(page)


def test_a_day_until_which_nobody_is_asked_is_to_come_and_within_a_year() -> None:
    today = date(2025, 1, 23)
    fields = {
        **dict.fromkeys(rules.NAMES, ""),
        "name": "A",
        "can_help": "x" * 20,
        "contacts": "chat",
        "per_fortnight": "1",
    }
    assert rules.problems(fields, (), today) == {}
    assert rules.problems({**fields, "snoozed_until": "2025-01-23"}, (), today) == {"snoozed_until": rules.DATE_PAST}
    far = (today + rules.SNOOZE_AT_MOST + timedelta(days=1)).isoformat()
    assert rules.problems({**fields, "snoozed_until": far}, (), today) == {"snoozed_until": rules.DATE_FAR}
    assert rules.problems({**fields, "topics": "gone"}, ("ai",), today) == {"topics": rules.TOPIC_WRONG}
    assert rules.problems({**fields, "per_fortnight": "99"}, (), today) == {"per_fortnight": rules.FREQUENCY_WRONG}


@pytest.mark.parametrize(
    "words",
    [
        "I'm autistic and work on accessibility",
        "As a Muslim I see what surveillance does",
        "my own mental health",
        "I have been a union rep for years",
        "member of UNISON",
    ],
)
def test_what_somebody_says_of_themselves_is_noticed(words: str) -> None:
    assert rules.seems_sensitive(words)


@pytest.mark.parametrize(
    "words",
    ["health data", "trade unions and AI at work", "race equality data", "I work on the Health Bill", "faith groups"],
)
def test_what_somebody_works_on_is_not_taken_for_what_they_are(words: str) -> None:
    assert not rules.seems_sensitive(words)
