"""Cases of the rules on EventBridge buses and global endpoints."""

from __future__ import annotations

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subjects.documents import ACCOUNT, document, doubtful, policy

BUS_POLICY = "aws:cloudwatch/eventBusPolicy:EventBusPolicy"
PERMISSION = "aws:cloudwatch/eventPermission:EventPermission"
ENDPOINT = "aws:cloudwatch/eventEndpoint:EventEndpoint"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/castle"


CASES = {
    "eventbridge-bus-policy-not-public": Cases(
        BUS_POLICY,
        compliant=policy(Principal={"AWS": ROLE}, Action="events:PutEvents", Resource="*"),
        violating=policy(Principal="*", Action="events:PutEvents", Resource="*"),
        missing=kept({}),
        unknown=doubtful(Principal=UNKNOWN, Action="events:PutEvents", Resource="*"),
        more={
            "one organisation": kept(
                policy(
                    Principal="*",
                    Action="events:PutEvents",
                    Resource="*",
                    Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}},
                )
            ),
            "by a permission": broken(Res(PERMISSION, {"principal": "*", "statementId": "all"})),
            "by a permission for an organisation": kept(
                Res(
                    PERMISSION,
                    {"principal": "*", "condition": {"key": "aws:PrincipalOrgID", "value": UNKNOWN}},
                )
            ),
            "by a permission for whom isn't known": undecided(Res(PERMISSION, {"principal": UNKNOWN})),
            "of one's own account": kept({"policy": document({"Principal": {"AWS": ACCOUNT}})}),
        },
    ),
    "eventbridge-global-endpoint-replicates": Cases(
        ENDPOINT,
        compliant={"replicationConfig": {"state": "ENABLED"}},
        violating={"replicationConfig": {"state": "DISABLED"}},
        missing=kept({}),
        unknown={"replicationConfig": {"state": UNKNOWN}},
    ),
}
