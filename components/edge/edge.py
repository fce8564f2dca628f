"""Global edge: what the platform has once, above its cells."""

from __future__ import annotations

import pulumi

from components.account.account import Account
from components.edge.inputs import EdgeInputs
from components.edge.replication import build_bucket_replication
from components.edge.routing import build_routing
from components.edge.web import build_firewall, build_log_bucket, build_web_distribution
from components.permissions_boundary import RoleBoundary
from components.replacement_order import REPLACEMENT_ORDER
from contracts import CellContract, EdgeContract
from naming import Names
from settings import EdgeSettings


class GlobalEdge(pulumi.ComponentResource):
    """Edge, as a table of contents. It reads every cell that isn't leaving, and no stack reads it."""

    contract: EdgeContract

    def __init__(self, name: str, settings: EdgeSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        names = Names(settings.platform.name, settings.stack, settings.platform.account)
        boundary = RoleBoundary(settings.platform.account, names.boundary())
        super().__init__(
            "castle:index:GlobalEdge",
            name,
            None,
            pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions.merge(opts, boundary.options), REPLACEMENT_ORDER
            ),
        )
        edge = EdgeInputs(
            name=name,
            settings=settings,
            names=names,
            # Each once: a stack reference is a resource.
            contracts={cell.name: CellContract.read(cell.name) for cell in settings.cells},
            child=pulumi.ResourceOptions(parent=self),
        )

        Account(f"{name}-account", edge.platform.account, edge.child)
        logs = build_log_bucket(edge)
        web = build_web_distribution(edge, logs, build_firewall(edge))
        build_routing(edge)
        build_bucket_replication(edge)

        self.contract = EdgeContract(
            distribution_id=web.distribution_id, distribution_domain_name=web.domain_name
        )
        self.register_outputs({"distribution_id": web.distribution_id})
