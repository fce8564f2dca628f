"""Cases of the rules on REST APIs."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided

API = "aws:apigateway/restApi:RestApi"
STAGE = "aws:apigateway/stage:Stage"
SETTINGS = "aws:apigateway/methodSettings:MethodSettings"
METHOD = "aws:apigateway/method:Method"
INTEGRATION = "aws:apigateway/integration:Integration"
ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
DOMAIN = "aws:apigateway/domainName:DomainName"
V2_STAGE = "aws:apigatewayv2/stage:Stage"
LOGS = {"accessLogSettings": {"destinationArn": UNKNOWN, "format": "{}"}}


def logging(level: Any, path: Any = "*/*", stage: Any = "live", api: str = "api") -> list[Res]:
    """A stage and the settings of its methods."""
    return [
        Res(STAGE, {"restApi": "api", "stageName": "live"}, "stage"),
        Res(
            SETTINGS,
            {"restApi": api, "stageName": stage, "methodPath": path, "settings": {"loggingLevel": level}},
            "settings",
        ),
    ]


def method(kind: Any = "NONE", verb: Any = "GET", **more: Any) -> Res:
    props = {"restApi": "api", "resourceId": "r", "httpMethod": verb, "authorization": kind, **more}
    return Res(METHOD, props, "method")


def integration(kind: Any, resource: Any = "r", verb: Any = "GET", **more: Any) -> Res:
    props = {"restApi": "api", "resourceId": resource, "httpMethod": verb, "type": kind} | more
    return Res(INTEGRATION, props, "integration")


def firewalled(kind: str, arn: Any = UNKNOWN, **needs: Any) -> list[Res]:
    """A stage of an API, and what binds a web ACL to something."""
    return [
        Res(API, {"endpointConfiguration": {"types": kind}}, "api"),
        Res(
            STAGE, {"restApi": UNKNOWN, "arn": "arn:aws:apigateway:x::/stage"}, "stage", {"restApi": ["api"]}
        ),
        Res(ASSOCIATION, {"resourceArn": arn}, "bound", needs),
    ]


CASES = {
    "apigw-execution-logging": Cases(
        STAGE,
        compliant=logging("ERROR"),
        violating=logging("OFF"),
        missing=broken([Res(STAGE, {"restApi": "api", "stageName": "live"}, "stage")]),
        unknown=logging(UNKNOWN),
        more={
            "of another API": broken([logging("INFO")[0], logging("INFO", api="other")[1]]),
            "of one method only": broken(logging("INFO", path="orders/POST")),
            "of another stage": broken(logging("INFO", stage="test")),
            "of a stage that isn't known": undecided(logging("INFO", stage=UNKNOWN)),
            "before anything has a name": kept(
                [
                    Res(API, {}, "api"),
                    Res(STAGE, {"restApi": UNKNOWN, "stageName": "live"}, "stage", {"restApi": ["api"]}),
                    Res(
                        SETTINGS,
                        {
                            "restApi": UNKNOWN,
                            "stageName": "live",
                            "methodPath": "*/*",
                            "settings": {"loggingLevel": "INFO"},
                        },
                        "settings",
                        {"restApi": ["api"]},
                    ),
                ]
            ),
            "by the stage's own output": kept(
                [
                    Res(STAGE, {"restApi": UNKNOWN, "stageName": UNKNOWN}, "stage"),
                    Res(
                        SETTINGS,
                        {"stageName": UNKNOWN, "methodPath": "*/*", "settings": {"loggingLevel": "INFO"}},
                        "settings",
                        {"stageName": ["stage"]},
                    ),
                ]
            ),
        },
    ),
    "apigw-stage-access-logs": Cases(
        STAGE,
        compliant=LOGS,
        violating={"accessLogSettings": {"destinationArn": "", "format": "{}"}},
        missing=broken({}),
        unknown=kept({"accessLogSettings": UNKNOWN}),
    ),
    "apigw-waf-associated": Cases(
        STAGE,
        compliant=firewalled("REGIONAL", resourceArn=["stage"]),
        violating=firewalled("REGIONAL", "arn:aws:other"),
        missing=broken(firewalled("REGIONAL")[:2]),
        unknown=firewalled("REGIONAL"),
        more={
            "a private one": kept(firewalled("PRIVATE")[:2]),
            "perhaps a private one": undecided(
                [Res(API, {"endpointConfiguration": UNKNOWN}, "api"), *firewalled("REGIONAL")[1:2]]
            ),
            "by its ARN": kept(firewalled("REGIONAL", "arn:aws:apigateway:x::/stage")),
        },
    ),
    "apigw-cache-encrypted": Cases(
        SETTINGS,
        compliant={"settings": {"cachingEnabled": True, "cacheDataEncrypted": True}},
        violating={"settings": {"cachingEnabled": True, "cacheDataEncrypted": False}},
        missing=kept({"settings": {}}),
        unknown={"settings": {"cachingEnabled": True, "cacheDataEncrypted": UNKNOWN}},
        more={
            "not said": broken({"settings": {"cachingEnabled": True}}),
            "perhaps cached": undecided({"settings": {"cachingEnabled": UNKNOWN}}),
            "encrypted, whether cached or not": kept(
                {"settings": {"cachingEnabled": UNKNOWN, "cacheDataEncrypted": True}}
            ),
        },
    ),
    "apigw-client-certificate": Cases(
        STAGE,
        compliant=[
            Res(STAGE, {"restApi": "api", "clientCertificateId": UNKNOWN}, "stage"),
            integration("HTTP"),
        ],
        violating=[Res(STAGE, {"restApi": "api"}, "stage"), integration("HTTP_PROXY")],
        missing=kept([Res(STAGE, {"restApi": "api"}, "stage")]),
        unknown=[Res(STAGE, {"restApi": "api"}, "stage"), integration("HTTP", connectionType=UNKNOWN)],
        more={
            "through a private link": kept(
                [
                    Res(STAGE, {"restApi": "api"}, "stage"),
                    integration("HTTP_PROXY", connectionType="VPC_LINK"),
                ]
            ),
            "to a function": kept([Res(STAGE, {"restApi": "api"}, "stage"), integration("AWS_PROXY")]),
            "of another API": kept([Res(STAGE, {"restApi": "other"}, "stage"), integration("HTTP")]),
            "an API that is written as one document": broken(
                [Res(API, {"id": "api", "body": "{}"}, "api"), Res(STAGE, {"restApi": "api"}, "stage")]
            ),
        },
    ),
    "apigw-method-authorized": Cases(
        METHOD,
        compliant=[method("CUSTOM"), integration("HTTP_PROXY")],
        violating=[method(), integration("HTTP_PROXY")],
        missing=broken([Res(METHOD, {"httpMethod": "GET"}, "method")]),
        unknown=[method(UNKNOWN), integration("HTTP_PROXY")],
        more={
            "by a key": kept([method(apiKeyRequired=True)]),
            "one that anyone may call": kept([method()], open=["meth*"]),
            "one that is listed otherwise": broken([method()], open=["other"]),
            "what a browser asks first": kept([method(verb="OPTIONS")]),
            "what the gateway answers itself": kept([method(), integration("MOCK")]),
            "what it answers itself elsewhere": broken([method(), integration("MOCK", resource="other")]),
            "what another API answers itself": broken([method(), integration("MOCK", restApi="other")]),
            "what it answers itself to another verb": broken([method(), integration("MOCK", verb="POST")]),
            "perhaps answered by itself": undecided([method(), integration(UNKNOWN)]),
        },
    ),
    "apigw-domain-tls12": Cases(
        DOMAIN,
        compliant={"securityPolicy": "TLS_1_2"},
        violating={"securityPolicy": "TLS_1_0"},
        missing=broken({}),
        unknown={"securityPolicy": UNKNOWN},
        more={
            "by its new name": kept({"securityPolicy": "SecurityPolicy_TLS13_1_2_2021_06"}),
            "at the edge, by its new name": kept({"securityPolicy": "SecurityPolicy_TLS12_2018_EDGE"}),
        },
    ),
    "apigw-no-stage-variable-secrets": Cases(
        STAGE,
        compliant={"variables": {"backend": "https://internal.example"}},
        violating={"variables": {"backend": "https://castle:hunter2@internal.example"}},
        missing=kept({}),
        unknown={"variables": {"api_key": UNKNOWN}},
        more={
            "called like one": broken({"variables": {"access_token": "x"}}),
            "of an HTTP API": broken(Res(V2_STAGE, {"stageVariables": {"password": "x"}})),
        },
    ),
}
