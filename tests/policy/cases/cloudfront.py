"""Cases of the rules on CloudFront distributions and their origins."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept
from tests.policy.subjects.failover import bucket_origin

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
BUCKET = "aws:s3/bucket:Bucket"


def origin(**custom: Any) -> dict[str, Any]:
    return {"origins": [{"originId": "o", "domainName": "api.castle.example", "customOriginConfig": custom}]}


def viewers(default: Any, *ordered: Any) -> dict[str, Any]:
    return {
        "defaultCacheBehavior": {"viewerProtocolPolicy": default},
        "orderedCacheBehaviors": [{"viewerProtocolPolicy": it} for it in ordered],
    }


CASES = {
    "cloudfront-viewer-https": Cases(
        DISTRIBUTION,
        compliant=viewers("redirect-to-https", "https-only"),
        violating=viewers("redirect-to-https", "allow-all"),
        missing=broken({"defaultCacheBehavior": {}}),
        unknown=viewers(UNKNOWN),
    ),
    "cloudfront-viewer-tls-min": Cases(
        DISTRIBUTION,
        compliant={"viewerCertificate": {"minimumProtocolVersion": "TLSv1.2_2021"}},
        violating={"viewerCertificate": {"minimumProtocolVersion": "TLSv1.2_2019"}},
        missing=broken({"viewerCertificate": {"cloudfrontDefaultCertificate": True}}),
        unknown={"viewerCertificate": {"minimumProtocolVersion": UNKNOWN}},
    ),
    "cloudfront-origin-https": Cases(
        DISTRIBUTION,
        compliant=origin(originProtocolPolicy="https-only"),
        violating=origin(originProtocolPolicy="match-viewer"),
        missing=kept(bucket_origin()),
        unknown=origin(originProtocolPolicy=UNKNOWN),
    ),
    "cloudfront-origin-tls12": Cases(
        DISTRIBUTION,
        compliant=origin(originSslProtocols=["TLSv1.2"]),
        violating=origin(originSslProtocols=["TLSv1.1", "TLSv1.2"]),
        missing=kept(bucket_origin()),
        unknown=origin(originSslProtocols=[UNKNOWN]),
    ),
    "cloudfront-s3-origin-access-control": Cases(
        DISTRIBUTION,
        compliant=bucket_origin(originAccessControlId=UNKNOWN),
        violating=bucket_origin(),
        missing=kept({"origins": []}),
        unknown={"origins": [UNKNOWN]},
        more={
            "an unknown domain that is no custom origin is a bucket": broken(bucket_origin(UNKNOWN)),
            "a server of one's own": kept(origin(originProtocolPolicy="https-only")),
        },
    ),
    "cloudfront-s3-origin-exists": Cases(
        DISTRIBUTION,
        compliant={"cell": [Res(BUCKET, {"bucket": "web"})], "edge": [Res(DISTRIBUTION, bucket_origin())]},
        violating={"cell": [Res(BUCKET, {"bucket": "other"})], "edge": [Res(DISTRIBUTION, bucket_origin())]},
        missing=kept({"edge": [Res(DISTRIBUTION, {"origins": []})]}),
        unknown={"edge": [Res(DISTRIBUTION, bucket_origin(UNKNOWN))]},
    ),
}
