"""Links that open a chat in Teams: whom they name, and that no name can make them into something else."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.teams.chats import chat_url, with_chat_links
from bot.messages import ChatLink, Heading, Message, Paragraph, link, say, text
from digests.model import Address

ALICE, CAROL, DAN = (Address("teams", "tenant-1", user=f"aad-{name}") for name in ("alice", "carol", "dan"))
NAMES = {ALICE: "alice@example.org", CAROL: "carol@example.org", DAN: "dan@example.org"}


async def sign_in(who: Address) -> str:
    return NAMES.get(who, "")


def test_a_chat_of_three_names_them_and_what_it_is_about() -> None:
    url = chat_url("tenant-1", ("alice@example.org", "carol@example.org", "dan@example.org"), "Alice & Carol", "Hello!")
    assert url == (
        "https://teams.microsoft.com/l/chat/0/0?tenantId=tenant-1"
        "&users=alice@example.org,carol@example.org,dan@example.org&topicName=Alice%20%26%20Carol&message=Hello%21"
    )


@pytest.mark.parametrize(
    ("hostile", "encoded"),
    [
        ("alice_example.com#EXT#@example.onmicrosoft.com", "alice_example.com%23EXT%23@example.onmicrosoft.com"),
        ("a,mallory@example.org", "a%2Cmallory@example.org"),
        ("a&message=Pay me", "a%26message%3DPay%20me"),
        ("o'brien+x@example.org", "o%27brien%2Bx@example.org"),
        ("zoë@example.org", "zo%C3%AB@example.org"),
        ("a/../../evil?x", "a%2F..%2F..%2Fevil%3Fx"),
        ("half \ud800 a pair\n", "half%20%3F%20a%20pair%0A"),
    ],
)
def test_no_name_becomes_anything_but_itself(hostile: str, encoded: str) -> None:
    url = chat_url("tenant-1", (hostile, "carol@example.org"))
    assert url == f"https://teams.microsoft.com/l/chat/0/0?tenantId=tenant-1&users={encoded},carol@example.org"


@given(st.text(min_size=1), st.text(), st.text())
def test_whatever_is_written_stands_in_its_own_place(user: str, topic: str, words: str) -> None:
    parts = urlsplit(chat_url("tenant-1", (user, "carol@example.org"), topic, words))
    assert (parts.scheme, parts.netloc, parts.path, parts.fragment) == (
        "https", "teams.microsoft.com", "/l/chat/0/0", "")  # fmt: skip
    asked = parse_qs(parts.query, keep_blank_values=True)
    assert asked.keys() <= {"tenantId", "users", "topicName", "message"}
    assert parts.query.count(",") == 1
    assert asked["users"][0].endswith(",carol@example.org")


async def test_a_piece_becomes_a_link_for_each_reader_with_the_same_people() -> None:
    message = Message("s", (Heading("Meet"), ChatLink("Start a chat", (ALICE, CAROL), "Alice and Carol", "Hello")))
    url = (
        "https://teams.microsoft.com/l/chat/0/0?tenantId=tenant-1&users=alice@example.org,carol@example.org"
        "&message=Hello"
    )
    for reader in (ALICE, CAROL):
        shown = await with_chat_links(message, reader.user, sign_in)
        assert shown.blocks == (Heading("Meet"), Paragraph(text(link("Start a chat", url))))


async def test_a_topic_is_for_more_than_two() -> None:
    message = Message("s", (ChatLink("Start a chat", (ALICE, CAROL, DAN), "Alice and Carol"),))
    (line,) = (await with_chat_links(message, ALICE.user, sign_in)).blocks
    assert isinstance(line, Paragraph)
    assert line.text[0].url.endswith(
        "users=alice@example.org,carol@example.org,dan@example.org&topicName=Alice%20and%20Carol"
    )


@pytest.mark.parametrize(
    "people",
    [
        (ALICE, Address("teams", "tenant-1", user="aad-nobody")),
        (ALICE, Address("teams", "tenant-2", user="aad-carol")),
        (Address("slack", "T01", user="U01ALICE"), Address("slack", "T01", user="U01CAROL")),
        (ALICE,),
        (),
    ],
    ids=["nobody knows them", "in two tenants", "in Slack", "alone", "nobody"],
)
async def test_where_there_is_no_chat_to_open_there_is_no_link(people: tuple[Address, ...]) -> None:
    message = Message("s", (Heading("Meet"), ChatLink("Start a chat", people)))
    assert (await with_chat_links(message, ALICE.user, sign_in)).blocks == (Heading("Meet"),)


async def test_a_message_without_such_a_piece_stays_as_it_is() -> None:
    message = say("Hello")
    assert await with_chat_links(message, ALICE.user, sign_in) is message
