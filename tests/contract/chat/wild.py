"""Words that nobody would write kindly, and messages and forms of any shape."""

from __future__ import annotations

from hypothesis import strategies as st

from bot.messages import (
    Block,
    Bullets,
    Button,
    Buttons,
    ButtonStyle,
    ChatLink,
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
    Span,
    Style,
    bold,
    code,
    italic,
    link,
    text,
)
from digests.model import Address

HOSTILE = (
    "<!channel> *bold* &lt;b&gt; <@U123> <http://evil.example|ok> :warning: `code` _it_ ~st~",
    "[click](https://evil.example) **bold** __it__ ~~st~~ ![x](https://evil.example/x.png) <https://evil.example>",
    "</p><script>alert(1)</script><img src=x onerror=\"alert(2)\"> & 'quoted' {{ 7 * 7 }}",
    "{{DATE(2025-01-24T09:00:00Z, SHORT)}} {{TIME(2025-01-24T09:00:00Z)}} ${user.name} ${{x}} {{{{",
    "<at>Everyone</at> @everyone @channel",
    "1. one\n2. two\n- three\n* four\n# five\n> six\n---\n+ seven\n=====",
    "- a list",
    "12) twelve",
    "https://evil.example/?a=1 www.evil.example evil.example mailto:a@evil.example javascript:alert(1)",
    "\u202ehsilgne\u202c \u2066isolated\u2069 zero\u200bwidth \x07bell \x1b[31mred",
    "half \ud83d a character",
    'quotes "and" \\ backslashes \\" \\n \\u0041',
    "| a | b |\n|---|---|\n```\nfence\n```",
    "政府資料 😀👩‍👩‍👧 ﷽ ẞ ı İ",
    "\t\n  blanks   \n",
)
URL = "https://www.example.org/a?b=1&c=2#d"


def every_block(words: str) -> Message:
    """The words in every place of a message where words can be."""
    label = f"Go {words}"
    button = Button(label, "entry.drop", "12 e3", ButtonStyle.DANGER, confirm=f"Sure? {words}", hint=words)
    plain = Button(label, "entry.change", "12 e3", ButtonStyle.PRIMARY, hint=words)
    shown = text(words, bold(words), italic(words), code(words), link(f"x {words}", URL))
    return Message(
        words,
        (
            Heading(words),
            Paragraph(shown),
            Note(shown),
            Note(text(words)),
            Bullets((shown, text(words), shown)),
            EntryLine(shown, shown, (button, plain), menu=Menu((plain, plain), words)),
            EntryLine(shown, text(words), faded=True),
            Divider(),
            Buttons((button, plain)),
            Divider(),
        ),
    )


def every_field(words: str) -> Form:
    """The words in every place of a form where words can be; what stands in it is what a form can hold."""
    kept = "".join(each for each in words if each.isprintable())
    options = (Option("a", f"A {words}"), Option("b", f"B {words}"))
    fields = (
        Field("line", f"Line {words}", value=kept, hint=words),
        Field("paragraph", f"Paragraph {words}", FieldKind.PARAGRAPH, f"one\n{kept}\n\ntwo", words, required=False),
        Field("choice", f"Choice {words}", FieldKind.CHOICE, "b", words, options=options),
        Field("several", f"Several {words}", FieldKind.SEVERAL, "a,b", words, options=options),
        Field("none", f"None {words}", FieldKind.CHOICE, "", words, required=False, options=options),
    )
    return Form("profile", f"Title {words}", f"Send {words}", fields, text(words, bold(words)), "v1")


_SIGNS = (*"*_[]()<>`~\\|{}$#&!@:.-+=1/ \n", "{{", "${", "](", "a", "https://e.example")
_words = st.one_of(
    st.text(max_size=80),
    st.sampled_from(HOSTILE),
    st.lists(st.sampled_from(_SIGNS), max_size=25).map("".join),
)
_spans = st.builds(
    lambda words, style, is_link: Span(f"x{words}" if is_link else words, style, URL if is_link else ""),
    _words,
    st.sampled_from(Style),
    st.booleans(),
)
texts = st.lists(_spans, max_size=4).map(lambda spans: text(*spans))
# As values of buttons are: codes of ours.
_values = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=40)
_labels = _words.map(lambda words: f"Go {words}")
_actions = st.sampled_from(("entry.drop", "entry.change", "odd:name", "ends:7", "week.skip"))
_choices = st.builds(Button, _labels, _actions, _values, st.sampled_from(ButtonStyle), hint=_words)
_questions = st.just("") | _words.map(lambda words: f"Sure? {words}")
_buttons = st.builds(Button, _labels, _actions, _values, st.sampled_from(ButtonStyle), _questions, _words)
_rows = st.lists(_buttons, max_size=5).map(tuple)
_menus = st.none() | st.builds(Menu, st.lists(_choices, min_size=1, max_size=5).map(tuple), _words)
blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Heading, _words),
    st.builds(Paragraph, texts),
    st.builds(Note, texts),
    st.builds(Bullets, st.lists(texts, max_size=4).map(tuple)),
    st.builds(EntryLine, texts, texts, _rows, st.booleans(), _menus),
    st.builds(Buttons, _rows),
    # Shown nowhere as it is: a courier makes a link of it where there is one.
    st.builds(ChatLink, _labels, st.just((Address("teams", "t1", user="a1"),)), _words, _words),
    st.just(Divider()),
)
SOMETHING: tuple[Block, ...] = (Paragraph(text("There is always something to read.")),)


def messages() -> st.SearchStrategy[Message]:
    """Messages of any blocks, as many as the tightest platform surely takes."""
    return st.builds(lambda summary, made: Message(summary, (*made, *SOMETHING)), _words, st.lists(blocks, max_size=3))


@st.composite
def forms(draw: st.DrawFn) -> tuple[Form, dict[str, str]]:
    """A form of any questions, with what somebody answers to some of them."""
    fields, typed = [], {}
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(FieldKind))
        options = tuple(Option(f"o{n}", f"{n} {draw(_words)}") for n in range(draw(st.integers(1, 10))))
        known = [option.value for option in options]
        written = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=60)
        answers = {
            FieldKind.LINE: written,
            FieldKind.PARAGRAPH: st.lists(written, max_size=3).map("\n".join),
            FieldKind.CHOICE: st.sampled_from(known),
            FieldKind.SEVERAL: st.lists(st.sampled_from(known), unique=True, min_size=1).map(",".join),
        }[kind]
        has_options = kind in (FieldKind.CHOICE, FieldKind.SEVERAL)
        name = f"field{number}"
        fields.append(
            Field(
                name,
                f"Label {number} {draw(_words)}",
                kind,
                draw(answers | st.just("") | st.just("" if has_options else "x" * 250)),
                draw(_words),
                draw(st.booleans()),
                draw(st.integers(200, 3000)),
                options if has_options else (),
            )
        )
        if draw(st.booleans()):
            typed[name] = draw(answers)
    title = f"Title {draw(_words)}"
    return Form("profile", title, draw(_labels), tuple(fields), draw(texts), draw(_values)), typed
