from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.ingress.dns.health_checks import failure_threshold
from components.ingress.dns.latency_records import (
    CellTarget,
    HostTarget,
    Routing,
    RoutingArgs,
)
from tests.unit.harness import Run, run

CELLS = {
    cell: CellTarget(
        region=region,
        hosts={
            "api": HostTarget(f"{cell}.execute-api.amazonaws.com", "ZAPI"),
            "stream": HostTarget(f"{cell}.elb.amazonaws.com", "ZELB"),
        },
        serving_checks={"api": [f"{cell}-orders", f"{cell}-payments"], "stream": [f"{cell}-ticks"]},
    )
    for cell, region in (("us", "us-east-1"), ("eu", "eu-west-1"))
}
ARGS = RoutingArgs(
    platform="castle",
    account="123456789012",
    region="us-east-1",
    domain="castle.example",
    zone_id="Z1",
    cells=CELLS,
    alarm_key_arn="arn:aws:kms:us-east-1:123456789012:key/mrk-1",
    failover_seconds=90,
)


@pytest.fixture(scope="module")
def made() -> Run:
    return run(lambda: Routing("way", ARGS) and None)


CHECKS = [
    (f"way-check-{cell}" if host == "api" else f"way-check-{host}-{cell}", host, cell)
    for host in ("api", "stream")
    for cell in ("us", "eu")
]


@pytest.mark.parametrize(("name", "host", "cell"), CHECKS)
def test_each_host_of_each_cell_is_checked_fast_over_tls_by_its_own_name(
    made: Run, name: str, host: str, cell: str
) -> None:
    check = made.one(name).inputs
    assert (check["type"], check["port"], check["enableSni"]) == ("HTTPS", 443, True)
    assert check["fqdn"] == f"{host}-{cell}.castle.example"
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


@pytest.mark.parametrize(("name", "host", "cell"), CHECKS)
def test_a_record_leads_to_a_cell_whose_host_answers_whose_services_serve_and_that_isnt_drained(
    made: Run, name: str, host: str, cell: str
) -> None:
    assert made.one(f"way-{host}-{cell}").inputs["healthCheckId"] == f"way-serves-{host}-{cell}-id"
    check = made.one(f"way-serves-{host}-{cell}").inputs
    serving = {"api": [f"{cell}-orders", f"{cell}-payments"], "stream": [f"{cell}-ticks"]}[host]
    assert check["type"] == "CALCULATED"
    assert check["childHealthchecks"] == [f"{name}-id", f"way-drain-{cell}-id", *serving]
    assert check["childHealthThreshold"] == len(check["childHealthchecks"])


@pytest.mark.parametrize(("cell", "teller"), [("us", "eu"), ("eu", "us")])
def test_another_cell_tells_that_one_is_drained_and_its_silence_drains_nobody(
    made: Run, cell: str, teller: str
) -> None:
    check = made.one(f"way-drain-{cell}").inputs
    assert (check["type"], check["fqdn"]) == ("HTTPS", f"api-{teller}.castle.example")
    assert check["resourcePath"] == f"/drained/{cell}"
    assert check["invertHealthcheck"] is True


def test_nobody_tells_that_a_lone_cell_is_drained() -> None:
    lone = run(lambda: Routing("way", replace(ARGS, cells={"us": ARGS.cells["us"]})) and None)
    assert lone.one("way-serves-api-us").inputs["childHealthchecks"] == [
        "way-check-us-id",
        "us-orders",
        "us-payments",
    ]


def test_a_latency_record_leads_to_what_answers_for_its_host_in_its_cell(made: Run) -> None:
    for host, name, zone in (
        ("stream", "eu.elb.amazonaws.com", "ZELB"),
        ("api", "eu.execute-api.amazonaws.com", "ZAPI"),
    ):
        alias = {"name": name, "zoneId": zone, "evaluateTargetHealth": False}
        assert made.one(f"way-{host}-eu").inputs["aliases"] == [alias]


def test_alias_records_have_no_ttl(made: Run) -> None:
    assert not [each for each in made.of("Record") if "ttl" in each.inputs]


def test_the_calculated_check_wants_one_cell_that_takes_orders(made: Run) -> None:
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
