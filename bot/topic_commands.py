"""``convenor topics …`` and ``convenor retag``: what the command line does with topics, rules and corrections."""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from dataclasses import asdict
from typing import Any

from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from bot import app, console, taggings
from bot.actions import actions_of
from bot.messages import count
from bot.taggings import Retagged
from config.kinds import load_kinds
from config.settings import Settings
from config.topics import load_taxonomy
from digests.corrections import ENOUGH, RuleRecord, export_lines, records
from digests.identity import canonical_url
from digests.model import kind_told
from digests.tagging import NearField, Tagger
from digests.tagging.lint import ENOUGH_ITEMS, Linter

Arguments = argparse.Namespace


def add_actions(parser: argparse.ArgumentParser) -> None:
    """The actions of ``convenor topics``, each with its help. Without an action it lists."""
    action = actions_of(parser)
    action("list", "show every topic with what it is about")
    trial = action("test", "show what the rules say of a text: the gate, the topics, the kind, and which words decided")
    trial.add_argument("title", metavar="TEXT", help="a title")
    for name in ("summary", "publisher", "url"):
        trial.add_argument(f"--{name}", default="", help=f"the {name} of the document")
    action("lint", "find rules that never match, change nothing or match too much, by what they do to the archive")
    action("record", "show how each rule has done, by what editors said of its tags")
    action("corrections", "write what editors said of tags as JSON Lines, without who said it")


def run(settings: Settings, arguments: Arguments) -> int:
    """Do what ``convenor topics`` was told; the exit code."""
    return asyncio.run(_ACTIONS[arguments.action or "list"](settings, arguments))


def run_retag(settings: Settings, arguments: Arguments) -> int:
    """Tag the archive again; the exit code."""
    return asyncio.run(_retag(settings, arguments))


async def _list(settings: Settings, arguments: Arguments) -> int:
    topics = load_taxonomy(settings.topics, settings.over("topics")).topics
    if arguments.json:
        console.write_json([asdict(topic) for topic in topics])
        return 0
    table = Table(show_edge=False)
    for column in ("Id", "Topic", "What it is about"):
        table.add_column(column, overflow="fold")
    for topic in topics:
        table.add_row(Text(topic.id), Text(topic.name), Text(topic.description))
    console.out().print(table)
    return 0


async def _test(settings: Settings, arguments: Arguments) -> int:
    tagger = app.make_tagger(settings)
    kind = load_kinds(settings.kinds, settings.over("kinds")).of_text(arguments.title, canonical_url(arguments.url))
    texts = (arguments.title, arguments.summary, arguments.publisher, arguments.url)
    tagging = tagger.tag(*texts, kind.kind)
    near = NearField(tagger.taxonomy.near)
    signs = () if tagging.relevant else near.signs_in(*texts, kind.kind.value)
    if arguments.json:
        told = {"kind": kind.kind.value, "kind_because": kind.because, "near": [asdict(sign) for sign in signs]}
        console.write_json({**asdict(tagging), **told})
        return 0
    names = {topic.id: topic.name for topic in tagger.taxonomy.topics}
    lines = [f"{'Relevant' if tagging.relevant else 'Not relevant'}: {tagging.gate}"]
    lines += [f"{names[tag.topic_id]} ({tag.topic_id}): {tag.because}" for tag in tagging.tags]
    if tagging.relevant and not tagging.tags:
        lines.append("No topic matched, so a draft would offer it as a maybe.")
    lines += [f"Near the field: {sign.in_words}" for sign in signs]
    if signs:
        lines.append("So a draft would offer it as a maybe, where there is room.")
    lines.append(f"Kind: {kind_told(kind.kind, kind.because)}.")
    lines.append(f"Rules version {tagging.rules_version}.")
    console.write("\n".join(lines))
    return 0


async def _lint(settings: Settings, arguments: Arguments) -> int:
    async with app.open_house(settings) as house:
        linter = Linter(Tagger(house.taxonomy))
        after = ""
        while True:
            async with house.services.store.read() as uow:
                items = await uow.items.page(after)
            if not items:
                break
            linter.show(tagged.item for tagged in items)
            after = items[-1].item.id
    report = linter.report()
    if arguments.json:
        console.write_json(asdict(report))
        return 0
    if not report.says_enough:
        console.write(f"The archive has {report.items:,} items; from {ENOUGH_ITEMS} on it says something of the rules.")
        return 0
    if report.findings:
        table = Table(show_edge=False)
        for column in ("Fault", "Topic", "Rule", "In words"):
            table.add_column(column, overflow="fold")
        for each in report.findings:
            table.add_row(each.fault.value, Text(each.place), Text(each.rule), Text(each.words))
        console.out().print(table)
    console.write(
        f"{count(len(report.findings), 'rule')} to look at, by {report.items:,} items, "
        f"{report.relevant:,} of them relevant. A dead rule may wait for something that has not come yet."
    )
    return 0


async def _record(settings: Settings, arguments: Arguments) -> int:
    async with app.open_house(settings) as house, house.services.store.read() as uow:
        found = records(await uow.items.standing(), await uow.corrections.all())
    if arguments.json:
        console.write_json([{**asdict(each), "precision": each.precision} for each in found])
        return 0
    judged = [each for each in found if each.right or each.wrong]
    if not judged:
        console.write("Editors have not judged any tag yet.")
        return 0
    console.out().print(_record_table(judged))
    console.write(
        f"{len(found) - len(judged):,} more rules stand on items and were not judged. "
        f"A precision is told from {ENOUGH} judgements on."
    )
    return 0


def _record_table(judged: list[RuleRecord]) -> Table:
    table = Table(show_edge=False)
    table.add_column("Topic", overflow="fold")
    table.add_column("Rule", overflow="fold")
    for column in ("Items", "Right", "Wrong", "Precision"):
        table.add_column(column, justify="right")
    for each in judged:
        precision = "too few" if each.precision is None else f"{each.precision:.0%}"
        numbers = (f"{each.standing:,}", f"{each.right:,}", f"{each.wrong:,}", precision)
        table.add_row(Text(each.topic_id), Text(each.rule), *numbers)
    return table


async def _corrections(settings: Settings, arguments: Arguments) -> int:
    async with app.open_house(settings) as house, house.services.store.read() as uow:
        said = await uow.corrections.all()
        found = [await uow.items.get(item_id) for item_id in dict.fromkeys(each.item_id for each in said)]
    for line in export_lines(said, {tagged.item.id: tagged.item for tagged in found if tagged}):
        console.write(line)
    return 0


async def _retag(settings: Settings, arguments: Arguments) -> int:
    async with app.open_house(settings) as house:
        async with house.services.store.read() as uow:
            total = await uow.items.count()
        with Progress(console=console.err(), transient=True) as progress:
            task = progress.add_task("Tagging items", total=total)
            result = await taggings.retag(
                house.services,
                dry_run=arguments.dry_run,
                on_progress=lambda done: progress.update(task, completed=done),
            )
        names = {topic.id: topic.name for topic in house.services.topics.values()}
    if arguments.json:
        console.write_json(retagged_data(result))
    else:
        console.write(retagged_words(result, names, dry_run=arguments.dry_run))
    return 0


def retagged_data(result: Retagged) -> dict[str, Any]:
    """What tagging again changed, for programs."""
    moves = [
        {"from": was.value, "to": now.value, "items": number} for (was, now), number in sorted(result.resorted.items())
    ]
    return {
        "items": result.items,
        "changed": result.changed,
        "now_relevant": result.now_relevant,
        "no_longer_relevant": result.no_longer_relevant,
        "gained": dict(result.gained),
        "lost": dict(result.lost),
        "versions": dict(result.versions),
        "resorted": moves,
    }


def retagged_words(result: Retagged, names: dict[str, str], *, dry_run: bool) -> str:
    """What tagging again changed, in sentences and a list by topic."""
    if not result.items:
        return "There are no items yet, so there was nothing to tag."
    did = "would change" if dry_run else "have changed"
    lines = [f"{result.items:,} items were tagged by the present rules; {result.changed:,} of them {did}."]
    if result.changed:
        lines.append(f"Newly relevant: {result.now_relevant:,}. No longer relevant: {result.no_longer_relevant:,}.")
    moved: Counter[str] = result.gained + result.lost
    lines += [
        f"  {names.get(topic, topic)}: {result.gained[topic]:,} gained, {result.lost[topic]:,} lost"
        for topic, _ in sorted(moved.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    if result.resorted:
        lines.append(f"Of another kind {'would be' if dry_run else 'are'} {count(result.resorted.total(), 'item')}:")
    lines += [
        f"  from {was.value} to {now.value}: {number:,}"
        for (was, now), number in sorted(result.resorted.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    if dry_run:
        lines.append("Nothing was stored. Without --dry-run it will be.")
    return "\n".join(lines)


_ACTIONS = {"list": _list, "test": _test, "lint": _lint, "record": _record, "corrections": _corrections}
