"""Teams' activities, read into asks: who, where, what; words as they were typed, and the people named in them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.teams.asks import (
    Incoming,
    Place,
    Unreadable,
    is_cancel,
    is_thanks,
    read_dialog,
    read_execute,
    read_message,
    read_origin,
    read_search,
    read_suggestion,
)
from adapters.teams.news import news_in
from adapters.teams.words import Named, first_link
from bot.messages import AskKind, Identity
from bot.table import build_table
from digests.model import Address

NOW = datetime(2025, 1, 23, 10, 0, tzinfo=UTC)
TENANT, ALICE = "aaaaaaaa-0000-4000-8000-000000000001", "a11ce000-0000-4000-8000-00000000a11c"
US = "28:11111111-2222-4333-8444-555555555555"
CHANNEL = "19:editors@thread.tacv2"
SPOKEN = build_table().spoken

Json = dict[str, Any]


def an_activity(kind: str = "message", place: str = "personal", **more: Any) -> Json:
    conversation: Json = {"conversationType": place, "id": "a:1-alice", "isGroup": place != "personal"}
    data: Json = {"tenant": {"id": TENANT}}
    if place == "channel":
        conversation["id"] = f"{CHANNEL};messageid=1737626400000"
        data |= {"team": {"id": "19:general@thread.tacv2"}, "channel": {"id": CHANNEL}}
    if place == "groupChat":
        conversation["id"] = "19:group@thread.v2"
    return {
        "type": kind,
        "id": "1737626400000",
        "serviceUrl": "https://smba.trafficmanager.net/uk/",
        "from": {"id": "29:alice", "name": "Alice Example", "aadObjectId": ALICE},
        "recipient": {"id": US, "name": "Convenor"},
        "conversation": conversation,
        "channelData": data,
        **more,
    }


def mention(account: str, label: str, name: str = "") -> Json:
    return {"type": "mention", "mentioned": {"id": account, "name": name or label}, "text": f"<at>{label}</at>"}


OURS = mention(US, "Convenor")


def said(text: str, *mentions: Json, html: str = "", place: str = "channel") -> Incoming:
    attachments = [{"contentType": "text/html", "content": html}] if html else []
    activity = an_activity(place=place, text=text, entities=list(mentions), attachments=attachments)
    return read_message(activity, read_origin(activity), SPOKEN, NOW)


def typed(text: str) -> tuple[str, str]:
    ask = said(text, place="personal").ask
    return ask.name, ask.words


def test_a_command_in_the_personal_chat_becomes_an_ask_of_that_person() -> None:
    incoming = said("digest search facial recognition", place="personal")
    ask, origin = incoming.ask, incoming.origin
    assert (ask.kind, ask.name, ask.words, ask.received_at) == (
        AskKind.COMMAND, "digest", "search facial recognition", NOW,
    )  # fmt: skip
    assert ask.identity == Identity("teams", TENANT, ALICE, "Alice Example")
    assert ask.address == Address("teams", TENANT, user=ALICE)
    assert (origin.place, origin.account, origin.bot) == (Place.PERSONAL, "29:alice", US)


def test_a_command_in_a_channel_is_said_by_naming_us_and_belongs_to_the_channel() -> None:
    incoming = said("<at>Convenor</at> digest\n", OURS)
    assert (incoming.ask.name, incoming.ask.words, incoming.named) == ("digest", "", {})
    assert incoming.ask.address == Address("teams", TENANT, channel=CHANNEL)
    assert incoming.origin.conversation == CHANNEL


def test_a_group_chat_is_no_channel_that_could_be_used_for_anything() -> None:
    incoming = said("<at>Convenor</at> digest", OURS, place="groupChat")
    assert incoming.origin.place is Place.GROUP
    assert incoming.ask.address == Address("teams", TENANT, user=ALICE)


@pytest.mark.parametrize("kind", ["", "personal"])
@pytest.mark.parametrize("chat", [CHANNEL, "19:group@thread.v2", "19:a11ce000_b0b00000@unq.gbl.spaces"])
def test_no_conversation_of_several_is_taken_for_somebodys_own_chat_whatever_teams_calls_it(
    chat: str, kind: str
) -> None:
    activity = an_activity(place="personal")
    activity["conversation"] = {"id": chat, "conversationType": kind}
    assert read_origin(activity).place is Place.GROUP
    assert news_in(activity, NOW) == (), "nothing is written there later"


def test_a_channel_is_one_also_where_teams_does_not_call_it_so() -> None:
    activity = an_activity(place="channel")
    del activity["conversation"]["conversationType"]
    assert read_origin(activity).address == Address("teams", TENANT, channel=CHANNEL)


@pytest.mark.parametrize(
    ("words", "name", "rest"),
    [
        ("digest", "digest", ""),
        ("/digest", "digest", ""),
        ("Digest", "digest", ""),
        ("  digest  ", "digest", ""),
        ("digest\u00a0search\u00a0health data", "digest", "search health data"),
        ("digest&nbsp;search AI &amp; law", "digest", "search AI & law"),
        ("digest add https://example.org/?a=1&copy=2", "digest", "add https://example.org/?a=1&copy=2"),
        ("digest search \u200bai", "digest", "search ai"),
        ("convenor home", "convenor", "home"),
        ("home", "convenor", "home"),
        ("Home", "convenor", "home"),
        ("help", "convenor", "help"),
        ("Help!", "convenor", "help"),
        ("sources failing", "convenor", "sources failing"),
        ("roles list", "convenor", "roles list"),
        ("privacy", "convenor", "privacy"),
        ("here digest", "convenor", "here digest"),
        ("convenor", "convenor", ""),
        ("convenor digest", "digest", ""),
        ("@Convenor topics list", "topics", "list"),
        ("intro someone who\nknows", "intro", "someone who\nknows"),
        ("", "convenor", "help"),
        ("hello", "convenor", "help"),
        ("Hello there!", "convenor", "help"),
        ("good morning Convenor", "convenor", "help"),
        ("hello there, can you tell me what is new?", "hello", "there, can you tell me what is new?"),
        ("history", "history", ""),
        ("digset", "digset", ""),
    ],
)
def test_words_are_read_as_commands_with_and_without_a_slash(words: str, name: str, rest: str) -> None:
    assert typed(words) == (name, rest)


@pytest.mark.parametrize("words", ["thanks", "Thank you!", "Thanks a lot.", "many thanks", "thank you very much"])
def test_thanks_are_known_for_what_they_are(words: str) -> None:
    assert is_thanks(said(words, place="personal"))
    assert not is_thanks(said(f"{words} for the digest", place="personal"))
    assert not is_thanks(said("digest", place="personal"))


def test_every_command_can_be_said_as_its_help_writes_it_and_without_its_slash() -> None:
    for command in build_table().commands:
        for slash in ("", "/"):
            name, words = typed(f"{slash}{' '.join(command.path)}")
            found = build_table().find(name, words)
            assert found is not None, command.path
            assert found[0].path == command.path


def test_no_word_of_ours_hides_a_command() -> None:
    assert all(SPOKEN[name] == name for name in build_table().names)


def test_people_who_are_named_stand_as_one_word_each_and_are_to_be_looked_up() -> None:
    incoming = said(
        "<at>Convenor</at> roles add <at>Bob Example</at> editor", OURS, mention("29:bob", "Bob Example")
    )  # fmt: skip
    assert (incoming.ask.name, incoming.ask.words) == ("convenor", "roles add @Bob_Example editor")
    assert incoming.named == {"@Bob_Example": Named("29:bob", "Bob Example")}


def test_two_people_of_the_same_name_are_told_apart() -> None:
    incoming = said(
        "intro <at>Bob</at> and <at>Bob</at>", mention("29:bob", "Bob"), mention("29:other", "Bob"), place="personal"
    )
    assert incoming.ask.words == "@Bob and @Bob_2"
    assert [who.account for who in incoming.named.values()] == ["29:bob", "29:other"]


def test_a_name_that_teams_gives_in_two_parts_is_one_person() -> None:
    incoming = said(
        "roles add <at>Bob</at> <at>Example</at> editor",
        mention("29:bob", "Bob"), mention("29:bob", "Example"), place="personal",
    )  # fmt: skip
    assert list(incoming.named.values()) == [Named("29:bob", "Bob")]
    assert incoming.ask.words.split() == ["roles", "add", "@Bob", "editor"]


def test_channels_and_tags_that_are_named_are_words_and_no_people() -> None:
    incoming = said("intro for <at>General</at>", mention("19:general@thread.tacv2", "General"), place="personal")
    assert (incoming.ask.words, incoming.named) == ("for @General", {})


def test_what_only_looks_like_a_mention_names_nobody() -> None:
    incoming = said("roles add <at>Bob</at> editor", place="personal")
    assert (incoming.ask.words, incoming.named) == ("roles add Bob editor", {})


def test_links_have_their_address_from_the_html_that_comes_beside_the_text() -> None:
    html = '<p>digest add <a href="https://example.org/a?b=1&amp;c=2" title="x">A fine page</a>&nbsp;</p>'
    assert said("digest add A fine page", html=html, place="personal").ask.words == (
        "add https://example.org/a?b=1&c=2"
    )


def test_the_html_gives_the_words_the_mentions_and_the_signs_but_not_what_is_answered_to() -> None:
    html = (
        '<blockquote itemscope="" itemtype="http://schema.skype.com/Reply" itemid="1"><strong>Bob</strong>'
        "<p>digest withdraw</p></blockquote>"
        '<div><div><span itemscope="" itemtype="http://schema.skype.com/Mention" itemid="0">Convenor</span>&nbsp;intro '
        '<span itemtype="http://schema.skype.com/Mention" itemid="1">Bob Example</span> &lt;b&gt; '
        '<img alt="😀" itemtype="http://schema.skype.com/Emoji"><br>again</div></div>'
    )
    incoming = said("ignored", OURS, mention("29:bob", "Bob Example"), html=html)
    assert (incoming.ask.name, incoming.ask.words) == ("intro", "@Bob_Example <b> 😀\nagain")


def test_where_the_html_shows_a_name_in_a_way_that_is_not_known_the_plain_text_tells() -> None:
    html = '<div><span itemtype="http://schema.skype.com/Mention"><span>Con</span>venor</span> digest</div>'
    assert said("<at>Convenor</at> digest", OURS, html=html).ask.name == "digest"


@pytest.mark.parametrize("html", ["<![", "<!DOCTYPE [", "<a href='", "<at>Convenor", "<" * 5000, "&#xD800;"])
def test_malformed_html_is_read_as_far_as_it_goes(html: str) -> None:
    assert said("digest", html=html, place="personal").ask.kind is AskKind.COMMAND


def an_execute(verb: str, data: object, place: str = "channel", **more: Any) -> Json:
    action = {"type": "Action.Execute", "verb": verb, "data": data}
    value = {"action": action, "trigger": "manual"}
    return an_activity("invoke", place, name="adaptiveCard/action", value=value, replyToId="1737626300000", **more)


def test_a_press_says_what_was_pressed_and_on_which_message() -> None:
    activity = an_execute("entry.drop", {"value": "e1 2"})
    ask = read_execute(activity, read_origin(activity), NOW).ask
    assert (ask.kind, ask.name, ask.value) == (AskKind.PRESS, "entry.drop", "e1 2")
    assert ask.message_ref == f"{CHANNEL}|1737626300000", "the message itself, not its thread"
    assert ask.identity.user == ALICE


def test_a_form_in_a_card_brings_what_was_typed_under_the_names_of_its_questions() -> None:
    activity = an_execute(
        "form", {"form": "suggestion", "value": "v", "f:url": "https://example.org", "f:n": 5, "x": []}
    )
    incoming = read_execute(activity, read_origin(activity), NOW)
    assert (incoming.ask.kind, incoming.ask.name, incoming.ask.value) == (AskKind.SUBMIT, "suggestion", "v")
    assert incoming.ask.fields == {"url": "https://example.org", "n": "5"}
    assert not is_cancel(activity)


def test_a_form_that_is_put_away_brings_what_was_typed_as_well() -> None:
    activity = an_execute("form-cancel", {"form": "suggestion", "value": "", "f:why": "half a sen"})
    assert is_cancel(activity)
    assert read_execute(activity, read_origin(activity), NOW).ask.fields == {"why": "half a sen"}


def test_a_dialog_is_opened_by_a_press_and_sent_as_a_form() -> None:
    opening = an_activity(
        "invoke", value={"data": {"msteams": {"type": "task/fetch"}, "action": "edition.add_link", "value": "e1"}}
    )
    ask = read_dialog(opening, read_origin(opening), NOW).ask
    assert (ask.kind, ask.name, ask.value) == (AskKind.PRESS, "edition.add_link", "e1")
    sent = an_activity("invoke", value={"data": {"form": "link", "value": "e1", "f:url": "x\r\ny"}})
    ask = read_dialog(sent, read_origin(sent), NOW).ask
    assert (ask.kind, ask.name, ask.value, ask.fields) == (AskKind.SUBMIT, "link", "e1", {"url": "x\ny"})


def test_a_card_of_the_older_sort_comes_as_a_message_without_words() -> None:
    activity = an_activity(value={"action": "home.latest", "value": ""}, replyToId="17")
    ask = read_message(activity, read_origin(activity), SPOKEN, NOW).ask
    assert (ask.kind, ask.name, ask.message_ref) == (AskKind.PRESS, "home.latest", "a:1-alice|17")


@pytest.mark.parametrize(
    ("content", "link"),
    [
        ('<p>See <a href="https://example.org/a">this</a> and <a href="https://example.org/b">that</a></p>',
         "https://example.org/a"),
        ("<div>https://example.org/plain, or so.</div>", "https://example.org/plain"),
        ('<a href="javascript:alert(1)">x</a> http://example.org', "http://example.org"),
        ("no address at all", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_suggestion_is_about_the_first_web_address_of_the_message(content: str, link: str) -> None:
    payload = {"body": {"contentType": "html", "content": content}, "from": {"user": {"displayName": "Bob"}}}
    activity = an_activity("invoke", "channel", value={"commandId": "suggest", "messagePayload": payload})
    ask = read_suggestion(activity, read_origin(activity), NOW).ask
    assert (ask.kind, ask.name, ask.value, ask.words) == (AskKind.PRESS, "suggest.message", link, "")
    assert first_link(content) == link


def test_a_search_of_the_message_extension_brings_words_and_the_part_that_is_wanted() -> None:
    parameters = [{"name": "words", "value": " facial\u00a0 recognition "}]
    value = {"commandId": "search", "parameters": parameters, "queryOptions": {"skip": 25, "count": 10}}
    search = read_search(an_activity("invoke", value=value), "words", 25)
    assert (search.words, search.skipped, search.most) == ("facial recognition", 25, 10)
    first = {"parameters": [{"name": "initialRun", "value": "true"}], "queryOptions": {"skip": -3, "count": 10_000}}
    search = read_search(an_activity("invoke", value=first), "words", 25)
    assert (search.words, search.skipped, search.most) == ("", 0, 25)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"from": {"id": "29:x"}}, "person"),
        ({"from": {"id": "29:x", "aadObjectId": "a,b"}}, "person"),
        ({"from": {"id": "29:x", "aadObjectId": "a:b"}}, "person"),
        ({"channelData": {}}, "tenant"),
        ({"channelData": {"tenant": {"id": "x|y"}}}, "tenant"),
        ({"conversation": {}}, "conversation"),
        ({"conversation": {"id": "a b"}}, "conversation"),
    ],
)
def test_what_says_not_who_or_where_cannot_be_read(change: Json, what: str) -> None:
    with pytest.raises(Unreadable, match=f"there is no {what}"):
        read_origin({**an_activity(text="digest"), **change})


def test_somebody_whose_id_teams_does_not_say_can_be_told_by_the_roster() -> None:
    activity = an_activity(text="digest") | {"from": {"id": "29:x", "name": "Eve"}}
    assert read_origin(activity, "from-the-roster").user == "from-the-roster"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"form": 5},
        {"action": {}},
        {"form": "x", "value": 5},
        {"form": "x", "f:a": []},
        {"action": "a", "value": "\0"},
    ],
)
def test_data_of_another_shape_is_none_of_ours(data: Json) -> None:
    activity = an_activity("invoke", value={"data": data})
    with pytest.raises(Unreadable):
        read_dialog(activity, read_origin(activity), NOW)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
KEYS = ("type", "id", "from", "recipient", "conversation", "channelData", "text", "value", "entities", "attachments",
        "replyToId", "serviceUrl", "name")  # fmt: skip
READERS: tuple[Callable[[Json], object], ...] = (
    read_origin,
    lambda activity: read_message(activity, read_origin(activity), SPOKEN, NOW),
    lambda activity: read_execute(activity, read_origin(activity), NOW),
    lambda activity: read_dialog(activity, read_origin(activity), NOW),
    lambda activity: read_suggestion(activity, read_origin(activity), NOW),
    lambda activity: read_search(activity, "words", 25),
)


@given(
    changes=st.dictionaries(st.sampled_from(KEYS), JSON, max_size=3),
    inner=st.dictionaries(st.sampled_from(("action", "data", "parameters", "queryOptions", "messagePayload")), JSON),
)
@settings(max_examples=60, deadline=None)
def test_whatever_comes_is_read_or_refused_and_nothing_else(changes: Json, inner: Json) -> None:
    for activity in ({**an_activity(text="digest", value=inner), **changes}, {**an_execute("form", inner), **changes}):
        for read in READERS:
            with contextlib.suppress(Unreadable):
                read(activity)


@given(st.text(max_size=200), st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_whatever_is_typed_gives_a_command_of_words_that_can_be_kept(text: str, html: str) -> None:
    incoming = said(text, OURS, html=html)
    assert incoming.ask.name
    assert isinstance(incoming.named, Mapping)
    incoming.ask.words.encode()
