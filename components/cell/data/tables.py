"""Tables of a cell: made by the first cell that may hold their data set, replicated by the others."""

from __future__ import annotations

from components.cell.context import CellContext
from components.data.tables.primary_keys import TABLE_KEYS
from components.data.tables.table import GlobalTable, StrongReplica, Table, TableArgs, TableReplica
from settings import CellFacts


def build_tables(context: CellContext) -> None:
    """Builds the cell's table, or its replica, of every data set that it may hold."""
    settings = context.settings
    for dataset in TABLE_KEYS:
        if not context.may_hold(dataset):
            continue
        others = [
            cell.region
            for cell in settings.platform.possible_holders(dataset, settings.stack)
            if cell.name != settings.stack
        ]
        Table(
            f"{context.name}-table-{dataset}",
            TableArgs(
                table=context.names.table(dataset),
                member=_part(context, dataset, others),
                # One that is strongly consistent has no delay that AWS would report.
                replica_regions=[] if settings.platform.is_strong(dataset) else others,
                key_arn=context.key_arn(dataset),
                tags=context.backup_tags(dataset),
                alarm_topic_arn=context.alarm_topic_arn,
                retire=settings.retire,
            ),
            context.child,
        )


def _part(
    context: CellContext, dataset: str, others: list[str]
) -> GlobalTable | TableReplica | StrongReplica:
    platform = context.settings.platform
    first = platform.first_possible_holder(dataset)
    if first is None or first.name == context.settings.stack:
        strong = others if platform.is_strong(dataset) else []
        keys = {region: context.key_arn_in(region, dataset) for region in strong}
        return GlobalTable(key=TABLE_KEYS[dataset], strong_replica_key_arns=keys)
    if platform.is_strong(dataset):
        return StrongReplica()
    return TableReplica(_arn(first, platform.account, context.names.table(dataset)))


def _arn(first: CellFacts, account: str, table: str) -> str:
    return f"arn:aws:dynamodb:{first.region}:{account}:table/{table}"
