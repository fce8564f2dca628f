"""A cell's shared files, and where their copy is."""

from __future__ import annotations

from components.cell.context import Ground
from components.data.files.files import Copy, Files, FilesArgs

DATASET = "files"


def files(ground: Ground) -> None:
    if not ground.holds(DATASET):
        return
    settings = ground.settings
    second = settings.platform.second_home(settings.region, DATASET, settings.stack)
    Files(
        f"{ground.name}-files",
        FilesArgs(
            place=ground.place(from_other_cells=False),
            key_arn=ground.key_arn(DATASET),
            copy=None if second is None else Copy(second, ground.key_arn_in(second, DATASET)),
            tags=ground.backup_tags(DATASET),
            alarm_topic_arn=ground.alarm_topic_arn,
            retire=settings.retire,
        ),
        ground.child,
    )
