"""Runtimes of services: which service runs on which, and the security groups of those on Fargate."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.cell.inputs import CellInputs
from components.network.network import Network
from settings import CellSettings, ServiceSizes


def deployed(settings: CellSettings, runtime: str) -> dict[str, ServiceSizes]:
    """Sizes, by name, of the services that have an image and run on a runtime (`eks` or `fargate`)."""
    sizes = settings.sizes.services.by_name()
    return {name: it for name, it in sizes.items() if name in settings.images and it.runtime == runtime}


def build_task_groups(cell: CellInputs, network: Network) -> Mapping[str, pulumi.Output[str]]:
    """Builds the security groups of tasks, by service: before the stores, which admit them.

    Their rules are made with the service.
    """
    return {
        service: aws.ec2.SecurityGroup(
            f"{cell.name}-{service}-group",
            vpc_id=network.vpc_id,
            description=f"Tasks of {service}",
            tags={"Name": f"{cell.name}-{service}"},
            opts=cell.child,
        ).id
        for service in deployed(cell.settings, "fargate")
    }
