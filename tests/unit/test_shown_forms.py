"""Forms that people have before them: kept as they are until they are sent."""

from __future__ import annotations

from bot.messages import Field, FieldKind, Form, Option, bold, italic, link, text
from bot.shown_forms import WHOLE_AT_MOST, FormsShown, form_from_json, form_to_json
from tests.fakes.network import ALICE, BOB, Network

LONG = "x" * 5_000


def a_form(key: str = "e1 intro", value: str = LONG) -> Form:
    fields = (
        Field("words", "The words", FieldKind.PARAGRAPH, "As it stands", "A hint", max_length=500),
        Field("kind", "Which", FieldKind.CHOICE, "b", options=(Option("a", "One"), Option("b", "Two"))),
        Field("more", "More", FieldKind.SEVERAL, "", required=False, options=(Option("c", "Three"),)),
    )
    intro = text("Read ", link("this", "https://example.org"), bold(" first"), italic(" please"))
    return Form("edition.words", "Change it", "Save", fields, intro, value, key)


def test_a_form_is_the_same_after_it_was_kept() -> None:
    assert form_from_json(form_to_json(a_form())) == a_form()


async def test_a_form_is_found_by_whom_it_was_shown_to_until_it_is_sent() -> None:
    network = await Network.make()
    forms = FormsShown(network.services)
    await forms.show(ALICE, a_form())
    assert await forms.find(ALICE, "edition.words", LONG) == a_form()
    assert await forms.find(BOB, "edition.words", LONG) is None
    assert await forms.find(ALICE, "edition.words", "another") is None
    await forms.done(ALICE, "edition.words", LONG)
    assert await forms.find(ALICE, "edition.words", LONG) is None


async def test_after_a_restart_or_an_hour_a_form_has_its_questions_and_nobodys_words() -> None:
    network = await Network.make()
    forms = FormsShown(network.services)
    await forms.show(ALICE, a_form())
    restarted = await FormsShown(network.services).find(ALICE, "edition.words", LONG)
    network.clock.advance(hours=1)
    for found in (restarted, await forms.find(ALICE, "edition.words", LONG)):
        assert found is not None
        assert found.intro == ()
        assert [field.value for field in found.fields] == ["", "", ""]
        assert [field.label for field in found.fields] == ["The words", "Which", "More"]
        assert found.fields[1].options == a_form().fields[1].options


async def test_no_more_forms_are_held_in_memory_than_people_can_have_open() -> None:
    network = await Network.make()
    forms = FormsShown(network.services)
    for number in range(WHOLE_AT_MOST + 1):
        await forms.show(ALICE, a_form(value=str(number)))
    oldest = await forms.find(ALICE, "edition.words", "0")
    assert oldest is not None
    assert oldest.intro == ()
    assert await forms.find(ALICE, "edition.words", "1") == a_form(value="1")
