from __future__ import annotations

import pytest

from components.data.tables.primary_keys import TABLE_KEYS, TableKey
from components.data.tables.table import GlobalTable, StrongReplica, Table, TableArgs, TableReplica
from tests.unit.harness import Run, run

KEY = "arn:aws:kms:us-east-1:123456789012:key/mrk-1"
ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/castle-balances"
STRONG = {region: f"arn:aws:kms:{region}:123456789012:key/mrk-1" for region in ("eu-west-1", "us-west-2")}
EVENTUAL = GlobalTable(key=TableKey("account", "asset"), strong_replica_key_arns={})


def made(part: GlobalTable | TableReplica | StrongReplica, *, retire: bool = False) -> Run:
    args = TableArgs(
        table="castle-balances",
        member=part,
        replica_regions=["eu-west-1", "us-west-2"],
        key_arn=KEY,
        tags={"backup": "ledger-global"},
        alarm_topic_arn="arn:topic",
        retire=retire,
    )
    return run(lambda: Table("balances", args) and None)


@pytest.fixture(scope="module")
def whole() -> Run:
    return made(EVENTUAL)


@pytest.fixture(scope="module")
def joining() -> Run:
    return made(TableReplica(ARN))


@pytest.fixture(scope="module")
def strong() -> Run:
    return made(GlobalTable(key=TableKey("account", "asset"), strong_replica_key_arns=STRONG))


def test_a_table_is_on_demand_and_streams_what_changed_as_replication_asks(whole: Run) -> None:
    table = whole.one("balances-table").inputs
    assert table["name"] == "castle-balances"
    assert table["billingMode"] == "PAY_PER_REQUEST"
    assert (table["streamEnabled"], table["streamViewType"]) == (True, "NEW_AND_OLD_IMAGES")


def test_only_the_attributes_of_the_key_are_declared(whole: Run) -> None:
    table = whole.one("balances-table").inputs
    assert (table["hashKey"], table["rangeKey"]) == ("account", "asset")
    assert table["attributes"] == [{"name": "account", "type": "S"}, {"name": "asset", "type": "S"}]


def test_a_table_can_be_recovered_and_is_encrypted_by_its_regions_key(whole: Run) -> None:
    table = whole.one("balances-table").inputs
    assert table["pointInTimeRecovery"] == {"enabled": True}
    assert table["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": KEY}


def test_so_is_a_replica(joining: Run) -> None:
    replica = joining.one("balances-replica").inputs
    assert (replica["pointInTimeRecovery"], replica["kmsKeyArn"]) == (True, KEY)
    assert replica["globalTableArn"] == ARN


def test_what_is_backed_up_is_found_by_its_tag(whole: Run, joining: Run) -> None:
    assert whole.one("balances-table").inputs["tags"] == {"backup": "ledger-global"}
    assert joining.one("balances-replica").inputs["tags"] == {"backup": "ledger-global"}


def test_a_table_leaves_the_replicas_alone_that_other_cells_made(whole: Run) -> None:
    assert whole.one("balances-table").ignore_changes == ("replicas",)


def test_a_replica_isnt_made_anew_for_how_aws_spells_its_key(joining: Run) -> None:
    assert joining.one("balances-replica").ignore_changes == ("kmsKeyArn",)


def test_an_eventual_table_names_no_replicas(whole: Run) -> None:
    assert "replicas" not in whole.one("balances-table").inputs


def test_a_strong_table_has_all_its_replicas_each_with_its_regions_key(strong: Run) -> None:
    table = strong.one("balances-table")
    assert {each["regionName"]: each["kmsKeyArn"] for each in table.inputs["replicas"]} == STRONG
    for replica in table.inputs["replicas"]:
        assert replica["consistencyMode"] == "STRONG"
        assert replica["pointInTimeRecovery"] is replica["deletionProtectionEnabled"] is True
        assert replica["propagateTags"] is True
    assert table.ignore_changes == ()


def test_what_came_with_the_table_is_only_watched() -> None:
    given = made(StrongReplica())
    assert given.of("Table") == [given.one("balances")]
    assert given.of("TableReplica") == []
    assert given.of("MetricAlarm")


def test_items_expire_where_the_data_set_says_so_and_nowhere_else(whole: Run) -> None:
    sessions = (
        made(GlobalTable(key=TABLE_KEYS["sessions"], strong_replica_key_arns={})).one("balances-table").inputs
    )
    assert sessions["ttl"] == {"enabled": True, "attributeName": "expires"}
    assert "ttl" not in whole.one("balances-table").inputs


def test_throttling_is_counted_for_reads_and_writes_together(whole: Run) -> None:
    queries = whole.one("balances-throttled").inputs["metricQueries"]
    metrics = {each["id"]: each["metric"] for each in queries if "metric" in each}
    assert [each["metricName"] for each in metrics.values()] == ["ReadThrottleEvents", "WriteThrottleEvents"]
    assert all(each["dimensions"] == {"TableName": "castle-balances"} for each in metrics.values())
    (total,) = [each for each in queries if each["returnData"]]
    assert all(id_ in total["expression"] for id_ in metrics)


def test_errors_of_dynamodb_are_counted_over_the_operations_that_it_counts_them_by(whole: Run) -> None:
    queries = whole.one("balances-failed").inputs["metricQueries"]
    metrics = [each["metric"] for each in queries if "metric" in each]
    assert {each["metricName"] for each in metrics} == {"SystemErrors"}
    operations = {each["dimensions"]["Operation"] for each in metrics}
    assert {"GetItem", "PutItem", "UpdateItem", "Query"} <= operations
    assert len(metrics) <= 10  # which an alarm may add up


def test_every_other_region_is_watched_for_how_late_it_gets_what_is_written_here(whole: Run) -> None:
    late = [each for each in whole.of("MetricAlarm") if "late" in each.name]
    assert {each.inputs["dimensions"]["ReceivingRegion"] for each in late} == {"eu-west-1", "us-west-2"}
    assert {each.inputs["metricName"] for each in late} == {"ReplicationLatency"}


def test_alarms_of_a_table_reach_people(whole: Run) -> None:
    alarms = whole.of("MetricAlarm")
    assert len(alarms) == 4
    for each in alarms:
        assert each.inputs["alarmActions"] == each.inputs["okActions"] == ["arn:topic"]


@pytest.mark.parametrize("part", [EVENTUAL, TableReplica(ARN)])
def test_table_and_replica_are_protected_twice_until_they_retire(part: GlobalTable | TableReplica) -> None:
    for retire in (False, True):
        run_ = made(part, retire=retire)
        (held,) = [each for each in run_.resources if each.name in ("balances-table", "balances-replica")]
        assert held.protect is not retire
        assert held.inputs["deletionProtectionEnabled"] is not retire


def test_a_retiring_strong_table_lets_its_replicas_go() -> None:
    table = made(GlobalTable(key=TableKey("account"), strong_replica_key_arns=STRONG), retire=True).one(
        "balances-table"
    )
    assert not any(each["deletionProtectionEnabled"] for each in table.inputs["replicas"])
