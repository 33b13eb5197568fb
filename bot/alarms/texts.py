"""What administrators read when something needs them, and when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.alarms.rules import Alarm, What
from bot.messages import Heading, Message, Note, Paragraph, text
from digests.calendar import say_when

TITLES: Mapping[What, str] = {
    What.READING: "No source can be read",
    What.SENDING: "Messages are not sent",
    What.WORK: "A regular task fails",
    What.DISK: "The disk is nearly full",
    What.BACKUP: "There is no recent backup",
}
"""Also the titles of the sections of docs/operating.md."""
PLATFORMS: Mapping[str, str] = {
    "slack": "Slack",
    "teams": "Microsoft Teams",
    "mail": "the mail server",
    "local": "the chat in the browser",
}
WHAT: Mapping[What, str] = {
    What.READING: "Every attempt to read a source has failed since {since}. Items are not lost: most sources keep "
    "theirs for days, and reading goes on by itself.",
    What.SENDING: "A message for {subject} has waited since {since}. Nothing is lost, and nothing is sent twice: it "
    "goes out as soon as it can.",
    What.WORK: "The task “{subject}” has failed every time since {since}. It is tried again and again.",
    What.DISK: "There has been hardly any room left on the disk of the database since {since}. When it is full, "
    "nothing can be kept any more: no approval, no request, no item.",
    What.BACKUP: "There has been no backup since {since}. If the disk broke now, everything that came later would be "
    "lost.",
}
DO: Mapping[What, str] = {
    What.READING: "Look whether this machine reaches the internet, and whether something between blocks it.",
    What.SENDING: "Look whether the sending part of Convenor runs (“worker”, where the parts run apart), and whether "
    "the platform can be reached and takes our token. The log has its answer.",
    What.WORK: "Look into the log for “the {subject} tick failed”: the lines below say why.",
    What.DISK: "Make room, or give the disk more.",
    What.BACKUP: "Run “convenor backup”: it says what is wrong, if it cannot. Then look whether the nightly one can "
    "write where it should.",
}
OVER = "Over: {title}"
WELL = "It is well again, since {over}. It was so from {since}. Nothing needs to be done any more."
MORE = "More in docs/operating.md, under “{title}”."


def message(alarm: Alarm) -> Message:
    """What is wrong and what to do; or, where it is over, that it is."""
    title = TITLES[alarm.what]
    if alarm.over_at is not None:
        words = WELL.format(over=say_when(alarm.over_at), since=say_when(alarm.since))
        head = OVER.format(title=title)
        return Message(f"{head}. {words}", (Heading(head), Paragraph(text(words))))
    what, do = (_filled(part[alarm.what], alarm, alarm.since) for part in (WHAT, DO))
    return Message(
        f"{title}. {what}",
        (Heading(title), Paragraph(text(what)), Paragraph(text(do)), Note(text(MORE.format(title=title)))),
    )


def _filled(words: str, alarm: Alarm, since: datetime) -> str:
    return words.format(subject=PLATFORMS.get(alarm.subject, alarm.subject), since=say_when(since))
