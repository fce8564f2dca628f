"""An estate that no program here makes: a shop behind a load balancer, and an API that reads an object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.cloud.health.checks import ALARM, CHECK, HealthChecks
from rehearsal.cloud.health.traffic import API, BALANCER, INTEGRATION, RECORD, TARGET_GROUP
from rehearsal.cloud.inventory import key_of
from rehearsal.cloud.provider_verbs import Changes, CloudResource

REGION = "eu-north-1"
ECS = "aws:ecs/service:Service"


class Estate:
    """Resources by key, as a cloud has them."""

    def __init__(self) -> None:
        self.resources: dict[str, CloudResource] = {}

    def add(
        self, type_: str, id_: str, inputs: Mapping[str, Any], /, region: str = REGION, **outputs: Any
    ) -> CloudResource:
        urn = f"urn:pulumi:shop::estate::{type_}::{id_}"
        made = CloudResource(type_, id_, region, urn, dict(inputs), outputs)
        self.resources[key_of(made)] = made
        return made

    def change(self, changes: Changes) -> None:
        for at, resource in changes.items():
            if resource is None:
                del self.resources[at]
            else:
                self.resources[at] = resource

    def healthy(self, id_: str) -> bool:
        return HealthChecks(self.resources).is_healthy(self.resources[f"{CHECK}||{id_}"])

    def get(self, type_: str, id_: str, region: str = REGION) -> CloudResource:
        return self.resources[f"{type_}|{region}|{id_}"]


def shop() -> Estate:
    """A shop behind a load balancer that answers `/up` itself and forwards the rest to an ECS service."""
    estate = Estate()
    estate.add(BALANCER, "front", {}, arn="arn:front", arnSuffix="app/front", dnsName="front.elb.example")
    estate.add(
        "aws:lb/listener:Listener", "front-443", {"loadBalancerArn": "arn:front", "port": 443}, arn="arn:443"
    )
    rules: list[tuple[int, dict[str, Any]]] = [
        (1, {"type": "fixed-response", "fixedResponse": {"statusCode": "200"}}),
        (2, {"type": "forward", "targetGroupArn": "arn:baskets"}),
    ]
    for priority, action in rules:
        paths = {1: ["/up"], 2: ["/*"]}[priority]
        estate.add(
            "aws:lb/listenerRule:ListenerRule",
            f"rule-{priority}",
            {
                "listenerArn": "arn:443",
                "priority": priority,
                "conditions": [{"pathPattern": {"values": paths}}],
                "actions": [action],
            },
        )
    estate.add(TARGET_GROUP, "baskets", {}, arn="arn:baskets", arnSuffix="targetgroup/baskets")
    estate.add(ECS, "baskets", {"loadBalancers": [{"targetGroupArn": "arn:baskets"}]})
    for name in ("shop-north.example", "shop.example"):
        alias = {"name": name, "type": "A", "aliases": [{"name": "front.elb.example"}]}
        estate.add(RECORD, name, alias, region="")
    estate.add(
        CHECK,
        "up",
        {"type": "HTTPS", "fqdn": "shop-north.example", "resourcePath": "/up", "requestInterval": 10},
        region="",
    )
    estate.add(
        ALARM,
        "no-baskets",
        {
            "name": "no-baskets",
            "metricName": "HealthyHostCount",
            "dimensions": {"LoadBalancer": "app/front", "TargetGroup": "targetgroup/baskets"},
            "comparisonOperator": "LessThanThreshold",
            "threshold": 1,
        },
    )
    estate.add(
        CHECK,
        "baskets",
        {
            "type": "CLOUDWATCH_METRIC",
            "cloudwatchAlarmName": "no-baskets",
            "cloudwatchAlarmRegion": REGION,
            "insufficientDataHealthStatus": "Unhealthy",
        },
        region="",
    )
    both = {"type": "CALCULATED", "childHealthchecks": ["up", "baskets"], "childHealthThreshold": 2}
    estate.add(CHECK, "both", both, region="")
    return estate


def with_flags(estate: Estate) -> Estate:
    """The same, with an API whose `GET /closed/{shop}` is 200 while an object is there, and its inverted check."""
    estate.add(API, "api-1", {})
    estate.add("aws:apigateway/resource:Resource", "at", {"restApi": "api-1"}, path="/closed/{shop}")
    of_method = {"restApi": "api-1", "resourceId": "at", "httpMethod": "GET"}
    estate.add(
        INTEGRATION,
        "reads",
        {
            **of_method,
            "type": "AWS",
            "uri": f"arn:aws:apigateway:{REGION}:s3:path/flags/closed/{{shop}}",
            "requestParameters": {"integration.request.path.shop": "method.request.path.shop"},
        },
    )
    for status, pattern in (("404", None), ("200", "200")):
        response = {**of_method, "statusCode": status, "selectionPattern": pattern}
        estate.add("aws:apigateway/integrationResponse:IntegrationResponse", f"is-{status}", response)
    domain = {"domainName": "flags.example"}
    estate.add("aws:apigateway/domainName:DomainName", "flags", domain, regionalDomainName="d-1.example")
    estate.add("aws:apigateway/basePathMapping:BasePathMapping", "flags", {**domain, "restApi": "api-1"})
    alias = {"name": "flags.example", "aliases": [{"name": "d-1.example"}]}
    estate.add(RECORD, "flags", alias, region="")
    estate.add("aws:s3/bucket:Bucket", "flags", {})
    estate.add(
        CHECK,
        "open",
        {
            "type": "HTTPS",
            "fqdn": "flags.example",
            "resourcePath": "/closed/north",
            "invertHealthcheck": True,
        },
        region="",
    )
    return estate
