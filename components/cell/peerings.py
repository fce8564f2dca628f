"""One cell's way to the networks beside it: of the cells before it, and of the runner."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.network.network import Network
from components.network.peering import Peering, PeeringArgs, Side
from components.network.subnet_cidrs import app_cidrs
from contracts import CellContract, entry
from settings import SLOT_LETTERS, CellFacts, CellSettings

APP_TABLES = [f"app-{slot}" for slot in SLOT_LETTERS]


def peer_with_cells(
    name: str,
    settings: CellSettings,
    network: Network,
    contracts: Mapping[str, CellContract],
    child: pulumi.ResourceOptions,
) -> None:
    """With each cell that comes before this one; those that come after it do the same with this one."""
    own = _side(settings.cell, network.vpc_id, network.route_table_ids)
    for cell in settings.platform.earlier(settings.stack):
        other = _side(cell, contracts[cell.name].vpc_id, _tables(cell.name, contracts[cell.name]))
        Peering(
            f"{name}-peering-{cell.name}",
            PeeringArgs(account=settings.platform.account, own=own, other=other),
            child,
        )


def peer_with_runner(
    name: str, settings: CellSettings, network: Network, child: pulumi.ResourceOptions
) -> Peering:
    """Data subnets aren't reached from where the platform is deployed."""
    runner = settings.platform.runner
    own = Side(
        region=settings.region,
        vpc_id=network.vpc_id,
        cidr=settings.cell.cidr,
        tables={table: network.route_table_ids[table] for table in APP_TABLES},
    )
    other = Side(
        region=runner.region,
        vpc_id=runner.vpc,
        cidr=runner.cidr,
        tables={table: table for table in runner.route_tables},
    )
    return Peering(
        f"{name}-peering-runner",
        PeeringArgs(account=settings.platform.account, own=own, other=other),
        child,
    )


def client_cidrs(settings: CellSettings) -> dict[str, str]:
    """The app subnets of all other cells, by cell and slot: groups of other regions can't be named in a rule."""
    return {
        f"{cell.name}-app-{slot}": cidr
        for cell in settings.platform.others(settings.stack)
        for slot, cidr in app_cidrs(cell.cidr).items()
    }


def _side(cell: CellFacts, vpc_id: pulumi.Input[str], tables: Mapping[str, pulumi.Input[str]]) -> Side:
    return Side(
        region=cell.region,
        vpc_id=vpc_id,
        cidr=cell.cidr,
        tables={table: tables[table] for table in APP_TABLES},
        data_table=tables["data"],
        app_cidrs=app_cidrs(cell.cidr),
    )


def _tables(cell: str, contract: CellContract) -> dict[str, pulumi.Output[str]]:
    ids = pulumi.Output.from_input(contract.route_table_ids)
    return {
        table: ids.apply(lambda found, table=table: entry(cell, "routeTableIds", found, table))
        for table in ("data", *APP_TABLES)
    }
