"""Statements that AWS itself appends to the policy of a bucket to which logs are delivered, unless they are there.

It knows them by their names. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from rehearsal.cloud.inventory import Inventory, key_of
from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.cloud.types.formats import ACCOUNT, Scope, attributes, value_at

_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
_BUCKET: Final = "arn:aws:s3:::"
_TO: Final = {  # inputs that name the bucket, by type
    "aws:ec2/flowLog:FlowLog": "logDestination",
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": (
        "deliveryDestinationConfiguration.destinationResourceArn"
    ),
}


def with_statements_of_deliveries(inventory: Inventory, type_: str, scope: Scope) -> dict[str, CloudResource]:
    """Policy of the bucket that logs are delivered to, by key, with what AWS appends; empty if that is nothing."""
    to = value_at(scope.values, _TO[type_]) if type_ in _TO else None
    if not isinstance(to, str) or not to.startswith(_BUCKET):
        return {}
    bucket, _, prefix = to.removeprefix(_BUCKET).partition("/")
    policy = next((it for it in inventory.of_type(_POLICY) if it.inputs.get("bucket") == bucket), None)
    if policy is None:
        return {}
    document = json.loads(str(attributes(policy)["policy"]))
    named = {one.get("Sid") for one in document["Statement"]}
    missing = [one for one in _statements(bucket, prefix, scope.region) if one["Sid"] not in named]
    if not missing:
        return {}
    text = json.dumps({**document, "Statement": [*document["Statement"], *missing]})
    outputs = {**policy.outputs, "policy": text} if "policy" in policy.outputs else policy.outputs
    return {key_of(policy): replace(policy, inputs={**policy.inputs, "policy": text}, outputs=outputs)}


def _statements(bucket: str, prefix: str, region: str) -> list[dict[str, Any]]:
    source = {"aws:SourceArn": [f"arn:aws:logs:{region}:{ACCOUNT}:*"]}
    objects = "/".join(it for it in (bucket, prefix.strip("/"), "AWSLogs", ACCOUNT, "*") if it)
    principal = {"Service": "delivery.logs.amazonaws.com"}
    return [
        {
            "Sid": "AWSLogDeliveryAclCheck",
            "Effect": "Allow",
            "Principal": principal,
            "Action": "s3:GetBucketAcl",
            "Resource": f"{_BUCKET}{bucket}",
            "Condition": {"StringEquals": {"aws:SourceAccount": [ACCOUNT]}, "ArnLike": source},
        },
        {
            "Sid": "AWSLogDeliveryWrite",
            "Effect": "Allow",
            "Principal": principal,
            "Action": "s3:PutObject",
            "Resource": f"{_BUCKET}{objects}",
            "Condition": {
                "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceAccount": [ACCOUNT]},
                "ArnLike": source,
            },
        },
    ]
