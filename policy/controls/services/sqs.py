"""Rules on SQS queues: encryption and queue policies."""

from __future__ import annotations

from typing import Final

from controls.language.facts import UNKNOWN, Node
from controls.language.iam.documents import forbid_statements, open_to_all
from controls.language.remediation import Remedy
from controls.language.rules import CRITICAL, MEDIUM, Rule
from controls.language.tokens import QUEUE, QUEUE_POLICY
from controls.language.verdicts import Fail, Undecided, Verdicts


def encrypted(node: Node) -> Verdicts:
    """Encryption of a queue. AWS encrypts it with a key of its own when nothing is written (SQS developer guide,
    SSE-SQS)."""
    own = node.flag("sqsManagedSseEnabled")
    if node.get("kmsMasterKeyId") == "" or not node.has("kmsMasterKeyId"):
        if own is UNKNOWN:
            yield Undecided("sqsManagedSseEnabled")
        elif own is False:
            yield Fail("`sqsManagedSseEnabled` is off and no key is named: name one in kmsMasterKeyId")


def not_public(node: Node) -> Verdicts:
    message = "lets anyone use the queue: name principals or a source"
    yield from forbid_statements(node, ("policy",), open_to_all, message)


RULES: Final = (
    Rule(
        "sqs-encrypted",
        MEDIUM,
        QUEUE,
        encrypted,
        asks="Queues are encrypted, with a key of KMS or with SQS's own",
        fix="Name a key of this region in kmsMasterKeyId",
        ids="SQS.1 CKV_AWS_27",
        reads="kmsMasterKeyId sqsManagedSseEnabled",
        remedy=Remedy({"sqsManagedSseEnabled": True}),
    ),
    Rule(
        "sqs-policy-not-public",
        CRITICAL,
        QUEUE_POLICY + QUEUE,
        not_public,
        asks="Policies of queues name no wildcard principal without a condition",
        fix="Name the role or service that sends, with a condition on aws:SourceArn",
        ids="SQS.3 CIS-7.0:2.21 CKV_AWS_168 CKV_AWS_387",
        reads="policy",
    ),
)
