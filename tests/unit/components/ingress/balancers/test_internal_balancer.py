from __future__ import annotations

import re

import pulumi_aws as aws
import pytest

from components.ingress.balancers.internal_balancer import InternalBalancer, InternalBalancerArgs
from tests.unit.harness import Run, run

SERVICES = ("trading-api", "market-data", "accounts", "payments")


def balancer(*, retire: bool = False) -> Run:
    args = InternalBalancerArgs(
        cluster="castle-eu-west-1",
        vpc_id="vpc-1",
        app_subnet_ids={"a": "subnet-a", "b": "subnet-b"},
        app_cidrs={"a": "10.1.0.0/19", "b": "10.1.64.0/19"},
        certificate_arn="arn:certificate",
        log_bucket="logs",
        alarm_topic_arn="arn:alarms",
        retire=retire,
    )
    return run(lambda: InternalBalancer("in", args) and None)


@pytest.fixture(scope="module")
def made() -> Run:
    return balancer()


def pattern(made: Run, service: str) -> str:
    (condition,) = made.one(f"in-to-{service}").inputs["conditions"]
    (regex,) = condition["pathPattern"]["regexValues"]
    return regex


def test_it_is_private_and_lies_where_services_run(made: Run) -> None:
    inputs = made.one("in-alb").inputs
    assert (inputs["internal"], inputs["subnets"]) == (True, ["subnet-a", "subnet-b"])
    assert inputs["dropInvalidHeaderFields"] is True
    assert inputs["accessLogs"] == {"enabled": True, "bucket": "logs", "prefix": "alb"}


def test_it_cant_be_deleted_until_the_cell_retires(made: Run) -> None:
    assert made.one("in-alb").inputs["enableDeletionProtection"] is True
    assert balancer(retire=True).one("in-alb").inputs["enableDeletionProtection"] is False


def test_only_the_link_gets_in_and_only_over_tls(made: Run) -> None:
    (rule,) = made.of("SecurityGroupIngressRule")
    assert rule.inputs["securityGroupId"] == "in-group-id"
    assert rule.inputs["referencedSecurityGroupId"] == "in-link-group-id"
    assert (rule.inputs["fromPort"], rule.inputs["toPort"]) == (443, 443)
    listener = made.one("in-https").inputs
    assert (listener["protocol"], listener["certificateArn"]) == ("HTTPS", "arn:certificate")


def test_the_link_leads_to_the_load_balancer_alone_and_that_to_services(made: Run) -> None:
    rules = {
        (
            each.inputs["securityGroupId"],
            each.inputs.get("referencedSecurityGroupId") or each.inputs["cidrIpv4"],
            each.inputs["fromPort"],
        )
        for each in made.of("SecurityGroupEgressRule")
    }
    assert rules == {
        ("in-link-group-id", "in-group-id", 443),
        ("in-group-id", "10.1.0.0/19", 8443),
        ("in-group-id", "10.1.64.0/19", 8443),
    }
    assert made.one("in-link").inputs["securityGroupIds"] == ["in-link-group-id"]


def test_an_unknown_path_is_not_found(made: Run) -> None:
    (action,) = made.one("in-https").inputs["defaultActions"]
    assert (action["type"], action["fixedResponse"]["statusCode"]) == ("fixed-response", "404")


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_has_a_target_group_of_addresses_that_its_cluster_may_fill(
    made: Run, service: str
) -> None:
    group = made.one(f"{service}-targets").inputs
    assert (group["targetType"], group["port"]) == ("ip", 8443)
    assert group["tags"]["eks:eks-cluster-name"] == "castle-eu-west-1"
    assert group["healthCheck"]["path"] == "/healthz"
    rule = made.one(f"in-to-{service}").inputs
    assert rule["actions"] == [{"type": "forward", "targetGroupArn": f"arn:{service}-targets"}]


@pytest.mark.parametrize("before", ["", "/live"])
@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/v1/orders", "trading-api"),
        ("/v1/orders/1", "trading-api"),
        ("/v1/markets/BTC-EUR/book", "market-data"),
        ("/v1/accounts/me", "accounts"),
        ("/v1/sessions", "accounts"),
        ("/v1/payments/1", "payments"),
        ("/v1/ordersX", None),
        ("/v2/orders", None),
        ("/x/v1/orders", None),
        ("/healthz", None),
    ],
)
def test_a_path_leads_to_one_service_with_or_without_the_stage(
    made: Run, path: str, service: str | None, before: str
) -> None:
    found = [each for each in SERVICES if re.search(pattern(made, each), before + path)]
    assert found == ([service] if service else [])


def test_a_service_never_sees_the_stage(made: Run) -> None:
    (transform,) = made.one("in-to-accounts").inputs["transforms"]
    rewrite = transform["urlRewriteConfig"]["rewrite"]
    assert transform["type"] == "url-rewrite"
    assert re.sub(rewrite["regex"], rewrite["replace"], "/live/v1/accounts/live/me") == "/v1/accounts/live/me"


def test_ill_targets_of_each_service_are_told_of(made: Run) -> None:
    ill = {
        each.inputs["dimensions"]["TargetGroup"]
        for each in made.of("MetricAlarm")
        if each.inputs["metricName"] == "UnHealthyHostCount"
    }
    assert ill == {f"targetgroup/{service}-targets" for service in SERVICES}


def test_a_target_group_is_told_of_once_a_rule_leads_to_it() -> None:
    """ECS refuses a target group that no load balancer uses."""

    def program() -> None:
        args = InternalBalancerArgs(
            cluster="c",
            vpc_id="vpc-1",
            app_subnet_ids={"a": "subnet-a"},
            app_cidrs={"a": "10.1.0.0/19"},
            certificate_arn="arn:certificate",
            log_bucket="logs",
            alarm_topic_arn="arn:alarms",
            retire=False,
        )
        arn = InternalBalancer("in", args).targets["accounts"].arn
        aws.sns.Topic("reader", display_name=arn)

    made = run(program)
    reader = made.one("reader")
    assert reader.inputs["displayName"] == "arn:accounts-targets"
    assert made.one("in-to-accounts").urn in reader.depends_on
