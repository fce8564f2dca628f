"""Cases of the rules on web ACLs and Shield."""

from __future__ import annotations

import json
from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided

ACL = "aws:wafv2/webAcl:WebAcl"
ACL_LOG = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
ACL_RULE = "aws:wafv2/webAclRule:WebAclRule"
BOUND = "aws:wafv2/webAclAssociation:WebAclAssociation"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
ALL_GROUPS = (
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesSQLiRuleSet",
    "AWSManagedRulesAmazonIpReputationList",
)


def metrics(own: Any, *rules: Any) -> dict[str, Any]:
    def visible(value: Any) -> dict[str, Any]:
        return {"visibilityConfig": {"cloudwatchMetricsEnabled": value}}

    return visible(own) | ({"rules": [visible(it) for it in rules]} if rules else {})


def managed(*names: Any) -> list[dict[str, Any]]:
    return [
        {"statement": {"managedRuleGroupStatement": {"vendorName": "AWS", "name": name}}} for name in names
    ]


def rate(limit: Any, action: str = "block") -> dict[str, Any]:
    return {"rules": [{"action": {action: {}}, "statement": {"rateBasedStatement": {"limit": limit}}}]}


CASES = {
    "waf-logging": Cases(
        ACL,
        compliant=[
            Res(ACL, {}, "acl"),
            Res(ACL_LOG, {"resourceArn": UNKNOWN}, "log", {"resourceArn": ["acl"]}),
        ],
        violating=[Res(ACL, {"arn": "a"}, "acl"), Res(ACL_LOG, {"resourceArn": "b"}, "log")],
        missing=broken([Res(ACL, {}, "acl")]),
        unknown=[Res(ACL, {}, "acl"), Res(ACL_LOG, {"resourceArn": UNKNOWN}, "log")],
    ),
    "waf-metrics-enabled": Cases(
        ACL,
        compliant=metrics(True, True),
        violating=metrics(True, False),
        missing=broken({}),
        unknown=metrics(True, UNKNOWN),
        more={
            "of itself": broken(metrics(False, True)),
            "in AWS's own JSON": kept(
                {**metrics(True), "ruleJson": '[{"VisibilityConfig": {"CloudWatchMetricsEnabled": true}}]'}
            ),
            "missing in AWS's own JSON": broken({**metrics(True), "ruleJson": "[{}]"}),
            "rules that aren't known": undecided({**metrics(True), "rules": UNKNOWN}),
        },
    ),
    "waf-has-rules": Cases(
        ACL,
        compliant=[Res(ACL, {"rules": managed("AWSManagedRulesCommonRuleSet")})],
        violating=[Res(ACL, {"rules": []})],
        missing=broken([Res(ACL, {})]),
        unknown=[Res(ACL, {"rules": UNKNOWN})],
        more={
            "as JSON": kept([Res(ACL, {"ruleJson": '[{"Name": "a"}]'})]),
            "as resources": kept(
                [Res(ACL, {}, "acl"), Res(ACL_RULE, {"webAclArn": UNKNOWN}, "r", {"webAclArn": ["acl"]})]
            ),
        },
    ),
    "waf-managed-rule-groups": Cases(
        ACL,
        compliant={"rules": managed(*ALL_GROUPS)},
        violating={"rules": managed(*ALL_GROUPS[1:])},
        missing=broken({}),
        unknown={"rules": UNKNOWN},
        more={
            "as JSON": kept(
                {
                    "ruleJson": json.dumps(
                        [{"Statement": {"ManagedRuleGroupStatement": {"Name": name}}} for name in ALL_GROUPS]
                    )
                }
            ),
            "one that is unknown may be the missing one": undecided(
                {"rules": [*managed(*ALL_GROUPS[1:]), UNKNOWN]}
            ),
            "fewer are asked for": kept({"rules": managed(ALL_GROUPS[0])}, groups=[ALL_GROUPS[0]]),
        },
    ),
    "waf-rate-limit": Cases(
        ACL,
        compliant=rate(2000),
        violating=rate(2_000_000),
        missing=broken({"rules": managed(*ALL_GROUPS)}),
        unknown=rate(UNKNOWN),
        more={
            "one that only counts": broken(rate(2000, "count")),
            "a lower ceiling": broken(rate(2000), ceiling=100),
        },
    ),
    "alb-waf-associated": Cases(
        BALANCER,
        compliant=[
            Res(BALANCER, {}, "lb"),
            Res(BOUND, {"resourceArn": UNKNOWN}, "bound", {"resourceArn": ["lb"]}),
        ],
        violating=[Res(BALANCER, {"internal": False})],
        missing=broken([Res(BALANCER, {})]),
        unknown=[Res(BALANCER, {"internal": UNKNOWN})],
        more={
            "an internal one": kept([Res(BALANCER, {"internal": True})]),
            "one that speaks no HTTP": kept([Res(BALANCER, {"loadBalancerType": "network"})]),
        },
    ),
    "cloudfront-waf-associated": Cases(
        DISTRIBUTION,
        compliant={"webAclId": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/castle/1"},
        violating={"webAclId": ""},
        missing=broken({}),
        unknown={"webAclId": UNKNOWN},
    ),
    "shield-protects-public-entry": Cases(
        BALANCER,
        compliant=kept(
            {
                "a": [Res(BALANCER, {"arn": "arn:lb"}, "lb")],
                "edge": [Res("aws:shield/protection:Protection", {"resourceArn": "arn:lb"}, "shield")],
            },
            bought=True,
        ),
        violating=broken({"a": [Res(BALANCER, {"arn": "arn:lb"})]}, bought=True),
        missing=kept({"a": [Res(BALANCER, {})]}),
        unknown=broken({"a": [Res(BALANCER, {"internal": UNKNOWN})]}, bought=True),
        more={"an internal one": kept({"a": [Res(BALANCER, {"internal": True})]}, bought=True)},
    ),
}
