"""Rules on CloudFront distributions: certificates, access logs, root objects, origin failover, function URLs."""

from __future__ import annotations

import re
from typing import Final

from controls.language.buckets import is_bucket_origin
from controls.language.facts import MISSING, UNKNOWN, Node, Truth, Value, any_of
from controls.language.graph import Graph
from controls.language.rules import MEDIUM, Rule, stack_rule
from controls.language.shapes import missing_companion, require_present
from controls.language.tokens import DISTRIBUTION, LOG_DELIVERY
from controls.language.verdicts import Fail, Undecided, Verdicts

_FUNCTION_URL: Final = re.compile(r"\.lambda-url\.[a-z0-9-]+\.on\.aws$")


def custom_certificate(node: Node) -> Verdicts:
    names = [f"viewerCertificate.{it}" for it in ("acmCertificateArn", "iamCertificateId")]
    if not any(node.get(it) not in (MISSING, "") for it in names):
        yield Fail("`viewerCertificate.acmCertificateArn` is missing: name a certificate of us-east-1")


def access_logged(graph: Graph) -> Verdicts:
    """Access logs of a distribution: CloudFront's own, or a delivery of CloudWatch Logs, which replaced them."""
    for node in graph.of(DISTRIBUTION):
        if node.get("loggingConfig.bucket") is MISSING and not graph.referrers(
            LOG_DELIVERY, "resourceArn", node
        ):
            message = "nothing logs who asked: set loggingConfig, or add a LogDeliverySource"
            yield missing_companion(graph, node, LOG_DELIVERY, "resourceArn", message)


def root_object(node: Node) -> Verdicts:
    """Default root object of a distribution before a bucket, which lists its objects to a request for `/`. Other
    origins answer that with a page."""
    if node.get("defaultRootObject") not in (MISSING, ""):
        return
    bucket = any_of(*(_is_bucket(it) for _, it in node.find("origins.*")))
    if bucket is UNKNOWN:
        yield Undecided("origins")
    elif bucket is True:
        yield Fail("`defaultRootObject` is missing: name the page that is shown first")


def _is_bucket(origin: Value) -> Truth:
    """Returns whether an origin is a bucket, UNKNOWN when its domain isn't known."""
    kind = is_bucket_origin(origin) if isinstance(origin, dict) else UNKNOWN
    return UNKNOWN if kind is True and origin.get("domainName") is UNKNOWN else kind


def function_urls_controlled(node: Node) -> Verdicts:
    for where, origin in node.find("origins.*"):
        domain = origin.get("domainName", MISSING) if isinstance(origin, dict) else origin
        if isinstance(origin, dict) and origin.get("originAccessControlId", "") != "":
            continue
        if domain is UNKNOWN:
            yield Undecided(f"{where}.domainName")
        elif isinstance(domain, str) and _FUNCTION_URL.search(domain):
            yield Fail(
                f"`{where}.originAccessControlId` is missing: name an OriginAccessControl of type lambda"
            )


RULES: Final = (
    Rule(
        "cloudfront-custom-certificate",
        MEDIUM,
        DISTRIBUTION,
        custom_certificate,
        asks="Distributions show a certificate of their own name",
        fix="Name a certificate of us-east-1 in viewerCertificate.acmCertificateArn, and the name in aliases",
        ids="CloudFront.7 CKV2_AWS_42",
        reads="viewerCertificate",
    ),
    stack_rule(
        "cloudfront-access-logs",
        MEDIUM,
        DISTRIBUTION + LOG_DELIVERY,
        access_logged,
        asks="Distributions log who asked",
        fix="Add a LogDeliverySource of type ACCESS_LOGS with a delivery, or set loggingConfig",
        ids="CloudFront.5 CIS-7.0:4.10 CKV_AWS_86",
        reads="loggingConfig resourceArn",
    ),
    Rule(
        "cloudfront-default-root-object",
        MEDIUM,
        DISTRIBUTION,
        root_object,
        asks="Distributions before a bucket name the page that is shown first",
        fix="Set defaultRootObject to index.html",
        ids="CloudFront.1 CKV_AWS_305",
        reads="defaultRootObject origins",
    ),
    require_present(
        "cloudfront-origin-failover",
        MEDIUM,
        DISTRIBUTION,
        "originGroups",
        message="add one with two origins",
        asks="Distributions turn to a second origin when the first fails",
        fix="Add an origin group with two members, and name it in the behaviours",
        ids="CloudFront.4 CKV_AWS_310",
    ),
    Rule(
        "cloudfront-lambda-url-oac",
        MEDIUM,
        DISTRIBUTION,
        function_urls_controlled,
        asks="Function URLs behind a distribution are reached through it alone",
        fix="Make an OriginAccessControl of type lambda that always signs, and name it in originAccessControlId",
        ids="CloudFront.16",
        reads="origins",
    ),
)
