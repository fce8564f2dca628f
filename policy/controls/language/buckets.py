"""S3 buckets, as rules of several services read them: public access block, log delivery, origins of CloudFront."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

from controls.language.facts import MISSING, UNKNOWN, Node, Truth, Value, all_of, any_of
from controls.language.graph import Graph
from controls.language.iam.documents import any_matches, parse
from controls.language.tokens import BUCKET, BUCKET_LOGGING, BUCKET_POLICY, LOAD_BALANCER

PUBLIC_ACCESS_FLAGS: Final = (
    "blockPublicAcls",
    "blockPublicPolicy",
    "ignorePublicAcls",
    "restrictPublicBuckets",
)

# Services whose log delivery can write only to buckets with S3's own encryption: load balancers' access
# logs and S3 server access logs (their user guides say that SSE-KMS isn't supported for the target).
PLAIN_DELIVERY: Final = ("logdelivery.elasticloadbalancing.amazonaws.com", "logging.s3.amazonaws.com")

_BUCKET_DOMAIN: Final = re.compile(
    r"^(?P<bucket>[a-z0-9.-]+)\.s3(\.dualstack)?([.-][a-z0-9-]+)?\.amazonaws\.com(\.cn)?$"
)


def inline_settings(bucket: Node, paths: Iterable[str]) -> Iterator[tuple[str, Value]]:
    """Settings in a bucket's own inputs, for which newer programs have a resource beside it, with their paths.

    Before the bucket exists, a setting that isn't written is unknown too; one that is written is known at least as
    a whole, or has a dependency.
    """
    for path in paths:
        name = path.partition(".")[0]
        if bucket.get(name) is not UNKNOWN or bucket.property_dependencies.get(name):
            yield from ((where, value) for where, value in bucket.find(path) if value is not MISSING)


def receives_logs(graph: Graph, bucket: Node, services: Collection[str]) -> Truth:
    """Returns whether logs are delivered to the bucket: a resource that logs names it, or its policy lets a
    service write.
    """
    if any(bucket in graph.targets(it, "accessLogs", BUCKET) for it in graph.of(LOAD_BALANCER)):
        return True
    if graph.referrers(BUCKET_LOGGING, "targetBucket", bucket) or any(
        graph.referrers(BUCKET, name, bucket) for name in ("logging", "loggings")
    ):
        return True
    documents = [parse(policy.get("policy")) for policy in graph.referrers(BUCKET_POLICY, "bucket", bucket)]
    return any_of(
        *(
            UNKNOWN
            if statements is UNKNOWN
            else any_of(
                *(
                    all_of(it.allows, any_matches(it.principal("Service"), lambda who: who in services))
                    for it in statements
                )
            )
            for statements in documents
            if statements is UNKNOWN or isinstance(statements, tuple)
        )
    )


def is_bucket_origin(origin: dict[str, Any]) -> Truth:
    """Returns whether an origin is a bucket, reached as S3 and not as a website."""
    if "customOriginConfig" in origin or "vpcOriginConfig" in origin:
        return False
    domain = origin.get("domainName", MISSING)
    return True if domain is UNKNOWN else isinstance(domain, str) and bool(_BUCKET_DOMAIN.match(domain))


def bucket_of(domain: str) -> str:
    """The bucket that an origin's domain names, or nothing."""
    found = _BUCKET_DOMAIN.match(domain)
    return found["bucket"] if found else ""
