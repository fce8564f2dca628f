from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.ingress.routing import CellTarget, Routing, RoutingArgs, failure_threshold
from tests.unit.harness import Run, run


@pytest.fixture(scope="module")
def made() -> Run:
    cells = {
        "us": CellTarget(region="us-east-1", dns_name="us.elb.amazonaws.com", zone_id="ZUS"),
        "eu": CellTarget(region="eu-west-1", dns_name="eu.elb.amazonaws.com", zone_id="ZEU"),
    }
    args = RoutingArgs(
        platform="castle",
        account="123456789012",
        region="us-east-1",
        domain="castle.example",
        zone_id="Z1",
        cells=cells,
        alarm_key_arn="arn:aws:kms:us-east-1:123456789012:key/mrk-1",
        failover_seconds=90,
    )
    return run(lambda: Routing("way", args) and None)


def test_each_cell_is_checked_fast_over_tls_by_its_own_name(made: Run) -> None:
    for cell in ("us", "eu"):
        check = made.one(f"way-check-{cell}").inputs
        assert (check["type"], check["port"], check["enableSni"]) == ("HTTPS", 443, True)
        assert check["fqdn"] == f"api-{cell}.castle.example"
        assert check["resourcePath"] == "/healthz"
        assert check["requestInterval"] == 10


def test_checks_and_alias_fit_into_the_budget(made: Run) -> None:
    check = made.one("way-check-eu").inputs
    assert check["requestInterval"] * check["failureThreshold"] + 60 <= 90


@given(st.integers(70, 86400))
def test_every_allowed_budget_is_kept_with_a_threshold_that_route_53_takes(budget: int) -> None:
    assert 1 <= failure_threshold(budget) <= 10
    assert failure_threshold(budget) * 10 + 60 <= budget


def test_a_long_budget_doesnt_slow_failover_down() -> None:
    assert failure_threshold(600) == 3


def test_each_shared_host_has_one_latency_record_for_each_cell(made: Run) -> None:
    records = {
        (
            each.inputs["name"],
            each.inputs["setIdentifier"],
            each.inputs["latencyRoutingPolicies"][0]["region"],
        )
        for each in made.of("Record")
    }
    assert records == {
        (f"{host}.castle.example", cell, region)
        for host in ("api", "stream")
        for cell, region in (("us", "us-east-1"), ("eu", "eu-west-1"))
    }


def test_every_latency_record_follows_its_cells_check(made: Run) -> None:
    for each in made.of("Record"):
        assert each.inputs["healthCheckId"] == f"way-check-{each.inputs['setIdentifier']}-id"


def test_a_latency_record_leads_to_its_cells_load_balancer(made: Run) -> None:
    alias = {"name": "eu.elb.amazonaws.com", "zoneId": "ZEU", "evaluateTargetHealth": False}
    assert made.one("way-stream-eu").inputs["aliases"] == [alias]


def test_alias_records_have_no_ttl(made: Run) -> None:
    assert not [each for each in made.of("Record") if "ttl" in each.inputs]


def test_the_calculated_check_wants_one_healthy_cell(made: Run) -> None:
    check = made.one("way-any-cell").inputs
    assert check["type"] == "CALCULATED"
    assert sorted(check["childHealthchecks"]) == ["way-check-eu-id", "way-check-us-id"]
    assert check["childHealthThreshold"] == 1


def test_an_alarm_in_us_east_1_reads_the_calculated_check(made: Run) -> None:
    alarm = made.one("way-no-cell").inputs
    assert alarm["region"] == "us-east-1"
    assert (alarm["namespace"], alarm["metricName"]) == ("AWS/Route53", "HealthCheckStatus")
    assert alarm["dimensions"] == {"HealthCheckId": "way-any-cell-id"}


def test_the_alarm_counts_silence_as_ill(made: Run) -> None:
    assert made.one("way-no-cell").inputs["treatMissingData"] == "breaching"


def test_the_alarm_notifies_a_topic_of_its_region(made: Run) -> None:
    assert made.one("way-no-cell").inputs["alarmActions"] == ["arn:way-alarms"]
    assert made.one("way-alarms", "Topic").inputs["region"] == "us-east-1"


def test_the_topic_is_encrypted_with_a_key_of_its_region(made: Run) -> None:
    topic = made.one("way-alarms", "Topic").inputs
    assert topic["kmsMasterKeyId"] == "arn:aws:kms:us-east-1:123456789012:key/mrk-1"


def test_only_alarms_of_this_account_publish(made: Run) -> None:
    (statement,) = json.loads(made.one("way-alarms", "TopicPolicy").inputs["policy"])["Statement"]
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statement["Action"] == "sns:Publish"
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}
