from __future__ import annotations

import pytest

from components.network.peering import Peering, PeeringArgs, PeeringSide
from tests.unit.harness import Recorded, Run, run

OWN = PeeringSide(
    region="eu-west-1",
    vpc_id="vpc-own",
    cidr="10.1.0.0/16",
    tables={"app-a": "rtb-own-a", "app-b": "rtb-own-b"},
    data_table="rtb-own-data",
    app_cidrs={"a": "10.1.0.0/19", "b": "10.1.64.0/19"},
)
OTHER = PeeringSide(
    region="us-east-1",
    vpc_id="vpc-other",
    cidr="10.0.0.0/16",
    tables={"app-a": "rtb-other-a"},
    data_table="rtb-other-data",
    app_cidrs={"a": "10.0.0.0/19"},
)
RUNNER = PeeringSide(
    region="us-east-1", vpc_id="vpc-run", cidr="10.255.0.0/16", tables={"rtb-0ab": "rtb-0ab"}
)


def peering(own: PeeringSide = OWN, other: PeeringSide = OTHER) -> Run:
    args = PeeringArgs(account="123456789012", own=own, other=other)
    return run(lambda: Peering("peering", args) and None)


@pytest.fixture(scope="module")
def made() -> Run:
    return peering()


def routes(each: Run) -> dict[str, tuple[str, str, str | None]]:
    """Table, destination and region by name."""
    return {
        route.name: (
            route.inputs["routeTableId"],
            route.inputs["destinationCidrBlock"],
            route.inputs.get("region"),
        )
        for route in each.of("Route")
    }


def test_one_side_asks_and_the_other_accepts_where_it_is(made: Run) -> None:
    asked, accepted = made.one("peering-connection").inputs, made.one("peering-accepter").inputs
    assert (asked["vpcId"], asked["peerVpcId"], asked["peerRegion"]) == ("vpc-own", "vpc-other", "us-east-1")
    assert asked["peerOwnerId"] == "123456789012"
    assert (accepted["region"], accepted["autoAccept"]) == ("us-east-1", True)
    assert "autoAccept" not in asked  # AWS refuses it across regions


def test_app_subnets_reach_all_of_the_other_cell_and_data_subnets_its_app_subnets(made: Run) -> None:
    assert routes(made) == {
        "peering-own-app-a": ("rtb-own-a", "10.0.0.0/16", None),
        "peering-own-app-b": ("rtb-own-b", "10.0.0.0/16", None),
        "peering-own-data-a": ("rtb-own-data", "10.0.0.0/19", None),
        "peering-other-app-a": ("rtb-other-a", "10.1.0.0/16", "us-east-1"),
        "peering-other-data-a": ("rtb-other-data", "10.1.0.0/19", "us-east-1"),
        "peering-other-data-b": ("rtb-other-data", "10.1.64.0/19", "us-east-1"),
    }


def test_the_runner_and_data_subnets_have_no_way_to_each_other() -> None:
    assert routes(peering(OWN, RUNNER)) == {
        "peering-own-app-a": ("rtb-own-a", "10.255.0.0/16", None),
        "peering-own-app-b": ("rtb-own-b", "10.255.0.0/16", None),
        "peering-other-rtb-0ab": ("rtb-0ab", "10.1.0.0/16", "us-east-1"),
    }


def test_each_side_resolves_the_others_names(made: Run) -> None:
    own, other = made.one("peering-options-own").inputs, made.one("peering-options-other").inputs
    assert own["requester"] == {"allowRemoteVpcDnsResolution": True}
    assert other["accepter"] == {"allowRemoteVpcDnsResolution": True}
    assert "accepter" not in own
    assert (own.get("region"), other["region"]) == (None, "us-east-1")


def test_two_networks_of_one_region_have_one_set_of_options() -> None:
    here = PeeringSide(region="us-east-1", vpc_id="vpc-own", cidr="10.0.0.0/16", tables={})
    (options,) = peering(here, RUNNER).of("PeeringConnectionOptions")
    assert options.inputs["requester"] == options.inputs["accepter"] == {"allowRemoteVpcDnsResolution": True}


def test_routes_and_options_wait_until_the_connection_is_accepted(made: Run) -> None:
    accepter = made.one("peering-accepter").urn
    waiting: list[Recorded] = [*made.of("Route"), *made.of("PeeringConnectionOptions")]
    assert waiting
    assert all(accepter in each.depends_on for each in waiting)
