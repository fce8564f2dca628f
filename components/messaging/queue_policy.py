"""Policy statements of SQS queues and SNS topics: the roles that may send, TLS, and no redrive."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence


def policy_document(*statements: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def queue_arn(account: str, region: str, queue: str) -> str:
    return f"arn:aws:sqs:{region}:{account}:{queue}"


def topic_arn(account: str, region: str, topic: str) -> str:
    return f"arn:aws:sns:{region}:{account}:{topic}"


def role_arns(account: str, patterns: Sequence[str]) -> list[str]:
    """Patterns for `aws:PrincipalArn`, since a policy that names a role itself is bound to the role's hidden id."""
    return [f"arn:aws:iam::{account}:role/{pattern}" for pattern in patterns]


def tls_only(action: str, resource: str) -> dict[str, object]:
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def roles_only(action: str, resource: str, account: str, patterns: Sequence[str]) -> list[dict[str, object]]:
    """Allows an action to these roles and denies it to everybody else, whatever their own policies say."""
    roles = role_arns(account, patterns)
    allowed: dict[str, object] = {
        "Sid": "These",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": action,
        "Resource": resource,
        "Condition": {"ArnLike": {"aws:PrincipalArn": roles}},
    }
    denied: dict[str, object] = {
        "Sid": "NobodyElse",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": roles}},
    }
    return [allowed, denied]


def never_redriven(resource: str) -> dict[str, object]:
    """Denies moving the messages of a dead-letter queue back to the queue that they came from."""
    return {
        "Sid": "NeverRedriven",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:StartMessageMoveTask",
        "Resource": resource,
    }
