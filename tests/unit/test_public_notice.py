"""The public privacy notice says everything that the register holds, and who answers for it."""

from __future__ import annotations

from bot.privacy.public_notice import USE, public_notice
from bot.privacy.register import BASES, PERSONAL, Why


def test_each_purpose_is_told_with_all_that_is_kept_for_it_how_long_and_on_what_ground() -> None:
    _, kept, _, _ = public_notice("The Example Trust", "digest@example.org")
    told = dict(kept.answers)
    assert len(told) == len(Why)
    for each in PERSONAL:
        words = told[each.why.value[:1].upper() + each.why.value[1:]]
        assert each.what[1] in words or each.what[1][0].upper() + each.what[1][1:] in words
        assert each.how_long.replace("; ", ", and ") in words
        assert words.endswith(f"Ground: {BASES[each.why].value}.")
    assert told["To tell you what is new in what you follow"] == (
        "Follows (kept until you erase it or have it erased); settings of when you are told (kept until you erase it "
        "or have it erased). Ground: legitimate interests."
    )


def test_who_answers_for_it_is_named_or_said_to_be_missing() -> None:
    who, *_ = public_notice("The Example Trust", "digest@example.org")
    assert [words for _, words in who.answers[:2]] == ["The Example Trust", "digest@example.org"]
    who, *_ = public_notice("", "")
    assert [words for _, words in who.answers[:2]] == [
        "Not stated yet. Whoever runs this Convenor says so with the setting CONVENOR_OWNER.",
        "Not stated yet. Whoever runs this Convenor says so with the setting CONVENOR_CONTACT.",
    ]


def test_what_using_convenor_means_can_be_pointed_to() -> None:
    *_, use = public_notice("", "")
    assert (use.anchor, use.title) == (USE, "Using Convenor")
