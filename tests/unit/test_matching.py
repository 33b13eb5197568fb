"""Who could help: the ranking, its reasons, and what it says where nobody fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.introductions.asking import needed, telling
from bot.introductions.matching import Matcher, Profile
from bot.introductions.thesaurus import Leaning, Synonyms
from config.topics import load_taxonomy
from digests.search import terms

NAMES = {"health_data": "Health data", "policing_biometrics": "Policing"}
SYNONYMS = (("facial recognition", "face scanning"), ("lawyer", "barrister"), ("killer robot", "autonomous weapon"))

HEALTH = Profile("health", "I campaign on the NHS data opt-out. I have sat on panels.", "Patients", ("health_data",))
POLICE = Profile("police", "Barrister. I have brought cases on facial recognition by the police.", "Chambers")
SCHOOL = Profile("school", "Former teacher who advises schools on software contracts.", "Classroom")
ARMS = Profile("arms", "I follow autonomous weapons.", "Humane Arms")


def about(text: str) -> tuple[str, ...]:
    return ("policing_biometrics",) if "facial recognition" in text.lower() else ()


def matcher(*profiles: Profile, leaning: Mapping[str, float] | None = None) -> Matcher:
    made = Matcher(about, lambda text: leaning or {}, NAMES, Synonyms(SYNONYMS))
    for profile in profiles or (HEALTH, POLICE, SCHOOL, ARMS):
        made.put(profile)
    return made


def ids(made: Matcher, request: str, **options: Mapping[str, int] | Sequence[str]) -> list[str]:
    return [candidate.id for candidate in made.rank(request, **options)]  # type: ignore[arg-type]


def test_who_has_the_words_is_first_and_the_reason_quotes_them_as_they_stand_there() -> None:
    first = matcher().rank("someone who knows about NHS data opt-outs")[0]
    assert (first.id, first.good) == ("health", True)
    assert first.because == "writes “NHS”, “data”, “opt-out”"


def test_a_shared_topic_is_a_reason_too() -> None:
    first = matcher().rank("facial recognition in shops")[0]
    assert first.because == "writes “facial recognition”; is about Policing"
    assert 0 < first.score <= 1


@pytest.mark.parametrize(
    ("request_text", "left"),
    [
        ("someone who knows about NHS data", ["nhs", "data"]),
        ("Hello, please could you introduce me to anybody with experience of drones?", ["drone"]),
        ("I’m looking for an expert in elections", ["elect"]),
    ],
)
def test_what_people_write_around_what_they_need_is_passed_over(request_text: str, left: list[str]) -> None:
    assert list(telling(terms(needed(request_text)))) == left


def test_everyday_words_find_the_words_of_the_field() -> None:
    assert ids(matcher(), "killer robots")[0] == "arms"
    assert matcher().rank("a lawyer, please")[0].because == "writes “Barrister”"


def test_one_best_sentence_counts_beside_the_whole_profile() -> None:
    scattered = Profile(
        "scattered", "I like water. We sit in a centre. They have data now. A bill was made. Power grows."
    )
    together = Profile("together", "I like gardens. We sit in halls. They sing. I study data centre water power.")
    assert ids(matcher(scattered, together, SCHOOL), "data centre water power")[0] == "together"


def test_more_of_what_was_asked_counts_more_than_one_word_often() -> None:
    often = Profile("often", "Water, water, water: I write on water.")
    both = Profile("both", "I write on the water that computers in data halls need.")
    assert ids(matcher(often, both, SCHOOL), "water for computers")[0] == "both"


def test_where_nobody_fits_nobody_is_good() -> None:
    assert matcher().rank("medieval poetry") == ()
    weak = matcher().rank("a gardener who grows roses and tulips and advises schools")
    assert [candidate.good for candidate in weak] == [False]
    assert matcher().rank("") == ()
    assert Matcher(about, lambda text: {}, NAMES).rank("NHS data") == ()


def test_topics_that_words_lean_to_support_a_match_but_do_not_make_one() -> None:
    leaning = {"health_data": 1.0}
    assert matcher(leaning=leaning).rank("hospital poetry") == ()
    other = Profile("other", "I write about data.", "", ())
    assert ids(matcher(HEALTH, other, SCHOOL, ARMS, leaning=leaning), "data in wards")[0] == "health"


def test_who_was_asked_lately_ranks_lower() -> None:
    first = Profile("a", "I study water.")
    second = Profile("b", "I study water.")
    made = matcher(first, second, SCHOOL)
    assert ids(made, "water") == ["a", "b"]
    assert ids(made, "water", busy={"a": 1, "nobody": 3}) == ["b", "a"]


def test_who_is_to_be_passed_over_is_not_there() -> None:
    assert "police" not in ids(matcher(), "facial recognition", without=["police", "nobody"])


def test_a_profile_is_put_replaced_and_removed_without_a_restart() -> None:
    made = matcher()
    made.put(Profile("new", "I know about tidal lagoons."))
    assert ids(made, "tidal lagoons") == ["new"]
    made.put(Profile("new", "I know about peat bogs."))
    assert (ids(made, "tidal lagoons"), ids(made, "peat bogs"), len(made)) == ([], ["new"], 5)
    made.remove("new")
    made.remove("new")
    assert (ids(made, "peat bogs"), len(made)) == ([], 4)


def test_the_order_in_which_profiles_came_changes_nothing() -> None:
    same = [Profile(name, "I study water and data centres.") for name in "abcdefgh"]
    assert matcher(*same).rank("water", limit=3) == matcher(*reversed(same)).rank("water", limit=3)
    assert ids(matcher(*same), "water")[:3] == ["a", "b", "c"]


def test_what_very_many_have_still_adds_to_those_with_rarer_words() -> None:
    many = [Profile(f"p{n:03}", "I study data" + (" and water." if n % 2 else " and peat.")) for n in range(400)]
    best = matcher(*many, Profile("z", "I study data, water and lagoons.")).rank("data on water in lagoons", limit=2)
    assert [candidate.id for candidate in best] == ["z", "p001"]


def test_a_further_opinion_can_be_asked_and_is_not_needed() -> None:
    asked: list[tuple[str, Mapping[str, str]]] = []

    def similarity(request: str, declared: Mapping[str, str]) -> Mapping[str, float]:
        asked.append((request, {each: words.strip() for each, words in declared.items()}))
        return {"b": 0.9}

    made = Matcher(about, lambda text: {}, NAMES, similarity=similarity)
    for name in "ab":
        made.put(Profile(name, "I study water."))
    assert ids(made, "water") == ["b", "a"]
    assert asked == [("water", {"a": "I study water.", "b": "I study water."})]
    made.put(Profile("a", "I study water and ice."))
    ids(made, "water")
    assert asked[-1][1]["a"] == "I study water and ice."


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_is_taken_as_words_and_never_fails(request_text: str, profile_text: str) -> None:
    made = matcher(HEALTH, Profile("odd", profile_text, profile_text, (profile_text,)))
    assert all(0 <= candidate.score <= 1 for candidate in made.rank(request_text))
    made.remove("odd")
    assert len(made) == 1


def test_very_long_text_is_read_only_so_far() -> None:
    made = matcher(HEALTH, Profile("long", "water " * 100_000))
    assert ids(made, "water " * 100_000) == ["long"]


def test_a_word_leans_to_the_topics_in_whose_rules_it_stands() -> None:
    leaning = Leaning(load_taxonomy())
    assert "ai_energy_environment" in leaning("electricity")
    assert leaning("xyzzy") == {}
