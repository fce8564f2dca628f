"""Rules on CloudFront distributions: TLS of viewers and origins, access to S3 origins."""

from __future__ import annotations

from typing import Final

from controls.language.buckets import bucket_of, is_bucket_origin
from controls.language.facts import UNKNOWN, Node
from controls.language.graph import Platform
from controls.language.remediation import Remedy
from controls.language.rules import CRITICAL, HIGH, Rule, platform_rule, require_value
from controls.language.tokens import BUCKET, DISTRIBUTION
from controls.language.verdicts import Fail, Undecided, Verdicts

_BEHAVIORS: Final = ("defaultCacheBehavior", "orderedCacheBehaviors.*")

# The names that CloudFront gives its minimum versions, from the one that first refused weak ciphers on.
_MODERN: Final = ("TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")


def https_viewers(node: Node) -> Verdicts:
    for behavior in _BEHAVIORS:
        for where, policy in node.find(f"{behavior}.viewerProtocolPolicy"):
            if policy is UNKNOWN:
                yield Undecided(where)
            elif policy not in ("redirect-to-https", "https-only"):
                yield Fail(f"`{where}` lets plain HTTP in: use redirect-to-https or https-only")


def access_controlled(node: Node) -> Verdicts:
    for where, origin in node.find("origins.*"):
        if origin is UNKNOWN:
            yield Undecided(where)
        elif (
            isinstance(origin, dict)
            and is_bucket_origin(origin) is True
            and "originAccessControlId" not in origin
        ):
            yield Fail(f"`{where}.originAccessControlId` is missing: name an OriginAccessControl")


def origins_exist(platform: Platform) -> Verdicts:
    """Bucket origins belong to a stack. Anybody can create a bucket of a name that nobody owns, and then serves
    the site."""
    buckets = platform.graph.of(BUCKET)
    known = {
        value for bucket in buckets for name in ("bucket", "id") if (value := bucket.get(name)) is not UNKNOWN
    }
    for distribution in platform.graph.of(DISTRIBUTION):
        for where, domain in distribution.find("origins.*.domainName"):
            if domain is UNKNOWN:
                yield Undecided(where, distribution.urn)
            elif isinstance(domain, str) and bucket_of(domain) and bucket_of(domain) not in known:
                yield Fail(
                    f"`{where}` is a bucket that no stack owns: point it at one that does", distribution.urn
                )


RULES: Final = (
    Rule(
        "cloudfront-viewer-https",
        CRITICAL,
        DISTRIBUTION,
        https_viewers,
        asks="All cache behaviours redirect to or require HTTPS",
        fix="Set viewerProtocolPolicy to redirect-to-https",
        ids="CloudFront.3 CKV_AWS_34",
        reads="defaultCacheBehavior orderedCacheBehaviors",
        remedy=Remedy({f"{it}.viewerProtocolPolicy": "redirect-to-https" for it in _BEHAVIORS}),
    ),
    require_value(
        "cloudfront-viewer-tls-min",
        HIGH,
        DISTRIBUTION,
        "viewerCertificate.minimumProtocolVersion",
        lambda it: it in _MODERN,
        message="use TLSv1.2_2021 or newer, with a certificate of your own",
        asks="Viewers need TLS 1.2 of 2021 or newer",
        fix="Set viewerCertificate.minimumProtocolVersion to TLSv1.2_2021, with acmCertificateArn",
        ids="CloudFront.15 CKV_AWS_174",
    ),
    require_value(
        "cloudfront-origin-https",
        HIGH,
        DISTRIBUTION,
        "origins.*.customOriginConfig.originProtocolPolicy",
        lambda it: it == "https-only",
        message="use https-only",
        missing_ok=True,
        asks="Custom origins are reached over HTTPS only",
        fix="Set customOriginConfig.originProtocolPolicy to https-only",
        ids="CloudFront.9 CKV2_AWS_72",
    ),
    require_value(
        "cloudfront-origin-tls12",
        HIGH,
        DISTRIBUTION,
        "origins.*.customOriginConfig.originSslProtocols.*",
        lambda it: it == "TLSv1.2",
        message="list TLSv1.2 alone",
        missing_ok=True,
        asks="Custom origins are reached with TLS 1.2 only",
        fix="Set customOriginConfig.originSslProtocols to TLSv1.2",
        ids="CloudFront.10 CKV2_AWS_54",
    ),
    Rule(
        "cloudfront-s3-origin-access-control",
        HIGH,
        DISTRIBUTION,
        access_controlled,
        asks="Bucket origins are reached through origin access control",
        fix="Make an OriginAccessControl that always signs, and name it in originAccessControlId",
        ids="CloudFront.13 CKV2_AWS_46",
        reads="origins",
    ),
    platform_rule(
        "cloudfront-s3-origin-exists",
        HIGH,
        DISTRIBUTION,
        origins_exist,
        asks="Bucket origins are buckets that the platform owns",
        fix="Take the origin's domain name from the Bucket resource",
        ids="CloudFront.12",
        reads="origins",
    ),
)
