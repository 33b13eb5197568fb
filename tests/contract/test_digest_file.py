"""The digest's own file: the one that is shipped loads, and every mistake in one is told by its line."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from holidays import country_holidays

from config.digest import PATH, load_plan
from config.holidays import Region, holiday_namer
from digests.calendar import slot_on
from digests.errors import ConfigError
from digests.model import Group, Kind, Quiet
from digests.plan import DigestPlan, Posting, Recess, ReminderPlan

DOCS = Path(__file__).resolve().parents[2] / "docs" / "digest-plan.md"


RECESS = "{last: 2025-02-23, label: The House of Commons"


@pytest.fixture(scope="module")
def plan() -> DigestPlan:
    return load_plan()


def problems_of(tmp_path: Path, changes: dict[str, str]) -> tuple[str, ...]:
    """The mistakes told of the shipped file after each of these texts in it was replaced by its new one."""
    words = PATH.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in words
        words = words.replace(old, new, 1)
    path = tmp_path / "digest.yaml"
    path.write_text(words, encoding="utf-8")
    with pytest.raises(ConfigError) as told:
        load_plan(path)
    return told.value.problems


def test_the_shipped_file_is_weekly_on_friday_at_nine_in_london(plan: DigestPlan) -> None:
    assert (plan.schedule.weekday, plan.schedule.at, str(plan.schedule.zone)) == (4, time(9), "Europe/London")
    assert plan.title == "Data Policy Digest"
    assert plan.approval.unedited_approvals == 2
    assert plan.approval.one_editor is False
    assert plan.approval.cooling_off == timedelta(minutes=20)


def test_the_shipped_sections_stand_in_the_order_of_the_digest(plan: DigestPlan) -> None:
    assert [section.id for section in plan.sections] == [
        "bills",
        "government",
        "parliament",
        "regulators",
        "devolved-eu",
        "civil-society",
        "press",
        "closing-dates",
        "coming-up",
    ]
    closing, coming = plan.dated_section(closes=True), plan.dated_section(closes=False)
    assert closing is not None
    assert coming is not None
    assert (closing.id, coming.id) == ("closing-dates", "coming-up")


def test_every_item_has_a_home_and_its_kind_is_asked_before_its_group(plan: DigestPlan) -> None:
    for kind in Kind:
        for group in Group:
            assert not plan.home_of(kind, group).dated
    assert plan.home_of(Kind.BILL, Group.GOVERNMENT).id == "bills"
    assert plan.home_of(Kind.WRITTEN_QUESTION, Group.GOVERNMENT).id == "parliament"
    assert plan.home_of(Kind.NEWS, Group.PARLIAMENT).id == "parliament"
    # “research” is the name of a kind and of a group: only the group is named by a section.
    assert plan.home_of(Kind.RESEARCH, Group.GOVERNMENT).id == "government"
    assert plan.home_of(Kind.NEWS, Group.RESEARCH).id == "civil-society"


def test_bank_holidays_are_those_of_england_and_wales_and_move_an_edition_earlier(plan: DigestPlan) -> None:
    good_friday = date(2026, 4, 3)
    assert (plan.schedule.holiday(good_friday), plan.schedule.holiday(date(2026, 4, 2))) == ("Good Friday", "")
    assert slot_on(plan.schedule, good_friday).due_on == date(2026, 4, 2)
    assert (plan.schedule.posting, plan.schedule.recesses) == (None, ())


def test_editors_are_reminded_after_four_hours_and_a_day_and_not_at_night(plan: DigestPlan) -> None:
    quiet = Quiet(time(20), time(8))
    assert plan.reminders == ReminderPlan(timedelta(hours=4), timedelta(hours=24), quiet, working_days=True)


def test_reminders_and_quiet_hours_can_be_switched_off(tmp_path: Path) -> None:
    words = PATH.read_text(encoding="utf-8")
    path = tmp_path / "digest.yaml"
    for old, new in {"after_hours: 4": "after_hours: 0", "after_hours: 24": "after_hours: 0", "20:00": "08:00"}.items():
        words = words.replace(old, new)
    path.write_text(words, encoding="utf-8")
    assert load_plan(path).reminders == ReminderPlan(None, None, None, working_days=True)


def test_the_regions_have_holidays_of_their_own() -> None:
    second_of_january = date(2026, 1, 2)
    assert {region.value for region in Region if holiday_namer(region)(second_of_january)} == {"scotland"}
    assert holiday_namer(Region.NONE)(date(2026, 12, 25)) == ""


@pytest.mark.parametrize(("region", "subdivision"), [("england-and-wales", "ENG"), ("scotland", "SCT")])
def test_the_one_country_by_itself_has_the_days_that_it_has_among_all(region: str, subdivision: str) -> None:
    name, known = holiday_namer(Region(region)), country_holidays("GB", subdiv=subdivision, years=range(2022, 2031))
    days = [date(2022, 1, 1) + timedelta(days=number) for number in range(8 * 365)]
    assert {day: name(day) for day in days if name(day)} == {day: known[day] for day in days if day in known}


def test_a_posting_time_and_a_recess_are_read(tmp_path: Path) -> None:
    words = PATH.read_text(encoding="utf-8")
    path = tmp_path / "digest.yaml"
    more = f'recess: [{RECESS}, first: 2025-02-14}}]\n  post: {{weekday: monday, at: "08:30"}}'
    path.write_text(words.replace("recess: []", more), encoding="utf-8")
    schedule = load_plan(path).schedule
    assert schedule.posting == Posting(0, time(8, 30))
    assert schedule.recesses == (Recess(date(2025, 2, 14), date(2025, 2, 23), "The House of Commons"),)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('at: "09:00"', "at: 10:30", 'schedule.at: write the time as hours and minutes in quotes, such as "09:00"'),
        ("recess: []", 'post: {weekday: friday, at: "9:00"}', "schedule.post.at: write the time as hours and minutes"),
        (
            "bank_holidays: england-and-wales",
            "bank_holidays: wales",
            "schedule.bank_holidays: input should be 'england-",
        ),
        (
            "on_holiday: earlier",
            "on_holiday: skip",
            "schedule.on_holiday: input should be 'earlier', 'later', 'merge' or",
        ),
        ("in_recess: weekly", "in_recess: monthly", "schedule.in_recess: input should be 'weekly', 'fortnightly' or"),
        (
            "recess: []",
            f"recess: [{RECESS}, first: 2025-02-30}}]",
            "schedule.recess[1].first: input should be a valid date",
        ),
        ("recess: []", f"recess: [{RECESS}, first: 2025-02-24}}]", "this recess ends on 2025-02-23, before it begins"),
        ("recess: []", f"recess: [{RECESS}, first: 2024-02-14}}]", "this recess lasts more than 120 days"),
        ('quiet_from: "20:00"', "quiet_from: 20:00", "reminders.quiet_from: write the time as hours and minutes"),
        ("first_after_hours: 4", "first_after_hours: -1", "reminders.first_after_hours: input should be greater"),
        ("escalate_after_hours: 24", "escalate_after_hours: 2", "this would come before the first reminder"),
        ("weekday: friday", "weekday: fryday", "schedule.weekday: input should be 'monday'"),
        ("shortlist: 40", "shortlst: 40", "shortlst: is not a setting of this file (misspelt?)"),
        ("near: 8", "near: 41", "of 40 maybes, no 41 can be kept for what is near the field"),
        ("maybe: 40", "maybe: -1", "maybe: input should be greater than or equal to 0"),
        ("kinds: [bill, stage, legislation]", "kinds: [bil]", "sections[1].kinds[1]: input should be 'bill'"),
        ("groups: [press]", "groups: [pres]", "sections[7].groups[1]: input should be"),
        ("our {number} {title}", "our {nummer}", "intro: only {title} and {number} are filled in, not {nummer}"),
        ("id: press", "id: bills", "the section id “bills” stands here a second time"),
        ("groups: [press]", "groups: [press, government]", "“government” goes to the section “government” already"),
        ("    groups: [press]\n", "", "the section “press” names no kinds and no groups"),
        ("groups: [press]", "kinds: [blog]", "no section takes these groups: press"),
        ("groups: [press]", "dated: true", "the section “press” is dated already, and one takes days ahead"),
        ("    closes: true\n", "", "the section “closing-dates” is dated already, and one takes days ahead"),
        ("groups: [press]", "groups: [press]\n    closes: true", "only a dated section can take closing dates"),
        (
            "kinds: [event, debate, stage, evidence session]",
            "groups: [press]",
            "a dated section takes days, not groups",
        ),
        ("off_minutes: 20", "off_minutes: 2000", "approval.cooling_off_minutes: input should be less than or equal to"),
        ("half_life_days: 5", "half_life_days: 0", "weights.half_life_days: input should be greater than 0"),
        ("source: 3", "source: .nan", "weights.source: input should be a finite number"),
    ],
)
def test_a_mistake_is_told_by_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    problems = problems_of(tmp_path, {old: new})
    assert any(told in problem for problem in problems), problems
    assert all(re.match(r".*digest\.yaml:\d+: ", problem) for problem in problems)


def test_a_mistake_names_the_line_on_which_it_stands(tmp_path: Path) -> None:
    line = PATH.read_text(encoding="utf-8").splitlines().index("maybe: 40") + 1
    assert problems_of(tmp_path, {"maybe: 40": "maybe: many"})[0].startswith(f"{tmp_path}/digest.yaml:{line}: ")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    assert len(problems_of(tmp_path, {"maybe: 40": "maybe: -1", "shortlist: 40": "shortlist: 0"})) == 2


def test_every_key_of_the_file_is_told_in_the_docs() -> None:
    keys = re.findall(r"^ *(?:- )?([a-z_]+):", PATH.read_text(encoding="utf-8"), re.MULTILINE)
    told = DOCS.read_text(encoding="utf-8")
    assert len(keys) > 40
    assert {key for key in keys if f"`{key}`" not in told} == set()
