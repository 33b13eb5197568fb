"""Slack's payloads, read into asks: who, where, what; names and links in a command as they were typed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest

from adapters.slack.asks import Unreadable, read_command, read_press, read_shortcut, read_submission, read_words
from adapters.slack.render import FormOrigin
from bot.messages import AskKind, Identity
from digests.model import Address
from tests.shared import shared_dir

NOW = datetime(2025, 1, 23, 10, 0, tzinfo=UTC)
TEAM = "T111"

Json = dict[str, Any]


def payload(name: str) -> Json:
    found: Json = json.loads((shared_dir("slack") / "payloads" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def test_a_slash_command_of_slacks_own_becomes_an_ask() -> None:
    body = dict(parse_qsl(payload("slash_command")["slash_command_body"]))
    incoming = read_command(body, TEAM, NOW)
    ask = incoming.ask
    assert (ask.kind, ask.name, ask.words, ask.received_at) == (AskKind.COMMAND, "hello-world", "Hi", NOW)
    assert ask.identity == Identity("slack", TEAM, "W111", "primary-owner")
    assert ask.address == Address("slack", TEAM, channel="C111")
    assert incoming.origin.trigger_id == "111.111.xxx"
    assert incoming.origin.response_url == "https://hooks.slack.com/commands/T111/111/xxxxx"


def test_a_press_of_slacks_own_becomes_an_ask() -> None:
    body = payload("block_actions")["body"]
    incoming = read_press(body, TEAM, NOW)
    ask = incoming.ask
    assert (ask.kind, ask.name, ask.value) == (AskKind.PRESS, "a", "click_me_123")
    assert ask.identity == Identity("slack", TEAM, "W111", "primary-owner")
    assert ask.address == Address("slack", TEAM, channel="C111")
    assert ask.message_ref == "", "a message that one person sees cannot be updated"
    assert incoming.origin.trigger_id == "111.222.valid"


def test_a_press_on_a_message_in_a_thread_says_which_message_and_where_to_answer() -> None:
    body = payload("block_actions")["body"]
    body["container"] |= {"is_ephemeral": False, "thread_ts": "111.000"}
    body["actions"][0] |= {"action_id": "entry.drop:14"}
    incoming = read_press(body, TEAM, NOW)
    assert incoming.ask.name == "entry.drop"
    assert incoming.ask.message_ref == "C111|111.222"
    assert incoming.origin.thread_ts == "111.000"


def test_a_press_on_the_message_that_a_thread_hangs_on_is_answered_in_the_channel() -> None:
    body = payload("block_actions")["body"]
    body["message"] = {"ts": "111.222", "thread_ts": "111.222"}
    assert read_press(body, TEAM, NOW).origin.thread_ts == ""
    body["message"] = {"ts": "111.222", "thread_ts": "111.000"}
    assert read_press(body, TEAM, NOW).origin.thread_ts == "111.000"


def test_a_choice_in_a_menu_is_a_press_of_what_it_names() -> None:
    body = payload("block_actions")["body"]
    option = {"text": {"type": "plain_text", "text": "Move up"}, "value": "entry.up 2025-01-24 e1"}
    body["actions"] = [{"type": "overflow", "action_id": "menu:7", "selected_option": option}]
    ask = read_press(body, TEAM, NOW).ask
    assert (ask.name, ask.value) == ("entry.up", "2025-01-24 e1")
    body["actions"] = [{"type": "overflow", "action_id": "menu:7"}]
    with pytest.raises(Unreadable):
        read_press(body, TEAM, NOW)


def test_a_button_without_a_value_gives_an_empty_one() -> None:
    body = payload("block_actions")["body"]
    del body["actions"][0]["value"]
    assert read_press(body, TEAM, NOW).ask.value == ""


def submitted(metadata: str) -> Json:
    body: Json = payload("view_submission")["body"]
    body["view"]["private_metadata"] = metadata
    return body


def test_a_form_of_ours_becomes_an_ask_with_its_fields() -> None:
    body = submitted(FormOrigin("r7", "C9", "5.6").to_metadata())
    body["view"]["callback_id"] = "intro"
    body["view"]["state"]["values"] = {
        "need": {"answer": {"type": "plain_text_input", "value": "help & <advice>"}},
        "title": {"answer": {"type": "plain_text_input", "value": None}},
        "topic": {"answer": {"type": "static_select", "selected_option": {"value": "ai", "text": {}}}},
        "other": {"answer": {"type": "static_select", "selected_option": None}},
        "ways": {"answer": {"type": "multi_static_select", "selected_options": [{"value": "a"}, {"value": "b"}]}},
        "none": {"answer": {"type": "multi_static_select", "selected_options": []}},
    }
    incoming = read_submission(body, TEAM, NOW)
    ask = incoming.ask
    assert (ask.kind, ask.name, ask.value) == (AskKind.SUBMIT, "intro", "r7")
    assert ask.fields == {"need": "help & <advice>", "title": "", "topic": "ai", "other": "", "ways": "a,b", "none": ""}
    assert ask.address == Address("slack", TEAM, channel="C9")
    assert (incoming.origin.channel, incoming.origin.thread_ts) == ("C9", "5.6")


def a_shortcut(**message: Any) -> Json:
    return {
        "type": "message_action",
        "callback_id": "suggest.message",
        "trigger_id": "1.2.x",
        "response_url": "https://hooks.slack.com/app/1",
        "user": {"id": "U02", "name": "alice"},
        "channel": {"id": "C1", "name": "general"},
        "message": {"type": "message", "user": "U03", "ts": "5.6", "text": "", **message},
    }


@pytest.mark.parametrize(
    ("message", "url"),
    [
        (
            {
                "text": "Hi <@U1|bob>, <mailto:a@example.org|me> and <https://example.org/a?b=1&amp;c=2|it>, or <http://x.org>"
            },
            "https://example.org/a?b=1&c=2",
        ),
        ({"text": "<HTTPS://example.org/A>"}, "HTTPS://example.org/A"),
        (
            {"text": "see", "attachments": [None, {"from_url": 7}, {"title_link": "https://example.org"}]},
            "https://example.org",
        ),
        ({"text": "https://not-wrapped.example.org by Slack"}, ""),
        ({"text": "nothing", "attachments": "odd"}, ""),
        ({"text": None}, ""),
        ({"text": "<javascript:alert(1)>", "attachments": [{"from_url": "file:///etc/passwd"}]}, ""),
    ],
)
def test_a_shortcut_on_a_message_is_about_the_first_address_in_it_and_takes_nothing_else(
    message: Json, url: str
) -> None:
    incoming = read_shortcut(a_shortcut(**message), TEAM, NOW)
    ask = incoming.ask
    assert (ask.kind, ask.name, ask.value, ask.words) == (AskKind.PRESS, "suggest.message", url, "")
    assert ask.identity == Identity("slack", TEAM, "U02", "alice")
    assert (ask.message_ref, incoming.origin.thread_ts, incoming.origin.trigger_id) == ("", "", "1.2.x")


def test_a_shortcut_within_a_thread_is_answered_there_and_one_without_a_name_is_unreadable() -> None:
    assert read_shortcut(a_shortcut(thread_ts="1.1"), TEAM, NOW).origin.thread_ts == "1.1"
    assert read_shortcut(a_shortcut(thread_ts="5.6"), TEAM, NOW).origin.thread_ts == ""
    with pytest.raises(Unreadable):
        read_shortcut({**a_shortcut(), "callback_id": ""}, TEAM, NOW)


def test_a_form_of_somebody_else_is_refused() -> None:
    with pytest.raises(Unreadable):
        read_submission(submitted("This is for you!"), TEAM, NOW)


def test_what_is_said_in_direct_messages_is_addressed_to_the_person() -> None:
    body = {"user_id": "U1", "channel_id": "D42", "command": "/digest"}
    incoming = read_command(body, TEAM, NOW)
    assert incoming.ask.address == Address("slack", TEAM, user="U1")
    assert incoming.origin.channel == "D42"


def test_everything_is_of_the_workspace_in_which_convenor_is_installed() -> None:
    body = payload("block_actions")["body"]
    body["user"]["team_id"] = body["team"]["id"] = "T-other-side"
    assert read_press(body, TEAM, NOW).ask.identity.workspace == TEAM


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("draft", "draft"),
        ("  two   words ", "two   words"),
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt;", "&lt;"),
        ("add <https://a.example/x?a=1&amp;b=2|a.example/x>", "add https://a.example/x?a=1&b=2"),
        ("add <https://a.example/x>", "add https://a.example/x"),
        ("to <#C1|general> and <#C2>", "to #general and #C2"),
        ("<!here> <!subteam^S1|@editors> <!date^1^{date}|3 May>", "@here @editors 3 May"),
        ("<mailto:alice@example.org|alice@example.org> <tel:0201|0201>", "alice@example.org 0201"),
        ("<mailto:alice@example.org>", "alice@example.org"),
        ("x <not a thing> y", "x <not a thing> y"),
        ("open < and close >", "open < and close >"),
        ("", ""),
    ],
)
def test_a_commands_words_are_what_was_typed(typed: str, words: str) -> None:
    assert read_words(typed, TEAM) == (words, {})


def test_people_named_in_a_command_are_words_that_stand_for_accounts() -> None:
    words, mentions = read_words("grant editor <@U02BOB|bob> and <@W3> please", TEAM)
    assert words == "grant editor @bob and @W3 please"
    assert mentions == {"@bob": Identity("slack", TEAM, "U02BOB", "bob"), "@W3": Identity("slack", TEAM, "W3", "")}


def test_two_people_of_one_name_are_two_words() -> None:
    words, mentions = read_words("<@U1|bob> <@U2|bob> <@U1|bob>", TEAM)
    assert words == "@bob @U2 @bob"
    assert {word: who.user for word, who in mentions.items()} == {"@bob": "U1", "@U2": "U2"}


def test_a_name_of_two_words_is_named_by_its_id() -> None:
    words, mentions = read_words("<@U1|Bob B.>", TEAM)
    assert words == "@U1"
    assert mentions["@U1"].name == "Bob B."


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"user_id": "U1", "channel_id": "C1"},
        {"user_id": 5, "channel_id": "C1", "command": "/x"},
        {"user_id": "U1", "channel_id": None, "command": "/x"},
    ],
)
def test_a_command_that_lacks_what_every_command_has_is_unreadable(body: Json) -> None:
    with pytest.raises(Unreadable):
        read_command(body, TEAM, NOW)


@pytest.mark.parametrize(
    "change",
    [{"actions": []}, {"actions": None}, {"actions": ["x"]}, {"actions": [{}]}, {"user": None}, {"user": {"id": ""}}],
)
def test_a_press_that_lacks_what_every_press_has_is_unreadable(change: Json) -> None:
    with pytest.raises(Unreadable):
        read_press(payload("block_actions")["body"] | change, TEAM, NOW)


@pytest.mark.parametrize("values", [None, [], {"need": None}, {"need": {"answer": "x"}}, {"need": {}}])
def test_odd_answers_of_a_form_are_empty(values: object) -> None:
    body = submitted(FormOrigin("").to_metadata())
    body["view"]["state"] = {"values": values}
    assert set(read_submission(body, TEAM, NOW).ask.fields.values()) <= {""}
