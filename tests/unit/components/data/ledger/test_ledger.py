from __future__ import annotations

import json

import pulumi
import pytest

from components.data.ledger.ledger import AdministratorSecret, Ledger, LedgerArgs
from components.data.ledger.retirement import refuse_to_retire_the_writer
from components.data.secrets.replicated_secret import SecretRegions
from components.data.store_security_group import StoreNetwork
from tests.unit.harness import SECRET, Run, run

KEY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1"


FIRST_LOGIN = AdministratorSecret(
    regions=SecretRegions(
        tags={},
        account="123456789012",
        key_arn=KEY,
        replicas={"us-west-2": "arn:aws:kms:us-west-2:123456789012:key/mrk-1"},
    ),
    readers=["arn:aws:iam::123456789012:role/castle-*-ledger-rotation"],
)


def ledger(*, is_birth: bool, retire: bool = False, **members: bool) -> Run:
    args = LedgerArgs(
        account="123456789012",
        region="eu-west-1",
        cluster_identifier="castle-eu-west-1-ledger",
        global_cluster_identifier="castle-ledger",
        final_snapshot_identifier="castle-eu-west-1-ledger-final",
        proxy="castle-eu-west-1-ledger-proxy",
        read_endpoint="castle-eu-west-1-ledger-reads",
        birth_region="us-east-1",
        administrator_secret=FIRST_LOGIN if is_birth else None,
        network=StoreNetwork(
            vpc_id="vpc-1",
            data_subnet_ids={"a": "subnet-a", "b": "subnet-b", "c": "subnet-c"},
            client_groups={"services": "sg-1"},
            client_cidrs={"us-east-1-app-a": "10.0.0.0/19"},
        ),
        rotation_group_id="sg-rotation",
        key_arn=KEY,
        min_acu=8,
        max_acu=64,
        log_days=400,
        alarm_topic_arn="arn:topic",
        tags={"data-set": "ledger", "backup": "ledger-global"},
        retire=retire,
    )
    found = [{"dbClusterArn": arn, "isWriter": writes} for arn, writes in members.items()]
    answers = {"aws:rds/getGlobalCluster:getGlobalCluster": lambda _: {"members": found}}
    return run(lambda: Ledger("ledger", args) and None, answers=answers if retire else {})


@pytest.fixture(scope="module")
def birth() -> Run:
    return ledger(is_birth=True)


@pytest.fixture(scope="module")
def joining() -> Run:
    return ledger(is_birth=False)


@pytest.fixture(params=["birth", "joining"])
def either(request: pytest.FixtureRequest) -> Run:
    return request.getfixturevalue(request.param)


def test_joining_ledger_never_sets_what_it_inherits(joining: Run) -> None:
    inherited = {
        "masterUsername",
        "masterPassword",
        "masterPasswordWo",
        "masterPasswordWoVersion",
        "databaseName",
        "replicationSourceIdentifier",
        "manageMasterUserPassword",
    }
    assert not inherited & set(joining.one("ledger-cluster").inputs)


def test_joining_ledger_asks_for_no_password(joining: Run) -> None:
    assert joining.invokes == []


def test_joining_ledger_names_the_region_that_it_is_let_in_from(joining: Run) -> None:
    assert joining.one("ledger-cluster").inputs["sourceRegion"] == "us-east-1"


def test_joining_ledger_joins_by_name_and_makes_no_global_database(joining: Run) -> None:
    assert joining.one("ledger-cluster").inputs["globalClusterIdentifier"] == "castle-ledger"
    assert joining.of("GlobalCluster") == []


def test_birth_ledger_makes_the_global_database_and_is_its_first_member(birth: Run) -> None:
    (whole,) = birth.of("GlobalCluster")
    assert whole.inputs["globalClusterIdentifier"] == "castle-ledger"
    assert birth.one("ledger-cluster").inputs["globalClusterIdentifier"] == "ledger-global-id"


def test_birth_ledger_needs_no_source(birth: Run) -> None:
    assert "sourceRegion" not in birth.one("ledger-cluster").inputs


def test_the_global_database_is_never_made_of_a_member(birth: Run) -> None:
    assert "sourceDbClusterIdentifier" not in birth.one("ledger-global").inputs


def test_rds_is_never_asked_to_manage_the_password(birth: Run) -> None:
    assert "manageMasterUserPassword" not in birth.one("ledger-cluster").inputs


def test_the_first_password_is_a_secret_and_write_only(birth: Run) -> None:
    inputs = birth.one("ledger-cluster").inputs
    assert SECRET in inputs["masterPasswordWo"]
    assert inputs["masterPasswordWoVersion"] == 1
    assert "masterPassword" not in inputs


def test_the_first_password_appears_nowhere_but_in_the_cluster_and_in_its_secret(birth: Run) -> None:
    holders = {
        each.name for each in birth.resources if "correct-horse-battery-staple" in json.dumps(each.inputs)
    }
    assert holders == {"ledger-cluster", "ledger-secret-first"}
    assert "correct-horse-battery-staple" not in json.dumps(birth.outputs)


def test_the_first_password_is_what_the_secrets_first_version_says(birth: Run) -> None:
    """It is read from there, so that an `up` that was interrupted between the two goes on with the same one."""
    assert birth.one("ledger-secret-first").urn in birth.one("ledger-cluster").depends_on
    login = json.loads(birth.one("ledger-secret-first").inputs["secretString"]["value"])
    assert birth.one("ledger-cluster").inputs["masterPasswordWo"]["value"] == login["password"]


def test_the_secret_leads_to_the_writer_wherever_it_is(birth: Run) -> None:
    login = json.loads(birth.one("ledger-secret-first").inputs["secretString"]["value"])
    assert login == {
        "engine": "aurora-postgresql",
        "host": "ledger-global.global.rds.amazonaws.com",
        "port": 5432,
        "dbname": "trading",
        "username": "platform_admin",
        "password": "correct-horse-battery-staple",
    }


def test_only_the_birth_ledger_has_a_secret(joining: Run) -> None:
    assert joining.of("LedgerSecret") + joining.of("Secret") + joining.of("SecretVersion") == []


def test_the_first_password_is_ignored_afterwards(birth: Run) -> None:
    assert "masterPasswordWo" in birth.one("ledger-cluster").ignore_changes


def test_a_failover_and_an_upgrade_change_nothing_in_any_member(either: Run) -> None:
    ignored = set(either.one("ledger-cluster").ignore_changes)
    assert ignored >= {
        "replicationSourceIdentifier",
        "globalClusterIdentifier",
        "engineVersion",
        "availabilityZones",
    }


def test_what_a_joining_ledger_reads_back_is_ignored(joining: Run) -> None:
    assert set(joining.one("ledger-cluster").ignore_changes) >= {"masterUsername", "databaseName"}


def test_versions_are_changed_on_the_global_database_alone(birth: Run) -> None:
    assert birth.one("ledger-global").ignore_changes == ()
    assert not [each for each in birth.of("ClusterInstance") if "engineVersion" in each.inputs]


def test_zones_are_left_to_rds(either: Run) -> None:
    assert "availabilityZones" not in either.one("ledger-cluster").inputs


def test_every_member_is_encrypted_with_the_key_of_its_region(either: Run) -> None:
    inputs = either.one("ledger-cluster").inputs
    assert (inputs["storageEncrypted"], inputs["kmsKeyId"]) == (True, KEY)


def test_the_global_database_is_encrypted(birth: Run) -> None:
    assert birth.one("ledger-global").inputs["storageEncrypted"] is True


def test_every_member_has_the_same_capacity_settings(either: Run) -> None:
    scaling = either.one("ledger-cluster").inputs["serverlessv2ScalingConfiguration"]
    assert scaling == {"minCapacity": 8, "maxCapacity": 64}


def test_every_member_has_two_instances_in_two_zones(either: Run) -> None:
    zones = [each.inputs["availabilityZone"] for each in either.of("ClusterInstance")]
    assert sorted(zones) == ["eu-west-1a", "eu-west-1b"]


def test_both_instances_scale_with_the_writer(either: Run) -> None:
    assert {each.inputs["promotionTier"] for each in either.of("ClusterInstance")} <= {0, 1}


def test_no_instance_is_public(either: Run) -> None:
    assert {each.inputs["publiclyAccessible"] for each in either.of("ClusterInstance")} == {False}


def test_people_and_services_sign_in_with_iam(either: Run) -> None:
    assert either.one("ledger-cluster").inputs["iamDatabaseAuthenticationEnabled"] is True


def test_sessions_without_tls_are_refused(either: Run) -> None:
    parameters = either.one("ledger-parameters").inputs["parameters"]
    # as AWS gives back what is its own default
    assert {"name": "rds.force_ssl", "value": "1", "applyMethod": "pending-reboot"} in parameters
    assert either.one("ledger-cluster").inputs["dbClusterParameterGroupName"] == "ledger-parameters"


def test_changes_of_the_schema_are_logged_and_queries_arent(either: Run) -> None:
    parameters = either.one("ledger-parameters").inputs["parameters"]
    assert {"name": "log_statement", "value": "ddl", "applyMethod": "immediate"} in parameters


def test_instances_are_monitored_into_a_log_group_of_ours(either: Run) -> None:
    for instance in either.of("ClusterInstance"):
        assert (instance.inputs["monitoringInterval"], instance.inputs["monitoringRoleArn"]) == (
            60,
            "arn:ledger-monitoring",
        )
        assert "copyTagsToSnapshot" not in instance.inputs  # without effect on Aurora's; the cluster's counts
    log = either.one("ledger-monitoring-log").inputs
    assert (log["name"], bool(log["kmsKeyId"]), bool(log["retentionInDays"])) == ("RDSOSMetrics", True, True)


def test_what_a_zero_etl_integration_needs_holds_in_every_member_from_its_first_start(either: Run) -> None:
    parameters = {each["name"]: each for each in either.one("ledger-parameters").inputs["parameters"]}
    wanted = {
        "rds.logical_replication": "1",
        "aurora.enhanced_logical_replication": "1",
        "aurora.logical_replication_backup": "0",
        "aurora.logical_replication_globaldb": "0",
    }
    assert {name: parameters[name]["value"] for name in wanted} == wanted
    assert {parameters[name]["applyMethod"] for name in wanted} == {"pending-reboot"}


def test_statements_are_counted_and_seen_whole(either: Run) -> None:
    parameters = either.one("ledger-parameters").inputs["parameters"]
    preloaded = [each["value"] for each in parameters if each["name"] == "shared_preload_libraries"]
    assert preloaded == ["pg_stat_statements"]
    own = {
        each["name"]: each["value"] for each in either.one("ledger-instance-parameters").inputs["parameters"]
    }
    assert own == {"pg_stat_statements.track": "ALL", "track_activity_query_size": "4096"}
    groups = {each.inputs["dbParameterGroupName"] for each in either.of("ClusterInstance")}
    assert groups == {"ledger-instance-parameters"}


def test_database_insights_are_set_for_the_cluster_and_for_no_instance(either: Run) -> None:
    inputs = either.one("ledger-cluster").inputs
    assert (inputs["databaseInsightsMode"], inputs["performanceInsightsRetentionPeriod"]) == ("advanced", 465)
    assert (inputs["performanceInsightsEnabled"], inputs["performanceInsightsKmsKeyId"]) == (True, KEY)
    said = {key for each in either.of("ClusterInstance") for key in each.inputs if "Insights" in key}
    assert said == set()


def test_no_member_grows_replicas_by_itself(either: Run) -> None:
    assert [each.type for each in either.resources if "autoscaling" in each.type] == []


def test_what_holds_the_ledger_says_so(birth: Run) -> None:
    for name in ("ledger-cluster", "ledger-global"):
        assert birth.one(name).inputs["tags"]["data-set"] == "ledger"


@pytest.mark.parametrize(
    ("name", "log"), [("ledger-log", "postgresql"), ("ledger-log-logins", "iam-db-auth-error")]
)
def test_logs_go_to_a_group_that_is_made_first_with_key_and_retention(
    either: Run, name: str, log: str
) -> None:
    group = either.one(name)
    assert group.inputs == {
        "name": f"/aws/rds/cluster/castle-eu-west-1-ledger/{log}",
        "retentionInDays": 400,
        "kmsKeyId": KEY,
    }
    assert log in either.one("ledger-cluster").inputs["enabledCloudwatchLogsExports"]
    assert group.urn in either.one("ledger-cluster").depends_on


def test_the_cluster_is_in_all_data_subnets(either: Run) -> None:
    assert either.one("ledger-subnets").inputs["subnetIds"] == ["subnet-a", "subnet-b", "subnet-c"]


def test_only_clients_that_are_passed_in_may_connect(either: Run) -> None:
    rules = [
        each
        for each in either.of("SecurityGroupIngressRule")
        if each.inputs["securityGroupId"] == "ledger-group-id"
    ]
    sources = {each.inputs.get("referencedSecurityGroupId") or each.inputs.get("cidrIpv4") for each in rules}
    assert sources == {"sg-1", "10.0.0.0/19", "ledger-reads-group-id", "sg-rotation"}
    assert {(each.inputs["fromPort"], each.inputs["toPort"]) for each in rules} == {(5432, 5432)}


def test_the_ledger_connects_to_nothing(either: Run) -> None:
    group = either.one("ledger-group")
    assert "egress" not in group.inputs
    ways = {each.inputs["securityGroupId"] for each in either.of("SecurityGroupEgressRule")}
    assert "ledger-group-id" not in ways


def test_only_clients_read_through_the_proxy(either: Run) -> None:
    rules = [
        each
        for each in either.of("SecurityGroupIngressRule")
        if each.inputs["securityGroupId"] == "ledger-reads-group-id"
    ]
    assert [each.inputs.get("referencedSecurityGroupId") for each in rules] == ["sg-1"]


def test_the_proxy_reads_from_the_member_once_it_has_instances(either: Run) -> None:
    target = either.one("ledger-reads-target")
    assert target.inputs["dbClusterIdentifier"] == "ledger-cluster-id"
    assert {each.urn for each in either.of("ClusterInstance")} <= target.depends_on


def test_every_member_is_watched_for_all_that_may_go_wrong_in_either_role(either: Run) -> None:
    alarms = {each.inputs["metricName"]: each.inputs for each in either.of("MetricAlarm")}
    assert set(alarms) == {
        "AuroraGlobalDBReplicationLag",
        "AuroraGlobalDBRPOLag",
        "ACUUtilization",
        "DatabaseConnections",
        "Deadlocks",
        "FreeableMemory",
    }
    assert all(each["alarmActions"] == ["arn:topic"] for each in alarms.values())
    own = {"DBClusterIdentifier": "castle-eu-west-1-ledger"}
    assert all(each["dimensions"] == own for each in alarms.values())
    assert alarms["FreeableMemory"]["comparisonOperator"] == "LessThanThreshold"


def test_clusters_are_protected_by_pulumi_and_by_aws(birth: Run) -> None:
    for name in ("ledger-cluster", "ledger-global"):
        assert birth.one(name).protect
        assert birth.one(name).inputs["deletionProtection"] is True


def test_a_final_snapshot_is_always_taken(either: Run) -> None:
    inputs = either.one("ledger-cluster").inputs
    assert inputs["skipFinalSnapshot"] is False
    assert inputs["finalSnapshotIdentifier"] == "castle-eu-west-1-ledger-final"


def test_retiring_lifts_both_protections_and_keeps_the_snapshot() -> None:
    retired = ledger(is_birth=True, retire=True)
    for name in ("ledger-cluster", "ledger-global"):
        assert not retired.one(name).protect
        assert retired.one(name).inputs["deletionProtection"] is False
    assert retired.one("ledger-cluster").inputs["skipFinalSnapshot"] is False


def test_the_global_database_is_never_forced_away(birth: Run) -> None:
    assert "forceDestroy" not in birth.one("ledger-global").inputs


def test_only_a_retiring_ledger_asks_who_writes(either: Run) -> None:
    assert "aws:rds/getGlobalCluster:getGlobalCluster" not in [each.token for each in either.invokes]


def test_a_writer_with_readers_is_not_retired() -> None:
    with pytest.raises(pulumi.RunError) as raised:
        refuse_to_retire_the_writer("arn:own", {"arn:own": True, "arn:b": False, "arn:a": False})
    assert str(raised.value) == (
        "castle:retire: true, but arn:own writes the ledger for arn:a, arn:b; switch over to one of them first"
    )


@pytest.mark.parametrize("members", [{"arn:own": True}, {"arn:own": False, "arn:a": True}, {}])
def test_a_lone_writer_and_a_reader_are_retired(members: dict[str, bool]) -> None:
    refuse_to_retire_the_writer("arn:own", members)
