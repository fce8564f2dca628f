from __future__ import annotations

import json

import pulumi
import pytest

from components.network.endpoint_policy import gateway_policy
from components.network.network import Network, NetworkArgs, verify_zones
from tests.unit.documents import statements
from tests.unit.harness import Run, run


def network(nat: str = "perZone", zones: tuple[str, ...] = ("a", "b", "c")) -> Run:
    def program() -> None:
        Network(
            "net",
            NetworkArgs(
                account="123456789012",
                region="eu-west-1",
                cidr="10.1.0.0/16",
                zones=zones,
                nat="one" if nat == "one" else "perZone",
                flow_log_bucket_arn="arn:aws:s3:::logs",
                retire=False,
            ),
        )

    return run(program)


@pytest.fixture(scope="module")
def whole() -> Run:
    return network()


@pytest.fixture(scope="module")
def thrifty() -> Run:
    return network(nat="one")


def routes_of(each: Run, table: str) -> list[dict[str, object]]:
    return [route.inputs for route in each.of("Route") if route.inputs["routeTableId"] == f"{table}-id"]


def test_each_tier_has_a_subnet_in_each_of_three_zones(whole: Run) -> None:
    for tier in ("public", "app", "data"):
        zones = {each.inputs["availabilityZone"] for each in whole.of("Subnet") if f"-{tier}-" in each.name}
        assert zones == {"eu-west-1a", "eu-west-1b", "eu-west-1c"}


def test_subnets_carry_their_tier(whole: Run) -> None:
    assert {each.inputs["tags"]["tier"] for each in whole.of("Subnet")} == {"public", "app", "data"}


def test_no_subnet_hands_out_public_addresses(whole: Run) -> None:
    assert {each.inputs["mapPublicIpOnLaunch"] for each in whole.of("Subnet")} == {False}


def test_data_subnets_have_no_route_out(whole: Run) -> None:
    assert routes_of(whole, "net-data") == []


def test_data_subnets_use_the_data_table(whole: Run) -> None:
    for zone in "abc":
        association = whole.one(f"net-data-{zone}", "RouteTableAssociation")
        assert association.inputs["routeTableId"] == "net-data-id"
        assert association.inputs["subnetId"] == f"net-data-{zone}-id"


def test_only_the_public_table_leads_to_the_internet_gateway(whole: Run) -> None:
    through = {each.inputs["routeTableId"] for each in whole.of("Route") if "gatewayId" in each.inputs}
    assert through == {"net-public-id"}


def test_with_a_gateway_per_zone_each_app_subnet_leaves_through_its_own(whole: Run) -> None:
    for zone in "abc":
        (route,) = routes_of(whole, f"net-app-{zone}")
        assert route["natGatewayId"] == f"net-nat-{zone}-id"
        assert whole.one(f"net-nat-{zone}", "NatGateway").inputs["subnetId"] == f"net-public-{zone}-id"


def test_with_one_gateway_all_app_subnets_leave_through_it(thrifty: Run) -> None:
    assert thrifty.names("NatGateway") == {"net-nat-a"}
    assert {routes_of(thrifty, f"net-app-{zone}")[0]["natGatewayId"] for zone in "abc"} == {"net-nat-a-id"}


def test_changing_the_mode_touches_nothing_but_gateways_and_addresses(whole: Run, thrifty: Run) -> None:
    gone = {each.urn for each in whole.resources} - {each.urn for each in thrifty.resources}
    assert {urn.split("$")[-1].split("::")[0] for urn in gone} == {
        "aws:ec2/natGateway:NatGateway",
        "aws:ec2/eip:Eip",
    }


def test_every_slot_has_an_app_table_whichever_zones_there_are() -> None:
    moved = network(zones=("a", "c", "f"))
    tables = {each.name for each in moved.of("RouteTable") if "-app-" in each.name}
    assert tables == {"net-app-a", "net-app-b", "net-app-c", "net-app-d"}
    association = moved.one("net-app-f", "RouteTableAssociation").inputs
    assert (association["subnetId"], association["routeTableId"]) == ("net-app-f-id", "net-app-b-id")


def test_nat_gateways_wait_for_the_internet(whole: Run) -> None:
    internet = whole.one("net-public-internet").urn
    assert all(internet in each.depends_on for each in whole.of("NatGateway"))


def test_the_default_security_group_is_adopted_and_empty(whole: Run) -> None:
    group = whole.one("net-default-group")
    assert group.inputs == {"vpcId": "net-vpc-id", "ingress": [], "egress": []}


def test_s3_and_dynamodb_are_reached_from_app_and_data_without_nat(whole: Run) -> None:
    for service in ("s3", "dynamodb"):
        endpoint = whole.one(f"net-{service}").inputs
        assert endpoint["vpcEndpointType"] == "Gateway"
        assert endpoint["serviceName"] == f"com.amazonaws.eu-west-1.{service}"
        assert set(endpoint["routeTableIds"]) == {
            "net-data-id",
            "net-app-a-id",
            "net-app-b-id",
            "net-app-c-id",
            "net-app-d-id",
        }


def test_gateway_endpoints_carry_a_policy_of_their_own(whole: Run) -> None:
    policy = json.loads(whole.one("net-dynamodb").inputs["policy"])
    assert policy == gateway_policy("dynamodb", "123456789012", "eu-west-1")


def test_endpoints_admit_this_accounts_principals_only() -> None:
    (only,) = statements(gateway_policy("dynamodb", "123456789012", "eu-west-1")).values()
    assert only["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "123456789012"}}


def test_container_images_layers_come_through_s3() -> None:
    layers = statements(gateway_policy("s3", "123456789012", "eu-west-1"))["ImageLayers"]
    assert layers["Resource"] == "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*"
    assert layers["Action"] == "s3:GetObject"


def test_all_traffic_is_logged_to_the_log_bucket_without_a_role(whole: Run) -> None:
    log = whole.one("net-flow-log").inputs
    assert (log["trafficType"], log["vpcId"]) == ("ALL", "net-vpc-id")
    assert (log["logDestinationType"], log["logDestination"]) == ("s3", "arn:aws:s3:::logs/flow")
    assert "iamRoleArn" not in log


def test_a_zone_that_the_region_lacks_is_named_with_those_it_has() -> None:
    with pytest.raises(pulumi.RunError) as raised:
        verify_zones(["a", "d"], "eu-west-1", {"eu-west-1b": "euw1-az1", "eu-west-1a": "euw1-az3"})
    assert str(raised.value) == (
        "castle:sizes.zones: d is no zone of eu-west-1 for this account; write letters of eu-west-1a, eu-west-1b"
    )


def test_a_zone_that_lacks_a_service_is_named_by_its_id_whatever_letter_it_has() -> None:
    account = {"us-east-1a": "use1-az1", "us-east-1b": "use1-az3", "us-east-1c": "use1-az4"}
    assert verify_zones(["a", "c"], "us-east-1", account) == {"a": "us-east-1a", "c": "us-east-1c"}
    with pytest.raises(pulumi.RunError) as raised:
        verify_zones(["a", "b"], "us-east-1", account)
    assert str(raised.value) == (
        "castle:sizes.zones: b is use1-az3 in this account, which has no control plane of EKS, VPC link of API "
        "Gateway and RDS Proxy; write letters of us-east-1a, us-east-1c"
    )


def test_a_zone_that_the_region_lacks_fails_the_program() -> None:
    with pytest.raises(pulumi.RunError, match="z is no zone of eu-west-1"):
        network(zones=("a", "b", "z"))
