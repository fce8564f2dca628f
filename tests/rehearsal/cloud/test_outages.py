"""A region that doesn't answer, and what is managed from there."""

from __future__ import annotations

import pytest

from rehearsal.cloud import external_changes
from rehearsal.cloud.provider_verbs import RefusedError
from tests.rehearsal.cloud.cloud_driver import KEY, NORTH, ROLE, SOUTH, TRUST, VPC, Hands

NETWORK = {"cidrBlock": "10.0.0.0/16"}


def test_every_call_to_a_lost_region_fails_and_says_which(hands: Hands) -> None:
    vpc = hands.make(VPC, "vpc", NETWORK, SOUTH)
    hands.apply(external_changes.region_lost("eu-west-1"))
    for call in (
        lambda: hands.read(vpc),
        lambda: hands.remove(vpc),
        lambda: hands.change(vpc, {**NETWORK, "enableDnsHostnames": True}),
        lambda: hands.make(VPC, "other", NETWORK, SOUTH),
        lambda: hands.cloud.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {}, SOUTH),
    ):
        with pytest.raises(
            RefusedError, match=r"^ServiceUnavailable: .* in eu-west-1, which doesn't answer$"
        ):
            call()


def test_a_preview_and_what_lies_elsewhere_need_no_lost_region(hands: Hands) -> None:
    vpc = hands.make(VPC, "vpc", NETWORK, SOUTH)
    hands.apply(external_changes.region_lost("eu-west-1"))
    hands.preview(VPC, "other", NETWORK, SOUTH)
    assert hands.diff(vpc, NETWORK).changed == ()
    hands.make(VPC, "north", NETWORK, NORTH)


def test_a_thing_of_a_lost_region_fails_through_any_provider(hands: Hands) -> None:
    hands.apply(external_changes.region_lost("eu-west-1"))
    with pytest.raises(RefusedError, match="kms is asked in eu-west-1"):
        hands.make(KEY, "key", {"region": "eu-west-1"}, NORTH)


def test_what_is_managed_from_a_lost_region_fails_everywhere(hands: Hands) -> None:
    role = hands.make(ROLE, "role", {"assumeRolePolicy": TRUST}, SOUTH)
    hands.apply(external_changes.region_lost("us-east-1"))
    with pytest.raises(RefusedError, match="iam is managed from us-east-1, which doesn't answer"):
        hands.read(role)
    with pytest.raises(RefusedError, match="route53 is managed from us-east-1, which doesn't answer"):
        hands.cloud.invoke("aws:route53/getZone:getZone", {"name": "castle.example"}, SOUTH)


def test_what_has_no_region_and_no_home_is_asked_in_its_providers(hands: Hands) -> None:
    block = hands.make("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", "block", {}, SOUTH)
    hands.apply(external_changes.region_lost("us-east-1"))
    assert hands.read(block) is not None
    hands.apply(external_changes.region_lost("eu-west-1"))
    with pytest.raises(RefusedError, match="s3 is asked in eu-west-1"):
        hands.read(block)


def test_one_service_may_be_lost_alone(hands: Hands) -> None:
    vpc = hands.make(VPC, "vpc", NETWORK, SOUTH)
    key = hands.make(KEY, "key", {}, SOUTH)
    hands.apply(external_changes.region_lost("eu-west-1", "kms"))
    assert hands.read(vpc) is not None
    assert hands.cloud.silent(key.target, key.inputs, key.outputs)
    assert not hands.cloud.silent(vpc.target, vpc.inputs, vpc.outputs)


def test_a_region_that_returns_has_everything_that_it_had(hands: Hands) -> None:
    vpc = hands.make(VPC, "vpc", NETWORK, SOUTH)
    before = hands.read(vpc)
    hands.apply(external_changes.region_lost("eu-west-1"))
    hands.apply(external_changes.region_restored("eu-west-1"))
    assert hands.read(vpc) == before
    assert [resource.id for resource in hands.cloud.living()] == [vpc.id]
