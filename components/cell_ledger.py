"""The ledger as one cell has it: its member of the global database."""

from __future__ import annotations

from components.cell_ground import Ground
from components.data.ledger import Ledger, LedgerArgs


def ledger(ground: Ground) -> None:
    settings, names = ground.settings, ground.names
    capacity = settings.ledger
    if capacity is None:
        return
    Ledger(
        f"{ground.name}-ledger",
        LedgerArgs(
            account=settings.platform.account,
            region=settings.region,
            cluster_identifier=names.database("ledger"),
            global_cluster_identifier=names.global_database("ledger"),
            final_snapshot_identifier=names.snapshot("ledger-final"),
            birth_region=settings.birth.region,
            is_birth=settings.is_birth,
            place=ground.place(from_other_cells=True),
            key_arn=ground.key_arn("ledger"),
            min_acu=capacity.min_acu,
            max_acu=capacity.max_acu,
            log_days=settings.sizes.log_days,
            backup_tags=ground.backup_tags("ledger"),
            retire=settings.retire,
        ),
        ground.child,
    )
