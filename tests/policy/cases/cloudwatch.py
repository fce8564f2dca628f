"""Cases of the rules on CloudWatch alarms and log groups."""

from __future__ import annotations

from controls.language.facts import UNKNOWN

from tests.policy.case import Cases, broken, kept
from tests.policy.subjects.documents import document

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


CASES = {
    "log-resource-policy-not-public": Cases(
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        compliant={"policyDocument": document({"Principal": {"Service": "delivery.logs.amazonaws.com"}})},
        violating={
            "policyDocument": document({"Principal": "*", "Action": "logs:PutLogEvents", "Resource": "*"})
        },
        missing=kept({}),
        unknown={"policyDocument": UNKNOWN},
    ),
    "alarm-actions-enabled": Cases(
        ALARM,
        compliant={"actionsEnabled": True},
        violating={"actionsEnabled": False},
        missing=kept({}),
        unknown={"actionsEnabled": UNKNOWN},
    ),
    "alarm-has-action": Cases(
        ALARM,
        compliant={"alarmActions": ["topic"]},
        violating={"alarmActions": []},
        missing=broken({}),
        unknown={"alarmActions": UNKNOWN},
        more={"one that is unknown is one": kept({"alarmActions": [UNKNOWN]})},
    ),
    "log-group-retention": Cases(
        "aws:cloudwatch/logGroup:LogGroup",
        compliant={"retentionInDays": 400},
        violating={"retentionInDays": 30},
        missing=kept({}),
        unknown={"retentionInDays": UNKNOWN},
        more={
            "for ever": kept({"retentionInDays": 0}),
            "fewer are asked for": kept({"retentionInDays": 30}, minDays=30),
        },
    ),
}
