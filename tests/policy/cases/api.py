"""Cases of the rules on APIs, and on queues and buses behind them."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.writing import ACCOUNT, document, doubtful, policy

API = "aws:apigateway/restApi:RestApi"
STAGE = "aws:apigateway/stage:Stage"
SETTINGS = "aws:apigateway/methodSettings:MethodSettings"
METHOD = "aws:apigateway/method:Method"
INTEGRATION = "aws:apigateway/integration:Integration"
ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
DOMAIN = "aws:apigateway/domainName:DomainName"
V2_API = "aws:apigatewayv2/api:Api"
V2_STAGE = "aws:apigatewayv2/stage:Stage"
V2_ROUTE = "aws:apigatewayv2/route:Route"
V2_DOMAIN = "aws:apigatewayv2/domainName:DomainName"
V2_INTEGRATION = "aws:apigatewayv2/integration:Integration"
QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
BUS_POLICY = "aws:cloudwatch/eventBusPolicy:EventBusPolicy"
PERMISSION = "aws:cloudwatch/eventPermission:EventPermission"
ENDPOINT = "aws:cloudwatch/eventEndpoint:EventEndpoint"

LOGS = {"accessLogSettings": {"destinationArn": UNKNOWN, "format": "{}"}}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/castle"


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


def socket_route(key: Any, protocol: Any = "WEBSOCKET") -> list[Res]:
    return [
        Res(V2_API, {"protocolType": protocol}, "api"),
        Res(V2_ROUTE, {"apiId": UNKNOWN, "routeKey": key}, "route", {"apiId": ["api"]}),
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
    "apigw-v2-stage-access-logs": Cases(
        V2_STAGE,
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
    "apigw-v2-route-authorized": Cases(
        V2_ROUTE,
        compliant={"routeKey": "GET /orders", "authorizationType": "JWT"},
        violating={"routeKey": "GET /orders", "authorizationType": "NONE"},
        missing=broken({"routeKey": "$default"}),
        unknown={"routeKey": "GET /orders", "authorizationType": UNKNOWN},
        more={
            "a socket's first": broken(socket_route("$connect")),
            "a socket's later": kept(socket_route("$default")),
            "a socket's that isn't known": undecided(socket_route(UNKNOWN)),
            "no socket's": broken(socket_route("$default", "HTTP")),
            "one that anyone may call": kept(socket_route("$default", "HTTP"), open=["route"]),
            "one that is listed otherwise": broken(socket_route("$default", "HTTP"), open=["other"]),
            "no socket's that isn't known": broken(socket_route(UNKNOWN, "HTTP")),
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
    "apigw-v2-domain-tls12": Cases(
        V2_DOMAIN,
        compliant={"domainNameConfiguration": {"securityPolicy": "TLS_1_2"}},
        violating={"domainNameConfiguration": {"securityPolicy": "TLS_1_0"}},
        missing=broken({}),
        unknown={"domainNameConfiguration": UNKNOWN},
    ),
    "apigw-v2-integration-tls": Cases(
        V2_INTEGRATION,
        compliant={"connectionType": "VPC_LINK", "tlsConfig": {"serverNameToVerify": "api.internal"}},
        violating={"connectionType": "VPC_LINK"},
        missing=kept({}),
        unknown={"connectionType": UNKNOWN},
        more={"over the internet": kept({"connectionType": "INTERNET"})},
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
    "sqs-encrypted": Cases(
        QUEUE,
        compliant={"kmsMasterKeyId": UNKNOWN},
        violating={"sqsManagedSseEnabled": False},
        missing=kept({}),
        unknown={"sqsManagedSseEnabled": UNKNOWN},
        more={
            "by SQS's own key": kept({"sqsManagedSseEnabled": True}),
            "by one key and not the other": kept(
                {"kmsMasterKeyId": "alias/castle", "sqsManagedSseEnabled": False}
            ),
            "an empty key": broken({"kmsMasterKeyId": "", "sqsManagedSseEnabled": False}),
        },
    ),
    "sqs-policy-not-public": Cases(
        QUEUE_POLICY,
        compliant=policy(Principal={"AWS": ROLE}, Action="sqs:SendMessage", Resource="*"),
        violating=policy(Principal="*", Action="sqs:SendMessage", Resource="*"),
        missing=kept({}),
        unknown=doubtful(Principal=UNKNOWN, Action="sqs:SendMessage", Resource="*"),
        more={
            "from a known topic": kept(
                policy(
                    Principal="*",
                    Action="sqs:SendMessage",
                    Resource="*",
                    Condition={"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:trades"}},
                )
            ),
            "inside a queue": broken(
                Res(QUEUE, policy(Principal={"AWS": "*"}, Action="sqs:*", Resource="*"))
            ),
        },
    ),
    "eventbridge-bus-policy-not-public": Cases(
        BUS_POLICY,
        compliant=policy(Principal={"AWS": ROLE}, Action="events:PutEvents", Resource="*"),
        violating=policy(Principal="*", Action="events:PutEvents", Resource="*"),
        missing=kept({}),
        unknown=doubtful(Principal=UNKNOWN, Action="events:PutEvents", Resource="*"),
        more={
            "one organisation": kept(
                policy(
                    Principal="*",
                    Action="events:PutEvents",
                    Resource="*",
                    Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}},
                )
            ),
            "by a permission": broken(Res(PERMISSION, {"principal": "*", "statementId": "all"})),
            "by a permission for an organisation": kept(
                Res(
                    PERMISSION,
                    {"principal": "*", "condition": {"key": "aws:PrincipalOrgID", "value": UNKNOWN}},
                )
            ),
            "by a permission for whom isn't known": undecided(Res(PERMISSION, {"principal": UNKNOWN})),
            "of one's own account": kept({"policy": document({"Principal": {"AWS": ACCOUNT}})}),
        },
    ),
    "eventbridge-global-endpoint-replicates": Cases(
        ENDPOINT,
        compliant={"replicationConfig": {"state": "ENABLED"}},
        violating={"replicationConfig": {"state": "DISABLED"}},
        missing=kept({}),
        unknown={"replicationConfig": {"state": UNKNOWN}},
    ),
}
