"""Gathers what Convenor's transparency record tells of this installation."""

from __future__ import annotations

from bot.edition_messages import edition_name
from bot.services import Services
from config.measured import load_measured
from config.settings import Settings
from digests.calendar import london_day
from digests.corrections import records
from digests.model import Edition
from digests.tagging import Taxonomy
from digests.transparency import Drafted, Facts


async def facts(services: Services, settings: Settings, taxonomy: Taxonomy) -> Facts:
    """What the record says today. Raises ConfigError where the file of measured figures has a mistake."""
    gate = taxonomy.gate
    rules = len(gate.strong) + len(gate.weak) + len(gate.unless)
    rules += sum(len(subject.rules) + len(subject.unless) for subject in taxonomy.subjects)
    async with services.store.read() as uow:
        sources = await services.all_sources(uow)
        latest = next(iter(await uow.editions.recent(1)), None)
        said = records(await uow.items.standing(), await uow.corrections.all())
    return Facts(
        on=london_day(services.clock.now()),
        digest=services.plan.title,
        owner=settings.owner,
        contact=settings.contact,
        sources=sum(source.enabled for source in sources),
        topics=len(taxonomy.subjects),
        rules=rules,
        rules_version=taxonomy.version,
        unedited_approvals=1 if services.plan.approval.one_editor else services.plan.approval.unedited_approvals,
        measured=load_measured(),
        records=said,
        drafted=_drafted(latest) if latest else None,
    )


def _drafted(edition: Edition) -> Drafted:
    return Drafted(edition_name(edition), edition.content.left_out, edition.content.left_out_entries)
