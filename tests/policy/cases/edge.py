"""Cases of the rules on ways in: load balancers, names, content delivery, certificates."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided

LISTENER = "aws:lb/listener:Listener"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
RECORD = "aws:route53/record:Record"
CHECK = "aws:route53/healthCheck:HealthCheck"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
BUCKET = "aws:s3/bucket:Bucket"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"

STRONG = "ELBSecurityPolicy-TLS13-1-2-2021-06"
BUCKET_DOMAIN = "web.s3.eu-west-1.amazonaws.com"


def redirect(protocol: Any = "HTTPS", code: Any = "HTTP_301") -> list[dict[str, Any]]:
    return [{"type": "redirect", "redirect": {"protocol": protocol, "statusCode": code, "port": "443"}}]


def latency(region: Any, **props: Any) -> dict[str, Any]:
    policy = [{"region": region}]
    return {
        "name": "api.castle.example",
        "type": "A",
        "setIdentifier": str(region),
        "latencyRoutingPolicies": policy,
        **props,
    }


def origin(**custom: Any) -> dict[str, Any]:
    return {"origins": [{"originId": "o", "domainName": "api.castle.example", "customOriginConfig": custom}]}


def bucket_origin(domain: Any = BUCKET_DOMAIN, **more: Any) -> dict[str, Any]:
    return {"origins": [{"originId": "o", "domainName": domain, **more}]}


def viewers(default: Any, *ordered: Any) -> dict[str, Any]:
    return {
        "defaultCacheBehavior": {"viewerProtocolPolicy": default},
        "orderedCacheBehaviors": [{"viewerProtocolPolicy": it} for it in ordered],
    }


def grouped(**props: Any) -> dict[str, Any]:
    """A distribution whose one origin is in a group."""
    return {
        "originGroups": [{"members": [{"originId": "o"}]}],
        "origins": [{"originId": "o", "domainName": BUCKET_DOMAIN, **props}],
    }


def failing_over(ttl: Any = None, **check: Any) -> list[Res]:
    target = {"aliases": [{"name": UNKNOWN}]} if ttl is None else {"ttl": ttl}
    return [
        Res(CHECK, {"type": "HTTPS", **check}, "check"),
        Res(
            RECORD, latency("eu-west-1", healthCheckId=UNKNOWN, **target), "api", {"healthCheckId": ["check"]}
        ),
    ]


BUDGETS = {"web": 10, "api": 90}

CASES = {
    "alb-listener-encrypted": Cases(
        LISTENER,
        compliant={"protocol": "HTTPS"},
        violating={"protocol": "HTTP", "defaultActions": [{"type": "forward"}]},
        missing=broken({}),
        unknown={"protocol": UNKNOWN, "defaultActions": [{"type": "forward"}]},
        more={
            "HTTP that redirects": kept({"protocol": "HTTP", "defaultActions": redirect()}),
            "HTTP that redirects to HTTP": broken({"protocol": "HTTP", "defaultActions": redirect("HTTP")}),
            "HTTP that redirects somewhere": undecided(
                {"protocol": "HTTP", "defaultActions": redirect(UNKNOWN)}
            ),
            "plain TCP": broken({"protocol": "TCP"}),
            "the other name of the type": broken(Res("aws:alb/listener:Listener", {"protocol": "HTTP"})),
        },
    ),
    "alb-http-redirects-to-https": Cases(
        LISTENER,
        compliant={"port": 80, "defaultActions": redirect()},
        violating={"port": 80, "defaultActions": redirect(code="HTTP_302")},
        missing=broken({"port": 80}),
        unknown={"port": 80, "defaultActions": UNKNOWN},
        more={"another port": kept({"port": 443}), "an unknown port": undecided({"port": UNKNOWN})},
    ),
    "alb-tls-policy-modern": Cases(
        LISTENER,
        compliant={"protocol": "HTTPS", "sslPolicy": STRONG},
        violating={"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06"},
        missing=broken({"protocol": "HTTPS"}),
        unknown={"protocol": "HTTPS", "sslPolicy": UNKNOWN},
        more={
            "post-quantum": kept(
                {"protocol": "TLS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"}
            ),
            "TLS 1.0": broken({"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-2016-08"}),
            "HTTP has none": kept({"protocol": "HTTP"}),
        },
    ),
    "alb-internal-by-default": Cases(
        BALANCER,
        compliant={"internal": True},
        violating={"internal": False},
        missing=broken({}),
        unknown={"internal": UNKNOWN},
        more={
            "an approved entry": kept({"internal": False, "tags": {"public-entry": "true"}}),
            "an approved entry by another tag": kept({"tags": {"open": "yes"}}, tag="open", value="yes"),
            "a tag that says no": broken({"tags": {"public-entry": "false"}}),
            "an unknown tag": undecided({"tags": {"public-entry": UNKNOWN}}),
            "approved through the provider's tags": kept({"tagsAll": {"public-entry": "true"}}),
        },
    ),
    "acm-strong-key-algorithm": Cases(
        "aws:acm/certificate:Certificate",
        compliant={"keyAlgorithm": "EC_prime256v1"},
        violating={"keyAlgorithm": "RSA_1024"},
        missing=kept({}),
        unknown={"keyAlgorithm": UNKNOWN},
    ),
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
    "route53-routing-records-health-checked": Cases(
        RECORD,
        compliant=latency("eu-west-1", healthCheckId=UNKNOWN),
        violating=latency("eu-west-1", aliases=[{"evaluateTargetHealth": False}]),
        missing=broken(latency("eu-west-1")),
        unknown=latency("eu-west-1", aliases=UNKNOWN),
        more={
            "an alias that evaluates": kept(latency("eu-west-1", aliases=[{"evaluateTargetHealth": True}])),
            "a plain record": kept({"name": "a", "type": "TXT"}),
        },
    ),
    "route53-routing-records-multi-region": Cases(
        RECORD,
        compliant={"edge": [Res(RECORD, latency("us-east-1"), "a"), Res(RECORD, latency("eu-west-1"), "b")]},
        violating={"edge": [Res(RECORD, latency("eu-west-1"), "a")]},
        missing=kept({"edge": [Res(RECORD, {"name": "a", "type": "A"})]}),
        unknown={"edge": [Res(RECORD, latency("eu-west-1", name=UNKNOWN))]},
        more={
            "two sets of one region": broken(
                {
                    "edge": [
                        Res(RECORD, latency("us-east-1"), "a"),
                        Res(RECORD, latency("us-east-1", setIdentifier="b"), "b"),
                    ]
                }
            ),
            "the cells' own stacks": kept(
                {"a": [Res(RECORD, latency("us-east-1"))], "b": [Res(RECORD, latency("eu-west-1"))]}
            ),
        },
    ),
    "route53-no-dangling-records": Cases(
        RECORD,
        compliant=[
            Res(BALANCER, {}, "lb"),
            Res(RECORD, {"type": "A", "aliases": [{"name": UNKNOWN}]}, "r", {"aliases": ["lb"]}),
        ],
        violating=[Res(RECORD, {"type": "A", "records": ["192.0.2.1"]})],
        missing=kept([Res(RECORD, {"type": "A"})]),
        unknown=[Res(RECORD, {"type": "A", "records": [UNKNOWN]})],
        more={
            "an alias by hand": broken(
                [Res(RECORD, {"aliases": [{"name": "lb-1.eu-west-1.elb.amazonaws.com"}]})]
            ),
            "an alias by value": kept(
                [Res(BALANCER, {"dnsName": "lb-1"}, "lb"), Res(RECORD, {"aliases": [{"name": "lb-1"}]}, "r")]
            ),
            "AWS's name by hand": broken([Res(RECORD, {"type": "CNAME", "records": ["d1.cloudfront.net"]})]),
            "somebody else's name": kept([Res(RECORD, {"type": "CNAME", "records": ["status.example.org"]})]),
            "a text": kept([Res(RECORD, {"type": "TXT", "records": ["v=spf1 -all"]})]),
            "from another stack, by value": kept(
                {
                    "cell": [Res(BALANCER, {"dnsName": "LB-1.elb.amazonaws.com"}, "lb")],
                    "edge": [Res(RECORD, {"aliases": [{"name": "dualstack.lb-1.elb.amazonaws.com."}]}, "r")],
                }
            ),
            "from another stack": kept(
                [
                    Res("pulumi:pulumi:StackReference", {}, "cell"),
                    Res(RECORD, {"type": "A", "aliases": [{"name": "lb-1"}]}, "r", {"aliases": ["cell"]}),
                ]
            ),
        },
    ),
    "alarm-actions-enabled": Cases(
        ALARM,
        compliant={"actionsEnabled": True},
        violating={"actionsEnabled": False},
        missing=kept({}),
        unknown={"actionsEnabled": UNKNOWN},
    ),
    "alarm-has-action": Cases(
        ALARM,
        compliant={"alarmActions": ["topic"]},
        violating={"alarmActions": []},
        missing=broken({}),
        unknown={"alarmActions": UNKNOWN},
        more={"one that is unknown is one": kept({"alarmActions": [UNKNOWN]})},
    ),
    "log-group-retention": Cases(
        "aws:cloudwatch/logGroup:LogGroup",
        compliant={"retentionInDays": 400},
        violating={"retentionInDays": 30},
        missing=kept({}),
        unknown={"retentionInDays": UNKNOWN},
        more={
            "for ever": kept({"retentionInDays": 0}),
            "fewer are asked for": kept({"retentionInDays": 30}, minDays=30),
        },
    ),
    "failover-budget": Cases(
        RECORD,
        compliant=kept(failing_over(requestInterval=10, failureThreshold=3), **BUDGETS),
        violating=broken(failing_over(requestInterval=30, failureThreshold=3), **BUDGETS),
        missing=broken(failing_over(), **BUDGETS),
        unknown=undecided(failing_over(requestInterval=UNKNOWN), **BUDGETS),
        more={
            "numbers as text": kept(failing_over(requestInterval="10", failureThreshold="2"), **BUDGETS),
            "a long TTL": broken(failing_over(300, requestInterval=10, failureThreshold=1), **BUDGETS),
            "a larger budget": kept(failing_over(), api=150),
            "without a budget": kept(failing_over(300)),
            "an origin group without a budget": kept([Res(DISTRIBUTION, grouped())], api=90),
            "behind a calculated check": broken(
                [
                    Res(CHECK, {"type": "HTTPS", "requestInterval": 30}, "child"),
                    Res(CHECK, {"type": "CALCULATED"}, "sum", {"childHealthchecks": ["child"]}),
                    Res(
                        RECORD,
                        latency("a", aliases=[], healthCheckId=UNKNOWN),
                        "r",
                        {"healthCheckId": ["sum"]},
                    ),
                ],
                **BUDGETS,
            ),
            "a fast origin group": kept(
                [Res(DISTRIBUTION, grouped(connectionAttempts=2, connectionTimeout=4))], **BUDGETS
            ),
            "a slow origin group": broken([Res(DISTRIBUTION, grouped())], **BUDGETS),
            "a server that may think for long": broken(
                [
                    Res(
                        DISTRIBUTION,
                        grouped(connectionAttempts=1, connectionTimeout=2, customOriginConfig={}),
                    )
                ],
                **BUDGETS,
            ),
            "an origin outside of a group": kept([Res(DISTRIBUTION, bucket_origin())], **BUDGETS),
            "an unknown timeout": undecided(
                [Res(DISTRIBUTION, grouped(connectionTimeout=UNKNOWN))], **BUDGETS
            ),
        },
    ),
}
