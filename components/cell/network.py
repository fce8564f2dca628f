"""Network of a cell: its VPC with subnets, and the interface endpoints in them."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.cell.inputs import CellInputs
from components.data.buckets.logs import LogBucket
from components.network.interface_endpoints import InterfaceEndpoints, InterfaceEndpointsArgs
from components.network.network import Network, NetworkArgs
from components.network.subnet_cidrs import cidrs_by_zone


def build_network(cell: CellInputs, logs: LogBucket) -> Network:
    """Builds the VPC, with flow logs in the log bucket."""
    settings = cell.settings
    return Network(
        f"{cell.name}-network",
        NetworkArgs(
            account=cell.platform.account,
            region=settings.region,
            cidr=settings.cell.cidr,
            zones=settings.sizes.zones,
            nat=settings.sizes.nat,
            flow_log_bucket_arn=logs.arn,
            retire=settings.retire,
        ),
        cell.child,
    )


def build_interface_endpoints(cell: CellInputs, network: Network) -> Sequence[pulumi.Resource]:
    """Builds private endpoints of AWS's services in the app subnets, which alone may use them.

    Returns what must be there for them to be reached.
    """
    settings = cell.settings
    cidrs = cidrs_by_zone(settings.cell.cidr, settings.sizes.zones)
    return InterfaceEndpoints(
        f"{cell.name}-endpoints",
        InterfaceEndpointsArgs(
            account=cell.platform.account,
            region=settings.region,
            services=settings.sizes.endpoints,
            vpc_id=network.vpc_id,
            subnet_ids=network.app_subnet_ids,
            client_cidrs={zone: each.app for zone, each in cidrs.items()},
        ),
        cell.child,
    ).ready
