"""What Slack is given for each kind of block: nothing in it is parsed, nothing is beyond a limit, nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.slack.limits import ALL_BLOCKS, FALLBACK_TEXT, characters, check_view
from adapters.slack.render import (
    FormOrigin,
    TooLong,
    Unsendable,
    action_of,
    escape,
    field_of,
    render_form,
    render_message,
    render_page,
    render_returned_form,
)
from bot.legible import cut
from bot.messages import (
    Block,
    Bullets,
    Button,
    Buttons,
    ButtonStyle,
    Divider,
    EntryLine,
    Field,
    FieldKind,
    Form,
    Heading,
    Menu,
    Message,
    Note,
    Option,
    Paragraph,
    bold,
    channel_name,
    code,
    has_buttons,
    italic,
    link,
    say,
    text,
)
from digests.model import Address

URL = "https://www.gov.uk/data?a=1&b=2"


def rendered(*blocks: Block, summary: str = "Summary") -> list[dict[str, Any]]:
    return list(render_message(Message(summary, blocks)).blocks)


def test_a_paragraph_is_rich_text_with_each_span_in_its_style() -> None:
    assert rendered(Paragraph(text("Plain ", bold("bold"), italic("it"), code("/digest"), link("a law", URL)))) == [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "text", "text": "Plain "},
                        {"type": "text", "text": "bold", "style": {"bold": True}},
                        {"type": "text", "text": "it", "style": {"italic": True}},
                        {"type": "text", "text": "/digest", "style": {"code": True}},
                        {"type": "link", "text": "a law", "url": URL},
                    ],
                }
            ],
        }
    ]


def test_a_heading_is_a_header_on_one_line() -> None:
    assert rendered(Heading("New\n bills")) == [
        {"type": "header", "text": {"type": "plain_text", "text": "New bills", "emoji": False}}
    ]


def test_bullets_are_one_list() -> None:
    (block,) = rendered(Bullets((text("one"), text(link("two", URL)))))
    (made,) = block["elements"]
    assert made["type"] == "rich_text_list"
    assert made["style"] == "bullet"
    assert [item["elements"][0]["text"] for item in made["elements"]] == ["one", "two"]


def test_an_entry_is_its_line_then_small_print_then_its_buttons() -> None:
    entry = EntryLine(text(link("A law", URL)), text("Why: “data”"), (Button("Leave out", "entry.drop", "12 e3"),))
    line, detail, buttons = rendered(entry)
    assert line["type"] == "rich_text"
    assert detail == {
        "type": "context",
        "elements": [{"type": "plain_text", "text": "Why: “data”", "emoji": False}],
    }
    assert buttons == {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "text": {"type": "plain_text", "text": "Leave out", "emoji": False},
                "action_id": "entry.drop:1",
                "value": "12 e3",
            }
        ],
    }


def test_small_print_with_a_link_keeps_the_link() -> None:
    (_, detail) = rendered(EntryLine(text("A law"), text("Also ", link("here", URL))))
    assert detail["elements"][0]["elements"][1] == {"type": "link", "text": "here", "url": URL}


def test_an_entry_that_is_left_out_is_struck_through() -> None:
    (line,) = rendered(EntryLine(text(bold("3 May: "), link("A law", URL)), faded=True))
    first, second = line["elements"][0]["elements"]
    assert first["style"] == {"bold": True, "strike": True}
    assert second["style"] == {"strike": True}


def test_every_button_of_a_message_has_an_id_of_its_own_from_which_its_action_comes_back() -> None:
    again = Button("Leave out", "entry.drop", "1")
    blocks = rendered(EntryLine(text("a"), (), (again,)), Buttons((again, again)), Buttons((again,)))
    ids = [button["action_id"] for block in blocks if block["type"] == "actions" for button in block["elements"]]
    assert len(set(ids)) == len(ids) == 4
    assert {action_of(action_id) for action_id in ids} == {"entry.drop"}


@pytest.mark.parametrize("action", ["entry.drop", "odd:name", "ends:7"])
def test_an_action_with_a_colon_comes_back_whole(action: str) -> None:
    (block,) = rendered(Buttons((Button("Go", action),)))
    assert action_of(block["elements"][0]["action_id"]) == action


def test_a_button_that_asks_first_carries_its_question_and_names_its_deed() -> None:
    (block,) = rendered(Buttons((Button("Withdraw", "x", style=ButtonStyle.DANGER, confirm="For good?", hint="All"),)))
    (button,) = block["elements"]
    assert button["style"] == "danger"
    assert button["accessibility_label"] == "All"
    assert button["confirm"]["text"]["text"] == "For good?"
    assert button["confirm"]["confirm"]["text"] == "Withdraw"
    assert button["confirm"]["deny"]["text"] == "Cancel"
    assert button["confirm"]["style"] == "danger"


def test_a_row_of_more_than_twenty_five_buttons_becomes_two_rows() -> None:
    blocks = rendered(Buttons(tuple(Button(str(n), "x", str(n)) for n in range(30))))
    assert [len(block["elements"]) for block in blocks] == [25, 5]


def test_a_menu_stands_beside_the_buttons_and_each_choice_says_what_it_does() -> None:
    menu = Menu((Button("Move up", "entry.up", "2025-01-24 e1"), Button("Tags", "tags.show", "i1")), "A title")
    *_, actions = rendered(EntryLine(text("A title"), buttons=(Button("Leave out", "entry.drop", "x"),), menu=menu))
    button, overflow = actions["elements"]
    assert button["text"]["text"] == "Leave out"
    assert (overflow["type"], overflow["action_id"]) == ("overflow", "menu:2")
    assert [(option["text"]["text"], option["value"]) for option in overflow["options"]] == [
        ("Move up", "entry.up 2025-01-24 e1"),
        ("Tags", "tags.show i1"),
    ]


def test_a_form_that_answers_a_form_has_new_questions_so_that_slack_shows_its_own_words() -> None:
    first = render_form(FORM)
    second = render_form(FORM, after=first)
    third = render_form(FORM, after=second)
    ids = [
        [block["block_id"] for block in view["blocks"] if block["type"] == "input"] for view in (first, second, third)
    ]
    assert not set(ids[0]) & set(ids[1]) | set(ids[1]) & set(ids[2])
    assert [field_of(block_id) for block_id in ids[2]] == ids[0]


def test_the_fallback_text_is_escaped() -> None:
    made = render_message(Message("<!channel> & <@U123> &lt;", (Paragraph(text("x")),)))
    assert made.text == "&lt;!channel&gt; &amp; &lt;@U123&gt; &amp;lt;"


def test_a_message_without_a_summary_falls_back_on_its_words() -> None:
    assert (
        render_message(Message(" ", (Heading("Bills"), Paragraph(text("Two & more"))))).text == "Bills Two &amp; more"
    )


def test_a_long_summary_is_cut_so_that_it_fits_once_escaped() -> None:
    made = render_message(Message("&" * 5000, (Paragraph(text("x")),)))
    assert len(made.text) <= FALLBACK_TEXT
    assert made.text.endswith("&amp;…")
    assert len(made.text) > FALLBACK_TEXT - 10


def test_what_turns_text_round_or_cannot_be_shown_is_taken_out() -> None:
    (block,) = rendered(Paragraph(text("a\u202eb\u2066c\x00d\ud800e\nf")))
    assert block["elements"][0]["elements"][0]["text"] == "abcd?e\nf"


def test_a_link_keeps_its_address_exactly() -> None:
    (block,) = rendered(Paragraph(text(link("x", URL))))
    assert block["elements"][0]["elements"][0]["url"] == URL


def test_long_words_are_cut_with_an_ellipsis() -> None:
    long = "word " * 1000
    heading, bullets, note, buttons = rendered(
        Heading(long), Bullets((text(long),)), Note(text(long)), Buttons((Button(long, "x", hint=long, confirm=long),))
    )
    (button,) = buttons["elements"]
    for shown, most in (
        (heading["text"]["text"], 150),
        (bullets["elements"][0]["elements"][0]["elements"][0]["text"], 3000),
        (note["elements"][0]["text"], 3000),
        (button["text"]["text"], 75),
        (button["accessibility_label"], 75),
        (button["confirm"]["text"]["text"], 300),
        (button["confirm"]["confirm"]["text"], 30),
    ):
        assert most - 5 <= len(shown) <= most
        assert shown.endswith("…")


def test_a_paragraph_longer_than_a_section_goes_on_in_another() -> None:
    blocks = rendered(Paragraph(text("a" * 2000, bold("b" * 2000), link("c" * 3000, URL))))
    parts = [block["elements"][0]["elements"] for block in blocks]
    assert [[(one["type"], len(one["text"])) for one in part] for part in parts] == [
        [("text", 2000), ("text", 1000)],
        [("text", 1000), ("link", 2000)],
        [("link", 1000)],
    ]


@pytest.mark.parametrize(("words", "most", "shown"), [("four", 4, "four"), ("fives", 4, "fiv…"), ("a bc", 3, "a…")])
def test_words_are_cut_to_a_length(words: str, most: int, shown: str) -> None:
    assert cut(words, most) == shown


def test_empty_texts_leave_no_empty_blocks() -> None:
    assert rendered(Paragraph(()), Note(()), Bullets(()), Buttons(()), EntryLine(()), Divider()) == [
        {"type": "divider"}
    ]


def test_fifty_blocks_pass_and_the_fifty_first_is_too_long() -> None:
    assert len(rendered(*[Divider()] * 50)) == 50
    with pytest.raises(TooLong, match="51 blocks"):
        rendered(*[Divider()] * 51)


def test_too_many_characters_over_all_blocks_are_too_long_and_never_dropped() -> None:
    entry = EntryLine(text(link("A title of some length", URL), " a blurb " * 20))
    fitting = 1
    while characters(rendered(*[entry] * fitting)) + 400 < ALL_BLOCKS:
        fitting += 1
    with pytest.raises(TooLong, match="characters over all blocks"):
        rendered(*[entry] * (fitting + 2))


def test_a_button_value_that_does_not_fit_is_refused_and_not_cut() -> None:
    with pytest.raises(Unsendable, match="value") as caught:
        rendered(Buttons((Button("Go", "x", "v" * 2001),)))
    assert not isinstance(caught.value, TooLong)


def test_a_message_of_nothing_is_refused() -> None:
    with pytest.raises(Unsendable, match="no blocks"):
        rendered()


FORM = Form(
    "intro",
    "Ask for an introduction",
    "Ask",
    (
        Field(
            "need", "What do you need?", FieldKind.PARAGRAPH, "old & <new>", "One sentence is enough.", max_length=600
        ),
        Field("title", "Title"),
        Field(
            "topic",
            "Topic",
            FieldKind.CHOICE,
            "ai",
            required=False,
            options=(Option("ai", "AI & law"), Option("data", "Data")),
        ),
    ),
    intro=text("Nobody is shown ", bold("before"), " they agree."),
    value="r1",
)


def test_a_form_is_a_modal_whose_questions_are_named_by_their_blocks() -> None:
    view = render_form(FORM, channel="C1", thread_ts="1.2")
    assert view["type"] == "modal"
    assert view["callback_id"] == "intro"
    assert view["title"]["text"] == "Ask for an introduction"
    assert view["submit"]["text"] == "Ask"
    assert FormOrigin.from_metadata(view["private_metadata"]) == FormOrigin("r1", "C1", "1.2")
    intro, need, title, topic = view["blocks"]
    assert intro["type"] == "rich_text"
    assert [block["block_id"] for block in (need, title, topic)] == ["need", "title", "topic"]
    assert need["element"]["multiline"] is True
    assert need["element"]["initial_value"] == "old & <new>"
    assert need["element"]["max_length"] == 600
    assert need["hint"]["text"] == "One sentence is enough."
    assert need["optional"] is False
    assert title["element"].get("multiline", False) is False
    assert "initial_value" not in title["element"]
    assert topic["optional"] is True
    assert topic["element"]["type"] == "static_select"
    assert topic["element"]["initial_option"]["value"] == "ai"
    assert check_view(view) == []


def test_a_choice_that_is_no_option_is_not_preselected() -> None:
    field = Field("topic", "Topic", FieldKind.CHOICE, "gone", options=(Option("ai", "AI"),))
    view = render_form(Form("f", "Title", "Save", (field,)))
    assert "initial_option" not in view["blocks"][0]["element"]


def test_several_are_chosen_from_a_list_and_those_that_are_no_options_are_left_out() -> None:
    options = (Option("ai", "AI"), Option("data", "Data & law"), Option("x", "X"))
    fields = (
        Field("topics", "Topics", FieldKind.SEVERAL, "data,gone,ai", options=options),
        Field("none", "None", FieldKind.SEVERAL, required=False, options=options),
    )
    view = render_form(Form("f", "Title", "Save", fields))
    chosen, none = (block["element"] for block in view["blocks"])
    assert chosen["type"] == "multi_static_select"
    assert [option["value"] for option in chosen["initial_options"]] == ["data", "ai"]
    assert "initial_options" not in none
    assert check_view(view) == []


def test_a_form_that_comes_back_keeps_what_was_chosen_of_several() -> None:
    options = (Option("ai", "AI"), Option("data", "Data"))
    view = render_form(
        Form("f", "Title", "Save", (Field("topics", "Topics", FieldKind.SEVERAL, "ai", options=options),))
    )
    element = view["blocks"][0]["element"]
    typed = {"type": "multi_static_select", "selected_options": [element["options"][1]]}
    view["state"] = {"values": {"topics": {element["action_id"]: typed}}}
    returned = render_returned_form(view, {"topics": "Please choose again."})
    assert [option["value"] for option in returned["blocks"][-1]["element"]["initial_options"]] == ["data"]


def test_what_stands_in_a_field_is_never_cut() -> None:
    view = render_form(Form("f", "Title", "Save", (Field("blurb", "Blurb", value="x" * 500, max_length=300),)))
    element = view["blocks"][0]["element"]
    assert element["initial_value"] == "x" * 500
    assert element["max_length"] == 500
    with pytest.raises(Unsendable, match="longer than it may become"):
        render_form(Form("f", "Title", "Save", (Field("blurb", "Blurb", FieldKind.PARAGRAPH, "x" * 3001),)))


def test_a_long_title_and_button_of_a_form_are_cut() -> None:
    view = render_form(Form("f", "A title that is much longer", "A button that is much longer", (Field("a", "A"),)))
    assert view["title"]["text"] == "A title that is much lo…"
    assert view["submit"]["text"] == "A button that is much l…"


def test_a_form_whose_subject_does_not_fit_is_refused() -> None:
    with pytest.raises(Unsendable, match="private_metadata"):
        render_form(Form("f", "Title", "Save", (Field("a", "A"),), value="v" * 3000))


@pytest.mark.parametrize("metadata", ["", "This is for you!", "{}", "[1,2,3]", '["a"]', "null"])
def test_a_form_of_somebody_else_is_not_read_as_ours(metadata: str) -> None:
    with pytest.raises(ValueError):
        FormOrigin.from_metadata(metadata)


def test_messages_can_be_read_in_a_view() -> None:
    view = render_page((say("One"), Message("", (Heading("Two"), Divider()))))
    assert [block["type"] for block in view["blocks"]] == ["rich_text", "header", "divider"]
    assert view["close"]["text"] == "Close"
    assert "submit" not in view
    assert check_view(view) == []


def test_a_form_comes_back_with_what_was_typed_and_what_is_wrong() -> None:
    view = render_form(FORM)
    view["id"] = "V1"
    view["state"] = {
        "values": {
            "need": {"answer": {"type": "plain_text_input", "value": "new <words>"}},
            "title": {"answer": {"type": "plain_text_input", "value": None}},
            "topic": {
                "answer": {"type": "static_select", "selected_option": view["blocks"][3]["element"]["options"][1]}
            },
        }
    }
    again = render_returned_form(view, {"need": "Say more.", "other": "And this."})
    told, wrong, intro, need, title, topic = again["blocks"]
    assert told["elements"][0]["elements"][0]["text"] == "Not sent yet."
    lines = ["".join(part["text"] for part in item["elements"]) for item in wrong["elements"][0]["elements"]]
    assert lines == ["What do you need?: Say more.", "And this."]
    assert intro["type"] == "rich_text"
    assert need["element"]["initial_value"] == "new <words>"
    assert "initial_value" not in title["element"]
    assert topic["element"]["initial_option"]["value"] == "data"
    assert "id" not in again
    assert again["private_metadata"] == view["private_metadata"]
    assert check_view(again) == []
    twice = render_returned_form({**again, "state": view["state"]}, {"need": "Still more."})
    assert len(twice["blocks"]) == len(again["blocks"])


def test_it_is_known_whether_anything_can_be_pressed() -> None:
    button = Button("Go", "x")
    assert has_buttons(Message("", (Buttons((button,)),)))
    assert has_buttons(Message("", (EntryLine(text("a"), (), (button,)),)))
    assert not has_buttons(Message("", (EntryLine(text("a")), Divider())))


def test_escaping_is_what_slack_undoes() -> None:
    assert escape("<a> & b") == "&lt;a&gt; &amp; b"


def test_a_channel_is_shown_by_its_name_and_one_of_another_platform_in_words() -> None:
    ours, other = Address("slack", "T01", channel="C01"), Address("local", "local", channel="digest")
    rendered = render_message(Message("s", (Note(text(channel_name(ours), " and ", channel_name(other))),)))
    assert rendered.blocks[0]["elements"][0]["elements"] == [
        {"type": "channel", "channel_id": "C01"},
        {"type": "text", "text": " and "},
        {"type": "text", "text": "#digest"},
    ]
