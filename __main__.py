"""Picks Cell or GlobalEdge for this stack; nothing else."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.cell.cell import Cell
from components.edge.edge import GlobalEdge
from naming import NamingError
from settings import CellSettings, Settings, SettingsError, load


def provider(settings: Settings) -> aws.Provider:
    """The stack's only AWS provider: default ones are disabled in `Pulumi.yaml`."""
    platform = settings.platform
    tags = {"platform": platform.name, "cell": settings.stack, "managed-by": "pulumi"}
    return aws.Provider(
        "aws",
        region=settings.region,
        allowed_account_ids=[platform.account],
        default_tags=aws.ProviderDefaultTagsArgs(tags=tags),
    )


def main() -> None:
    settings = load()
    opts = pulumi.ResourceOptions(provider=provider(settings))
    if isinstance(settings, CellSettings):
        Cell("cell", settings, opts).contract.export()
    else:
        GlobalEdge("edge", settings, opts).contract.export()


try:
    main()
except (SettingsError, NamingError) as mistake:
    raise pulumi.RunError(str(mistake)) from None
