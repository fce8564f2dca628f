"""A cell's tables: made by the first cell that may hold their data set, joined by the others."""

from __future__ import annotations

from components.cell.context import Ground
from components.data.tables.keys import TABLE_KEYS
from components.data.tables.table import Given, Joins, Table, TableArgs, Whole
from settings import CellFacts


def tables(ground: Ground) -> None:
    settings = ground.settings
    for dataset in TABLE_KEYS:
        if not ground.holds(dataset):
            continue
        others = [
            cell.region
            for cell in settings.platform.holders(dataset, settings.stack)
            if cell.name != settings.stack
        ]
        Table(
            f"{ground.name}-table-{dataset}",
            TableArgs(
                table=ground.names.table(dataset),
                part=_part(ground, dataset, others),
                # One that is strongly consistent has no delay that AWS would report.
                receivers=[] if settings.platform.is_strong(dataset) else others,
                key_arn=ground.key_arn(dataset),
                tags=ground.backup_tags(dataset),
                alarm_topic_arn=ground.alarm_topic_arn,
                retire=settings.retire,
            ),
            ground.child,
        )


def _part(ground: Ground, dataset: str, others: list[str]) -> Whole | Joins | Given:
    platform = ground.settings.platform
    first = platform.first_holder(dataset)
    if first is None or first.name == ground.settings.stack:
        strong = others if platform.is_strong(dataset) else []
        keys = {region: ground.key_arn_in(region, dataset) for region in strong}
        return Whole(key=TABLE_KEYS[dataset], strong_key_arns=keys)
    if platform.is_strong(dataset):
        return Given()
    return Joins(_arn(first, platform.account, ground.names.table(dataset)))


def _arn(first: CellFacts, account: str, table: str) -> str:
    return f"arn:aws:dynamodb:{first.region}:{account}:table/{table}"
