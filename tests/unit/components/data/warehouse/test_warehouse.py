from __future__ import annotations

import json
import re
from typing import Any

import pytest

from components.data.store_security_group import StoreNetwork
from components.data.warehouse.integration import ZeroEtlSource, create_database
from components.data.warehouse.warehouse import Warehouse, WarehouseArgs
from components.keys.key_policy import key_policy
from tests.unit.documents import actions, statements
from tests.unit.harness import Run, run

KEY = "arn:aws:kms:us-east-1:123456789012:key/mrk-1"
CLUSTER = "arn:aws:rds:us-east-1:123456789012:cluster:castle-us-east-1-ledger"
DEPLOYER = "arn:aws:iam::123456789012:role/castle-deployer"


def warehouse(*, retire: bool = False) -> Run:
    args = WarehouseArgs(
        account="123456789012",
        region="us-east-1",
        deployer=DEPLOYER,
        warehouse="castle-us-east-1-warehouse",
        network=StoreNetwork(
            vpc_id="vpc-1",
            data_subnet_ids={"a": "subnet-a", "b": "subnet-b", "c": "subnet-c"},
            client_groups={"cluster": "sg-1"},
            client_cidrs={},
        ),
        key_arn=KEY,
        tags={"data-set": "warehouse"},
        source=ZeroEtlSource(cluster_arn=CLUSTER, depends_on=[], database="trading", tables="*.*"),
        base_rpu=8,
        max_rpu=32,
        daily_rpu_hours=100,
        refresh_seconds=900,
        log_days=400,
        alarm_topic_arn="arn:topic",
        retire=retire,
    )
    return run(lambda: Warehouse("warehouse", args) and None)


@pytest.fixture(scope="module")
def made() -> Run:
    return warehouse()


@pytest.fixture(scope="module")
def workgroup(made: Run) -> dict[str, Any]:
    return made.one("warehouse-workgroup").inputs


@pytest.fixture(scope="module")
def namespace(made: Run) -> dict[str, Any]:
    return made.one("warehouse-namespace").inputs


def policy(made: Run, name: str, type_: str) -> Any:
    return statements(json.loads(made.one(name, type_).inputs["policy"]))


# ---- what it is


def test_it_is_private_and_its_traffic_stays_in_the_network(workgroup: dict[str, Any]) -> None:
    assert workgroup["publiclyAccessible"] is False
    assert workgroup["enhancedVpcRouting"] is True


def test_it_has_a_subnet_in_each_of_three_zones(workgroup: dict[str, Any]) -> None:
    assert workgroup["subnetIds"] == ["subnet-a", "subnet-b", "subnet-c"]


def test_only_what_runs_in_the_cell_may_connect(made: Run, workgroup: dict[str, Any]) -> None:
    (rule,) = made.of("SecurityGroupIngressRule")
    assert rule.inputs["referencedSecurityGroupId"] == "sg-1"
    assert (rule.inputs["fromPort"], rule.inputs["toPort"]) == (workgroup["port"], workgroup["port"])
    assert workgroup["securityGroupIds"] == [rule.inputs["securityGroupId"]]
    assert made.of("SecurityGroupEgressRule") == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("require_ssl", "true"),
        ("enable_case_sensitive_identifier", "true"),
        ("enable_user_activity_logging", "true"),
    ],
)
def test_parameters_ask_for_tls_for_what_zero_etl_needs_and_for_an_activity_log(
    workgroup: dict[str, Any], key: str, value: str
) -> None:
    assert {"parameterKey": key, "parameterValue": value} in workgroup["configParameters"]


def test_no_state_ever_has_its_administrators_password(namespace: dict[str, Any]) -> None:
    assert namespace["manageAdminPassword"] is True
    assert namespace["adminPasswordSecretKmsKeyId"] == KEY
    assert not {"adminUserPassword", "adminUserPasswordWo"} & namespace.keys()


def test_it_has_neither_the_administrator_nor_the_database_that_everybody_expects(
    namespace: dict[str, Any],
) -> None:
    assert namespace["adminUsername"] != "admin"
    assert namespace["dbName"] != "dev"


def test_what_it_holds_is_encrypted_with_the_key_of_its_region_and_says_what_it_is(
    namespace: dict[str, Any],
) -> None:
    assert namespace["kmsKeyId"] == KEY
    assert namespace["tags"] == {"data-set": "warehouse"}


def test_every_log_that_it_exports_has_a_group_that_is_made_first_with_key_and_retention(made: Run) -> None:
    namespace = made.one("warehouse-namespace")
    exports = namespace.inputs["logExports"]
    assert set(exports) == {"connectionlog", "useractivitylog", "userlog"}
    groups = {each.inputs["name"]: each for each in made.of("LogGroup")}
    assert set(groups) == {f"/aws/redshift/castle-us-east-1-warehouse/{log}" for log in exports}
    for group in groups.values():
        assert (group.inputs["retentionInDays"], group.inputs["kmsKeyId"]) == (400, KEY)
        assert group.urn in namespace.depends_on


def test_it_is_protected_until_its_cell_is_retired(made: Run) -> None:
    assert made.one("warehouse-namespace").protect
    assert not warehouse(retire=True).one("warehouse-namespace").protect


# ---- what it may cost


def test_a_days_cost_has_a_limit_at_which_it_stops(made: Run) -> None:
    assert made.one("warehouse-limit", "UsageLimit").inputs == {
        "resourceArn": "arn:warehouse-workgroup",
        "usageType": "serverless-compute",
        "amount": 100,
        "period": "daily",
        "breachAction": "deactivate",
    }


def test_a_single_query_has_a_limit(workgroup: dict[str, Any]) -> None:
    assert (workgroup["baseCapacity"], workgroup["maxCapacity"]) == (8, 32)


def test_somebody_hears_of_it_before_the_limit_is_reached(made: Run) -> None:
    found = made.one("warehouse-limit", "MetricAlarm").inputs
    assert found["dimensions"] == {
        "UsageLimitId": "warehouse-limit-id",
        "UsageType": "SERVERLESS_COMPUTE",
        "Workgroup": "castle-us-east-1-warehouse",
    }
    assert found["metricName"] == "UsageLimitConsumed"
    assert found["threshold"] == 80


def test_a_pace_that_a_day_cannot_keep_up_is_alarming(made: Run) -> None:
    found = made.one("warehouse-compute").inputs
    assert found["metricName"] == "ComputeSeconds"  # of half an hour: a 16th of 8 hours
    assert found["threshold"] == 100 * 3600 / 16


# ---- where its data comes from


@pytest.fixture(scope="module")
def integration(made: Run) -> dict[str, Any]:
    return made.one("warehouse-integration").inputs


def test_the_ledger_feeds_it(integration: dict[str, Any]) -> None:
    assert integration["sourceArn"] == CLUSTER
    assert integration["targetArn"] == "arn:warehouse-namespace"
    assert integration["dataFilter"] == "include: trading.*.*"


def test_the_integration_waits_for_the_policy_and_the_workgroup_that_it_needs(made: Run) -> None:
    needs = {made.one("warehouse-sources").urn, made.one("warehouse-workgroup").urn}
    assert needs <= made.one("warehouse-integration").depends_on


def test_the_namespace_takes_data_of_that_cluster_alone(made: Run) -> None:
    source = policy(made, "warehouse-sources", "ResourcePolicy")["TheLedgerIsASource"]
    assert actions(source) == ["redshift:AuthorizeInboundIntegration"]
    assert source["Resource"] == "arn:warehouse-namespace"
    assert source["Condition"]["StringEquals"]["aws:SourceArn"] == CLUSTER


def test_only_the_deployer_makes_it_a_target(made: Run) -> None:
    deployer = policy(made, "warehouse-sources", "ResourcePolicy")["TheDeployerIntegrates"]
    assert actions(deployer) == ["redshift:CreateInboundIntegration"]
    assert deployer["Condition"] == {"ArnEquals": {"aws:PrincipalArn": DEPLOYER}}


def test_its_key_lets_redshift_take_a_grant_for_what_the_integration_says_it_is_for(
    integration: dict[str, Any],
) -> None:
    assert integration["kmsKeyId"] == KEY
    allowed = statements(
        key_policy(
            data_class="ledger",
            account="123456789012",
            deployer=DEPLOYER,
            region="us-east-1",
            log_groups=[],
            cluster_roles="none",
        )
    )["Integrations"]
    asked = allowed["Condition"]["StringEquals"]
    for key, value in integration["additionalEncryptionContext"].items():
        assert asked[f"kms:EncryptionContext:{key}"] == value
    assert asked["aws:SourceAccount"] == "123456789012"
    assert allowed["Principal"] == {"Service": "redshift.amazonaws.com"}


def test_an_integration_that_is_silent_is_alarming(made: Run) -> None:
    found = made.one("warehouse-lag").inputs
    assert found["treatMissingData"] == "breaching"
    assert found["dimensions"] == {"IntegrationId": "11111111-2222-4333-a444-555555555555"}
    assert found["threshold"] > 900  # it lags that long by its setting


# ---- the database that is made from it


def statement(made: Run) -> dict[str, str]:
    return json.loads(made.one("warehouse-database").inputs["target"]["input"])


def test_the_database_is_made_of_the_integration_by_its_id(made: Run) -> None:
    found = statement(made)
    assert "FROM INTEGRATION '11111111-2222-4333-a444-555555555555' DATABASE 'trading'" in found["Sql"]
    assert found["Sql"].endswith("REFRESH_INTERVAL 900")
    assert found["WorkgroupName"] == "castle-us-east-1-warehouse"


def test_it_is_said_as_the_administrator_without_that_anybody_sees_the_password(made: Run) -> None:
    assert statement(made)["SecretArn"] == "arn:warehouse-namespace-admin"


def test_it_is_said_at_once_and_again_when_the_integration_is_another(made: Run) -> None:
    schedule = made.one("warehouse-database").inputs
    assert re.fullmatch(r"rate\(\d+ days\)", schedule["scheduleExpression"])
    assert "startDate" not in schedule


def test_the_scheduler_may_ask_this_warehouse_and_read_this_secret_and_nothing_else(made: Run) -> None:
    found = policy(made, "warehouse-scheduler", "RolePolicy")
    assert {sid: each["Resource"] for sid, each in found.items()} == {
        "Ask": "arn:warehouse-workgroup",
        "SignIn": "arn:warehouse-namespace-admin",
        "UseTheKey": KEY,
        "GrantTheKey": KEY,
    }
    assert actions(found["Ask"]) == ["redshift-data:ExecuteStatement"]
    assert actions(found["SignIn"]) == ["secretsmanager:GetSecretValue"]


def test_only_schedules_of_this_account_take_the_role(made: Run) -> None:
    trust = json.loads(made.one("warehouse-scheduler", "Role").inputs["assumeRolePolicy"])["Statement"][0]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {
        "aws:SourceAccount": "123456789012",
        "aws:SourceArn": "arn:aws:scheduler:us-east-1:123456789012:schedule-group/default",
    }


def test_a_database_is_made_with_the_time_between_two_loads() -> None:
    assert create_database("trading", "id-1", 60) == (
        "CREATE DATABASE trading FROM INTEGRATION 'id-1' DATABASE 'trading' SET REFRESH_INTERVAL 60"
    )
