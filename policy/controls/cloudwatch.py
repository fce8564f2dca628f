"""Rules on alarms and logs."""

from __future__ import annotations

from typing import Final

from controls.documents import forbid, open_to_all
from controls.facts import Node
from controls.rules import HIGH, Rule, must, not_off
from controls.tokens import ALARM, LOG_RESOURCE_POLICY
from controls.verdicts import Verdicts


def closed(node: Node) -> Verdicts:
    says = "lets anyone write or read logs: name the service, or tie it by a condition"
    yield from forbid(node, ("policyDocument",), open_to_all, says)


RULES: Final = (
    not_off(
        "alarm-actions-enabled",
        HIGH,
        ALARM,
        "actionsEnabled",
        asks="Alarm actions are not switched off",
        fix="Leave actionsEnabled out",
        ids="CloudWatch.17 CKV_AWS_319",
    ),
    must(
        "alarm-has-action",
        HIGH,
        ALARM,
        "alarmActions",
        bool,
        says="name a topic",
        asks="Every alarm notifies something",
        fix="Name an SNS topic in alarmActions",
        ids="CloudWatch.15",
    ),
    Rule(
        "log-resource-policy-not-public",
        HIGH,
        LOG_RESOURCE_POLICY,
        closed,
        asks="Resource policies of logs name no wildcard principal",
        fix="Name the service that delivers, with a condition on aws:SourceAccount",
        ids="CIS-7.0:2.21",
        reads="policyDocument",
    ),
)
