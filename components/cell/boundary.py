"""Permissions boundary of every role of the platform, made by the birth cell."""

from __future__ import annotations

from components.cell.inputs import CellInputs
from components.identity.boundary import Boundary, BoundaryArgs
from settings import EDGE_REGION


def build_boundary(cell: CellInputs) -> Boundary:
    """Builds the boundary for all stacks, for as long as any of them has a role.

    A cell that leaves is gone before the birth cell's next update, which takes its region out.
    """
    platform = cell.platform
    return Boundary(
        f"{cell.name}-boundary",
        BoundaryArgs(
            policy_name=cell.names.boundary(),
            account=platform.account,
            regions=sorted({EDGE_REGION, *(each.region for each in cell.cells), *platform.vaults}),
            backup_roles=f"{cell.name}-backups-role-*",
            node_roles=f"{cell.name}-cluster-node-*",
        ),
        cell.child,
    )
