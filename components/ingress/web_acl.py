"""Web ACL of the firewall (WAF): rate limits, AWS's managed rules and logs, for CloudFront or a cell's endpoints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pulumi
import pulumi_aws as aws

# AWS's managed rule groups, by the names of our rules. In the order of evaluation: cheap and certain ones first.
# https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
MANAGED = {
    "bad-addresses": "AWSManagedRulesAmazonIpReputationList",
    "bad-inputs": "AWSManagedRulesKnownBadInputsRuleSet",
    "common": "AWSManagedRulesCommonRuleSet",
    "sql": "AWSManagedRulesSQLiRuleSet",
}
RATE_SECONDS = 300  # in which an address's requests are counted
# Headers that stay out of the logs, since they hold credentials.
REDACTED = ("authorization", "cookie")


@dataclass(frozen=True)
class PathRate:
    """Rate limit of one path, in requests of one address in `RATE_SECONDS`."""

    path: str
    rate: int


@dataclass(frozen=True, kw_only=True)
class WebAclArgs:
    scope: Literal["REGIONAL", "CLOUDFRONT"]
    region: str  # for CLOUDFRONT it has to be us-east-1
    account: str

    rate: int  # requests of one address in `RATE_SECONDS`, from which on it is blocked
    # Lower limits of single paths that are expensive, by name.
    rates: Mapping[str, PathRate] = field(default_factory=dict)

    log_group: str  # begins with aws-waf-logs-
    log_days: int
    key_arn: pulumi.Input[str]  # of this region


class WebAcl(pulumi.ComponentResource):
    """Web ACL that allows what no rule blocks. A CLOUDFRONT one is an input of its distribution; see `protect`."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: WebAclArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:ingress:WebAcl", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        acl = aws.wafv2.WebAcl(
            f"{name}-acl",
            region=args.region,
            scope=args.scope,
            default_action=aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs()),
            visibility_config=aws.wafv2.WebAclVisibilityConfigArgs(
                cloudwatch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
            ),
            rules=[
                self._rate_rule(0, "rate", args.rate, None),
                *self._managed_rules(1),
                # After the others, which keep their priorities.
                *(
                    self._rate_rule(priority, f"rate-{key}", limit.rate, limit.path)
                    for priority, (key, limit) in enumerate(args.rates.items(), 1 + len(MANAGED))
                ),
            ],
            tags={"Name": name},
            opts=self._child,
        )
        self._logs(acl)
        self.arn = acl.arn
        self.register_outputs({"arn": self.arn})

    def associate(self, key: str, resource_arn: pulumi.Input[str]) -> None:
        """Associates a REGIONAL web ACL with a load balancer or an API; `key` ends the logical name."""
        aws.wafv2.WebAclAssociation(
            f"{self._name}-before-{key}", resource_arn=resource_arn, web_acl_arn=self.arn, opts=self._child
        )

    def _rate_rule(self, priority: int, name: str, rate: int, path: str | None) -> aws.wafv2.WebAclRuleArgs:
        return aws.wafv2.WebAclRuleArgs(
            name=name,
            priority=priority,
            action=aws.wafv2.WebAclRuleActionArgs(block=aws.wafv2.WebAclRuleActionBlockArgs()),
            statement=aws.wafv2.WebAclRuleStatementArgs(
                rate_based_statement=aws.wafv2.WebAclRuleStatementRateBasedStatementArgs(
                    limit=rate,
                    aggregate_key_type="IP",
                    evaluation_window_sec=RATE_SECONDS,
                    scope_down_statement=None if path is None else _of_path(path),
                )
            ),
            visibility_config=self._visible(name),
        )

    def _managed_rules(self, first: int) -> list[aws.wafv2.WebAclRuleArgs]:
        return [
            aws.wafv2.WebAclRuleArgs(
                name=rule,
                priority=priority,
                override_action=aws.wafv2.WebAclRuleOverrideActionArgs(
                    none=aws.wafv2.WebAclRuleOverrideActionNoneArgs()
                ),
                statement=aws.wafv2.WebAclRuleStatementArgs(
                    managed_rule_group_statement=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(
                        vendor_name="AWS", name=group
                    )
                ),
                visibility_config=self._visible(rule),
            )
            for priority, (rule, group) in enumerate(MANAGED.items(), first)
        ]

    def _visible(self, metric: str) -> aws.wafv2.WebAclRuleVisibilityConfigArgs:
        return aws.wafv2.WebAclRuleVisibilityConfigArgs(
            cloudwatch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=True
        )

    def _logs(self, acl: aws.wafv2.WebAcl) -> None:
        args = self._args
        group = aws.cloudwatch.LogGroup(
            f"{self._name}-log",
            region=args.region,
            name=args.log_group,
            retention_in_days=args.log_days,
            kms_key_id=args.key_arn,
            opts=self._child,
        )
        policy = aws.cloudwatch.LogResourcePolicy(
            f"{self._name}-log-policy",
            region=args.region,
            policy_name=args.log_group,
            policy_document=json.dumps(log_policy(args.log_group, args.account, args.region)),
            opts=self._child,
        )
        aws.wafv2.WebAclLoggingConfiguration(
            f"{self._name}-logging",
            region=args.region,
            resource_arn=acl.arn,
            log_destination_configs=[group.arn],
            redacted_fields=[
                aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgs(
                    single_header=aws.wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs(
                        name=header
                    )
                )
                for header in REDACTED
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )


def _of_path(path: str) -> aws.wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementArgs:
    return aws.wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementArgs(
        byte_match_statement=aws.wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementByteMatchStatementArgs(
            search_string=path,
            positional_constraint="EXACTLY",
            field_to_match=aws.wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementByteMatchStatementFieldToMatchArgs(
                uri_path=aws.wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementByteMatchStatementFieldToMatchUriPathArgs()
            ),
            text_transformations=[
                aws.wafv2.WebAclRuleStatementRateBasedStatementScopeDownStatementByteMatchStatementTextTransformationArgs(
                    priority=0, type="NONE"
                )
            ],
        )
    )


def log_policy(log_group: str, account: str, region: str) -> dict[str, object]:
    """Resource policy by which WAF's log delivery writes to one log group.

    https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
    """
    write = {
        "Sid": "DeliveriesWrite",
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"arn:aws:logs:{region}:{account}:log-group:{log_group}:log-stream:*",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{region}:{account}:*"},
        },
    }
    return {"Version": "2012-10-17", "Statement": [write]}
