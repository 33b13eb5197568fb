"""docs/edition.schema.json says what the JSON of an edition is, and nothing else than what it is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker

from digests.model import Correcting, LeftOut
from digests.render import EditionView, Output, render
from tests.builders import NOW
from tests.fakes import public

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs/edition.schema.json").read_text(encoding="utf-8"))


def problems(view: EditionView) -> list[str]:
    checker = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
    return [error.message for error in checker.iter_errors(json.loads(render(Output.JSON, view)))]


def test_an_edition_is_what_the_schema_says_with_reasons_and_without() -> None:
    edition = public.edition(public.LATEST)
    content = replace(
        edition.content,
        corrections=(Correcting("A date was wrong.", NOW), Correcting("A name was.")),
        left_out=(("too old", 2),),
        left_out_entries=(LeftOut("A", "https://a.example.org", "P", "too old"),),
    )
    edition = replace(edition, content=content)
    assert problems(EditionView.of(edition)) == []
    assert problems(EditionView.of(edition, reasons=True, url="https://d.example.org/editions/34")) == []


def test_the_schema_is_one_and_notices_what_is_not_in_it() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    data = json.loads(render(Output.JSON, EditionView.of(public.edition(34))))
    entry = data["sections"][0]["entries"][0]
    (wrong,) = Draft202012Validator(SCHEMA).iter_errors({**data, "sections": [], "secret": entry})
    assert "secret" in wrong.message
