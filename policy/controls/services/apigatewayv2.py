"""Rules on API Gateway HTTP and WebSocket APIs: authorization, TLS and logs."""

from __future__ import annotations

from typing import Final

from controls.language.facts import UNKNOWN, Node, Truth, any_of
from controls.language.graph import Graph
from controls.language.remediation import Remedy
from controls.language.rules import CRITICAL, HIGH, MEDIUM, Config, Rule, require_value, stack_rule
from controls.language.shapes import PUBLIC_METHODS, listed_as_public, modern_security_policy, require_present
from controls.language.tokens import HTTP_API, HTTP_DOMAIN, HTTP_INTEGRATION, HTTP_ROUTE, HTTP_STAGE
from controls.language.verdicts import Fail, Undecided, Verdicts


def authorized(graph: Graph, config: Config) -> Verdicts:
    for route in graph.of(HTTP_ROUTE):
        kind = route.get("authorizationType")
        if (isinstance(kind, str) and kind != "NONE") or listed_as_public(route, config):
            continue
        exempt = _later_message(graph, route)
        if exempt is True:
            continue
        if UNKNOWN in (kind, exempt):
            yield Undecided("authorizationType" if kind is UNKNOWN else "routeKey", route.urn)
        else:
            yield Fail("`authorizationType` is missing or NONE: use JWT, CUSTOM or AWS_IAM", route.urn)


def _later_message(graph: Graph, route: Node) -> Truth:
    """Returns whether a route of a WebSocket API comes after `$connect`, which is the one that AWS lets authorize."""
    key = route.get("routeKey")
    if key == "$connect":
        return False
    protocols = [it.get("protocolType") for it in graph.targets(route, "apiId", HTTP_API)]
    sockets = any_of(*(UNKNOWN if it is UNKNOWN else it == "WEBSOCKET" for it in protocols))
    return UNKNOWN if sockets is True and key is UNKNOWN else sockets


def verified(node: Node) -> Verdicts:
    link = node.get("connectionType")
    if node.has("tlsConfig") or link not in ("VPC_LINK", UNKNOWN):
        return
    if link is UNKNOWN:
        yield Undecided("connectionType")
    else:
        yield Fail("`tlsConfig` is missing: name the server in serverNameToVerify, and let it serve HTTPS")


RULES: Final = (
    require_present(
        "apigw-v2-stage-access-logs",
        MEDIUM,
        HTTP_STAGE,
        "accessLogSettings.destinationArn",
        message="name a log group",
        asks="Stages of HTTP and WebSocket APIs log who asked",
        fix="Set accessLogSettings with a log group and a format without tokens",
        ids="APIGateway.9 CIS-7.0:4.10 CKV_AWS_76",
    ),
    stack_rule(
        "apigw-v2-route-authorized",
        CRITICAL,
        HTTP_ROUTE,
        authorized,
        asks="Every route of an HTTP or WebSocket API asks who calls",
        fix="Set authorizationType to JWT, CUSTOM or AWS_IAM",
        ids="APIGateway.8 CKV_AWS_309",
        reads="authorizationType routeKey apiId",
        narrowed="Of the routes of a WebSocket API AWS lets $connect alone authorize; the others carry what comes"
        " later on the same connection. An API that is written as one document has no routes that a policy"
        " sees. Routes that are public on purpose are listed.",
        config={"open": PUBLIC_METHODS},
    ),
    require_value(
        "apigw-v2-domain-tls12",
        HIGH,
        HTTP_DOMAIN,
        "domainNameConfiguration.securityPolicy",
        modern_security_policy,
        message="use TLS_1_2",
        asks="Custom domains of HTTP and WebSocket APIs take TLS 1.2 or newer only",
        fix="Set domainNameConfiguration.securityPolicy to TLS_1_2",
        ids="APIGateway.11",
        remedy=Remedy({"domainNameConfiguration.securityPolicy": "TLS_1_2"}),
    ),
    Rule(
        "apigw-v2-integration-tls",
        MEDIUM,
        HTTP_INTEGRATION,
        verified,
        asks="Private integrations verify who answers",
        fix="Set tlsConfig.serverNameToVerify to a name in the backend's certificate",
        ids="APIGateway.10",
        reads="tlsConfig connectionType",
    ),
)
