"""External changes, by AWS or by hand, as the provider's Read then reports them."""

from __future__ import annotations

from rehearsal.cloud import external_changes
from rehearsal.cloud.inventory import resource_key
from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.values import Secret, Values
from tests.rehearsal.cloud.cloud_driver import NORTH, SOUTH, VPC, CloudDriver, Made
from tests.rehearsal.cloud.services.test_cells import CACHE, datastore, member
from tests.rehearsal.cloud.services.test_ledger import CLUSTER, FIRST, INSTANCE, JOINING, born, instance

WEST: Values = {**NORTH, "region": "us-west-2"}


def resource(driver: CloudDriver, made: Made) -> CloudResource:
    return driver.resources[resource_key(made.target.type, made.outputs.get("region", ""), made.id)]


def outputs(driver: CloudDriver, made: Made) -> Values:
    found = driver.read(made)
    assert found is not None
    return found.outputs


class Ledger:
    """A global database with three members of an instance each."""

    def __init__(self, driver: CloudDriver) -> None:
        self.driver = driver
        self.whole, self.north, self.north_instance = born(driver)
        self.south = driver.make(CLUSTER, "south", JOINING, SOUTH)
        self.south_instance = instance(driver, self.south, "south-a", SOUTH)
        self.west = driver.make(CLUSTER, "west", {**JOINING, "clusterIdentifier": "ledger-west"}, WEST)
        self.west_instance = instance(driver, self.west, "west-a", WEST)

    def members(self) -> dict[str, bool]:
        found = outputs(self.driver, self.whole)["globalClusterMembers"]
        return {it["dbClusterArn"].rsplit("-", 1)[-1]: it["isWriter"] for it in found}

    def sources(self) -> list[str | None]:
        made = (self.north, self.south, self.west)
        return [outputs(self.driver, it).get("replicationSourceIdentifier") for it in made]

    def writing(self) -> list[bool]:
        made = (self.north_instance, self.south_instance, self.west_instance)
        return [outputs(self.driver, it)["writer"] for it in made]


def test_a_member_that_joins_has_readers_only(driver: CloudDriver) -> None:
    assert Ledger(driver).writing() == [True, False, False]


def test_a_switchover_moves_the_writer_and_every_members_source(driver: CloudDriver) -> None:
    ledger = Ledger(driver)
    driver.apply(
        external_changes.ledger_switched_over(
            driver.resources, resource(driver, ledger.whole), resource(driver, ledger.south)
        )
    )
    assert ledger.members() == {"north": False, "south": True, "west": False}
    assert ledger.sources() == [ledger.south.arn, None, ledger.south.arn]
    assert ledger.writing() == [False, True, False]
    for made in (ledger.north, ledger.south):
        assert outputs(driver, made)["endpoint"] == made.outputs["endpoint"]


def test_a_failover_leaves_the_old_writer_as_it_was_until_it_comes_back_as_a_copy(
    driver: CloudDriver,
) -> None:
    ledger = Ledger(driver)
    whole, old = resource(driver, ledger.whole), resource(driver, ledger.north)
    silent = {resource_key(old.type, old.region, old.id)}
    driver.apply(
        external_changes.ledger_switched_over(driver.resources, whole, resource(driver, ledger.south), silent)
    )
    assert ledger.sources() == [None, None, ledger.south.arn]
    driver.apply(external_changes.former_writer_rejoined(driver.resources, whole, old))
    assert ledger.sources() == [ledger.south.arn, None, ledger.south.arn]
    assert ledger.writing() == [False, True, False]
    assert outputs(driver, ledger.north)["arn"] == ledger.north.arn


def test_a_detached_member_belongs_to_nothing_and_writes_for_itself(driver: CloudDriver) -> None:
    ledger = Ledger(driver)
    driver.apply(external_changes.ledger_member_detached(driver.resources, resource(driver, ledger.south)))
    assert ledger.members() == {"north": True, "west": False}
    found = driver.read(ledger.south)
    assert found is not None
    for values in (found.inputs, found.outputs):
        assert not {"globalClusterIdentifier", "replicationSourceIdentifier"} & values.keys()
    assert ledger.writing() == [True, True, False]


def test_a_promotion_is_what_the_datastore_reads_back(driver: CloudDriver) -> None:
    whole = datastore(driver)
    south = member(driver, whole, "market-south", SOUTH)
    driver.apply(
        external_changes.cache_primary_moved(
            driver.resources, resource(driver, whole), resource(driver, south)
        )
    )
    assert outputs(driver, whole)["primaryReplicationGroupId"] == south.id
    (north,) = [
        it for it in external_changes.resources_of(driver.resources, CACHE) if it.region == "us-east-1"
    ]
    assert north.outputs["globalReplicationGroupId"] == whole.id
    found = driver.read(whole)
    assert found is not None
    assert found.inputs["primaryReplicationGroupId"] == south.id


def test_what_is_edited_by_hand_is_read_and_what_is_taken_away_is_not(driver: CloudDriver) -> None:
    vpc = driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True})
    driver.apply(
        external_changes.edited(resource(driver, vpc), enableDnsHostnames=False, instanceTenancy=None)
    )
    found = driver.read(vpc)
    assert found is not None
    assert (found.inputs["enableDnsHostnames"], found.outputs["enableDnsHostnames"]) == (False, False)
    assert "instanceTenancy" not in found.inputs


def test_what_is_deleted_by_hand_is_gone_and_comes_back_as_another(driver: CloudDriver) -> None:
    vpc = driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"})
    driver.apply(external_changes.deleted(driver.resources, resource(driver, vpc)))
    assert driver.read(vpc) is None
    assert driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"}).id != vpc.id


def test_a_rotated_password_is_never_read(driver: CloudDriver) -> None:
    _, north, _ = born(driver)
    driver.apply(external_changes.secret_rotated(resource(driver, north), masterPasswordWo=Secret("another")))
    found = driver.read(north)
    assert found is not None
    assert found.inputs["masterPasswordWo"] == FIRST["masterPasswordWo"]
    assert "masterPasswordWo" not in found.outputs


def test_only_what_a_program_made_counts_as_living(driver: CloudDriver) -> None:
    assert [it for it in driver.resources.values() if it.type == VPC]
    assert external_changes.resources_of(driver.resources, VPC) == []
    vpc = driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"})
    assert [it.id for it in external_changes.resources_of(driver.resources, VPC, INSTANCE)] == [vpc.id]
