from __future__ import annotations

from dataclasses import replace

import pulumi
import pytest

from components.alarms import AlarmSpec, alarm
from tests.unit.harness import run

WATCH = AlarmSpec(
    description="Readers see trades late",
    namespace="AWS/RDS",
    metric="AuroraGlobalDBReplicationLag",
    dimensions={"DBClusterIdentifier": "castle-eu-west-1-ledger"},
    statistic="Maximum",
    comparison="above",
    threshold=1000,
    periods=3,
)


def inputs(watch: AlarmSpec) -> dict[str, object]:
    made = run(lambda: alarm("lag", watch, "arn:topic", pulumi.ResourceOptions()) and None)
    return made.one("lag").inputs


def test_an_alarm_says_what_is_wrong_and_asks_every_minute() -> None:
    found = inputs(WATCH)
    assert found["alarmDescription"] == "Readers see trades late"
    assert (found["metricName"], found["namespace"]) == ("AuroraGlobalDBReplicationLag", "AWS/RDS")
    assert found["dimensions"] == {"DBClusterIdentifier": "castle-eu-west-1-ledger"}
    assert (found["period"], found["evaluationPeriods"], found["threshold"]) == (60, 3, 1000)


def test_an_alarm_tells_its_topic_that_it_began_and_that_it_is_over() -> None:
    found = inputs(WATCH)
    assert found["alarmActions"] == found["okActions"] == ["arn:topic"]


@pytest.mark.parametrize(
    ("is_", "operator"), [("above", "GreaterThanThreshold"), ("below", "LessThanThreshold")]
)
def test_which_side_of_the_threshold_is_alarming(is_: str, operator: str) -> None:
    assert inputs(replace(WATCH, comparison=is_))["comparisonOperator"] == operator


def test_silence_is_alarming_only_where_it_is_said_to_be() -> None:
    assert inputs(WATCH)["treatMissingData"] == "notBreaching"
    assert inputs(replace(WATCH, missing="breaching"))["treatMissingData"] == "breaching"
