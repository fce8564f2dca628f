"""A cell's images, which come to it from the birth cell, to whose repositories they are pushed.

Every cell's repositories must be there before the first push: replication goes only to what is there with its key and
rules, since a repository that it makes itself has neither, and a cell that joins later has no image before the next
push. So the cells come up first, and then images are pushed.
"""

from __future__ import annotations

from components.cell_ground import Ground
from components.compute.image_replication import ImageReplication, ImageReplicationArgs
from components.compute.image_repositories import ImageRepositories, ImageRepositoriesArgs
from components.services import SERVICES

KEEP = 50  # of each image: more than a year of weekly releases


def images(ground: Ground) -> ImageRepositories | None:
    """None where the cell may not hold them."""
    settings, platform = ground.settings, ground.settings.platform
    if not ground.holds("images"):
        return None
    made = ImageRepositories(
        f"{ground.name}-images",
        ImageRepositoriesArgs(
            prefix=platform.name,
            images=list(SERVICES),
            key_arn=ground.key_arn("images"),
            keep=KEEP,
            retire=settings.retire,
        ),
        ground.child,
    )
    others = [
        cell.region for cell in platform.others(settings.stack) if platform.holds(cell.region, "images")
    ]
    if settings.is_birth and others:
        ImageReplication(
            f"{ground.name}-image-replication",
            ImageReplicationArgs(account=platform.account, prefix=platform.name, regions=others),
            ground.child,
        )
    return made
