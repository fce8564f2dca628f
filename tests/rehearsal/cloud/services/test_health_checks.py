"""Health checks of alarms: Route 53 takes an alarm on one metric with a plain statistic, of the region it is told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rehearsal.cloud.cloud_driver import CloudDriver, refused

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
CHECK = "aws:route53/healthCheck:HealthCheck"
PLAIN = {"namespace": "Custom/Shop", "metricName": "Baskets", "period": 60, "statistic": "Minimum"}
MATH = {
    "metricQueries": [
        {"id": "all", "expression": "a + b", "returnData": True},
        *(
            {
                "id": id_,
                "metric": {"namespace": "Custom/Shop", "metricName": id_, "period": 60, "stat": "Sum"},
            }
            for id_ in ("a", "b")
        ),
    ]
}


def check_of(driver: CloudDriver, metric: dict[str, Any], region: str = "us-east-1") -> dict[str, Any]:
    alarm = driver.make(
        ALARM,
        "baskets",
        {"comparisonOperator": "LessThanThreshold", "evaluationPeriods": 2, "threshold": 1, **metric},
    )
    return {
        "type": "CLOUDWATCH_METRIC",
        "cloudwatchAlarmName": alarm.id,
        "cloudwatchAlarmRegion": region,
        "insufficientDataHealthStatus": "Unhealthy",
    }


def test_an_alarm_on_one_metric_makes_a_check(driver: CloudDriver) -> None:
    assert driver.make(CHECK, "baskets", check_of(driver, PLAIN)).id


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        (MATH, "is an alarm with metric math"),
        ({**PLAIN, "statistic": None, "extendedStatistic": "p99"}, "has an extended statistic"),
    ],
    ids=["math", "a percentile"],
)
def test_an_alarm_that_route_53_cant_read_is_refused(
    driver: CloudDriver, metric: dict[str, Any], words: str
) -> None:
    metric = {name: value for name, value in metric.items() if value is not None}
    error = refused(driver, CHECK, "baskets", check_of(driver, metric))
    assert error.code == "InvalidInput"
    assert words in error.message


def test_an_alarm_of_another_region_is_refused(driver: CloudDriver) -> None:
    error = refused(driver, CHECK, "baskets", check_of(driver, PLAIN, region="eu-west-1"))
    assert error.message.startswith("eu-west-1 has no alarm baskets-")
