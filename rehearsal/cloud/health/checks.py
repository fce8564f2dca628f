"""Status of Route 53's health checks: of a host, of a metric by its alarm, and of what they say together.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rehearsal.cloud.health.traffic import BALANCER, RECORD, STOPPED, TARGET_GROUP, Traffic
from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.cloud.types.formats import attributes, value_at
from rehearsal.values import Values

CHECK: Final = "aws:route53/healthCheck:HealthCheck"
ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
_HEALTHY: Final = range(200, 400)  # statuses of a healthy host
_NEXT: Final = {  # what an alarm compares, as far as a count of healthy targets is concerned
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}


class HealthChecks:
    """Health checks of the resources as they are when it is made."""

    def __init__(self, resources: Mapping[str, CloudResource]) -> None:
        self.traffic = Traffic(resources)

    def records(self) -> list[CloudResource]:
        """Records that Route 53 answers with only while their health checks are healthy."""
        return [it for it in self.traffic.of(RECORD) if it.inputs.get("healthCheckId")]

    def leads(self, record: CloudResource) -> bool:
        """Returns whether a record's health check is healthy. Route 53 answers with all if none is."""
        check = self.traffic.first(CHECK, id=record.inputs.get("healthCheckId"))
        return check is not None and self.is_healthy(check)

    def is_healthy(self, check: CloudResource) -> bool:
        """Status of one health check."""
        known = attributes(check)
        if known.get("disabled"):
            return (
                True  # "considers the status of the health check to always be healthy", until it is inverted
            )
        if known["type"] == "CALCULATED":
            children = [self.traffic.first(CHECK, id=id_) for id_ in known.get("childHealthchecks") or ()]
            healthy = sum(child is not None and self.is_healthy(child) for child in children)
            return healthy >= (known.get("childHealthThreshold") or 0)
        if known["type"] == "CLOUDWATCH_METRIC":
            return self._by_metric(known)
        status = self.traffic.status(str(known.get("fqdn")), str(known.get("resourcePath") or "/"))
        return (status in _HEALTHY) is not bool(known.get("invertHealthcheck"))

    def _by_metric(self, check: Values) -> bool:
        region = check.get("cloudwatchAlarmRegion")
        alarm = self.traffic.first(ALARM, name=check.get("cloudwatchAlarmName"), region=region)
        if alarm is None or not self.traffic.is_up(alarm) or (count := self._healthy_targets(alarm)) is None:
            return check.get("insufficientDataHealthStatus") != "Unhealthy"
        return not _NEXT[alarm.inputs["comparisonOperator"]](count, alarm.inputs["threshold"])

    def _healthy_targets(self, alarm: CloudResource) -> int | None:
        """Value of an alarm's metric; None where nothing is reported, and for metrics that nothing here has."""
        traffic, inputs = self.traffic, alarm.inputs
        balancer = traffic.first(BALANCER, arnSuffix=value_at(inputs, "dimensions.LoadBalancer"))
        group = traffic.first(TARGET_GROUP, arnSuffix=value_at(inputs, "dimensions.TargetGroup"))
        if inputs.get("metricName") != "HealthyHostCount" or balancer is None or group is None:
            return None
        workloads = traffic.workloads(group)
        if not traffic.is_up(balancer) or not workloads:
            return None  # "Reported if there are registered targets"
        return sum(not it.outputs.get(STOPPED) for it in workloads)
