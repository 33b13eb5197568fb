"""Finds the day, and the time of day, that a text is about: a closing date, a sitting, an event."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

from digests import times

# Longer texts are read this far: a closing date stands early, and a hostile text must not cost time.
_TITLE_LIMIT = 500
_SUMMARY_LIMIT = 4000
# How many characters before and after a date its cue may stand.
_BEFORE = 90
_AFTER = 90

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
_DATE = re.compile(
    rf"""
    (?:\b(?P<weekday>{_WEEKDAY}),?\s+(?:the\s+)?)?
    (?:
      \b(?P<iso>(?P<iy>\d{{4}})-(?P<im>\d\d)-(?P<id>\d\d))(?=T\d|\b)
    | \b(?P<slashed>(?P<sd>\d{{1,2}})(?P<mark>[/.])(?P<sm>\d{{1,2}})(?P=mark)(?P<sy>\d{{4}}))\b
    | \b(?P<day>{_DAY})(?:\s?(?:-|–|to|and|&)\s?(?P<last>{_DAY}))?\s+(?:of\s+)?(?P<month>{_MONTH})
      (?:,?\s+(?P<year>\d{{4}})\b)?
    | \b(?P<us_month>{_MONTH})\s+(?P<us_day>{_DAY})\b(?:,?\s+(?P<us_year>\d{{4}})\b)?
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Most texts name no day, and looking for one in full takes thirty times as long as seeing that.
_DIGIT = re.compile(r"\d")
_MAY_NAME_A_DAY = re.compile(rf"\d[-/.]\d|{'|'.join(_MONTHS)}", re.IGNORECASE)
# "Closes at 5pm on Friday": the next Friday. "Next Friday" may be either of two, and "on Fridays" is every one.
_BARE_DAY = re.compile(
    r"\b(?:this\s+|coming\s+)?(?P<name>(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow)\b"
    r"(?!\s+(?:to|and|or|–|-|mornings|evenings)\b)",
    re.IGNORECASE,
)
_ENDS_OF_WEEKDAYS = ("onday", "sday", "riday", "turday", "unday", "tomorrow")
_NOT_THE_NEXT = re.compile(r"\b(?:next|last|every|each|since|from|after|before|between)\s*$", re.IGNORECASE)
_TO_COME = re.compile(r"\b(?:will|(?:is|are|due|set) to|is due|takes? place|scheduled)\b", re.IGNORECASE)
_PAST = re.compile(r"\b(?:was|were|had|closed|ended)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?]\s+(?=[“‘\"'(]?[A-Z])|;")

_CLOSING = re.compile(
    r"\bclosing(?: (?:date|time)\b|(?= on\b| at\b|:))|\bcloses\b(?! the\b| a\b)|\bclose(?: on| at|:)|\bdeadlines?\b"
    r"|\b(?:last|final) (?:day|date)\b|\bextended (?:to|until)\b",
    re.IGNORECASE,
)
# "Responses are due by" is a closing date, although "results are due by" is none.
_DUE = re.compile(
    r"\b(?:responses?|submissions?|comments|feedback|applications?|nominations?|proposals|written evidence)\b"
    r"[^.;:]{0,25}?\b(?:(?:are|is|be) (?:due|required|needed|received|returned|submitted|sent)|due)"
    r"(?= by\b| on\b| before\b| no later\b)",
    re.IGNORECASE,
)
# "Deadline for the evidence session: 3 March" is a deadline although the session stands nearer to the date.
_CLOSING_FOR = re.compile(r"\b(?:deadline|closing date) (?:for|to)\b", re.IGNORECASE)
_CLOSING_AFTER = re.compile(r"\W{0,3}(?:is |as )?(?:the |our )?(?:deadline|closing date)\b", re.IGNORECASE)
# "By" and "until" are closing dates only right before the date, and only in a text that invites an answer.
_UNTIL = re.compile(
    r"\b(?:by|until|till|up to|no later than|ends?(?: on| at)?|ending(?: on| at)?)\b"
    r"(?:[\s,()]|\b(?:the end of|close of business|close|on|at|12 noon|midnight|midday|noon|the|uk time|bst|gmt)\b"
    r"|\b\d{1,2}(?:[:.]\d\d)?\s?(?:[ap]\.?m\b\.?|hrs\b|hours\b)?){0,12}$",
    re.IGNORECASE,
)
# In such a text they also say by when those who ask will answer, and that closes nothing.
_THEIR_ANSWER = re.compile(
    r"(?:\b(?:(?:will|shall|to|and)(?: then| also)? publish|be published)\b"
    r"|\bpublication of (?:our|the|its|a) (?:response|results?|outcome|report)\b"
    r"|(?<!you )(?<!who )\b(?:will|intends?|aims?|expects?|plans?|hopes?)(?: to)? (?:respond|reply|report|announce)\b"
    r"|\b(?:our|government|government['’]s) response\b"
    r"|\b(?:results?|outcomes?|decisions?|findings|response)\b(?: (?:is|are|will be))? (?:expected|announced|known)"
    r")[^.;:]{0,60}$",
    re.IGNORECASE,
)
_ASKS = re.compile(r"\b(?:please|send|submit|share|apply|give|tell)\b[^.;:]*$", re.IGNORECASE)
_THEY_ANSWER = re.compile(
    r"[\s,]+(?:\w+ ){1,4}(?:will|intends?|aims?|expects?|plans?|hopes?)(?: to)? (?:publish|respond|reply|report)\b",
    re.IGNORECASE,
)
_INVITES = re.compile(
    r"\b(?:consult(?:s|ing|ation|ations)?|calls? for|evidence|views?|respon(?:d|ses?)|submi(?:t|ssions?)|comments?"
    r"|feedback|apply|applications?|have your say|survey|inquiry|contribut(?:e|ions?)|nominations?|expressions? of"
    r" interest|register|consulted)\b",
    re.IGNORECASE,
)
_EXTENDED = re.compile(r"\bextend(?:ed|s)?\b|\bextension\b", re.IGNORECASE)
# "Has been extended by two weeks until": whoever says so names the closing date, and not what a rule is to achieve.
_NOW_EXTENDED = re.compile(
    r"\b(?:been|is|was|we|have|deadline|date|period|consultation|call|inquiry|survey) extended\b", re.IGNORECASE
)
# Behind these a date opens a span, and the one after it closes that: "runs from 1 May to 12 June".
_RUNS_FROM = re.compile(
    r"\bextended\b[^.]{0,30}\bfrom\b"
    r"|\b(?:runs?|running|open|opens|opened)\b[^.]{0,30}\bfrom\b"
    r"|(?<!was )(?<!were )\b(?:runs?|running|is open|are open|be open|opens)\b[^.]{0,30}\bbetween\b",
    re.IGNORECASE,
)
_OPEN = re.compile(r"(?:(?:is|are|be) )?(?:open(?:s|ed)?|extended)\b", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween\s*$", re.IGNORECASE)
_TO = re.compile(r"\s*(?:to|until|till|and|-|–)\s*$", re.IGNORECASE)

_HAPPENING = re.compile(
    r"\b(?:(?:first|second|third|1st|2nd|3rd) reading|(?:report|committee|remaining) stages?|royal assent"
    r"|(?:evidence|oral) sessions?|oral evidence|tak(?:es?|ing) (?:oral )?evidence|oral questions|question time"
    r"|hearings?|debates?|sittings?|sessions?|webinars?|conferences?|summits?|workshops?|round ?tables?|seminars?"
    r"|hustings|lectures?|symposium|meetings?|events?(?! of\b)|tak(?:es?|ing) place|(?:will|to) be held"
    r"|scheduled for|join us)\b",
    re.IGNORECASE,
)
_QUESTION_OR_MOTION = re.compile(r"\s*(?:\[?question\]?:?\s+)?(?:to ask|that this house)\b", re.IGNORECASE)
# What stands right before a date that only says when something was done or refers to something else.
_MERELY_DATED = re.compile(
    r"(?:\b(?:published|updated|dated|issued|launched|laid|made|announced|answered|answer of|letter of|since|after"
    r"|due by|results? by|published by|report(?:s|ing)? by|in force(?: on| from)?|between|as (?:at|of)"
    r"|effect(?:ive)?(?: from)?|(?:year|quarter|period|months?|weeks?|days)(?: ended| ending| to| up to)"
    r"|week commencing|w/c|took place|met|signed|withdrawn|last"
    r"|(?:was|were|been) (?:held|debated|closed|tabled|heard)|received royal assent)"
    r"|(?:government|ministers?|department|councils?|regulator|ofcom|ico)\b[^.;]{0,25}\b(?:respond|reply|decide) by"
    r"|(?<!be )(?<!be)\bheld)\s*(?:on|:)?\s*(?:\d{1,2}(?:[:.]\d\d)?\s?(?:[ap]m)? on )?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """The days a text names, as London dates, with their times of day, and the words that name them.

    Either day, or both, may be missing, and either may have no time. A closing date of “midnight” ends at 23:59.
    """

    deadline: date | None = None
    deadline_time: time | None = None
    happens_on: date | None = None
    happens_at: time | None = None
    words: str = ""


NOTHING = Found()


@dataclass(frozen=True, slots=True)
class _Announced:
    """One announced day: a deadline, or else a happening; its time; and the words from the cue to the date.

    ``is_plain`` is what no more than "by" or "until" makes a deadline.
    """

    is_deadline: bool
    day: date
    at: time | None
    words: str
    is_plain: bool = False


@dataclass(frozen=True, slots=True)
class _Cue:
    """What the words around a date make of it. ``before`` is how many characters before the date they begin,
    ``after`` how many behind it they end. ``is_plain`` is a mere "by" or "until", which a closing date may have, and a
    promise or an aim as well."""

    is_deadline: bool
    before: int = 0
    after: int = 0
    is_plain: bool = False


@dataclass(frozen=True, slots=True)
class _Mention:
    """A date in a text: where it stands, its first and (for "10 to 11 February") last day. A ``bare`` one is but the
    name of a weekday."""

    start: int
    end: int
    first: date
    last: date
    bare: bool = False


def find(title: str, summary: str, *, published: date | None) -> Found:
    """The closing date and the sitting or event that a document announces.

    A date counts only with a cue beside it ("closes", "second reading", ...), and only from the day of publication
    on. Where the year is not said, the occurrence nearest to ``published`` is meant, or the one on the weekday that is
    named; a weekday alone is the next such day. Without ``published`` such dates are ignored, and a date that
    contradicts its weekday always is. Of several days of one sort the first counts, except that words that speak of
    closing go before a mere "by" or "until" wherever these stand, and that an extended deadline is the latest.
    """
    # A question or a motion speaks of dates, but invites nobody and announces nothing.
    if _QUESTION_OR_MOTION.match(summary):
        summary = ""
    texts = [" ".join(title[:_TITLE_LIMIT].split()), " ".join(summary[:_SUMMARY_LIMIT].split())]
    if not any(_may_name_a_day(text) for text in texts):
        return NOTHING
    invites = any(_INVITES.search(text) for text in texts)
    announced = [
        found
        for text in texts
        for found in _announced(text, published, invites)
        if published is None or found.day >= published
    ]
    deadline = _the_deadline(announced, extended=any(_EXTENDED.search(text) for text in texts))
    happening = next((found for found in announced if not found.is_deadline), None)
    return Found(
        deadline=deadline.day if deadline else None,
        deadline_time=deadline.at if deadline else None,
        happens_on=happening.day if happening else None,
        happens_at=happening.at if happening else None,
        words="; ".join(found.words for found in (deadline, happening) if found),
    )


def _the_deadline(announced: list[_Announced], *, extended: bool) -> _Announced | None:
    deadlines = [found for found in announced if found.is_deadline]
    outright = [found for found in deadlines if not found.is_plain]
    if extended and outright:
        return max(outright, key=lambda found: found.day)
    return next(iter(outright or deadlines), None)


def _may_name_a_day(text: str) -> bool:
    named = _DIGIT.search(text) is not None and _MAY_NAME_A_DAY.search(text) is not None
    # A weekday is looked for without a pattern: most texts have none, and this is asked of every new item.
    return named or (("day" in text or "tomorrow" in text) and any(end in text for end in _ENDS_OF_WEEKDAYS))


def _announced(text: str, published: date | None, invites: bool) -> Iterator[_Announced]:
    mentions = list(_mentions(text, published))
    if published is not None:
        dated = [(match.start(), match.end()) for match in _DATE.finditer(text)]
        bare = [each for each in _bare_mentions(text, published) if not any(s <= each.start < e for s, e in dated)]
        mentions = sorted([*mentions, *bare], key=lambda each: each.start)
    previous_end = 0
    opened: int | None = None  # where "runs from" stands, when the date before this one ended it
    between = False  # whether "between" stood before the date before this one
    for number, mention in enumerate(mentions):
        left_start = _sentence_start(text, max(previous_end, mention.start - _BEFORE), mention.start)
        left = text[left_start : mention.start]
        following = mentions[number + 1].start if number + 1 < len(mentions) else None
        timed = times.before(left)
        goes_on = _TO.search(left[: timed.start] if timed else left)
        span_start = opened if goes_on else None
        ends_a_span = bool(between and goes_on)
        between = bool(_BETWEEN.search(left))
        runs_from = _RUNS_FROM.search(left)
        opened = left_start + runs_from.start() if runs_from else None
        previous_end = mention.end
        if span_start is not None:
            yield _announcement(text, mention, _span_cue(text, span_start, mention))
        elif not (runs_from or ends_a_span or _is_merely_dated(left, mention)):
            cue = _cue(left, _right(text, mention.end, following), invites)
            if (
                cue
                and not (mention.bare and cue.after)
                and (cue.is_deadline or not mention.bare or _TO_COME.search(left))
            ):
                yield _announcement(text, mention, cue)


def _span_cue(text: str, start: int, mention: _Mention) -> _Cue:
    """What the end of a span is: the end of a consultation, or plainly that of whatever else runs from then to then."""
    sentence = text[_sentence_start(text, max(0, start - _BEFORE), start) : start]
    closes = _INVITES.search(sentence) or _OPEN.match(text, start)
    return _Cue(True, before=mention.start - start, is_plain=not closes)


def _is_merely_dated(left: str, mention: _Mention) -> bool:
    if mention.bare and (_NOT_THE_NEXT.search(left) or _PAST.search(left)):
        return True
    return bool(_MERELY_DATED.search(left)) and not _DUE.search(left)


def _announcement(text: str, mention: _Mention, cue: _Cue) -> _Announced:
    """The day that a cue announces, with the time of day that stands right before or behind its date."""
    found = times.before(text[: mention.start])
    end = mention.end + cue.after
    if found is None and (found := times.after(text[mention.end :])):
        end = max(end, mention.end + found.end)
    at = None if found is None else found.closing if cue.is_deadline else found.first
    start = mention.start - cue.before
    # A time before the date that no cue precedes ("5pm, 4 December: deadline") is part of the words as well.
    if found and cue.before == 0 and end == mention.end + cue.after:
        start = min(start, mention.start - (len(text[: mention.start]) - found.start))
    if text.count("(", start, end) > text.count(")", start, end) and text[end : end + 1] == ")":
        end += 1
    words = text[start:end].strip(" ,:;.(")
    return _Announced(cue.is_deadline, mention.last if cue.is_deadline else mention.first, at, words, cue.is_plain)


def _right(text: str, end: int, following: int | None) -> str:
    """The rest of the sentence behind a date; nothing where another date follows: a cue between speaks of that."""
    rest = _SENTENCE_END.split(text[end : end + _AFTER], maxsplit=1)[0]
    return "" if following is not None and end + len(rest) >= following else rest


def _cue(left: str, right: str, invites: bool) -> _Cue | None:
    closing_for = _CLOSING_FOR.search(left) or _DUE.search(left)
    if closing_for:
        return _Cue(True, before=len(left) - closing_for.start())
    closing = _last(_CLOSING, left)
    happening = _last(_HAPPENING, left)
    closes = closing and (not happening or closing.start() > happening.start())
    until = _UNTIL.search(left) if invites else None
    if until:
        if _is_their_answer(left[: until.start()], right):
            return None
        is_plain = not (closes or _NOW_EXTENDED.search(left))
        return _Cue(True, before=len(left) - until.start(), is_plain=is_plain)
    if closing and closes:
        return _Cue(True, before=len(left) - closing.start())
    if happening:
        return _Cue(False, before=len(left) - happening.start())
    closing_after = _CLOSING_AFTER.match(right)
    if closing_after:
        return _Cue(True, after=closing_after.end())
    happening_after = _HAPPENING.search(right)
    return _Cue(False, after=happening_after.end()) if happening_after else None


def _is_their_answer(before: str, right: str) -> bool:
    """Whether the words about a "by" promise a response, results or a publication, and ask nobody for anything."""
    if not before.strip():
        return bool(_THEY_ANSWER.match(right))
    return bool((answer := _THEIR_ANSWER.search(before)) and not _ASKS.search(before[answer.start() :]))


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for match in pattern.finditer(text):
        found = match
    return found


def _sentence_start(text: str, start: int, end: int) -> int:
    last = _last(_SENTENCE_END, text[start:end])
    return start + last.end() if last else start


def _mentions(text: str, published: date | None) -> Iterator[_Mention]:
    for match in _DATE.finditer(text):
        named = match.groupdict()
        month_word = named["month"] or named["us_month"] or ""
        # "5 may" is a verb; a month is written with a capital.
        if month_word.startswith("may"):
            continue
        weekday = _WEEKDAYS.index(named["weekday"][:3].lower()) if named["weekday"] else None
        if named["iso"]:
            days = [_day(int(named["iy"]), int(named["im"]), int(named["id"]))]
        elif named["slashed"]:
            days = [_day(int(named["sy"]), int(named["sm"]), int(named["sd"]))]
        else:
            month = _MONTHS.index(month_word[:3].lower()) + 1
            year = named["year"] or named["us_year"]
            numbers = [_number(words) for words in (named["day"] or named["us_day"], named["last"]) if words]
            days = [_resolve(int(year) if year else None, month, number, weekday, published) for number in numbers]
        known = [day for day in days if day]
        if known and len(known) == len(days) and (weekday is None or known[0].weekday() == weekday):
            yield _Mention(match.start(), match.end(), known[0], known[-1])


def _bare_mentions(text: str, published: date) -> Iterator[_Mention]:
    """The weekdays that stand alone. One named on that very weekday may mean today or a week on: it is ignored."""
    for match in _BARE_DAY.finditer(text):
        name = match["name"].lower()
        ahead = 1 if name == "tomorrow" else (_WEEKDAYS.index(name[:3]) - published.weekday()) % 7
        if ahead:
            day = published + timedelta(days=ahead)
            yield _Mention(match.start(), match.end(), day, day, bare=True)


def _number(words: str) -> int:
    return int(words.rstrip("stndrhSTNDRH"))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _resolve(year: int | None, month: int, day: int, weekday: int | None, published: date | None) -> date | None:
    """The day meant. Without a year it is the one before or after ``published``: the nearer, or the one on the weekday
    that was named."""
    if year is not None:
        return _day(year, month, day)
    if published is None:
        return None
    years = (published.year - 1, published.year, published.year + 1)
    candidates = [day_of for day_of in (_day(each, month, day) for each in years) if day_of]
    candidates = sorted(candidates, key=lambda candidate: abs(candidate - published))[:2]
    return next((candidate for candidate in candidates if candidate.weekday() == weekday), next(iter(candidates), None))
