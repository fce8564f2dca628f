"""Peering, the global cache, clusters, firewalls and account settings in the pretend cloud."""

import pytest

from rehearsal.cloud.provider_verbs import RefusedError
from rehearsal.values import UNKNOWN, Value, Values
from tests.rehearsal.cloud.cloud_driver import ACCOUNT, KEY, NORTH, ROLE, SOUTH, TRUST, VPC, CloudDriver, Made

ACCEPTER = "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter"
ACL = "aws:wafv2/webAcl:WebAcl"
ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
CLUSTER = "aws:eks/cluster:Cluster"
DATASTORE = "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup"
ENTRY = "aws:eks/accessEntry:AccessEntry"
GRANT = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
MAP = "kubernetes:core/v1:ConfigMap"
OPTIONS = "aws:ec2/peeringConnectionOptions:PeeringConnectionOptions"
PEERING = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
TABLE = "aws:ec2/routeTable:RouteTable"
WEST = {**NORTH, "region": "us-west-2"}


def code(driver: CloudDriver, type_: str, inputs: Values, provider: Values | None = None) -> str:
    with pytest.raises(RefusedError) as caught:
        driver.make(type_, "refused", inputs, provider)
    return caught.value.code


# ---- peering


def peered(driver: CloudDriver) -> tuple[Made, Made, Made]:
    """Two VPCs in two regions, and a connection that nobody has accepted yet."""
    north = driver.make(VPC, "north", {"cidrBlock": "10.0.0.0/16"}, NORTH)
    south = driver.make(VPC, "south", {"cidrBlock": "10.1.0.0/16"}, SOUTH)
    inputs = {"vpcId": south.id, "peerVpcId": north.id, "peerRegion": "us-east-1"}
    return north, south, driver.make(PEERING, "peering", inputs, SOUTH)


def test_connection_is_pending_until_the_other_side_accepts_it(driver: CloudDriver) -> None:
    north, south, peering = peered(driver)
    assert peering.outputs["acceptStatus"] == "pending-acceptance"
    accepter = driver.make(
        ACCEPTER, "accepter", {"vpcPeeringConnectionId": peering.id, "autoAccept": True}, NORTH
    )
    assert accepter.id == peering.id
    assert (accepter.outputs["vpcId"], accepter.outputs["peerVpcId"]) == (north.id, south.id)
    assert (accepter.outputs["region"], accepter.outputs["peerRegion"]) == ("us-east-1", "eu-west-1")
    found = driver.read(peering)
    assert found is not None and found.outputs["acceptStatus"] == "active"


def test_options_of_a_connection_that_is_not_accepted_are_refused(driver: CloudDriver) -> None:
    _, _, peering = peered(driver)
    options = {"vpcPeeringConnectionId": peering.id, "requester": {"allowRemoteVpcDnsResolution": True}}
    assert code(driver, OPTIONS, options, SOUTH) == "OperationNotPermitted"
    driver.make(ACCEPTER, "accepter", {"vpcPeeringConnectionId": peering.id}, NORTH)
    driver.make(OPTIONS, "options", options, SOUTH)


def test_routes_of_both_sides_lead_through_one_connection_and_outlive_it(driver: CloudDriver) -> None:
    north, south, peering = peered(driver)
    routes = []
    for vpc, provider, cidr in ((north, NORTH, "10.1.0.0/16"), (south, SOUTH, "10.0.0.0/16")):
        table = driver.make(TABLE, "table", {"vpcId": vpc.id}, provider)
        route = {"routeTableId": table.id, "destinationCidrBlock": cidr, "vpcPeeringConnectionId": peering.id}
        routes.append(driver.make("aws:ec2/route:Route", "route", route, provider))
    driver.remove(peering)
    assert all(map(driver.read, routes))


def test_cell_peers_with_the_runner_that_was_there_before(driver: CloudDriver) -> None:
    _, south, _ = peered(driver)
    runner = {"vpcId": south.id, "peerVpcId": "vpc-0d15ea5e0d15ea5e0", "peerRegion": "us-east-1"}
    assert driver.make(PEERING, "runner", runner, SOUTH).id
    assert (
        code(driver, PEERING, {**runner, "peerVpcId": "vpc-00000000000000000"}, SOUTH)
        == "InvalidVpcID.NotFound"
    )


# ---- cache

PRIMARY: Values = {
    "replicationGroupId": "market-north",
    "description": "market data",
    "engine": "valkey",
    "engineVersion": "8.0",
    "nodeType": "cache.r7g.large",
    "numNodeGroups": 2,
    "atRestEncryptionEnabled": True,
    "transitEncryptionEnabled": True,
}


def datastore(driver: CloudDriver) -> Made:
    primary = driver.make(CACHE, "market-north", PRIMARY, NORTH)
    inputs = {"globalReplicationGroupIdSuffix": "market", "primaryReplicationGroupId": primary.id}
    return driver.make(DATASTORE, "market", inputs, NORTH)


def member(driver: CloudDriver, whole: Made, name: str, provider: Values, **inputs: Value) -> Made:
    joined = {"description": "market data", "globalReplicationGroupId": whole.id, "replicationGroupId": name}
    return driver.make(CACHE, name, {**joined, **inputs}, provider)


def test_datastore_has_an_id_that_only_aws_knows_and_takes_its_primarys_settings(driver: CloudDriver) -> None:
    whole = datastore(driver)
    assert whole.id.endswith("-market") and whole.id != "market"
    assert whole.outputs["globalReplicationGroupId"] == whole.id
    assert (whole.outputs["engine"], whole.outputs["cacheNodeType"]) == ("valkey", "cache.r7g.large")


def test_joining_member_inherits_and_shows_the_providers_default_engine(driver: CloudDriver) -> None:
    south = member(driver, datastore(driver), "market-south", SOUTH)
    assert south.outputs["engine"] == "redis"
    assert (south.outputs["nodeType"], south.outputs["numNodeGroups"]) == ("cache.r7g.large", 2)
    assert south.outputs["transitEncryptionEnabled"] is True


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("numNodeGroups", 2),
        ("parameterGroupName", "default.valkey8"),
        ("engine", "valkey"),
        ("engineVersion", "8.0"),
        ("nodeType", "cache.r7g.large"),
        ("securityGroupNames", ["default"]),
        ("transitEncryptionEnabled", True),
        ("atRestEncryptionEnabled", True),
        ("snapshotArns", ["arn:aws:s3:::castle/snapshot.rdb"]),
        ("snapshotName", "yesterday"),
    ],
)
def test_joining_member_that_sets_what_it_inherits_is_refused(
    driver: CloudDriver, name: str, value: Value
) -> None:
    whole = datastore(driver)
    with pytest.raises(RefusedError, match=f"inherits {name}; leave it out"):
        member(driver, whole, "market-south", SOUTH, **{name: value})


def test_fourth_member_is_refused(driver: CloudDriver) -> None:
    whole = datastore(driver)
    member(driver, whole, "market-south", SOUTH)
    member(driver, whole, "market-west", WEST)
    with pytest.raises(RefusedError, match="which is all that AWS allows"):
        member(driver, whole, "market-fourth", {**NORTH, "region": "eu-central-1"})


def test_datastore_twice_over_one_primary_is_refused(driver: CloudDriver) -> None:
    datastore(driver)
    again = {"globalReplicationGroupIdSuffix": "again", "primaryReplicationGroupId": "market-north"}
    assert code(driver, DATASTORE, again) == "GlobalReplicationGroupAlreadyExistsFault"


def test_another_primary_would_replace_the_datastore_unless_it_is_ignored(driver: CloudDriver) -> None:
    whole = datastore(driver)
    promoted = Made(
        whole.target, whole.id, whole.inputs, whole.outputs | {"primaryReplicationGroupId": "market-south"}
    )
    inputs = {"globalReplicationGroupIdSuffix": "market", "primaryReplicationGroupId": "market-north"}
    assert driver.diff(promoted, inputs).replaces == ("primaryReplicationGroupId",)
    assert driver.diff(promoted, inputs, "primaryReplicationGroupId").changed == ()


def test_datastore_is_in_use_by_its_members_and_its_primary_by_the_datastore(driver: CloudDriver) -> None:
    whole = datastore(driver)
    south = member(driver, whole, "market-south", SOUTH)
    with pytest.raises(RefusedError, match="InvalidGlobalReplicationGroupState"):
        driver.remove(whole)
    driver.remove(south)
    driver.remove(whole)


def test_own_cache_has_the_addresses_of_its_form(driver: CloudDriver) -> None:
    one = {**PRIMARY, "replicationGroupId": "local", "numNodeGroups": 1}
    single = driver.make(CACHE, "local", one).outputs
    assert single["primaryEndpointAddress"].startswith("master.local.") and not single["clusterEnabled"]
    several = driver.make(CACHE, "market", PRIMARY).outputs
    assert several["configurationEndpointAddress"].startswith("clustercfg.market-north.")
    assert "primaryEndpointAddress" not in several


# ---- clusters


def cluster(driver: CloudDriver, **inputs: Value) -> Made:
    _, subnet = driver.network()
    role = driver.role("cluster", "eks", "ec2")
    vpc_config = {"subnetIds": [subnet.id], "endpointPrivateAccess": True, "endpointPublicAccess": False}
    return driver.make(
        CLUSTER, "eks", {"name": "castle", "roleArn": role.arn, "vpcConfig": vpc_config, **inputs}
    )


def test_cluster_has_an_issuer_an_endpoint_and_a_group_of_its_own(driver: CloudDriver) -> None:
    made = cluster(driver)
    assert made.outputs["endpoint"].endswith(".gr7.us-east-1.eks.amazonaws.com")
    assert made.outputs["identities"][0]["oidcs"][0]["issuer"].startswith("https://oidc.eks.us-east-1.")
    assert made.outputs["vpcConfig"]["endpointPrivateAccess"] is True
    rule = {"ipProtocol": "tcp", "fromPort": 8080, "toPort": 8080, "cidrIpv4": "10.0.0.0/16"}
    driver.make(
        RULE, "rule", {**rule, "securityGroupId": made.outputs["vpcConfig"]["clusterSecurityGroupId"]}
    )
    with pytest.raises(RefusedError, match="ResourceInUseException"):
        driver.remove(made)


def test_read_of_a_cluster_leaves_out_what_aws_added_inside_its_inputs(driver: CloudDriver) -> None:
    made = cluster(driver)
    found = driver.read(made)
    assert found is not None and found.inputs == made.inputs
    assert driver.cloud.diff(made.target, made.id, found.inputs, found.outputs, made.inputs).changed == ()


def test_preview_of_a_cluster_does_not_know_its_group_and_that_of_a_change_does(driver: CloudDriver) -> None:
    made = cluster(driver)
    role = made.inputs["roleArn"]
    inputs = {"name": "castle", "roleArn": role, "vpcConfig": made.inputs["vpcConfig"]}
    new = driver.preview(CLUSTER, "other", inputs).outputs["vpcConfig"]
    assert new["clusterSecurityGroupId"] is UNKNOWN and new["subnetIds"] == inputs["vpcConfig"]["subnetIds"]
    public = driver.checked(
        made.target, {**inputs, "vpcConfig": {**inputs["vpcConfig"], "endpointPublicAccess": True}}
    )
    done = driver.cloud.update(made.target, made.id, made.inputs, made.outputs, public, (), preview=True)
    assert done.outputs["vpcConfig"] == {**made.outputs["vpcConfig"], "endpointPublicAccess": True}


def test_other_key_for_a_clusters_secrets_replaces_it(driver: CloudDriver) -> None:
    one, other = driver.make(KEY, "one", {}), driver.make(KEY, "other", {})
    made = cluster(driver, encryptionConfig={"resources": ["secrets"], "provider": {"keyArn": one.arn}})
    changed = {
        **made.inputs,
        "encryptionConfig": {"resources": ["secrets"], "provider": {"keyArn": other.arn}},
    }
    assert driver.diff(made, changed).replaces == ("encryptionConfig",)


def test_access_is_granted_only_to_who_has_an_entry(driver: CloudDriver) -> None:
    cluster(driver)
    viewer = driver.make(ROLE, "viewer", {"assumeRolePolicy": TRUST})
    who = {"clusterName": "castle", "principalArn": viewer.arn}
    policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
    grant = {**who, "policyArn": policy, "accessScope": {"type": "cluster"}}
    assert code(driver, GRANT, grant) == "ResourceNotFoundException"
    entry = driver.make(ENTRY, "viewer", who)
    assert entry.outputs["type"] == "STANDARD"
    driver.make(GRANT, "viewer", grant)
    assert code(driver, ENTRY, who) == "ResourceInUseException"


def test_object_goes_into_the_cluster_of_its_provider_and_no_other(driver: CloudDriver) -> None:
    map_ = {"metadata": {"name": "amazon-vpc-cni", "namespace": "kube-system"}, "data": {"a": "b"}}
    assert code(driver, MAP, map_, {"clusterIdentifier": "castle"}) == "Unreachable"
    assert driver.preview(MAP, "cni", map_, {"clusterIdentifier": "castle"}).id is UNKNOWN
    cluster(driver)
    made = driver.make(MAP, "cni", map_, {"clusterIdentifier": "castle"})
    assert made.id == "kube-system/amazon-vpc-cni"
    assert code(driver, MAP, map_, {"clusterIdentifier": "castle"}) == "AlreadyExists"


def test_object_without_a_name_gets_one(driver: CloudDriver) -> None:
    made = driver.make(MAP, "Settings", {"data": {"a": "b"}}, {})
    assert made.id.startswith("settings-")
    assert made.inputs["metadata"] == {"name": made.id}


# ---- firewalls and account settings


def acl(scope: str, provider: Values, driver: CloudDriver) -> Made:
    visibility = {"cloudwatchMetricsEnabled": True, "metricName": "m", "sampledRequestsEnabled": True}
    inputs = {"name": "edge", "scope": scope, "defaultAction": {"allow": {}}, "visibilityConfig": visibility}
    return driver.make(ACL, "edge", inputs, provider)


def test_firewall_of_the_cdn_exists_in_us_east_1_only(driver: CloudDriver) -> None:
    with pytest.raises(RefusedError, match="WAFInvalidParameterException"):
        acl("CLOUDFRONT", SOUTH, driver)
    made = acl("CLOUDFRONT", NORTH, driver)
    assert made.arn == f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/edge/{made.id}"


def test_balancer_has_one_firewall_and_one_that_exists(driver: CloudDriver) -> None:
    made = acl("REGIONAL", NORTH, driver)
    balancer = driver.make("aws:lb/loadBalancer:LoadBalancer", "alb", {"subnets": driver.zones()})
    driver.make(ASSOCIATION, "a", {"webAclArn": made.arn, "resourceArn": balancer.arn})
    again = {"webAclArn": made.arn, "resourceArn": balancer.arn}
    assert code(driver, ASSOCIATION, again) == "WAFAssociatedItemException"
    assert (
        code(driver, ASSOCIATION, {**again, "resourceArn": balancer.arn + "0"}) == "ResourceNotFoundException"
    )
    with pytest.raises(RefusedError, match="WAFAssociatedItemException"):
        driver.remove(made)


def test_account_and_region_settings_have_one_owner_each(driver: CloudDriver) -> None:
    block = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
    driver.make(block, "account", {"blockPublicAcls": True})
    assert code(driver, block, {"blockPublicAcls": True}, SOUTH) == "ResourceAlreadyExists"
    disks = "aws:ebs/encryptionByDefault:EncryptionByDefault"
    driver.make(disks, "north", {}, NORTH)
    driver.make(disks, "south", {}, SOUTH)
    assert code(driver, disks, {}, SOUTH) == "ResourceAlreadyExists"
