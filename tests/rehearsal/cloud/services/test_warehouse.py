"""Redshift Serverless and what feeds it: what has to be there first, and what goes with the writer."""

from __future__ import annotations

import json

import pytest

from rehearsal.cloud import external_changes
from rehearsal.cloud.inventory import resource_key
from rehearsal.cloud.provider_verbs import RefusedError, Thing
from rehearsal.values import Values
from tests.rehearsal.cloud.cloud_driver import ACCOUNT, GROUP, NORTH, SOUTH, SUBNET, VPC, Hands, Made, refused
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
        hands: Hands,
        *,
        parameters: dict[str, str] = NEEDED,
        with_instance: bool = True,
        authorized: bool = True,
        settings: Values | None = None,
    ) -> None:
        self.hands = hands
        group = hands.make(
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
        self.whole = whole(hands)
        self.cluster = hands.make(CLUSTER, "north", {**FIRST, "dbClusterParameterGroupName": group.id})
        self.instance = instance(hands, self.cluster, "north-a", NORTH) if with_instance else None
        self.namespace = hands.make(NAMESPACE, "warehouse", {"namespaceName": "warehouse"})
        self.workgroup = hands.make(
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
            hands.make(POLICY, "sources", inputs)
        self.inputs: Values = {
            "integrationName": "feed",
            "sourceArn": self.cluster.arn,
            "targetArn": self.namespace.arn,
            "dataFilter": "include: castle.*.*",
        }

    def integrate(self) -> Made:
        return self.hands.make(INTEGRATION, "feed", self.inputs)

    def refusal(self, **inputs: object) -> RefusedError:
        return refused(self.hands, INTEGRATION, "feed", {**self.inputs, **inputs})


def resource(hands: Hands, made: Made) -> Thing:
    return hands.resources[resource_key(made.target.type, made.outputs.get("region", ""), made.id)]


def test_an_integration_is_known_by_an_id_that_is_the_end_of_its_arn(hands: Hands) -> None:
    made = Feed(hands).integrate()
    assert made.arn.startswith(f"arn:aws:rds:us-east-1:{ACCOUNT}:integration:")
    assert made.outputs["integrationIdentifier"] == made.arn.rsplit(":", 1)[-1]


@pytest.mark.parametrize("lacking", NEEDED)
def test_a_source_without_a_parameter_that_it_needs_is_refused(hands: Hands, lacking: str) -> None:
    feed = Feed(hands, parameters={name: value for name, value in NEEDED.items() if name != lacking})
    found = feed.refusal()
    assert found.code == "InvalidParameterCombination"
    assert lacking in found.message


def test_a_parameter_that_was_set_back_is_seen(hands: Hands) -> None:
    feed = Feed(hands, parameters={**NEEDED, "rds.logical_replication": "0"})
    assert feed.refusal().code == "InvalidParameterCombination"


def test_a_source_without_an_instance_is_refused(hands: Hands) -> None:
    assert "no instance yet" in Feed(hands, with_instance=False).refusal().message


def test_a_target_that_authorizes_nobody_is_refused(hands: Hands) -> None:
    assert Feed(hands, authorized=False).refusal().code == "AccessDenied"


def test_a_target_that_folds_the_case_of_names_is_refused(hands: Hands) -> None:
    folding = {"configParameters": [{**SENSITIVE, "parameterValue": "false"}]}
    assert "enable_case_sensitive_identifier" in Feed(hands, settings=folding).refusal().message


def test_an_integration_of_everything_is_refused(hands: Hands) -> None:
    feed = Feed(hands)
    del feed.inputs["dataFilter"]
    assert feed.refusal().code == "InvalidParameterValue"


@pytest.mark.parametrize("filters", ["castle.*.*", "include: castle.*", "include castle.*.*"])
def test_a_filter_that_aws_cannot_read_is_refused(hands: Hands, filters: str) -> None:
    feed = Feed(hands)
    checked = hands.cloud.check(
        hands.target(INTEGRATION, "feed"), None, {**feed.inputs, "dataFilter": filters}
    )
    assert [failure.path for failure in checked.failures] == ["dataFilter"]


def test_a_target_in_another_region_is_refused(hands: Hands) -> None:
    feed = Feed(hands)
    south = hands.make(NAMESPACE, "south", {"namespaceName": "south"}, SOUTH)
    found = feed.refusal(targetArn=south.arn)
    assert "is in eu-west-1, not in us-east-1" in found.message


def test_a_key_of_another_region_is_refused(hands: Hands) -> None:
    feed = Feed(hands)
    key_ = hands.make("aws:kms/key:Key", "south", {}, SOUTH)
    assert feed.refusal(kmsKeyId=key_.arn).code == "NotFoundException"


def test_a_source_that_copies_another_region_is_refused(hands: Hands) -> None:
    feed = Feed(hands)
    south = hands.make(CLUSTER, "south", JOINING, SOUTH)
    hands.apply(
        external_changes.ledger_switched_over(
            hands.resources, resource(hands, feed.whole), resource(hands, south)
        )
    )
    assert "only the writer" in feed.refusal().message


def test_a_source_and_a_target_are_kept_for_as_long_as_they_are_integrated(hands: Hands) -> None:
    feed = Feed(hands)
    made = feed.integrate()
    assert feed.instance
    hands.remove(feed.instance)
    hands.remove(feed.workgroup)
    for held, code in ((feed.cluster, "InvalidDBClusterStateFault"), (feed.namespace, "ConflictException")):
        with pytest.raises(RefusedError) as caught:
            hands.remove(held)
        assert caught.value.code == code
    hands.remove(made)
    hands.remove(feed.cluster)


def test_an_integration_stays_inactive_once_its_writer_has_left_even_when_it_is_back(hands: Hands) -> None:
    feed = Feed(hands)
    made = feed.integrate()
    south = hands.make(CLUSTER, "south", JOINING, SOUTH)
    assert external_changes.deactivated_integrations(hands.resources) == []
    for to in (south, feed.cluster):
        hands.apply(
            external_changes.ledger_switched_over(
                hands.resources, resource(hands, feed.whole), resource(hands, to)
            )
        )
        assert [it.id for it in external_changes.deactivated_integrations(hands.resources)] == [made.id]
    found = hands.read(made)
    assert found is not None
    assert found.outputs == made.outputs  # no property tells


def test_an_integration_is_made_anew_where_the_writer_is(hands: Hands) -> None:
    feed = Feed(hands)
    made = feed.integrate()
    south = hands.make(CLUSTER, "south", JOINING, SOUTH)
    for to in (south, feed.cluster):
        hands.apply(
            external_changes.ledger_switched_over(
                hands.resources, resource(hands, feed.whole), resource(hands, to)
            )
        )
    hands.remove(made)
    assert feed.integrate().id != made.id
    assert external_changes.deactivated_integrations(hands.resources) == []


def test_a_workgroup_that_routes_in_its_network_needs_three_subnets(hands: Hands) -> None:
    vpc = hands.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"})
    subnets = [
        hands.make(SUBNET, f"subnet-{number}", {"vpcId": vpc.id, "cidrBlock": f"10.0.{number}.0/24"}).id
        for number in range(3)
    ]
    group = hands.make(GROUP, "group", {"vpcId": vpc.id})
    namespace = hands.make(NAMESPACE, "warehouse", {"namespaceName": "warehouse"})
    inputs: Values = {
        "workgroupName": "warehouse",
        "namespaceName": namespace.id,
        "enhancedVpcRouting": True,
        "securityGroupIds": [group.id],
    }
    two = refused(hands, WORKGROUP, "warehouse", {**inputs, "subnetIds": subnets[:2]})
    assert two.code == "ValidationException"
    assert hands.make(WORKGROUP, "warehouse", {**inputs, "subnetIds": subnets}).id == "warehouse"


def test_a_namespace_has_one_workgroup(hands: Hands) -> None:
    feed = Feed(hands)
    second = {"workgroupName": "another", "namespaceName": feed.namespace.id}
    assert refused(hands, WORKGROUP, "another", second).code == "ConflictException"


def test_a_password_of_ones_own_beside_the_managed_one_is_refused(hands: Hands) -> None:
    inputs = {
        "namespaceName": "warehouse",
        "adminUsername": "castle",
        "adminUserPassword": "p",
        "manageAdminPassword": True,
    }
    assert refused(hands, NAMESPACE, "warehouse", inputs).code == "ValidationException"
