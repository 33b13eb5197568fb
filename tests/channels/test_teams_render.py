"""What Teams is given for each kind of block: nothing in it is parsed, nothing is lost, everything is heard."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.teams.escaping import unmarked
from adapters.teams.limits import CARD_BYTES, check_card, size
from adapters.teams.render import (
    TooLong,
    Unsendable,
    field_of,
    filled,
    render_form,
    render_message,
    render_page,
)
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
    File,
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
    italic,
    link,
    say,
    text,
)
from digests.model import Address

URL = "https://www.gov.uk/data?a=1&b=2"
Json = dict[str, Any]


def body(*blocks: Block, **known: Any) -> list[Json]:
    shown: list[Json] = render_message(Message("Summary", blocks), **known).card["body"]
    return shown


def acts(*blocks: Block, **known: Any) -> list[Json]:
    (row,) = [element for element in body(*blocks, **known) if element["type"] == "ActionSet"]
    shown: list[Json] = row["actions"]
    return shown


def test_a_paragraph_is_rich_text_with_each_span_in_its_style() -> None:
    assert body(Paragraph(text("Plain ", bold("bold"), italic("it"), code("/digest x"), link("a law", URL)))) == [
        {
            "type": "RichTextBlock",
            "inlines": [
                {"type": "TextRun", "text": "Plain "},
                {"type": "TextRun", "text": "bold", "weight": "Bolder"},
                {"type": "TextRun", "text": "it", "italic": True},
                {"type": "TextRun", "text": "digest x", "fontType": "Monospace", "weight": "Bolder"},
                {"type": "TextRun", "text": "a law", "selectAction": {"type": "Action.OpenUrl", "url": URL}},
            ],
        }
    ]


def test_a_heading_is_heard_as_one_and_stands_on_one_line() -> None:
    (heading,) = body(Heading("New\n bills (3)"))
    assert (heading["type"], heading["style"], heading["text"]) == ("TextBlock", "heading", "New bills (3)")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Plain, “quoted” – 1 (2) & more: 50%", "Plain, “quoted” – 1 (2) & more: 50%"),
        ("[x](y) **b** _i_ ~s~ `c` <at>", "［x］(y) ∗∗b∗∗ ＿i＿ ∼s∼ ˋcˋ ‹at›"),
        ("1. one", "\u20601. one"),
        ("- one", "\u2060- one"),
        ("# one", "\u2060# one"),
        ("&lt; &#60; & so", "&\u2060lt; &\u2060#60; & so"),
        ("http://a.org or a@b.org", "http:\u2060//a.\u2060org or a＠b.\u2060org"),
        ("{{DATE(2025-01-01T00:00:00Z)}} ${x}", "{\u2060{DATE(2025-01-01T00:00:00Z)}} $\u2060{x}"),
        ("12 entries", "12 entries"),
    ],
)
def test_a_heading_keeps_its_words_but_no_markup(words: str, shown: str) -> None:
    assert unmarked(words) == shown


def test_bullets_are_lines_with_a_dot() -> None:
    one, two = body(Bullets((text("one"), text(link("two", URL)))))
    assert [run["text"] for run in one["inlines"]] == ["•\u00a0", "one"]
    assert two["inlines"][1]["selectAction"]["url"] == URL


def test_an_entry_is_its_line_then_small_print_then_its_buttons_with_a_menu_behind_dots() -> None:
    menu = Menu((Button("Move up", "entry.up", "e1", hint="Move up “A law”"), Button("Tags", "tags.show", "i1")), "A")
    line, detail, row = body(
        EntryLine(
            text(link("A law", URL)),
            text("Why: “data”"),
            (Button("Leave out", "entry.drop", "12 e3", hint="Leave out “A law”"),),
            menu=menu,
        )
    )
    assert line["inlines"][0]["text"] == "A law"
    assert detail["inlines"] == [{"type": "TextRun", "text": "Why: “data”", "size": "Small", "isSubtle": True}]
    assert row["actions"] == [
        {
            "type": "Action.Execute",
            "title": "Leave out",
            "tooltip": "Leave out “A law”",
            "verb": "entry.drop",
            "data": {"value": "12 e3"},
        },
        {
            "type": "Action.Execute",
            "title": "Move up",
            "tooltip": "Move up “A law”",
            "verb": "entry.up",
            "data": {"value": "e1"},
            "mode": "secondary",
        },
        {
            "type": "Action.Execute",
            "title": "Tags",
            "verb": "tags.show",
            "data": {"value": "i1"},
            "mode": "secondary",
        },
    ]


def test_an_entry_that_is_left_out_is_struck_through_and_says_so() -> None:
    (line,) = body(EntryLine(text(bold("3 May: "), link("A law", URL)), faded=True))
    told, first, second = line["inlines"]
    assert told["text"] == "Left out: "
    assert first["strikethrough"]
    assert second["strikethrough"]


def test_a_button_that_opens_a_form_opens_a_dialog() -> None:
    buttons = Buttons((Button("Edit", "entry.edit", "e1", ButtonStyle.PRIMARY), Button("Go", "go", "e1")))
    edit, go = acts(buttons, opens_form=lambda action, value: action == "entry.edit" and value == "e1")
    assert edit == {
        "type": "Action.Submit",
        "title": "Edit",
        "style": "positive",
        "data": {"msteams": {"type": "task/fetch"}, "action": "entry.edit", "value": "e1"},
    }
    assert go["type"] == "Action.Execute"


def test_a_button_that_asks_first_shows_its_question_with_the_button_that_does_it() -> None:
    (shown,) = acts(Buttons((Button("Withdraw", "x", "v", ButtonStyle.DANGER, confirm="For good? {{x}}"),)))
    assert (shown["type"], shown["title"], shown["style"]) == ("Action.ShowCard", "Withdraw", "destructive")
    assert shown["card"]["body"][0]["inlines"][0]["text"] == "For good? {\u2060{x}}"
    assert shown["card"]["actions"] == [
        {
            "title": "Withdraw",
            "style": "destructive",
            "type": "Action.Execute",
            "verb": "x",
            "data": {"value": "v"},
        }
    ]


def test_a_row_of_more_than_six_buttons_becomes_two_rows() -> None:
    rows = body(Buttons(tuple(Button(str(n), "x", str(n)) for n in range(8))))
    assert [len(row["actions"]) for row in rows] == [6, 2]


def test_what_turns_text_round_or_cannot_be_shown_is_taken_out() -> None:
    (line,) = body(Paragraph(text("a\u202eb\u2066c\x00d\ud800e\nf")))
    assert line["inlines"][0]["text"] == "abcd?e\nf"


def test_a_channel_of_teams_is_shown_by_its_name_and_another_in_words() -> None:
    ours, other = Address("teams", "t1", channel="19:a@thread.tacv2"), Address("local", "local", channel="digest")
    note = Note(text(channel_name(ours), " and ", channel_name(other)))
    named, _, elsewhere = body(note, channel_name=lambda address: "Digest")[0]["inlines"]
    assert (named["text"], elsewhere["text"]) == ("#Digest", "#digest")
    assert body(note)[0]["inlines"][0]["text"] == "a channel in Teams"


def test_a_file_is_shown_where_every_blank_and_line_is_kept() -> None:
    shown, hint = body(File("a_b.md", "  one\n\n\ttwo  {{DATE(x)}}\n"))
    assert (shown["type"], shown["isMultiline"], shown["label"]) == ("Input.Text", True, "a＿b.\u2060md")
    assert shown["value"] == "  one\n\n\ttwo  {{DATE(x)}}\n"
    assert "select all" in hint["inlines"][0]["text"]


def test_empty_texts_leave_no_empty_elements() -> None:
    shown = body(Paragraph(()), Note(()), Bullets(()), Buttons(()), EntryLine(()), Heading(" "), Divider())
    assert [element["type"] for element in shown] == ["Container"]
    with pytest.raises(Unsendable, match="nothing in the card"):
        body(Paragraph(()))


def test_a_message_says_on_one_line_what_it_is_about() -> None:
    made = render_message(Message(" a\nb <c> ", (Paragraph(text("x")),)))
    assert made.summary == "a b <c>"
    assert made.card["speak"] == made.card["fallbackText"] == "a b ‹c›"
    assert render_message(say("Type ", code("/convenor help"), " or a/b.")).summary == "Type convenor help or a/b."
    assert render_message(Message(" ", (Heading("Bills"), Paragraph(text("Two"))))).summary == "Bills Two"
    assert len(render_message(Message("x" * 900, (Paragraph(text("x")),))).summary) == 500


def test_a_card_that_is_too_large_is_refused_and_never_cut() -> None:
    fitting = say("é" * 12_000)
    assert size(render_message(Message("s", fitting.blocks)).card) <= CARD_BYTES
    with pytest.raises(TooLong, match="bytes"):
        render_message(Message("s", say("é" * 13_000).blocks))


FORM = Form(
    "intro",
    "Ask for an introduction",
    "Ask",
    (
        Field("need", "What do you need?", FieldKind.PARAGRAPH, "old & <new>", "One sentence.", max_length=600),
        Field("title", "Title"),
        Field("topic", "Topic", FieldKind.CHOICE, "ai", required=False, options=(Option("ai", "AI & law"),)),
        Field(
            "ways",
            "Ways",
            FieldKind.SEVERAL,
            "b,gone,a",
            options=(Option("a", "A"), Option("b", "*B*"), Option("c", "C")),
        ),
    ),
    intro=text("Nobody is shown ", bold("before"), " they agree."),
    value="r1",
)


def questions(card: Json) -> dict[str, Json]:
    return {field_of(one["id"]): one for one in card["body"] if one["type"].startswith("Input.")}


def test_a_form_in_the_conversation_has_its_title_its_questions_and_a_way_out() -> None:
    card = render_form(FORM)
    assert card["body"][0]["text"] == "Ask for an introduction"
    asked = questions(card)
    assert asked["need"] == {
        "type": "Input.Text",
        "spacing": "Medium",
        "id": "f:need",
        "label": "What do you need?",
        "isRequired": True,
        "errorMessage": "Please answer “What do you need?”.",
        "isMultiline": True,
        "maxLength": 600,
        "value": "old & <new>",
    }
    assert "isMultiline" not in asked["title"]
    assert "value" not in asked["title"]
    assert asked["topic"]["label"] == "Topic (optional)"
    assert asked["topic"]["choices"] == [{"title": "None", "value": ""}, {"title": "AI & law", "value": "ai"}]
    assert asked["ways"]["isMultiSelect"] is True
    assert asked["ways"]["value"] == "b,a"
    assert [choice["title"] for choice in asked["ways"]["choices"]] == ["A", "∗B∗", "C"]
    send, cancel = card["actions"]
    assert (send["type"], send["verb"], send["data"]) == ("Action.Execute", "form", {"form": "intro", "value": "r1"})
    assert (cancel["verb"], cancel["associatedInputs"]) == ("form-cancel", "none")


def test_a_form_in_a_dialog_is_sent_in_and_leaves_title_and_way_out_to_the_dialog() -> None:
    card = render_form(FORM, where="dialog")
    assert card["body"][0]["type"] == "RichTextBlock"
    (send,) = card["actions"]
    assert (send["type"], send["data"]) == ("Action.Submit", {"form": "intro", "value": "r1"})


def test_a_form_comes_back_with_what_was_typed_and_what_is_wrong() -> None:
    typed = {"need": "new <words>", "title": "", "topic": "gone", "ways": "c"}
    card = render_form(filled(FORM, typed), errors={"need": "Say more.", "other": "And this."})
    asked = questions(card)
    assert asked["need"]["value"] == "new <words>"
    assert "value" not in asked["topic"]
    assert asked["ways"]["value"] == "c"
    told = next(element for element in card["body"] if element["type"] == "Container")
    lines = ["".join(run["text"] for run in line["inlines"]) for line in told["items"]]
    assert lines == ["Not sent yet.", "•\u00a0What do you need?: Say more.", "•\u00a0And this."]
    above = card["body"][[element.get("id") for element in card["body"]].index("f:need") - 1]
    assert above["inlines"] == [{"type": "TextRun", "text": "Say more.", "color": "Attention"}]


def test_what_stands_in_a_question_is_never_cut() -> None:
    words = "\U0001f600" * 400
    asked = questions(render_form(Form("f", "T", "Save", (Field("blurb", "Blurb", value=words, max_length=300),))))
    assert asked["blurb"]["value"] == words
    assert asked["blurb"]["maxLength"] == 800, "characters as JavaScript counts them"


def test_many_choices_are_a_list_and_few_are_boxes() -> None:
    def style(number: int) -> str:
        options = tuple(Option(str(n), str(n)) for n in range(number))
        form = Form("f", "T", "Save", (Field("ways", "Ways", FieldKind.SEVERAL, options=options),))
        return str(questions(render_form(form))["ways"]["style"])

    assert (style(8), style(9)) == ("expanded", "compact")


def test_messages_can_be_read_in_a_dialog_one_below_the_other() -> None:
    card = render_page((say("One"), Message("", (Heading("Two"), Divider()))))
    assert [element["type"] for element in card["body"]] == ["RichTextBlock", "TextBlock", "Container"]
    assert card["body"][1]["separator"] is True
    assert "actions" not in card
    assert check_card(card) == []
