"""Lists of people to be invited, line by line; nobody becomes a member by one."""

from __future__ import annotations

from dataclasses import replace

from bot.members import handover
from bot.members.handover import Row
from bot.messages import from_json
from digests.model import Address, DeliveryState
from tests.fakes.network import Network, words_of

LIST = """\ufeffName,Email,Account,Notes
Alice,alice@example.org,,likes tea
Bob,,slack:T1:U1,
,,,
Carol,carol at example,,
Dan,,U123,
Eve,,,
Alice again,ALICE@example.org,,
"Frank, Jr",frank@example.org
"""


def test_each_line_is_taken_or_told_why_not() -> None:
    rows = handover.read(LIST.splitlines(), {"mail::frank@example.org"})
    assert rows == [
        Row(2, Address("mail", "", user="alice@example.org")),
        Row(3, Address("slack", "T1", user="U1")),
        Row(5, None, "“carol at example” is not an e-mail address."),
        Row(6, None, "“U123” is not an account: write slack:T0123:U012AB3CD."),
        Row(7, None, "There is neither an e-mail address nor an account in this line."),
        Row(8, Address("mail", "", user="ALICE@example.org"), "This is in the list already, at line 2."),
        Row(
            9,
            Address("mail", "", user="frank@example.org"),
            "An invitation that can still be used was sent there before.",
        ),
    ]
    assert handover.read(["who,what", "a,b"], ()) == [Row(1, None, handover.NO_HEADER)]
    assert handover.read([], ()) == [Row(1, None, handover.NO_HEADER)]


async def test_a_list_makes_invitations_and_no_members_and_the_same_list_again_sends_nothing() -> None:
    network = await Network.make()
    services = replace(network.services, can_mail=True, owner="Example Network", contact="hello@example.org")
    lines = ["email", "alice@example.org", "bob@example.org"]
    assert [row.wrong for row in await handover.invite_all(services, lines)] == ["", ""]
    again = await handover.invite_all(services, lines)
    assert [row.wrong for row in again] == ["An invitation that can still be used was sent there before."] * 2
    async with network.store.read() as uow:
        assert await uow.profiles.all() == []
        waiting = await uow.deliveries.in_state(DeliveryState.PENDING)
    assert [row.address.user for row in waiting] == ["alice@example.org", "bob@example.org"]
    letter = words_of(from_json(waiting[0].body))
    assert letter.startswith("You are invited to the directory of Example Network\n")
    assert "In the chat of Example Network, type: /profile join" in letter
    assert "If you would like to ask something first, write to hello@example.org." in letter
    assert "You get this because a coordinator gave your address for it." in letter


async def test_without_a_mail_server_the_codes_are_given_to_whoever_has_the_list() -> None:
    network = await Network.make()
    (row,) = await handover.invite_all(network.services, ["email", "alice@example.org"])
    assert len(row.words) == 19
    assert "In the chat" not in "".join(words_of(message) for message in network.courier.to("alice@example.org"))
