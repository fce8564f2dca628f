"""Rules on API Gateway REST APIs: authorization, TLS, web ACLs, caches and logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from controls.language.credentials import check_no_credentials
from controls.language.facts import MISSING, UNKNOWN, Node, Truth, all_of, any_of
from controls.language.graph import Graph
from controls.language.remediation import Remedy
from controls.language.rules import (
    CRITICAL,
    HIGH,
    MEDIUM,
    Config,
    Rule,
    check_value,
    means_true,
    require_value,
    stack_rule,
)
from controls.language.shapes import PUBLIC_METHODS, listed_as_public, modern_security_policy, require_present
from controls.language.tokens import (
    HTTP_STAGE,
    REST_API,
    REST_DOMAIN,
    REST_INTEGRATION,
    REST_METHOD,
    REST_SETTINGS,
    REST_STAGE,
    WEB_ACL_ASSOCIATION,
)
from controls.language.verdicts import Fail, Undecided, Verdicts


def _same_reference(graph: Graph, one: Node, other: Node, name: str, *tokens: str) -> Truth:
    """Returns whether two resources name the same thing by a property: by value, or by where both took it from."""
    values = one.get(name), other.get(name)
    if UNKNOWN not in values:
        return values[0] is not MISSING and values[0] == values[1]
    targets = [{it.urn for it in graph.targets(node, name, tokens)} for node in (one, other)]
    return bool(targets[0] & targets[1]) if all(targets) else UNKNOWN


def settings_of(graph: Graph, stage: Node) -> Iterator[tuple[Truth, Node]]:
    """Method settings that may be a stage's, each with whether it is."""
    for it in graph.of(REST_SETTINGS):
        linked = stage in graph.targets(it, "stageName", REST_STAGE)
        named = all_of(
            _same_reference(graph, it, stage, "restApi", *REST_API),
            _same_reference(graph, it, stage, "stageName", *REST_STAGE),
        )
        yield (True if linked else named), it


def executions_logged(graph: Graph) -> Verdicts:
    """Execution logs of a stage. Settings for `*/*` hold for every method; those of one method don't count for
    the others."""
    for stage in graph.of(REST_STAGE):
        logged = any_of(
            *(
                all_of(
                    ours,
                    _is(it.get("methodPath"), "*/*"),
                    _is(it.get("settings.loggingLevel"), "ERROR", "INFO"),
                )
                for ours, it in settings_of(graph, stage)
            )
        )
        if logged is UNKNOWN:
            yield Undecided("settings", stage.urn)
        elif logged is False:
            yield Fail(
                'what it does isn\'t logged: add MethodSettings for "*/*" with loggingLevel ERROR', stage.urn
            )


def _is(value: object, *right: str) -> Truth:
    return UNKNOWN if value is UNKNOWN else value in right


def cache_encrypted(node: Node) -> Verdicts:
    caching = node.flag("settings.cachingEnabled")
    encrypted = node.flag("settings.cacheDataEncrypted")
    if caching is UNKNOWN and encrypted is not True:
        yield Undecided("settings.cachingEnabled")
    elif caching is True:
        yield from check_value(node, "settings.cacheDataEncrypted", means_true, "set it to true")


def authorized(graph: Graph, config: Config) -> Verdicts:
    """Methods have an authorizer. Browsers send OPTIONS before they can authenticate, and a mock integration
    reaches no backend."""
    for method in graph.of(REST_METHOD):
        kind, key, verb = method.get("authorization"), method.flag("apiKeyRequired"), method.get("httpMethod")
        asks = key is True or (isinstance(kind, str) and kind != "NONE")
        if asks or verb == "OPTIONS" or listed_as_public(method, config):
            continue
        mocked = any_of(
            *(
                all_of(_integrates(graph, it, method), _is(it.get("type"), "MOCK"))
                for it in graph.of(REST_INTEGRATION)
            )
        )
        if mocked is True:
            continue
        if UNKNOWN in (kind, key, verb, mocked):
            yield Undecided("authorization" if kind is UNKNOWN else "apiKeyRequired", method.urn)
        else:
            yield Fail("`authorization` is NONE: name an authorizer, or use AWS_IAM", method.urn)


def _integrates(graph: Graph, integration: Node, method: Node) -> Truth:
    resources = ("aws:apigateway/resource:Resource", *REST_API)
    return all_of(
        _same_reference(graph, integration, method, "httpMethod", *REST_METHOD),
        _same_reference(graph, integration, method, "resourceId", *resources),
        _same_reference(graph, integration, method, "restApi", *REST_API),
    )


def has_client_certificate(graph: Graph) -> Verdicts:
    """Backends get a client certificate. One behind a private link, or called by AWS's own API, has authenticated
    its caller already."""
    for stage in graph.of(REST_STAGE):
        if stage.get("clientCertificateId") not in (MISSING, ""):
            continue
        called = any_of(
            *(
                all_of(_same_reference(graph, it, stage, "restApi", *REST_API), _over_internet(it))
                for it in graph.of(REST_INTEGRATION)
            ),
            *(it.has("body") for it in graph.targets(stage, "restApi", REST_API)),
        )
        if called is UNKNOWN:
            yield Undecided("clientCertificateId", stage.urn)
        elif called is True:
            yield Fail("`clientCertificateId` is missing: backends can't tell who calls; name one", stage.urn)


def _over_internet(integration: Node) -> Truth:
    link = integration.get("connectionType")
    private = UNKNOWN if link is UNKNOWN else link == "VPC_LINK"
    return all_of(
        _is(integration.get("type"), "HTTP", "HTTP_PROXY"), UNKNOWN if private is UNKNOWN else not private
    )


def is_private(graph: Graph, stage: Node) -> Truth:
    """Returns whether a stage's API can be reached from networks of AWS only."""
    for api in graph.targets(stage, "restApi", REST_API):
        types = api.get("endpointConfiguration.types")
        return UNKNOWN if types is UNKNOWN else types in ("PRIVATE", ["PRIVATE"])
    return False


def firewalled(graph: Graph) -> Verdicts:
    for stage in graph.of(REST_STAGE):
        hidden = is_private(graph, stage)
        if hidden is True or graph.referrers(WEB_ACL_ASSOCIATION, "resourceArn", stage):
            continue
        if hidden is UNKNOWN or graph.may_reference(WEB_ACL_ASSOCIATION, "resourceArn", stage):
            yield Undecided("resourceArn", stage.urn)
        else:
            yield Fail("no web ACL is bound to it: add a WebAclAssociation with the stage's ARN", stage.urn)


def no_secrets(node: Node) -> Verdicts:
    yield from check_no_credentials(node, "stageVariables" if node.type in HTTP_STAGE else "variables")


RULES: Final = (
    stack_rule(
        "apigw-execution-logging",
        MEDIUM,
        REST_STAGE + REST_SETTINGS,
        executions_logged,
        asks="Each stage logs the execution of all its methods",
        fix='Add MethodSettings for "*/*" with settings.loggingLevel ERROR or INFO',
        ids="APIGateway.1 CKV2_AWS_4",
        reads="settings methodPath stageName",
    ),
    require_present(
        "apigw-stage-access-logs",
        MEDIUM,
        REST_STAGE,
        "accessLogSettings.destinationArn",
        message="name a log group",
        asks="Stages of REST APIs log who asked",
        fix="Set accessLogSettings with a log group and a format without tokens",
        ids="CIS-7.0:4.10 CKV_AWS_76",
    ),
    stack_rule(
        "apigw-waf-associated",
        HIGH,
        REST_STAGE + WEB_ACL_ASSOCIATION,
        firewalled,
        asks="Stages of public REST APIs are bound to a web ACL",
        fix="Add a WebAclAssociation between the stage and a regional web ACL",
        ids="APIGateway.4 CKV2_AWS_29",
        reads="resourceArn webAclArn",
    ),
    Rule(
        "apigw-cache-encrypted",
        MEDIUM,
        REST_SETTINGS,
        cache_encrypted,
        asks="What is cached of responses is encrypted",
        fix="Set settings.cacheDataEncrypted to true",
        ids="APIGateway.5 CKV_AWS_308",
        reads="settings",
        remedy=Remedy({"settings.cacheDataEncrypted": True}),
    ),
    stack_rule(
        "apigw-client-certificate",
        MEDIUM,
        REST_STAGE + REST_INTEGRATION,
        has_client_certificate,
        asks="Stages show backends on the internet who calls",
        fix="Make a ClientCertificate, name it in clientCertificateId, and let the backend ask for it",
        ids="APIGateway.2 CKV2_AWS_51",
        reads="clientCertificateId",
        narrowed="Behind a VPC link the target's security group admits the link alone, and functions and AWS services"
        " are called with AWS's own signatures: there the certificate has nobody to convince.",
    ),
    stack_rule(
        "apigw-method-authorized",
        CRITICAL,
        REST_METHOD,
        authorized,
        asks="Every method of a REST API asks who calls",
        fix="Name an authorizer, or use AWS_IAM, or demand an API key",
        ids="CKV_AWS_59 CKV2_AWS_70",
        reads="authorization apiKeyRequired httpMethod",
        narrowed="A method with a MOCK integration is answered by API Gateway itself and reaches nothing: health"
        " checks ask one, and they can't authenticate. An API that is written as one document has no methods"
        " that a policy sees. Nobody can authenticate to sign in, and some data is public: methods for that are"
        " listed.",
        config={"open": PUBLIC_METHODS},
    ),
    require_value(
        "apigw-domain-tls12",
        HIGH,
        REST_DOMAIN,
        "securityPolicy",
        modern_security_policy,
        message="use TLS_1_2",
        asks="Custom domains of REST APIs take TLS 1.2 or newer only",
        fix="Set securityPolicy to TLS_1_2",
        ids="APIGateway.11 CKV_AWS_206",
        remedy=Remedy({"securityPolicy": "TLS_1_2"}),
    ),
    Rule(
        "apigw-no-stage-variable-secrets",
        CRITICAL,
        REST_STAGE + HTTP_STAGE,
        no_secrets,
        asks="Variables of stages hold no credentials, and none is called like one",
        fix="Keep it in Secrets Manager; revoke the one that was written down",
        reads="variables stageVariables",
    ),
)
