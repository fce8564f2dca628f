"""Deliveries by AWS's services themselves, which fail in silence where the other side's policy doesn't let them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rehearsal.cloud.access.role_documents import document_of
from rehearsal.cloud.inventory import Inventory
from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.cloud.types.formats import ACCOUNT, attributes, value_at
from rehearsal.iam.documents import Principal, statements
from rehearsal.iam.evaluation import Decision, Request, decide

TOPIC: Final = "aws:sns/topic:Topic"
TRACES_POLICY: Final = "aws:xray/resourcePolicy:ResourcePolicy"
DESTINATION: Final = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
BUCKET_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
ENCRYPTION: Final = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"


def deliveries_that_fail(inventory: Inventory) -> Iterator[tuple[CloudResource, str]]:
    """Resources from which something is delivered that the other side refuses: a word on each."""
    yield from _traces(inventory)
    yield from _logs(inventory)


def _traces(inventory: Inventory) -> Iterator[tuple[CloudResource, str]]:
    """Topics with active tracing. https://docs.aws.amazon.com/sns/latest/dg/sns-active-tracing.html"""
    for topic in inventory.of_type(TOPIC):
        if topic.inputs.get("tracingConfig") != "Active":
            continue
        here = [it for it in inventory.of_type(TRACES_POLICY) if it.region == topic.region]
        documents = [document_of(it, "policyDocument") for it in here]
        source = str(attributes(topic)["arn"])
        if not _may("sns", "xray:PutTraceSegments", "*", source, documents):
            yield (
                topic,
                "it traces, and no resource policy of X-Ray in its region lets SNS write traces for it",
            )


def _logs(inventory: Inventory) -> Iterator[tuple[CloudResource, str]]:
    """Buckets of log deliveries, and their keys.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
    """
    for destination in inventory.of_type(DESTINATION):
        arn = str(value_at(destination.inputs, "deliveryDestinationConfiguration.destinationResourceArn"))
        if not arn.startswith("arn:aws:s3:::"):
            continue
        bucket, _, prefix = arn.removeprefix("arn:aws:s3:::").partition("/")
        source = f"arn:aws:logs:{destination.region}:{ACCOUNT}:delivery-source:x"
        written = "/".join(it for it in (f"arn:aws:s3:::{bucket}", prefix, "AWSLogs", ACCOUNT, "x") if it)
        policies = [it for it in inventory.of_type(BUCKET_POLICY) if it.inputs.get("bucket") == bucket]
        documents = [document_of(it, "policy") for it in policies]
        if not _may("delivery.logs", "s3:PutObject", written, source, documents):
            yield destination, f"the policy of {bucket} doesn't let log deliveries write {written}"
        for key in _keys_of(inventory, bucket):
            document = [document_of(key, "policy")]
            if not _may(
                "delivery.logs", "kms:GenerateDataKey", str(attributes(key)["arn"]), source, document
            ):
                yield (
                    destination,
                    f"the policy of {key.id}, the key of {bucket}, doesn't let log deliveries use it",
                )


def _keys_of(inventory: Inventory, bucket: str) -> Iterator[CloudResource]:
    path = "rules.applyServerSideEncryptionByDefault.kmsMasterKeyId"
    for it in inventory.of_type(ENCRYPTION):
        named = value_at(it.inputs, path) if it.inputs.get("bucket") == bucket else None
        key = inventory.resolve("key*", named, "") if isinstance(named, str) else None
        if key is not None:
            yield key


def _may(service: str, action: str, resource: str, source: str, documents: Sequence[str]) -> bool:
    """Returns whether resource policies let a service do something on behalf of a source of this account."""
    keys = {
        "aws:sourceaccount": (ACCOUNT,),
        "aws:sourcearn": (source,),
        "aws:securetransport": ("true",),
        "s3:x-amz-acl": ("bucket-owner-full-control",),
    }
    asking = frozenset({Principal("Service", f"{service}.amazonaws.com")})
    allowed = [one for document in documents for one in statements(document)]
    return decide(Request(action, resource, keys, asking), allowed)[0] is Decision.ALLOWED
