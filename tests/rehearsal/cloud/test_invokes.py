"""Invokes: what the cloud answers while a program runs."""

import json
import string
from typing import Any

import pytest

from rehearsal.cloud import external_changes
from rehearsal.cloud.provider_verbs import RefusedError
from rehearsal.values import Secret, Values
from tests.rehearsal.cloud.cloud_driver import ACCOUNT, NORTH, SOUTH, SUBNET, VPC, CloudDriver, Made, refused

ZONES = "aws:index/getAvailabilityZones:getAvailabilityZones"
ZONE = "aws:route53/getZone:getZone"
PASSWORD = "aws:secretsmanager/getRandomPassword:getRandomPassword"


def password(driver: CloudDriver, **args: object) -> str:
    answer = driver.cloud.invoke(PASSWORD, args, NORTH)["randomPassword"]
    assert isinstance(answer, Secret)
    return answer.value


def test_zones_are_those_of_the_providers_region_or_of_the_one_that_is_named(driver: CloudDriver) -> None:
    assert driver.cloud.invoke(ZONES, {}, SOUTH)["names"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    far = driver.cloud.invoke(ZONES, {"region": "us-west-2"}, SOUTH)
    assert (far["id"], far["names"][0], far["zoneIds"][0]) == ("us-west-2", "us-west-2a", "usw2-az1")


def test_letters_stand_for_other_zones_in_another_account(driver: CloudDriver) -> None:
    driver.apply(external_changes.zones_named("eu-west-1", {"a": "euw1-az3", "b": "euw1-az1"}))
    answer = driver.cloud.invoke(ZONES, {}, SOUTH)
    assert answer["names"] == ["eu-west-1a", "eu-west-1b"]
    assert answer["zoneIds"] == ["euw1-az3", "euw1-az1"]
    assert driver.cloud.invoke(ZONES, {}, NORTH)["zoneIds"][0] == "use1-az1"


@pytest.mark.parametrize(
    ("type_", "inputs"),
    [
        ("aws:apigatewayv2/vpcLink:VpcLink", {"subnetIds": ["{subnet}"], "securityGroupIds": []}),
        ("aws:eks/cluster:Cluster", {"roleArn": "{role}", "vpcConfig": {"subnetIds": ["{subnet}"]}}),
    ],
)
def test_a_zone_that_lacks_a_service_takes_nothing_of_it(
    driver: CloudDriver, type_: str, inputs: dict[str, Any]
) -> None:
    driver.apply(external_changes.zones_named("us-east-1", {"a": "use1-az3", "b": "use1-az1"}))
    vpc = driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"})
    role = driver.role("cluster", "eks")
    for letter, block in (("a", "10.0.0.0/24"), ("b", "10.0.1.0/24")):
        placed = {"vpcId": vpc.id, "cidrBlock": block, "availabilityZone": f"us-east-1{letter}"}
        subnet = driver.make(SUBNET, letter, placed)
        text = json.dumps(inputs).replace("{subnet}", subnet.id).replace("{role}", role.arn)
        if letter == "a":
            assert (
                "is in us-east-1a, which is use1-az3" in refused(driver, type_, "x", json.loads(text)).message
            )
        else:
            assert driver.make(type_, "x", json.loads(text)).id


def test_excluded_zones_are_left_out(driver: CloudDriver) -> None:
    args: Values = {"excludeNames": ["eu-west-1b"], "excludeZoneIds": ["euw1-az3"], "state": "available"}
    answer = driver.cloud.invoke(ZONES, args, SOUTH)
    assert (answer["names"], answer["state"]) == (["eu-west-1a"], "available")


def datastore(driver: CloudDriver) -> tuple[Made, Made, Made]:
    """A global datastore, its first member, and one that has joined it."""
    group = "aws:elasticache/replicationGroup:ReplicationGroup"
    one = {"replicationGroupId": "one", "description": "x", "nodeType": "cache.r7g.large"}
    first = driver.make(group, "one", {**one, "automaticFailoverEnabled": True})
    over = {"globalReplicationGroupIdSuffix": "x", "primaryReplicationGroupId": "one"}
    made = driver.make("aws:elasticache/globalReplicationGroup:GlobalReplicationGroup", "all", over)
    two = {"replicationGroupId": "two", "description": "x", "globalReplicationGroupId": made.id}
    return made, first, driver.make(group, "two", two, SOUTH)


def test_cloud_control_says_which_member_of_a_datastore_is_its_primary(driver: CloudDriver) -> None:
    made, _, _ = datastore(driver)
    asked = {"typeName": "AWS::ElastiCache::GlobalReplicationGroup", "identifier": made.id}
    found = driver.cloud.invoke("aws:cloudcontrol/getResource:getResource", asked, SOUTH)
    members = json.loads(found["properties"])["Members"]
    assert {it["ReplicationGroupId"]: it["Role"] for it in members} == {"one": "PRIMARY", "two": "SECONDARY"}
    for wrong, code in (
        ({**asked, "identifier": "none"}, "ResourceNotFoundException"),
        ({**asked, "typeName": "AWS::S3::Bucket"}, "TypeNotFoundException"),
    ):
        with pytest.raises(RefusedError, match=code):
            driver.cloud.invoke("aws:cloudcontrol/getResource:getResource", wrong, SOUTH)


def test_whichever_member_is_the_primary_is_not_deleted(driver: CloudDriver) -> None:
    made, _, second = datastore(driver)
    (resource,) = [it for it in driver.resources.values() if it.urn == made.target.urn]
    (to,) = [it for it in driver.resources.values() if it.id == "two"]
    driver.apply(external_changes.cache_primary_moved(driver.resources, resource, to))
    with pytest.raises(RefusedError, match="two is the primary of its global datastore"):
        driver.remove(second)


def test_unknown_region_and_no_region_are_refused(driver: CloudDriver) -> None:
    with pytest.raises(RefusedError, match="mars-1 is no region"):
        driver.cloud.invoke(ZONES, {"region": "mars-1"}, NORTH)
    with pytest.raises(RefusedError, match="MissingRegion"):
        driver.cloud.invoke(ZONES, {}, {})


def test_zone_is_found_by_its_name_with_or_without_a_dot(driver: CloudDriver) -> None:
    plain = driver.cloud.invoke(ZONE, {"name": "castle.example"}, NORTH)
    assert plain == driver.cloud.invoke(ZONE, {"name": "castle.example."}, NORTH)
    assert plain["zoneId"] == plain["id"]
    assert driver.cloud.invoke(ZONE, {"zoneId": plain["id"]}, NORTH)["name"] == "castle.example"


def test_zone_that_nobody_registered_is_refused(driver: CloudDriver) -> None:
    with pytest.raises(RefusedError, match="NoSuchHostedZone"):
        driver.cloud.invoke(ZONE, {"name": "other.example"}, NORTH)


def test_password_is_secret_and_has_its_length_and_only_allowed_characters(driver: CloudDriver) -> None:
    found = password(driver, passwordLength=200, excludeCharacters='abc"@/', excludeUppercase=True)
    assert len(found) == 200
    assert not set(found) & set('abc"@/' + string.ascii_uppercase)
    assert set(found) & set(string.punctuation) and set(found) & set(string.digits)


def test_password_is_the_same_in_every_rehearsal(driver: CloudDriver) -> None:
    assert password(driver, passwordLength=32) == password(driver, passwordLength=32)


def test_password_is_another_one_when_the_cloud_has_changed(driver: CloudDriver) -> None:
    before = password(driver, passwordLength=32)
    driver.network()
    assert password(driver, passwordLength=32) != before
    with pytest.raises(RefusedError):
        password(driver, excludeCharacters=string.printable)


def test_caller_is_the_deployer_in_the_account(driver: CloudDriver) -> None:
    caller = driver.cloud.invoke("aws:index/getCallerIdentity:getCallerIdentity", {}, NORTH)
    assert caller["accountId"] == ACCOUNT
    assert caller["arn"].startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/castle-deployer/")


def test_region_and_partition_are_answered(driver: CloudDriver) -> None:
    assert driver.cloud.invoke("aws:index/getRegion:getRegion", {}, SOUTH)["region"] == "eu-west-1"
    assert driver.cloud.invoke("aws:index/getPartition:getPartition", {}, SOUTH)["partition"] == "aws"


def test_function_that_nobody_answers_is_refused_with_the_nearest_one(driver: CloudDriver) -> None:
    with pytest.raises(RefusedError, match="aws:index/getRegion:getRegion is answered"):
        driver.cloud.invoke("aws:index/getRegions:getRegions", {}, NORTH)
