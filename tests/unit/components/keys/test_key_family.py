from __future__ import annotations

import json

import pytest

from components.keys.key_family import KeyFamily, KeyFamilyArgs, regional_key_arn
from settings import Family
from tests.unit.harness import Run, run

FAMILY = Family("ledger", "eu", "eu-west-1", ("eu-central-1", "eu-north-1"))


def family(retire: bool = False, stays: bool = False) -> Run:
    args = KeyFamilyArgs(
        family=FAMILY,
        alias="alias/castle-ledger-eu",
        account="123456789012",
        deployer="arn:aws:iam::123456789012:role/castle-deployer",
        log_groups=["/aws/rds/cluster/castle-*"],
        cluster_roles="cell-cluster-service-*",
        retain_on_delete=stays,
        retire=retire,
    )
    return run(lambda: KeyFamily("key", args) and None)


@pytest.fixture(scope="module")
def made() -> Run:
    return family()


def test_the_primary_is_a_multi_region_key_in_the_residencys_first_region(made: Run) -> None:
    (primary,) = made.of("Key")
    assert primary.inputs["multiRegion"] is True
    assert primary.inputs["region"] == "eu-west-1"


def test_each_other_region_has_a_replica_of_it(made: Run) -> None:
    replicas = {each.inputs["region"]: each.inputs["primaryKeyArn"] for each in made.of("ReplicaKey")}
    primary = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1"
    assert replicas == {"eu-central-1": primary, "eu-north-1": primary}


def test_a_key_of_what_cant_be_deleted_stays_and_no_other_does(made: Run) -> None:
    assert not made.one("key-key").retain_on_delete
    staying = family(stays=True)
    assert {each.name for each in staying.resources if each.retain_on_delete} == {"key-key"}


def test_keys_rotate(made: Run) -> None:
    assert made.one("key-key").inputs["enableKeyRotation"] is True


def test_replicas_leave_rotation_to_the_primary(made: Run) -> None:
    assert not [each for each in made.of("ReplicaKey") if "enableKeyRotation" in each.inputs]


def test_a_deletion_can_be_taken_back_for_thirty_days(made: Run) -> None:
    windows = {each.inputs["deletionWindowInDays"] for each in made.of("Key") + made.of("ReplicaKey")}
    assert windows == {30}


def test_every_region_has_the_same_alias_for_its_own_key(made: Run) -> None:
    aliases = {each.inputs["region"]: each.inputs for each in made.of("Alias")}
    assert set(aliases) == {"eu-west-1", "eu-central-1", "eu-north-1"}
    for region, inputs in aliases.items():
        assert inputs["name"] == "alias/castle-ledger-eu"
        assert f":{region}:" in inputs["targetKeyId"]


def test_every_policy_names_the_services_of_its_own_region(made: Run) -> None:
    for each in made.of("Key") + made.of("ReplicaKey"):
        document = json.dumps(json.loads(each.inputs["policy"]))
        assert f"rds.{each.inputs['region']}.amazonaws.com" in document


def test_keys_are_tagged_with_their_residency(made: Run) -> None:
    tags = [each.inputs["tags"] for each in made.of("Key") + made.of("ReplicaKey")]
    assert tags == [{"data-class": "ledger", "residency": "eu"}] * 3


def test_the_primary_is_protected(made: Run) -> None:
    assert made.one("key-key").protect


def test_a_replica_can_go_with_its_cell(made: Run) -> None:
    assert not [each for each in made.of("ReplicaKey") if each.protect]


def test_retiring_lifts_the_primarys_protection() -> None:
    assert not family(retire=True).one("key-key").protect


def test_a_keys_arn_differs_between_regions_only_there() -> None:
    assert (
        regional_key_arn("mrk-1", "eu-west-1", "123456789012")
        == "arn:aws:kms:eu-west-1:123456789012:key/mrk-1"
    )
