"""Links to messages, as people copy them: which message of which channel they point at, and what is no such link."""

from __future__ import annotations

import pytest

from adapters.local import permalink as local
from adapters.slack import permalink as slack
from adapters.teams import permalink as teams
from bot.ports import BadLink, Pointed
from digests.model import Address

CHANNEL = Address("slack", "T01", channel="C0123ABCD")
DIRECT = Address("slack", "T01", user="U01ALICE")
TENANT = "1f3b2c4d-0000-4000-8000-0123456789ab"
TEAMS = Address("teams", TENANT, channel="19:abc_DEF-1@thread.tacv2")
ROOM = Address("local", "local", channel="digest")


@pytest.mark.parametrize(
    ("link", "message", "thread"),
    [
        ("https://example.slack.com/archives/C0123ABCD/p1700000000000100", "1700000000.000100", ""),
        ("  <https://example.slack.com/archives/C0123ABCD/p1700000000000100/> ", "1700000000.000100", ""),
        (
            "https://example.enterprise.slack.com/archives/C0123ABCD/p1700000000000100"
            "?thread_ts=1690000000.000200&cid=C0123ABCD",
            "1700000000.000100",
            "1690000000.000200",
        ),
        ("https://x.slack-gov.com/archives/C0123ABCD/p1700000000000100?thread_ts=x", "1700000000.000100", ""),
    ],
)
def test_a_slack_link_names_its_message_and_its_thread(link: str, message: str, thread: str) -> None:
    pointed = slack.message_at(CHANNEL, link)
    assert pointed == Pointed(f"C0123ABCD|{message}", f"C0123ABCD|{thread}" if thread else "")


def test_a_slack_link_may_point_into_direct_messages_where_those_were_meant() -> None:
    link = "https://example.slack.com/archives/{}/p1700000000000100"
    assert slack.message_at(DIRECT, link.format("D0123ABCD")).message_ref == "D0123ABCD|1700000000.000100"
    for address, channel in ((DIRECT, "C0123ABCD"), (CHANNEL, "D0123ABCD"), (CHANNEL, "C0123ABCE")):
        with pytest.raises(BadLink, match="That message is in another channel"):
            slack.message_at(address, link.format(channel))


@pytest.mark.parametrize(
    "link",
    [
        "",
        "I posted it at ten",
        "https://[",
        "http://example.slack.com/archives/C0123ABCD/p1700000000000100",
        "https://slack.com.example.org/archives/C0123ABCD/p1700000000000100",
        "https://example.org/archives/C0123ABCD/p1700000000000100",
        "https://example.slack.com/archives/C0123ABCD",
        "https://example.slack.com/archives/C0123ABCD/p17",
        "https://example.slack.com/archives/C0123ABCD|x/p1700000000000100",
        "https://example.slack.com/archives/C0123ABCD/p١٧٠٠٠٠٠٠٠٠٠٠٠١٠٠",
    ],
)
def test_what_is_no_slack_link_is_told_how_to_be_one(link: str) -> None:
    with pytest.raises(BadLink, match="choose “Copy link”, and paste it here"):
        slack.message_at(CHANNEL, link)


def test_a_link_of_the_browser_chat_names_its_line() -> None:
    assert local.message_at(ROOM, "http://127.0.0.1:8080/chat/bob/digest#line-12") == Pointed("12")
    direct = Address("local", "local", user="alice")
    assert local.message_at(direct, " https://chat.example.org/chat/alice/%40alice#line-3 ") == Pointed("3")
    with pytest.raises(BadLink, match="That message is in another room"):
        local.message_at(ROOM, "http://127.0.0.1:8080/chat/bob/editors#line-12")


@pytest.mark.parametrize(
    "link",
    [
        "",
        "12",
        "https://[",
        "ftp://127.0.0.1/chat/bob/digest#line-12",
        "http://127.0.0.1:8080/chat/mallory/digest#line-12",
        "http://127.0.0.1:8080/chat/bob/digest",
        "http://127.0.0.1:8080/chat/bob/digest#line-0",
        "http://127.0.0.1:8080/chat/bob/digest#line-" + "9" * 30,
    ],
)
def test_what_is_no_link_of_the_browser_chat_is_told_where_to_find_one(link: str) -> None:
    with pytest.raises(BadLink, match="Each message has one at the time beside its author’s name"):
        local.message_at(ROOM, link)


_TEAMS_LINK = "https://{}/l/message/19%3Aabc_DEF-1%40thread.tacv2/1700000000100"


@pytest.mark.parametrize(
    ("link", "thread"),
    [
        (_TEAMS_LINK.format("teams.microsoft.com"), ""),
        (
            _TEAMS_LINK.format("teams.microsoft.com") + f"?tenantId={TENANT}&groupId=1&parentMessageId=1700000000100"
            "&teamName=The%20network&channelName=digest&createdTime=1700000000100",
            "1700000000100",
        ),
        (
            _TEAMS_LINK.format("teams.cloud.microsoft") + f"?tenantId={TENANT.upper()}&parentMessageId=1690000000000",
            "1690000000000",
        ),
        (f"  <{_TEAMS_LINK.format('TEAMS.microsoft.com')}/?parentMessageId=x> ", ""),
        ("https://gov.teams.microsoft.us/l/message/19:abc_DEF-1@thread.tacv2/1700000000100", ""),
    ],
)
def test_a_teams_link_names_its_message_and_the_headline_of_its_thread(link: str, thread: str) -> None:
    assert teams.message_at(TEAMS, link) == Pointed(
        f"{TEAMS.channel}|1700000000100", f"{TEAMS.channel}|{thread}" if thread else ""
    )


@pytest.mark.parametrize(
    "link",
    [
        "https://teams.microsoft.com/l/message/19%3Aother%40thread.tacv2/1700000000100",
        _TEAMS_LINK.format("teams.microsoft.com") + "?tenantId=00000000-0000-4000-8000-0123456789ab",
    ],
)
def test_a_teams_link_into_another_channel_or_tenant_is_not_taken(link: str) -> None:
    with pytest.raises(BadLink, match="That message is in another channel"):
        teams.message_at(TEAMS, link)


@pytest.mark.parametrize(
    "link",
    [
        "",
        "I posted it at ten",
        "https://[",
        "http://teams.microsoft.com/l/message/19%3Aabc_DEF-1%40thread.tacv2/1700000000100",
        _TEAMS_LINK.format("teams.microsoft.com.example.org"),
        _TEAMS_LINK.format("alice@teams.microsoft.com"),
        "https://teams.microsoft.com/l/channel/19%3Aabc_DEF-1%40thread.tacv2/digest",
        "https://teams.microsoft.com/l/message/19%3Aabc_DEF-1%40thread.tacv2",
        "https://teams.microsoft.com/l/message/19%3Aabc%7C1%40thread.tacv2/1700000000100",
        "https://teams.microsoft.com/l/message/19%3Aabc_DEF-1%40thread.tacv2/١٧٠٠٠٠٠٠٠٠١٠٠",
        "https://teams.microsoft.com/l/message/19%3A8a_28%40unq.gbl.spaces/1700000000100?context=%7B%7D",
    ],
)
def test_what_is_no_teams_link_is_told_how_to_be_one(link: str) -> None:
    with pytest.raises(BadLink, match="open its “…” menu, choose “Copy link”, and paste it here"):
        teams.message_at(TEAMS, link)


def test_no_link_tells_of_a_message_in_somebodys_own_chat_in_teams() -> None:
    with pytest.raises(BadLink, match="Teams tells me nothing by a link to a message in somebody’s own chat with me"):
        teams.message_at(Address("teams", TENANT, user="aad-alice"), _TEAMS_LINK.format("teams.microsoft.com"))
