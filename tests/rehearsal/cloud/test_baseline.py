"""Baseline of the pretend cloud: resources that exist before the platform."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal.cloud import baseline
from rehearsal.cloud.provider_verbs import CloudResource, RefusedError
from rehearsal.cloud.types.formats import ACCOUNT
from tests.rehearsal.cloud.cloud_driver import BUCKET, ROLE, TRUST, VPC, CloudDriver
from tests.root import ROOT

PROJECT = ROOT / "Pulumi.yaml"


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    """The defaults of the project's config."""
    declared = yaml.safe_load(PROJECT.read_text())["config"]
    return {name: entry.get("default") for name, entry in declared.items()}


def one(type_: str) -> CloudResource:
    (found,) = [resource for resource in baseline.resources().values() if resource.type == type_]
    return found


def test_account_is_that_of_the_project(config: dict[str, Any]) -> None:
    assert config["account"] == ACCOUNT


def test_hosted_zone_is_that_of_the_project(config: dict[str, Any]) -> None:
    zone = one("aws:route53/zone:Zone")
    assert (zone.outputs["name"], zone.id) == (config["zone"], config["zoneId"])


def test_runners_network_is_that_of_the_project(config: dict[str, Any]) -> None:
    runner, vpc = config["runner"], one(VPC)
    assert (vpc.id, vpc.region, vpc.outputs["cidrBlock"]) == (runner["vpc"], runner["region"], runner["cidr"])
    tables = [
        resource
        for resource in baseline.resources().values()
        if resource.type == "aws:ec2/routeTable:RouteTable"
    ]
    assert [table.id for table in tables] == runner["routeTables"]
    assert {(table.region, table.outputs["vpcId"]) for table in tables} == {(vpc.region, vpc.id)}


def test_deployer_and_people_are_roles_that_exist(config: dict[str, Any]) -> None:
    roles = {resource.outputs["arn"] for resource in baseline.resources().values() if resource.type == ROLE}
    assert roles == {config["deployer"], *config["people"]}


def test_caller_is_the_projects_deployer(config: dict[str, Any]) -> None:
    assert config["deployer"].endswith(f":role/{baseline.caller()}")


def test_every_cells_region_has_three_zones(config: dict[str, Any]) -> None:
    for cell in config["cells"]:
        assert len(baseline.regions()[cell["region"]]["zones"]) >= 3


def test_what_was_there_before_is_neither_living_nor_in_the_way_of_nothing(driver: CloudDriver) -> None:
    assert driver.cloud.living() == [] == driver.cloud.retained()
    assert baseline.resources().items() <= driver.resources.items()


def test_seeded_name_is_taken(driver: CloudDriver) -> None:
    with pytest.raises(RefusedError, match="it was there before the platform"):
        driver.make(ROLE, "mine", {"assumeRolePolicy": TRUST, "name": "castle-deployer"})


def test_thing_that_the_owner_has_already_is_not_seeded_over(driver: CloudDriver, schemas: Path) -> None:
    driver.make(BUCKET, "web", {})
    key, role = next(
        (key, resource) for key, resource in driver.resources.items() if resource.id == "castle-deployer"
    )
    changed = CloudResource(
        role.type, role.id, role.region, role.urn, {}, role.outputs | {"description": "changed"}
    )
    other = CloudDriver(schemas)
    other.resources |= {key: changed}
    type(driver.cloud)(other.resources, schemas)
    assert other.resources[key] is changed
