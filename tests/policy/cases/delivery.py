"""Cases of the rules on what the world sees: distributions, names, certificates, firewalls; and on its users."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.writing import ACCOUNT, doubtful, policy

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
DELIVERY = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
ZONE = "aws:route53/zone:Zone"
QUERY_LOG = "aws:route53/queryLog:QueryLog"
REGISTERED = "aws:route53domains/registeredDomain:RegisteredDomain"
CERTIFICATE = "aws:acm/certificate:Certificate"
ACL = "aws:wafv2/webAcl:WebAcl"
ACL_LOG = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
LISTENER = "aws:globalaccelerator/listener:Listener"
GROUP = "aws:globalaccelerator/endpointGroup:EndpointGroup"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
USER_POLICY = "aws:iam/userPolicy:UserPolicy"
PASSWORDS = "aws:iam/accountPasswordPolicy:AccountPasswordPolicy"

BUCKET = "web.s3.eu-west-1.amazonaws.com"
FUNCTION = "abc.lambda-url.eu-west-1.on.aws"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"


def origin(domain: Any, **more: Any) -> dict[str, Any]:
    return {"origins": [{"originId": "one", "domainName": domain, **more}]}


def groups(*regions: Any, dial: Any = 100, needs: str = "listener") -> list[Res]:
    return [
        Res(LISTENER, {}, "listener"),
        *(
            Res(
                GROUP,
                {"listenerArn": UNKNOWN, "endpointGroupRegion": it, "trafficDialPercentage": dial},
                f"g{i}",
                {"listenerArn": [needs]} if needs else {},
            )
            for i, it in enumerate(regions)
        ),
    ]


def metrics(own: Any, *rules: Any) -> dict[str, Any]:
    def visible(value: Any) -> dict[str, Any]:
        return {"visibilityConfig": {"cloudwatchMetricsEnabled": value}}

    return visible(own) | ({"rules": [visible(it) for it in rules]} if rules else {})


BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/castle-boundary"
ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"


def decrypting(resource: Any, **more: Any) -> dict[str, Any]:
    return policy(Action="kms:Decrypt", Resource=resource, **more)


BOUNDING = Res(POLICY, {"arn": BOUNDARY, **decrypting("*")}, "it")

STRONG = {
    "minimumPasswordLength": 14,
    "passwordReusePrevention": 24,
    "maxPasswordAge": 90,
    "requireLowercaseCharacters": True,
    "requireUppercaseCharacters": True,
    "requireNumbers": True,
    "requireSymbols": True,
}

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
    "route53-query-logging": Cases(
        ZONE,
        compliant=[Res(ZONE, {}, "zone"), Res(QUERY_LOG, {"zoneId": UNKNOWN}, "log", {"zoneId": ["zone"]})],
        violating=[Res(ZONE, {"id": "Z1"}, "zone"), Res(QUERY_LOG, {"zoneId": "Z2"}, "log")],
        missing=broken([Res(ZONE, {}, "zone")]),
        unknown=[Res(ZONE, {}, "zone"), Res(QUERY_LOG, {"zoneId": UNKNOWN}, "log")],
        more={
            "inside networks": kept([Res(ZONE, {"vpcs": [{"vpcId": UNKNOWN}]}, "zone")]),
            "perhaps inside networks": undecided([Res(ZONE, {"vpcs": UNKNOWN}, "zone")]),
        },
    ),
    "route53-domain-transfer-lock": Cases(
        REGISTERED,
        compliant={"transferLock": True},
        violating={"transferLock": False},
        missing=kept({}),
        unknown={"transferLock": UNKNOWN},
    ),
    "acm-dns-validated": Cases(
        CERTIFICATE,
        compliant={"validationMethod": "DNS"},
        violating={"validationMethod": "EMAIL"},
        missing=broken({}),
        unknown={"validationMethod": UNKNOWN},
        more={
            "imported": kept({"privateKey": UNKNOWN}),
            "of a private authority": kept({"certificateAuthorityArn": UNKNOWN}),
        },
    ),
    "waf-logging": Cases(
        ACL,
        compliant=[
            Res(ACL, {}, "acl"),
            Res(ACL_LOG, {"resourceArn": UNKNOWN}, "log", {"resourceArn": ["acl"]}),
        ],
        violating=[Res(ACL, {"arn": "a"}, "acl"), Res(ACL_LOG, {"resourceArn": "b"}, "log")],
        missing=broken([Res(ACL, {}, "acl")]),
        unknown=[Res(ACL, {}, "acl"), Res(ACL_LOG, {"resourceArn": UNKNOWN}, "log")],
    ),
    "waf-metrics-enabled": Cases(
        ACL,
        compliant=metrics(True, True),
        violating=metrics(True, False),
        missing=broken({}),
        unknown=metrics(True, UNKNOWN),
        more={
            "of itself": broken(metrics(False, True)),
            "in AWS's own JSON": kept(
                {**metrics(True), "ruleJson": '[{"VisibilityConfig": {"CloudWatchMetricsEnabled": true}}]'}
            ),
            "missing in AWS's own JSON": broken({**metrics(True), "ruleJson": "[{}]"}),
            "rules that aren't known": undecided({**metrics(True), "rules": UNKNOWN}),
        },
    ),
    "ga-endpoint-groups-multi-region": Cases(
        LISTENER,
        compliant=groups("us-east-1", "eu-west-1"),
        violating=groups("us-east-1", "us-east-1"),
        missing=broken([Res(LISTENER, {}, "listener")]),
        unknown=groups("us-east-1", UNKNOWN),
        more={
            "dialled out": broken(groups("us-east-1", "eu-west-1", dial=0)),
            "perhaps dialled out": undecided(groups("us-east-1", "eu-west-1", dial=UNKNOWN)),
            "perhaps of another listener": undecided(groups("us-east-1", "eu-west-1", needs="")),
            "by where it is made": kept(
                [
                    Res(LISTENER, {}, "listener"),
                    Res(
                        GROUP,
                        {"listenerArn": UNKNOWN},
                        "a",
                        {"listenerArn": ["listener"]},
                        {"region": "us-east-1"},
                    ),
                    Res(
                        GROUP,
                        {"listenerArn": UNKNOWN},
                        "b",
                        {"listenerArn": ["listener"]},
                        {"region": "eu-west-1"},
                    ),
                ]
            ),
        },
    ),
    "iam-no-decrypt-on-all-keys": Cases(
        ROLE_POLICY,
        compliant=decrypting(KEY),
        violating=decrypting("*"),
        missing=kept({}),
        unknown=doubtful(Action="kms:Decrypt", Resource=[UNKNOWN]),
        more={
            "every key of an account": broken(decrypting(f"arn:aws:kms:*:{ACCOUNT}:key/*")),
            "every key there is": broken(decrypting("arn:aws:*")),
            "all of a service": broken(decrypting("arn:aws:kms:*")),
            "denied": kept(decrypting("*", Effect="Deny")),
            "inside a role": broken(Res("aws:iam/role:Role", {"inlinePolicies": [decrypting("*")]})),
            "conditions that aren't known": undecided(
                doubtful(Action="kms:Decrypt", Resource="*", Condition=UNKNOWN)
            ),
            "to encrypt anew": broken(policy(Action="kms:ReEncrypt*", Resource="*")),
            "to encrypt": kept(policy(Action="kms:Encrypt", Resource="*")),
            "keys that a condition names": kept(
                decrypting(
                    f"arn:aws:kms:*:{ACCOUNT}:key/*",
                    Condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/castle"}},
                )
            ),
            "the boundary of a role": kept([BOUNDING, Res(ROLE, {"permissionsBoundary": BOUNDARY}, "role")]),
            "the boundary of a role, its ARN not known yet": kept(
                [
                    Res(POLICY, {"name": "castle-boundary", **decrypting("*")}, "it"),
                    Res(ROLE, {"permissionsBoundary": BOUNDARY}, "role"),
                ]
            ),
            "beside another boundary": broken(
                [BOUNDING, Res(ROLE, {"permissionsBoundary": f"{BOUNDARY}-2"}, "role")]
            ),
            "beside a boundary of another name": broken(
                [
                    Res(POLICY, {"name": "castle-other", **decrypting("*")}, "it"),
                    Res(ROLE, {"permissionsBoundary": BOUNDARY}, "role"),
                ]
            ),
            "beside a role without one": broken([Res(POLICY, decrypting("*"), "it"), Res(ROLE, {}, "role")]),
            "perhaps a boundary": undecided([BOUNDING, Res(ROLE, {"permissionsBoundary": UNKNOWN}, "role")]),
            "all keys but one": broken(policy(Action="kms:Decrypt", NotResource=KEY)),
        },
    ),
    "iam-policies-via-groups": Cases(
        USER_POLICY,
        compliant=Res("aws:iam/policyAttachment:PolicyAttachment", {"groups": ["traders"], "policyArn": "p"}),
        violating={"user": "someone", "policy": "{}"},
        missing=kept({}),
        unknown=broken({"user": UNKNOWN}),
        more={
            "among others": broken(Res("aws:iam/policyAttachment:PolicyAttachment", {"users": ["someone"]}))
        },
    ),
    "iam-password-policy-strong": Cases(
        PASSWORDS,
        compliant=STRONG,
        violating=STRONG | {"minimumPasswordLength": 8},
        missing=broken({}),
        unknown=STRONG | {"maxPasswordAge": UNKNOWN},
        more={
            "used again": broken(STRONG | {"passwordReusePrevention": 5}),
            "for ever": broken(STRONG | {"maxPasswordAge": 0}),
            "too long": broken(STRONG | {"maxPasswordAge": 365}),
            **{
                f"without what {it} asks": broken(STRONG | {it: False})
                for it in STRONG
                if it.startswith("require")
            },
            "longer, as configured": broken(STRONG, minLength=20),
            "for ever, as configured": kept(
                {k: v for k, v in STRONG.items() if k != "maxPasswordAge"}, maxDays=0
            ),
        },
    ),
}
