"""A region that doesn't answer, and what is managed from there."""

from __future__ import annotations

import pytest

from rehearsal.cloud import external_changes
from rehearsal.cloud.provider_verbs import RefusedError
from tests.rehearsal.cloud.cloud_driver import KEY, NORTH, ROLE, SOUTH, TRUST, VPC, CloudDriver

NETWORK = {"cidrBlock": "10.0.0.0/16"}


def test_every_call_to_a_lost_region_fails_and_says_which(driver: CloudDriver) -> None:
    vpc = driver.make(VPC, "vpc", NETWORK, SOUTH)
    driver.apply(external_changes.region_lost("eu-west-1"))
    for call in (
        lambda: driver.read(vpc),
        lambda: driver.remove(vpc),
        lambda: driver.change(vpc, {**NETWORK, "enableDnsHostnames": True}),
        lambda: driver.make(VPC, "other", NETWORK, SOUTH),
        lambda: driver.cloud.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {}, SOUTH),
    ):
        with pytest.raises(
            RefusedError, match=r"^ServiceUnavailable: .* in eu-west-1, which doesn't answer$"
        ):
            call()


def test_a_preview_and_what_lies_elsewhere_need_no_lost_region(driver: CloudDriver) -> None:
    vpc = driver.make(VPC, "vpc", NETWORK, SOUTH)
    driver.apply(external_changes.region_lost("eu-west-1"))
    driver.preview(VPC, "other", NETWORK, SOUTH)
    assert driver.diff(vpc, NETWORK).changed == ()
    driver.make(VPC, "north", NETWORK, NORTH)


def test_a_thing_of_a_lost_region_fails_through_any_provider(driver: CloudDriver) -> None:
    driver.apply(external_changes.region_lost("eu-west-1"))
    with pytest.raises(RefusedError, match="kms is asked in eu-west-1"):
        driver.make(KEY, "key", {"region": "eu-west-1"}, NORTH)


def test_what_is_managed_from_a_lost_region_fails_everywhere(driver: CloudDriver) -> None:
    role = driver.make(ROLE, "role", {"assumeRolePolicy": TRUST}, SOUTH)
    driver.apply(external_changes.region_lost("us-east-1"))
    with pytest.raises(RefusedError, match="iam is managed from us-east-1, which doesn't answer"):
        driver.read(role)
    with pytest.raises(RefusedError, match="route53 is managed from us-east-1, which doesn't answer"):
        driver.cloud.invoke("aws:route53/getZone:getZone", {"name": "castle.example"}, SOUTH)


def test_what_has_no_region_and_no_home_is_asked_in_its_providers(driver: CloudDriver) -> None:
    block = driver.make("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", "block", {}, SOUTH)
    driver.apply(external_changes.region_lost("us-east-1"))
    assert driver.read(block) is not None
    driver.apply(external_changes.region_lost("eu-west-1"))
    with pytest.raises(RefusedError, match="s3 is asked in eu-west-1"):
        driver.read(block)


def test_one_service_may_be_lost_alone(driver: CloudDriver) -> None:
    vpc = driver.make(VPC, "vpc", NETWORK, SOUTH)
    key = driver.make(KEY, "key", {}, SOUTH)
    driver.apply(external_changes.region_lost("eu-west-1", "kms"))
    assert driver.read(vpc) is not None
    assert driver.cloud.is_unreachable(key.target, key.inputs, key.outputs)
    assert not driver.cloud.is_unreachable(vpc.target, vpc.inputs, vpc.outputs)


def test_a_region_that_returns_has_everything_that_it_had(driver: CloudDriver) -> None:
    vpc = driver.make(VPC, "vpc", NETWORK, SOUTH)
    before = driver.read(vpc)
    driver.apply(external_changes.region_lost("eu-west-1"))
    driver.apply(external_changes.region_restored("eu-west-1"))
    assert driver.read(vpc) == before
    assert [resource.id for resource in driver.cloud.living()] == [vpc.id]
