"""Cases of the rules on HTTP and WebSocket APIs."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided

V2_API = "aws:apigatewayv2/api:Api"
V2_STAGE = "aws:apigatewayv2/stage:Stage"
V2_ROUTE = "aws:apigatewayv2/route:Route"
V2_DOMAIN = "aws:apigatewayv2/domainName:DomainName"
V2_INTEGRATION = "aws:apigatewayv2/integration:Integration"
LOGS = {"accessLogSettings": {"destinationArn": UNKNOWN, "format": "{}"}}


def socket_route(key: Any, protocol: Any = "WEBSOCKET") -> list[Res]:
    return [
        Res(V2_API, {"protocolType": protocol}, "api"),
        Res(V2_ROUTE, {"apiId": UNKNOWN, "routeKey": key}, "route", {"apiId": ["api"]}),
    ]


CASES = {
    "apigw-v2-stage-access-logs": Cases(
        V2_STAGE,
        compliant=LOGS,
        violating={"accessLogSettings": {"destinationArn": "", "format": "{}"}},
        missing=broken({}),
        unknown=kept({"accessLogSettings": UNKNOWN}),
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
}
