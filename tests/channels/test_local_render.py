"""Neutral messages, forms and lines become HTML in which hostile words stay words."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

import adapters.local
from adapters.local.app import CAST
from adapters.local.render import chat_page, form_html, lines_html, message_html, threaded
from bot.messages import (
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
    code,
    italic,
    link,
    say,
    text,
    to_json,
)
from bot.ports import Line

ALICE, BOB, *_ = CAST
HOSTILE = "</p><script>alert(1)</script><img src=x onerror=\"alert(2)\"> & 'quoted' {{ 7 * 7 }}"


class Tags(HTMLParser):
    """Every start tag with its attributes, and the text between."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(str(html))  # a Markup would escape what is added to it

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag == name]


def line(number: int, body: str = "", **more: object) -> Line:
    values: dict[str, object] = {
        "id": number,
        "room": "digest",
        "author": "convenor",
        "body": body or to_json(say(f"line {number}")),
        "at": datetime(2025, 1, 23, 10, 0, tzinfo=UTC),
        "thread": None,
        "only_for": "",
        "edited_at": None,
        "key": "",
    }
    return Line(**(values | more))  # type: ignore[arg-type]


def every_block(words: str) -> Message:
    button = Button(words, words, words, ButtonStyle.DANGER, confirm=words, hint=words)
    shown = text(words, bold(words), italic(words), code(words), link(words, f"https://example.org/?{words}"))
    return Message(
        words,
        (
            Heading(words),
            Paragraph(shown),
            Note(shown),
            Bullets((shown, shown)),
            EntryLine(shown, shown, (button,), faded=True),
            Buttons((button,)),
            Divider(),
        ),
    )


def test_hostile_words_stay_words_in_every_block_of_a_line() -> None:
    html = lines_html([line(1, to_json(every_block(HOSTILE)))], ALICE, "digest")
    tags = Tags(html)
    assert not tags.of("script")
    assert all(attributes.get("src") == "/static/icon.svg" for attributes in tags.of("img"))
    assert not [1 for _, attributes in tags.found for name in attributes if name.startswith("on")]
    # Heading, entry, two rows of buttons, and five spans in each of five texts and the entry's detail.
    assert tags.words.count("<script>alert(1)</script>") == 1 + 2 + 5 * 6
    assert "{{ 7 * 7 }}" in tags.words


def test_each_block_and_each_style_has_its_own_element() -> None:
    html = str(message_html(every_block("words")))
    for element in ("<h2>", "<p>", 'class="note"', "<ul>", 'class="entry faded"', "<hr>", "<strong>", "<em>", "<code>"):
        assert element in html
    assert 'rel="noopener noreferrer nofollow"' in html
    assert "Left out: " in Tags(html).words


def test_a_menu_is_a_disclosure_that_says_what_it_is_about() -> None:
    menu = Menu((Button("Move up", "entry.up", "e1", hint="Move up “<b>”"),), "<b>")
    tags = Tags(message_html(Message("s", (EntryLine(text("x"), menu=menu),))))
    assert tags.of("summary")[0]["aria-label"] == "More: <b>"
    (button,) = tags.of("button")
    assert (button["data-action"], button["data-value"], button["aria-label"]) == ("entry.up", "e1", "Move up “<b>”")


def test_text_is_shown_with_its_own_spaces_and_line_breaks_and_no_others() -> None:
    html = str(message_html(say("one ", bold("two"), "\n", link("three", "https://example.org"), ".")))
    assert (
        '<p>one <strong>two</strong>\n<a href="https://example.org" target="_blank" '
        'rel="noopener noreferrer nofollow">three</a>.</p>'
    ) in html


def test_a_button_is_spoken_with_its_visible_label() -> None:
    hinted = Button("Edit", "entry.edit", hint="Change the entry on the King’s Speech")
    whole = Button("Leave out", "entry.out", hint="Leave out the entry on the King’s Speech")
    html = str(message_html(Message("", (Buttons((hinted, whole, Button("Preview", "preview"))),))))
    spoken = [attributes["aria-label"] for attributes in Tags(html).of("button")]
    assert spoken == [
        "Edit: Change the entry on the King’s Speech",
        "Leave out the entry on the King’s Speech",
        "Preview",
    ]


def test_a_button_asks_first_only_where_it_says_so() -> None:
    buttons = Tags(
        str(message_html(Message("", (Buttons((Button("A", "a"), Button("B", "b", confirm="Really?"))),))))
    ).of("button")
    assert "data-confirm" not in buttons[0]
    assert buttons[1]["data-confirm"] == "Really?"


@pytest.mark.parametrize(
    ("at", "shown", "day"),
    [
        (datetime(2025, 1, 23, 10, 2, tzinfo=UTC), "23 Jan, 10:02", "Thursday 23 January 2025"),
        (datetime(2025, 7, 1, 23, 30, tzinfo=UTC), "2 Jul, 00:30", "Wednesday 2 July 2025"),
    ],
)
def test_times_are_londons_with_their_date(at: datetime, shown: str, day: str) -> None:
    words = Tags(lines_html([line(1, at=at)], ALICE, "digest")).words
    assert shown in words
    assert day in words


def test_an_edited_line_says_when() -> None:
    edited = line(1, edited_at=datetime(2025, 1, 23, 10, 30, tzinfo=UTC))
    assert "edited 23 Jan, 10:30" in Tags(lines_html([edited], ALICE, "digest")).words


def test_replies_stand_under_their_headline_and_alone_where_it_is_out_of_sight() -> None:
    shown = threaded([line(5), line(6, thread=5), line(7, thread=2), line(8, thread=5)])
    assert [(one.line.id, [reply.line.id for reply in one.replies]) for one in shown] == [(5, [6, 8]), (7, [])]
    assert (
        "Thread: 2 messages" in Tags(lines_html([line(5), line(6, thread=5), line(8, thread=5)], ALICE, "digest")).words
    )


def test_a_line_for_one_person_says_so_in_a_room_but_not_in_direct_messages() -> None:
    private = line(1, only_for="alice")
    assert "Only you can see this" in lines_html([private], ALICE, "digest")
    assert "Only you can see this" not in lines_html([private], ALICE, "@alice")
    # Among two, whoever reads a private answer has to know that the other one does not.
    assert "Only you can see this" in lines_html([private], ALICE, "@alice,carol")


@pytest.mark.parametrize(
    ("words", "about", "link"),
    [
        ("See https://example.org/a?b=1&c=2. Good?", {"author": "alice"}, "https://example.org/a?b=1&c=2"),
        ("(HTTP://example.org/a)", {"author": "alice"}, "HTTP://example.org/a"),
        ('https://example.org/"><script>', {"author": "alice"}, "https://example.org/"),
        ("javascript:alert(1) www.example.org", {"author": "alice"}, None),
        ("https://example.org/a", {"author": "convenor"}, None),
        ("https://example.org/a", {"author": "alice", "only_for": "alice"}, None),
    ],
)
def test_the_link_in_what_a_person_said_to_a_room_can_be_suggested(
    words: str, about: dict[str, str], link: str | None
) -> None:
    shown = Tags(lines_html([line(1, to_json(say(words)), **about)], ALICE, "digest"))
    buttons = [given for tag, given in shown.found if tag == "button"]
    assert [(given["data-action"], given["data-value"]) for given in buttons] == (
        [("suggest.message", link)] if link else []
    )
    assert "script" not in [tag for tag, _ in shown.found]


@pytest.mark.parametrize("body", ["", "{}", "[]", "nonsense", '{"summary": "x", "blocks": [["Riddle"]]}'])
def test_a_body_that_cannot_be_read_is_said_to_be_so_and_the_rest_is_shown(body: str) -> None:
    damaged = Line(1, "digest", "convenor", body, datetime(2025, 1, 23, tzinfo=UTC), None, "", None, "")
    words = Tags(lines_html([damaged, line(2)], ALICE, "digest")).words
    assert "cannot be shown" in words
    assert "line 2" in words


def test_every_field_has_a_label_its_hint_and_a_place_for_its_error() -> None:
    form = Form(
        "suggest",
        "Suggest a link",
        "Send",
        (
            Field("url", "Address", hint="It begins with https://"),
            Field("why", "Why", FieldKind.PARAGRAPH, value="\nfirst line", required=False, max_length=600),
            Field("section", "Section", FieldKind.CHOICE, options=(Option("gov", "Government"),)),
            Field("mood", "Mood", FieldKind.CHOICE, value="b", options=(Option("a", "Fine"), Option("b", "Grey"))),
        ),
    )
    html = str(form_html(form))
    tags = Tags(html)
    ids = [attributes["id"] for tag, attributes in tags.found if tag in ("input", "textarea", "select")]
    assert [attributes["for"] for attributes in tags.of("label")] == ids
    assert tags.of("input")[0]["aria-describedby"] == "field-1-hint field-1-error"
    assert tags.of("textarea")[0]["maxlength"] == "600"
    assert "required" not in tags.of("textarea")[0]
    # Browsers drop the first line break of a text area, so a second one keeps what was typed.
    assert ">\n\nfirst line</textarea>" in html
    assert [option["value"] for option in tags.of("option")] == ["", "gov", "a", "b"]
    assert [option["value"] for option in tags.of("option") if "selected" in option] == ["b"]


def test_what_several_are_chosen_is_ticked_and_stands_in_the_field_that_is_sent() -> None:
    options = (Option("a", "Fine"), Option("b", "Grey & wet"))
    form = Form(
        "f", "T", "S", (Field("moods", "Moods", FieldKind.SEVERAL, "b", "Any.", required=False, options=options),)
    )
    tags = Tags(str(form_html(form)))
    sent, *boxes = tags.of("input")
    assert (sent["type"], sent["name"], sent["value"]) == ("hidden", "moods", "b")
    assert [(box["type"], box["value"], "checked" in box, "name" in box) for box in boxes] == [
        ("checkbox", "a", False, False),
        ("checkbox", "b", True, False),
    ]


def test_a_page_has_nothing_that_the_content_security_policy_would_refuse() -> None:
    html = str(chat_page([line(1, to_json(every_block("words")))], BOB, "editors", "About", [("/digest", "Help")]))
    tags = Tags(html)
    assert not [1 for _, attributes in tags.found if "style" in attributes]
    assert [script["src"] for script in tags.of("script")] == ["/static/chat.js"]
    assert not tags.of("style")
    assert {sheet["href"] for sheet in tags.of("link")} == {"/static/icon.svg", "/static/chat.css"}


def _colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))


def _contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_every_pair_of_colours_reaches_aa_in_light_and_in_dark() -> None:
    css = (Path(adapters.local.__file__).parent / "static" / "chat.css").read_text(encoding="utf-8")
    light, dark = (_colours(part) for part in css.split("@media (prefers-color-scheme: dark)", 1))
    words = [
        (ink, ground)
        for ink in ("ink", "muted")
        for ground in ("paper", "side", "raised", "private", "accent-soft", "code")
    ]
    words += [("accent", ground) for ground in ("paper", "private", "raised", "accent-soft")]
    words += [("danger", ground) for ground in ("paper", "raised", "private")]
    words += [("accent-ink", "accent"), ("danger-ink", "danger")]
    edges = [("edge", ground) for ground in ("paper", "raised", "private")]
    for scheme in (light, dark):
        assert scheme
        for pairs, least in ((words, 4.5), (edges, 3.0)):
            for ink, ground in pairs:
                assert _contrast(scheme[ink], scheme[ground]) >= least, (ink, ground, scheme[ink], scheme[ground])
    for face in re.findall(r"\.avatar[.\w]* \{[^}]*background: (#[0-9a-f]{6});", css):
        assert _contrast("#ffffff", face) >= 4.5, face
