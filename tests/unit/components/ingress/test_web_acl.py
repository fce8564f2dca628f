from __future__ import annotations

from typing import Any, Literal

import pytest

from components.ingress.web_acl import WebAcl, WebAclArgs, log_policy
from tests.unit.documents import actions, statements
from tests.unit.harness import Run, run

KEY = "arn:aws:kms:us-east-1:123456789012:key/mrk-1"


def firewall(scope: Literal["REGIONAL", "CLOUDFRONT"]) -> Run:
    def program() -> None:
        args = WebAclArgs(
            scope=scope,
            region="us-east-1",
            account="123456789012",
            rate=300,
            log_group="aws-waf-logs-castle-global",
            log_days=400,
            key_arn=KEY,
        )
        made = WebAcl("wall", args)
        if scope == "REGIONAL":
            made.associate("endpoint", "arn:alb")

    return run(program)


@pytest.fixture(scope="module")
def made() -> Run:
    return firewall("CLOUDFRONT")


@pytest.fixture(scope="module")
def rules(made: Run) -> list[dict[str, Any]]:
    return made.one("wall-acl").inputs["rules"]


def test_what_is_of_scope_cloudfront_is_in_us_east_1(made: Run) -> None:
    assert made.one("wall-acl").inputs["scope"] == "CLOUDFRONT"
    regions = {each.inputs["region"] for each in made.resources if each.custom}
    assert regions == {"us-east-1"}


def test_common_attacks_bad_inputs_sql_and_bad_addresses_are_blocked(rules: list[dict[str, Any]]) -> None:
    groups = [
        rule["statement"]["managedRuleGroupStatement"]["name"]
        for rule in rules
        if "managedRuleGroupStatement" in rule["statement"]
    ]
    assert set(groups) == {
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesSQLiRuleSet",
    }


def test_who_asks_too_often_is_blocked_and_not_just_counted(rules: list[dict[str, Any]]) -> None:
    (rate,) = [rule for rule in rules if "rateBasedStatement" in rule["statement"]]
    assert rate["statement"]["rateBasedStatement"]["limit"] == 300
    assert rate["statement"]["rateBasedStatement"]["aggregateKeyType"] == "IP"
    assert rate["action"] == {"block": {}}


def test_every_rule_says_what_the_provider_would_otherwise_fill_in(rules: list[dict[str, Any]]) -> None:
    priorities = [rule["priority"] for rule in rules]
    assert len(set(priorities)) == len(rules) == 5
    for rule in rules:
        assert rule["visibilityConfig"]["cloudwatchMetricsEnabled"] is True
        assert ("overrideAction" in rule) != ("action" in rule)
        assert ("overrideAction" in rule) == ("managedRuleGroupStatement" in rule["statement"])


def test_requests_are_logged_to_a_group_of_the_name_that_waf_demands(made: Run) -> None:
    group = made.one("wall-log").inputs
    assert group["name"].startswith("aws-waf-logs-")
    assert (group["retentionInDays"], group["kmsKeyId"]) == (400, KEY)
    assert made.one("wall-logging").inputs["logDestinationConfigs"] == ["arn:wall-log"]
    assert made.one("wall-log-policy").urn in made.one("wall-logging").depends_on


def test_logs_hold_no_credentials(made: Run) -> None:
    fields = made.one("wall-logging").inputs["redactedFields"]
    assert [field["singleHeader"]["name"] for field in fields] == ["authorization", "cookie"]


def test_waf_writes_to_its_own_log_group_for_this_account() -> None:
    (write,) = statements(log_policy("aws-waf-logs-castle-x", "123456789012", "eu-west-1")).values()
    assert actions(write) == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert write["Resource"] == (
        "arn:aws:logs:eu-west-1:123456789012:log-group:aws-waf-logs-castle-x:log-stream:*"
    )
    assert write["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}


def test_a_regional_one_is_put_before_its_load_balancer() -> None:
    association = firewall("REGIONAL").one("wall-before-endpoint").inputs
    assert association == {"resourceArn": "arn:alb", "webAclArn": "arn:wall-acl"}
