"""Picks Cell or GlobalEdge for this stack; nothing else."""

import asyncio

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


async def main() -> None:
    try:
        settings = load()
        opts = pulumi.ResourceOptions(provider=provider(settings))
        if isinstance(settings, CellSettings):
            Cell("cell", settings, opts).contract.export()
        else:
            GlobalEdge("edge", settings, opts).contract.export()
    except (SettingsError, NamingError) as mistake:
        raise pulumi.RunError(str(mistake)) from None
    await asyncio.sleep(0)  # all registrations begin; else the SDK waits anew for all outputs after each one


pulumi.run(main)
