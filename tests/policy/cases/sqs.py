"""Cases of the rules on SQS queues."""

from __future__ import annotations

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept
from tests.policy.subjects.documents import ACCOUNT, doubtful, policy

QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/castle"


CASES = {
    "sqs-encrypted": Cases(
        QUEUE,
        compliant={"kmsMasterKeyId": UNKNOWN},
        violating={"sqsManagedSseEnabled": False},
        missing=kept({}),
        unknown={"sqsManagedSseEnabled": UNKNOWN},
        more={
            "by SQS's own key": kept({"sqsManagedSseEnabled": True}),
            "by one key and not the other": kept(
                {"kmsMasterKeyId": "alias/castle", "sqsManagedSseEnabled": False}
            ),
            "an empty key": broken({"kmsMasterKeyId": "", "sqsManagedSseEnabled": False}),
        },
    ),
    "sqs-policy-not-public": Cases(
        QUEUE_POLICY,
        compliant=policy(Principal={"AWS": ROLE}, Action="sqs:SendMessage", Resource="*"),
        violating=policy(Principal="*", Action="sqs:SendMessage", Resource="*"),
        missing=kept({}),
        unknown=doubtful(Principal=UNKNOWN, Action="sqs:SendMessage", Resource="*"),
        more={
            "from a known topic": kept(
                policy(
                    Principal="*",
                    Action="sqs:SendMessage",
                    Resource="*",
                    Condition={"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:trades"}},
                )
            ),
            "inside a queue": broken(
                Res(QUEUE, policy(Principal={"AWS": "*"}, Action="sqs:*", Resource="*"))
            ),
        },
    ),
}
