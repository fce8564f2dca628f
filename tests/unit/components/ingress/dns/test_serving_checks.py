from __future__ import annotations

import pytest

from components.ingress.dns.serving_checks import ServedTargets, ServingChecks, ServingChecksArgs
from tests.unit.harness import Run, run


def targets(service: str, *, deployed: bool = True) -> ServedTargets:
    return ServedTargets(
        service=service,
        deployed=deployed,
        metrics_name=f"targetgroup/{service}/1",
        balancer_metrics_name="app/inside/2",
    )


@pytest.fixture(scope="module")
def made() -> Run:
    args = ServingChecksArgs(
        region="eu-west-1",
        targets={
            "api": [targets("orders"), targets("new", deployed=False)],
            "stream": [targets("ticks")],
        },
        alarm_topic_arn="arn:topic",
        retire=False,
    )
    return run(lambda: ServingChecks("serving", args) and None)


@pytest.mark.parametrize("name", ["serving-api-orders", "serving-stream-ticks"])
def test_a_check_reads_an_alarm_that_route_53_takes(made: Run, name: str) -> None:
    """One metric with a plain statistic, every minute: no percentile, math or composite."""
    alarm = made.one(name, "MetricAlarm").inputs
    assert (alarm["metricName"], alarm["statistic"], alarm["period"]) == ("HealthyHostCount", "Minimum", 60)
    assert "metricQueries" not in alarm
    assert alarm["dimensions"] == {
        "LoadBalancer": "app/inside/2",
        "TargetGroup": f"targetgroup/{name.rsplit('-', maxsplit=1)[-1]}/1",
    }
    check = made.one(name, "HealthCheck").inputs
    assert (check["type"], check["cloudwatchAlarmRegion"]) == ("CLOUDWATCH_METRIC", "eu-west-1")
    assert check["cloudwatchAlarmName"] == name


def test_a_service_is_missed_within_its_budget(made: Run) -> None:
    alarm = made.one("serving-api-orders", "MetricAlarm").inputs
    late, kept = 60, 60  # the metric's own delay, an alias in resolvers
    assert late + alarm["period"] * alarm["evaluationPeriods"] + kept <= 240


def test_a_service_of_which_nothing_is_reported_is_missed(made: Run) -> None:
    assert made.one("serving-api-orders", "HealthCheck").inputs["insufficientDataHealthStatus"] == "Unhealthy"
    assert made.one("serving-api-orders", "MetricAlarm").inputs["treatMissingData"] == "breaching"


def test_a_service_without_an_image_is_missed_by_nobody(made: Run) -> None:
    assert made.one("serving-api-new", "HealthCheck").inputs["disabled"] is True
    assert made.one("serving-api-new", "MetricAlarm").inputs["treatMissingData"] == "notBreaching"
    assert made.one("serving-api-orders", "HealthCheck").inputs["disabled"] is False


def test_route_53_takes_the_alarm_anew_when_it_changes(made: Run) -> None:
    """It copies the alarm's settings, and reads them again only when the check itself is updated."""
    check = made.one("serving-api-orders", "HealthCheck").inputs
    assert check["triggers"] == {"threshold": "1", "periods": "2"}


def test_no_check_is_deleted_that_another_stack_counts(made: Run) -> None:
    """Route 53 wouldn't refuse it, and what it says of the child from then on can't be predicted."""
    assert all(each.protect for each in made.of("HealthCheck"))
