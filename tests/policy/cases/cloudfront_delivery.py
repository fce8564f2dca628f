"""Cases of the rules on logs, certificates and default pages of CloudFront distributions."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
DELIVERY = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
BUCKET = "web.s3.eu-west-1.amazonaws.com"
FUNCTION = "abc.lambda-url.eu-west-1.on.aws"


def origin(domain: Any, **more: Any) -> dict[str, Any]:
    return {"origins": [{"originId": "one", "domainName": domain, **more}]}


CASES = {
    "cloudfront-custom-certificate": Cases(
        DISTRIBUTION,
        compliant={"viewerCertificate": {"acmCertificateArn": UNKNOWN}},
        violating={"viewerCertificate": {"cloudfrontDefaultCertificate": True}},
        missing=broken({}),
        unknown=kept({"viewerCertificate": UNKNOWN}),
        more={"of IAM": kept({"viewerCertificate": {"iamCertificateId": "c"}})},
    ),
    "cloudfront-access-logs": Cases(
        DISTRIBUTION,
        compliant=[
            Res(DISTRIBUTION, {}, "it"),
            Res(DELIVERY, {"resourceArn": UNKNOWN}, "logs", {"resourceArn": ["it"]}),
        ],
        violating=[Res(DISTRIBUTION, {}, "it"), Res(DELIVERY, {"resourceArn": "arn:aws:other"}, "logs")],
        missing=broken([Res(DISTRIBUTION, {}, "it")]),
        unknown=[Res(DISTRIBUTION, {}, "it"), Res(DELIVERY, {"resourceArn": UNKNOWN}, "logs")],
        more={"by its own": kept([Res(DISTRIBUTION, {"loggingConfig": {"bucket": UNKNOWN}}, "it")])},
    ),
    "cloudfront-default-root-object": Cases(
        DISTRIBUTION,
        compliant={**origin(BUCKET), "defaultRootObject": "index.html"},
        violating={**origin(BUCKET), "defaultRootObject": ""},
        missing=broken(origin(BUCKET)),
        unknown=origin(UNKNOWN),
        more={"before something else": kept(origin("api.example.com", customOriginConfig={}))},
    ),
    "cloudfront-origin-failover": Cases(
        DISTRIBUTION,
        compliant={"originGroups": [{"originId": "both"}]},
        violating={"originGroups": []},
        missing=broken({}),
        unknown=kept({"originGroups": UNKNOWN}),
    ),
    "cloudfront-lambda-url-oac": Cases(
        DISTRIBUTION,
        compliant=origin(FUNCTION, originAccessControlId=UNKNOWN),
        violating=origin(FUNCTION),
        missing=kept({}),
        unknown=origin(UNKNOWN),
        more={
            "something else": kept(origin("api.example.com")),
            "an empty one": broken(origin(FUNCTION, originAccessControlId="")),
        },
    ),
}
