"""Warehouse: the platform has one, beside the ledger of the birth cell."""

from __future__ import annotations

from components.cell.context import CellContext
from components.cell.data.store_network import store_network
from components.data.ledger.ledger import DATABASE, Ledger
from components.data.warehouse.integration import ZeroEtlSource
from components.data.warehouse.warehouse import Warehouse, WarehouseArgs


def build_warehouse(context: CellContext, ledger: Ledger | None) -> None:
    """Builds the warehouse in the birth cell, which always has a ledger; nothing in any other."""
    settings, platform = context.settings, context.settings.platform
    sizes = settings.warehouse
    if sizes is None or ledger is None:
        return
    Warehouse(
        f"{context.name}-warehouse",
        WarehouseArgs(
            account=platform.account,
            region=settings.region,
            deployer=platform.deployer,
            warehouse=context.names.warehouse(),
            network=store_network(context, from_other_cells=False),
            key_arn=context.key_arn("warehouse"),
            tags=context.tags("warehouse"),
            source=ZeroEtlSource(
                cluster_arn=ledger.cluster_arn,
                depends_on=ledger.instances,
                database=DATABASE,
                tables="*.*",
            ),
            base_rpu=sizes.base_rpu,
            max_rpu=sizes.max_rpu,
            daily_rpu_hours=sizes.daily_rpu_hours,
            refresh_seconds=sizes.refresh_seconds,
            log_days=settings.sizes.log_days,
            alarm_topic_arn=context.alarm_topic_arn,
            retire=settings.retire,
        ),
        context.child,
    )
