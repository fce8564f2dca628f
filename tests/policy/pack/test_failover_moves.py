"""Moves of traffic, read from what stacks declare."""

from __future__ import annotations

from typing import Any

from controls.language.facts import Node
from controls.language.graph import Platform
from controls.pack.failover_moves import Move, moves

CHECK = "aws:route53/healthCheck:HealthCheck"
RECORD = "aws:route53/record:Record"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"


def node(type_: str, name: str, /, **inputs: Any) -> Node:
    return Node(urn=f"urn:pulumi:global::castle::{type_}::{name}", type=type_, name=name, inputs=inputs)


def found(*nodes: Node) -> list[Move]:
    return list(moves(Platform({"global": nodes})))


def test_a_routed_record_moves_as_fast_as_its_health_check_and_its_ttl() -> None:
    check = node(CHECK, "check", id="c-1", type="HTTPS", requestInterval=10, failureThreshold=2)
    record = node(
        RECORD,
        "record",
        name="api.castle.example",
        healthCheckId="c-1",
        latencyRoutingPolicies=[{"region": "us-east-1"}],
        ttl=30,
        records=["192.0.2.1"],
    )
    (move,) = found(check, record)
    assert (move.mechanism, move.name, move.urn) == ("route53", "api.castle.example", check.urn)
    assert (move.detection, move.shift) == (20, 30)


def test_services_move_as_fast_as_their_metric_and_a_drain_as_fast_as_its_check() -> None:
    alarm = node(
        "aws:cloudwatch/metricAlarm:MetricAlarm", "none", id="none-1", period=60, evaluationPeriods=2
    )
    metric = node(CHECK, "serving", id="c-1", type="CLOUDWATCH_METRIC", cloudwatchAlarmName="none-1")
    drain = node(CHECK, "drain", id="c-2", type="HTTPS", invertHealthcheck=True, requestInterval=10)
    both = node(CHECK, "both", id="c-3", type="CALCULATED", childHealthchecks=["c-1", "c-2"])
    record = node(
        RECORD,
        "record",
        name="api.castle.example",
        healthCheckId="c-3",
        latencyRoutingPolicies=[{"region": "us-east-1"}],
        aliases=[{"name": "x"}],
    )
    by_metric, by_drain = found(alarm, metric, drain, both, record)
    assert {by_metric.mechanism, by_drain.mechanism} == {"route53 services"}
    assert (by_metric.urn, by_metric.detection, by_metric.shift) == (metric.urn, 180, 60)
    assert (by_drain.urn, by_drain.detection, by_drain.shift) == (drain.urn, 30, 60)


def test_an_origin_of_a_group_is_waited_for_and_one_of_none_is_not() -> None:
    origin = {"originId": "a", "domainName": "a.s3.us-east-1.amazonaws.com", "originAccessControlId": "E1"}
    origin |= {"connectionAttempts": 3, "connectionTimeout": 4}
    distribution = node(
        DISTRIBUTION,
        "web",
        aliases=["app.castle.example"],
        origins=[origin, {**origin, "originId": "alone"}],
        originGroups=[{"members": [{"originId": "a"}, {"originId": "b"}]}],
    )
    (move,) = found(distribution)
    assert (move.mechanism, move.name, move.detection, move.shift) == (
        "cloudfront",
        "app.castle.example",
        12,
        0,
    )
    assert move.urn == f"{distribution.urn} origins.0"


def test_promotions_count_from_approval() -> None:
    database = node("aws:rds/globalCluster:GlobalCluster", "ledger", id="castle-ledger")
    datastore = node("aws:elasticache/globalReplicationGroup:GlobalReplicationGroup", "market", id="x-market")
    ledger, cache = found(database, datastore)
    assert (ledger.mechanism, ledger.name, ledger.detection) == ("aurora", "castle-ledger", 0)
    assert (cache.mechanism, cache.name, cache.detection) == ("elasticache", "x-market", 0)
    assert ledger.shift > cache.shift > 0


def test_what_is_not_routed_moves_nothing() -> None:
    assert found(node(RECORD, "plain", name="app.castle.example", ttl=60, records=["192.0.2.1"])) == []
