"""Routing at the edge: the shared host names, each with a latency record and health checks for every cell."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.edge.inputs import EdgeInputs
from components.ingress.dns.hosts import SHARED_HOSTS
from components.ingress.dns.latency_records import CellTarget, HostTarget, Routing, RoutingArgs
from contracts import CellContract, entry
from settings import CellFacts


def build_routing(edge: EdgeInputs) -> None:
    """Builds health checks and records, which must keep `orders` and `services` of `castle:budgets`."""
    Routing(
        f"{edge.name}-routing",
        RoutingArgs(
            platform=edge.platform.name,
            account=edge.platform.account,
            region=edge.settings.region,
            domain=edge.platform.domain,
            zone_id=edge.platform.zone_id,
            cells={cell.name: _target(edge, cell) for cell in edge.settings.cells},
            alarm_key_arn=edge.log_key_arn,
            failover_seconds=edge.platform.budgets.orders,
        ),
        edge.child,
    )


def _target(edge: EdgeInputs, cell: CellFacts) -> CellTarget:
    contract = edge.contracts[cell.name]
    return CellTarget(
        region=cell.region,
        hosts={
            "api": HostTarget(contract.api_dns_name, contract.api_zone_id),
            "stream": HostTarget(contract.load_balancer_dns_name, contract.load_balancer_zone_id),
        },
        serving_checks={host: _serving_checks(cell.name, contract, host) for host in SHARED_HOSTS},
    )


def _serving_checks(
    cell: str, contract: CellContract, host: str
) -> pulumi.Output[Sequence[pulumi.Input[str]]]:
    return pulumi.Output.from_input(contract.serving_check_ids).apply(
        lambda ids: entry(cell, "servingCheckIds", ids, host)
    )
