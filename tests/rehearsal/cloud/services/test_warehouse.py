"""Redshift Serverless and what feeds it: what has to be there first, and what goes with the writer."""

from __future__ import annotations

import json

import pytest

from rehearsal.cloud import external_changes
from rehearsal.cloud.inventory import resource_key
from rehearsal.cloud.provider_verbs import CloudResource, RefusedError
from rehearsal.values import Values
from tests.rehearsal.cloud.cloud_driver import (
    ACCOUNT,
    GROUP,
    NORTH,
    SOUTH,
    SUBNET,
    VPC,
    CloudDriver,
    Made,
    refused,
)
from tests.rehearsal.cloud.services.test_ledger import CLUSTER, FIRST, JOINING, instance, whole

PARAMETERS = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
NAMESPACE = "aws:redshiftserverless/namespace:Namespace"
WORKGROUP = "aws:redshiftserverless/workgroup:Workgroup"
POLICY = "aws:redshift/resourcePolicy:ResourcePolicy"
INTEGRATION = "aws:rds/integration:Integration"
NEEDED = {
    "aurora.enhanced_logical_replication": "1",
    "aurora.logical_replication_backup": "0",
    "aurora.logical_replication_globaldb": "0",
    "rds.logical_replication": "1",
}
SENSITIVE = {"parameterKey": "enable_case_sensitive_identifier", "parameterValue": "true"}


class Feed:
    """A ledger, a warehouse, and what it takes to integrate them. Each part may be left out or made otherwise."""

    def __init__(
        self,
        driver: CloudDriver,
        *,
        parameters: dict[str, str] = NEEDED,
        with_instance: bool = True,
        authorized: bool = True,
        settings: Values | None = None,
    ) -> None:
        self.driver = driver
        group = driver.make(
            PARAMETERS,
            "parameters",
            {
                "family": "aurora-postgresql17",
                "parameters": [
                    {"name": name, "value": value, "applyMethod": "pending-reboot"}
                    for name, value in parameters.items()
                ],
            },
        )
        self.whole = whole(driver)
        self.cluster = driver.make(CLUSTER, "north", {**FIRST, "dbClusterParameterGroupName": group.id})
        self.instance = instance(driver, self.cluster, "north-a", NORTH) if with_instance else None
        self.namespace = driver.make(NAMESPACE, "warehouse", {"namespaceName": "warehouse"})
        self.workgroup = driver.make(
            WORKGROUP,
            "warehouse",
            {
                "workgroupName": "warehouse",
                "namespaceName": self.namespace.id,
                "configParameters": [SENSITIVE],
                **(settings or {}),
            },
        )
        if authorized:
            policy = {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "redshift.amazonaws.com"},
                        "Action": "redshift:AuthorizeInboundIntegration",
                        "Resource": self.namespace.arn,
                    }
                ],
            }
            inputs = {"resourceArn": self.namespace.arn, "policy": json.dumps(policy)}
            driver.make(POLICY, "sources", inputs)
        self.inputs: Values = {
            "integrationName": "feed",
            "sourceArn": self.cluster.arn,
            "targetArn": self.namespace.arn,
            "dataFilter": "include: castle.*.*",
        }

    def integrate(self) -> Made:
        return self.driver.make(INTEGRATION, "feed", self.inputs)

    def refusal(self, **inputs: object) -> RefusedError:
        return refused(self.driver, INTEGRATION, "feed", {**self.inputs, **inputs})


def resource(driver: CloudDriver, made: Made) -> CloudResource:
    return driver.resources[resource_key(made.target.type, made.outputs.get("region", ""), made.id)]


def test_an_integration_is_known_by_an_id_that_is_the_end_of_its_arn(driver: CloudDriver) -> None:
    made = Feed(driver).integrate()
    assert made.arn.startswith(f"arn:aws:rds:us-east-1:{ACCOUNT}:integration:")
    assert made.outputs["integrationIdentifier"] == made.arn.rsplit(":", 1)[-1]


@pytest.mark.parametrize("lacking", NEEDED)
def test_a_source_without_a_parameter_that_it_needs_is_refused(driver: CloudDriver, lacking: str) -> None:
    feed = Feed(driver, parameters={name: value for name, value in NEEDED.items() if name != lacking})
    found = feed.refusal()
    assert found.code == "InvalidParameterCombination"
    assert lacking in found.message


def test_a_parameter_that_was_set_back_is_seen(driver: CloudDriver) -> None:
    feed = Feed(driver, parameters={**NEEDED, "rds.logical_replication": "0"})
    assert feed.refusal().code == "InvalidParameterCombination"


def test_a_source_without_an_instance_is_refused(driver: CloudDriver) -> None:
    assert "no instance yet" in Feed(driver, with_instance=False).refusal().message


def test_a_target_that_authorizes_nobody_is_refused(driver: CloudDriver) -> None:
    assert Feed(driver, authorized=False).refusal().code == "AccessDenied"


def test_a_target_that_folds_the_case_of_names_is_refused(driver: CloudDriver) -> None:
    folding = {"configParameters": [{**SENSITIVE, "parameterValue": "false"}]}
    assert "enable_case_sensitive_identifier" in Feed(driver, settings=folding).refusal().message


def test_an_integration_of_everything_is_refused(driver: CloudDriver) -> None:
    feed = Feed(driver)
    del feed.inputs["dataFilter"]
    assert feed.refusal().code == "InvalidParameterValue"


@pytest.mark.parametrize("filters", ["castle.*.*", "include: castle.*", "include castle.*.*"])
def test_a_filter_that_aws_cannot_read_is_refused(driver: CloudDriver, filters: str) -> None:
    feed = Feed(driver)
    checked = driver.cloud.check(
        driver.target(INTEGRATION, "feed"), None, {**feed.inputs, "dataFilter": filters}
    )
    assert [failure.path for failure in checked.failures] == ["dataFilter"]


def test_a_target_in_another_region_is_refused(driver: CloudDriver) -> None:
    feed = Feed(driver)
    south = driver.make(NAMESPACE, "south", {"namespaceName": "south"}, SOUTH)
    found = feed.refusal(targetArn=south.arn)
    assert "is in eu-west-1, not in us-east-1" in found.message


def test_a_key_of_another_region_is_refused(driver: CloudDriver) -> None:
    feed = Feed(driver)
    key_ = driver.make("aws:kms/key:Key", "south", {}, SOUTH)
    assert feed.refusal(kmsKeyId=key_.arn).code == "NotFoundException"


def test_a_source_that_copies_another_region_is_refused(driver: CloudDriver) -> None:
    feed = Feed(driver)
    south = driver.make(CLUSTER, "south", JOINING, SOUTH)
    driver.apply(
        external_changes.ledger_switched_over(
            driver.resources, resource(driver, feed.whole), resource(driver, south)
        )
    )
    assert "only the writer" in feed.refusal().message


def test_a_source_and_a_target_are_kept_for_as_long_as_they_are_integrated(driver: CloudDriver) -> None:
    feed = Feed(driver)
    made = feed.integrate()
    assert feed.instance
    driver.remove(feed.instance)
    driver.remove(feed.workgroup)
    for held, code in ((feed.cluster, "InvalidDBClusterStateFault"), (feed.namespace, "ConflictException")):
        with pytest.raises(RefusedError) as caught:
            driver.remove(held)
        assert caught.value.code == code
    driver.remove(made)
    driver.remove(feed.cluster)


def test_an_integration_stays_inactive_once_its_writer_has_left_even_when_it_is_back(
    driver: CloudDriver,
) -> None:
    feed = Feed(driver)
    made = feed.integrate()
    south = driver.make(CLUSTER, "south", JOINING, SOUTH)
    assert external_changes.deactivated_integrations(driver.resources) == []
    for to in (south, feed.cluster):
        driver.apply(
            external_changes.ledger_switched_over(
                driver.resources, resource(driver, feed.whole), resource(driver, to)
            )
        )
        assert [it.id for it in external_changes.deactivated_integrations(driver.resources)] == [made.id]
    found = driver.read(made)
    assert found is not None
    assert found.outputs == made.outputs  # no property tells


def test_an_integration_is_made_anew_where_the_writer_is(driver: CloudDriver) -> None:
    feed = Feed(driver)
    made = feed.integrate()
    south = driver.make(CLUSTER, "south", JOINING, SOUTH)
    for to in (south, feed.cluster):
        driver.apply(
            external_changes.ledger_switched_over(
                driver.resources, resource(driver, feed.whole), resource(driver, to)
            )
        )
    driver.remove(made)
    assert feed.integrate().id != made.id
    assert external_changes.deactivated_integrations(driver.resources) == []


def test_a_workgroup_that_routes_in_its_network_needs_three_subnets(driver: CloudDriver) -> None:
    vpc = driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"})
    subnets = [
        driver.make(SUBNET, f"subnet-{number}", {"vpcId": vpc.id, "cidrBlock": f"10.0.{number}.0/24"}).id
        for number in range(3)
    ]
    group = driver.make(GROUP, "group", {"vpcId": vpc.id})
    namespace = driver.make(NAMESPACE, "warehouse", {"namespaceName": "warehouse"})
    inputs: Values = {
        "workgroupName": "warehouse",
        "namespaceName": namespace.id,
        "enhancedVpcRouting": True,
        "securityGroupIds": [group.id],
    }
    two = refused(driver, WORKGROUP, "warehouse", {**inputs, "subnetIds": subnets[:2]})
    assert two.code == "ValidationException"
    assert driver.make(WORKGROUP, "warehouse", {**inputs, "subnetIds": subnets}).id == "warehouse"


def test_a_namespace_has_one_workgroup(driver: CloudDriver) -> None:
    feed = Feed(driver)
    second = {"workgroupName": "another", "namespaceName": feed.namespace.id}
    assert refused(driver, WORKGROUP, "another", second).code == "ConflictException"


def test_a_password_of_ones_own_beside_the_managed_one_is_refused(driver: CloudDriver) -> None:
    inputs = {
        "namespaceName": "warehouse",
        "adminUsername": "castle",
        "adminUserPassword": "Passw0rd",
        "manageAdminPassword": True,
    }
    assert refused(driver, NAMESPACE, "warehouse", inputs).code == "ValidationException"
