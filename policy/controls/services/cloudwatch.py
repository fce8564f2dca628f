"""Rules on CloudWatch alarms and log groups: actions, retention, encryption, resource policies."""

from __future__ import annotations

from typing import Final

from controls.language.facts import Node
from controls.language.iam.documents import forbid_statements, open_to_all
from controls.language.remediation import Remedy
from controls.language.rules import (
    HIGH,
    MEDIUM,
    Config,
    Param,
    Rule,
    check_value,
    require_not_false,
    require_value,
)
from controls.language.shapes import number
from controls.language.tokens import ALARM, LOG_GROUP, LOG_RESOURCE_POLICY
from controls.language.verdicts import Verdicts


def resource_policy_not_public(node: Node) -> Verdicts:
    message = "lets anyone write or read logs: name the service, or tie it by a condition"
    yield from forbid_statements(node, ("policyDocument",), open_to_all, message)


def retained_long_enough(node: Node, config: Config) -> Verdicts:
    """Retention of a log group. Without one, or with 0, CloudWatch keeps logs for ever."""
    least = config["minDays"]
    yield from check_value(
        node,
        "retentionInDays",
        lambda it: it in (0, "0") or number(it) >= least,
        f"set it to {least} or more, or leave it out",
        missing_ok=True,
    )


RULES: Final = (
    require_not_false(
        "alarm-actions-enabled",
        HIGH,
        ALARM,
        "actionsEnabled",
        asks="Alarm actions are not switched off",
        fix="Leave actionsEnabled out",
        ids="CloudWatch.17 CKV_AWS_319",
        remedy=Remedy({"actionsEnabled": True}),
    ),
    require_value(
        "alarm-has-action",
        HIGH,
        ALARM,
        "alarmActions",
        bool,
        message="name a topic",
        asks="Every alarm notifies something",
        fix="Name an SNS topic in alarmActions",
        ids="CloudWatch.15",
    ),
    Rule(
        "log-group-retention",
        MEDIUM,
        LOG_GROUP,
        retained_long_enough,
        asks="Logs are kept for at least the configured days",
        fix="Set retentionInDays, or leave it out to keep them for ever",
        ids="CloudWatch.16 CKV_AWS_66 CKV_AWS_338",
        reads="retentionInDays",
        config={"minDays": Param(365, "Fewest days that logs are kept")},
    ),
    Rule(
        "log-resource-policy-not-public",
        HIGH,
        LOG_RESOURCE_POLICY,
        resource_policy_not_public,
        asks="Resource policies of logs name no wildcard principal",
        fix="Name the service that delivers, with a condition on aws:SourceAccount",
        ids="CIS-7.0:2.21",
        reads="policyDocument",
    ),
)
