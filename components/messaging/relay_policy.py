"""Statements of the relay's IAM policy: writing projections to tables, and publishing to topics."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi


def projection_statements(
    table_arns: Sequence[str], key_arns: Sequence[pulumi.Input[str]], region: str
) -> list[dict[str, object]]:
    """Write items, and read tables as a whole to compare them; with their keys through DynamoDB alone.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
    """
    return [
        {
            "Sid": "Project",
            "Effect": "Allow",
            "Action": ["dynamodb:PutItem", "dynamodb:Scan"],
            "Resource": list(table_arns),
        },
        {
            "Sid": "UseKeysOfTables",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
            "Resource": pulumi.Output.all(*key_arns).apply(lambda arns: sorted(set(arns))),
            "Condition": {"StringEquals": {"kms:ViaService": f"dynamodb.{region}.amazonaws.com"}},
        },
    ]


def publish_statements(
    topic_arns: Sequence[pulumi.Input[str]], key_arn: pulumi.Input[str], region: str
) -> list[dict[str, object]]:
    """Publish to topics, and use their key through SNS alone.

    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    return [
        {"Sid": "Publish", "Effect": "Allow", "Action": "sns:Publish", "Resource": list(topic_arns)},
        {
            "Sid": "UseKeyOfTopics",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": key_arn,
            "Condition": {"StringEquals": {"kms:ViaService": f"sns.{region}.amazonaws.com"}},
        },
    ]
