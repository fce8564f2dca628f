"""Image repositories of a cell, and the replication from the birth cell, to which images are pushed.

Every cell's repositories must be there before the first push: a repository that replication makes itself has neither
key nor rules. So the cells come up first, and then images are pushed. A cell that joins later gets what is there by a
backfill, which an operator starts: https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication-backfill.html
"""

from __future__ import annotations

from components.cell.context import CellContext
from components.compute.images.replication import ImageReplication, ImageReplicationArgs
from components.compute.images.repositories import ImageRepositories, ImageRepositoriesArgs
from settings.catalogue import SERVICES

KEPT_IMAGES = 50  # of each service: nearly a year of weekly releases


def build_images(context: CellContext) -> None:
    """Builds a repository for each service and, in the birth cell, the registry's replication."""
    settings, platform = context.settings, context.settings.platform
    ImageRepositories(
        f"{context.name}-images",
        ImageRepositoriesArgs(
            prefix=platform.name,
            images=list(SERVICES),
            key_arn=context.key_arn("images"),
            keep=KEPT_IMAGES,
            tags=context.tags("images"),
            retire=settings.retire,
        ),
        context.child,
    )
    others = [cell.region for cell in platform.others(settings.stack)]
    if settings.is_birth and others:
        ImageReplication(
            f"{context.name}-image-replication",
            ImageReplicationArgs(account=platform.account, prefix=platform.name, regions=others),
            context.child,
        )
