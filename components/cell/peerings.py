"""VPC peerings of a cell: with every cell before it, and with the runner."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.cell.inputs import CellInputs
from components.network.network import Network
from components.network.peering import Peering, PeeringArgs, PeeringSide
from components.network.subnet_cidrs import possible_app_cidrs
from contracts import CellContract, entry
from settings import CellFacts
from settings.placement import SLOT_LETTERS

APP_TABLES = [f"app-{slot}" for slot in SLOT_LETTERS]


def build_cell_peerings(cell: CellInputs, network: Network) -> None:
    """Builds a peering with each cell before this one; those that come after it do the same with this one."""
    own = _side(cell.settings.cell, network.vpc_id, network.route_table_ids)
    for earlier in cell.platform.earlier(cell.settings.stack):
        contract = cell.earlier[earlier.name]
        other = _side(earlier, contract.vpc_id, _route_tables(earlier.name, contract))
        Peering(
            f"{cell.name}-peering-{earlier.name}",
            PeeringArgs(account=cell.platform.account, own=own, other=other),
            cell.child,
        )


def build_runner_peering(cell: CellInputs, network: Network) -> Peering:
    """Builds the peering by which `pulumi up` reaches the cluster's API; it doesn't lead to data subnets."""
    runner, settings = cell.platform.runner, cell.settings
    own = PeeringSide(
        region=settings.region,
        vpc_id=network.vpc_id,
        cidr=settings.cell.cidr,
        tables={table: network.route_table_ids[table] for table in APP_TABLES},
    )
    other = PeeringSide(
        region=runner.region,
        vpc_id=runner.vpc,
        cidr=runner.cidr,
        tables={table: table for table in runner.route_tables},
    )
    return Peering(
        f"{cell.name}-peering-runner",
        PeeringArgs(account=cell.platform.account, own=own, other=other),
        cell.child,
    )


def client_cidrs(cell: CellInputs) -> dict[str, str]:
    """CIDRs of the app subnets of all other cells, by cell and slot: a rule can't name groups of other regions."""
    return {
        f"{other.name}-app-{slot}": cidr
        for other in cell.platform.others(cell.settings.stack)
        for slot, cidr in possible_app_cidrs(other.cidr).items()
    }


def _side(cell: CellFacts, vpc_id: pulumi.Input[str], tables: Mapping[str, pulumi.Input[str]]) -> PeeringSide:
    return PeeringSide(
        region=cell.region,
        vpc_id=vpc_id,
        cidr=cell.cidr,
        tables={table: tables[table] for table in APP_TABLES},
        data_table=tables["data"],
        app_cidrs=possible_app_cidrs(cell.cidr),
    )


def _route_tables(cell: str, contract: CellContract) -> dict[str, pulumi.Output[str]]:
    ids = pulumi.Output.from_input(contract.route_table_ids)
    return {
        table: ids.apply(lambda found, table=table: entry(cell, "routeTableIds", found, table))
        for table in ("data", *APP_TABLES)
    }
