"""Network of a store: the data subnets in which it lies, and the clients that may connect to it."""

from __future__ import annotations

from components.cell.context import CellContext
from components.cell.peerings import client_cidrs
from components.data.store_security_group import StoreNetwork


def store_network(context: CellContext, *, from_other_cells: bool) -> StoreNetwork:
    """Network of a store. Clients are the workloads of this cell and, if asked, those of the other cells.

    Workloads of this cell are admitted by their security groups; those of other cells by the CIDRs of their app
    subnets, since a rule can't name a group of another region.
    """
    return StoreNetwork(
        vpc_id=context.network.vpc_id,
        data_subnet_ids=context.network.data_subnet_ids,
        client_groups=context.workload_groups,
        client_cidrs=client_cidrs(context) if from_other_cells else {},
    )
