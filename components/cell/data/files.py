"""Shared files of a cell, and the second home of their copy."""

from __future__ import annotations

from components.cell.context import CellContext
from components.cell.data.store_network import store_network
from components.data.files.files import Files, FilesArgs, ReplicaRegion

DATASET = "files"


def build_files(context: CellContext) -> None:
    """Builds the file system, where the cell may hold files."""
    if not context.may_hold(DATASET):
        return
    settings = context.settings
    second = settings.platform.second_home(settings.region, DATASET, settings.stack)
    Files(
        f"{context.name}-files",
        FilesArgs(
            network=store_network(context, from_other_cells=False),
            key_arn=context.key_arn(DATASET),
            replica=None if second is None else ReplicaRegion(second, context.key_arn_in(second, DATASET)),
            tags=context.backup_tags(DATASET),
            alarm_topic_arn=context.alarm_topic_arn,
            retire=settings.retire,
        ),
        context.child,
    )
