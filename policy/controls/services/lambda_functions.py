"""Rules on Lambda functions: permissions, environment variables, runtimes, VPC subnets, function URLs."""

from __future__ import annotations

from typing import Final

from controls.language.credentials import check_no_credentials
from controls.language.facts import MISSING, UNKNOWN, Node, Value
from controls.language.graph import Graph
from controls.language.network import check_two_zones
from controls.language.rules import CRITICAL, HIGH, MEDIUM, Config, Param, Rule, require_value, stack_rule
from controls.language.tokens import FUNCTION, FUNCTION_PERMISSION, FUNCTION_URL, LAYER_PERMISSION
from controls.language.verdicts import Fail, Undecided, Verdicts

# Runtimes on Amazon Linux 2023 whose language is still supported by its makers, in November 2026 (Lambda developer
# guide, supported runtimes).
_RUNTIMES: Final = (
    "dotnet10",
    "java21",
    "java25",
    "nodejs22.x",
    "nodejs24.x",
    "provided.al2023",
    "python3.12",
    "python3.13",
    "python3.14",
    "ruby3.3",
    "ruby3.4",
)


def not_public(node: Node) -> Verdicts:
    """Permissions of functions and layers name no wildcard principal. AWS requires `*` where a permission is for
    all accounts of an organisation, which a property of its own names."""
    principal = node.get("principal")
    if principal is UNKNOWN:
        yield Undecided("principal")
    elif principal == "*" and not (node.has("principalOrgId") or node.has("organizationId")):
        yield Fail("`principal` lets anyone in: name an account, a role or a service")


def source_scoped(node: Node, config: Config) -> Verdicts:
    """Source account or ARN of a service that may call a function, since a service calls for whoever requests it.

    Names of buckets are free once they are deleted, and their ARNs hold no account, so that S3 needs the
    account beside them (Security Hub, Lambda.1).
    """
    principal = node.get("principal")
    account, arn = node.get("sourceAccount"), node.get("sourceArn")
    if node.has("principalOrgId") or principal in config["exemptServices"]:
        return
    if principal is UNKNOWN:
        if not _is_specific(account):
            yield Undecided("principal")
    elif isinstance(principal, str) and principal.endswith(".amazonaws.com"):
        if principal == "s3.amazonaws.com" and not _is_specific(account):
            yield Fail("`sourceAccount` is missing: name the account that the bucket belongs to")
        elif not _is_specific(account) and not _is_specific(arn):
            yield Fail("`sourceAccount` is missing: name it, or sourceArn")


def _is_specific(value: Value) -> bool:
    """Returns whether a value, known or not, names something that isn't everything."""
    return value is UNKNOWN or (isinstance(value, str) and value.strip("*") not in ("", "arn:aws:"))


def no_environment_secrets(node: Node) -> Verdicts:
    yield from check_no_credentials(node, "environment.variables")


def runtime_supported(node: Node, config: Config) -> Verdicts:
    """Runtimes of functions are on the list. A container image brings its own."""
    runtime = node.get("runtime")
    if node.get("packageType") == "Image":
        return
    if runtime is UNKNOWN:
        yield Undecided("runtime")
    elif runtime not in config["runtimes"]:
        yield Fail("`runtime` isn't on the list: use a newer one, or list it in the rule's configuration")


def in_vpc(node: Node, config: Config) -> Verdicts:
    """Functions run in a VPC, unless a tag marks one that reaches nothing in it."""
    label = node.tag(config["networkTag"])
    subnets = node.get("vpcConfig.subnetIds")
    if label == config["none"] or (subnets is not UNKNOWN and subnets not in (MISSING, [])):
        return
    if UNKNOWN in (label, subnets):
        yield Undecided("vpcConfig.subnetIds" if subnets is UNKNOWN else "tags")
    else:
        yield Fail("`vpcConfig.subnetIds` is missing: name private subnets, or tag it as in no network")


def in_two_zones(graph: Graph) -> Verdicts:
    placed = [it for it in graph.of(FUNCTION) if it.get("vpcConfig.subnetIds") not in (MISSING, [])]
    yield from check_two_zones(graph, placed, "vpcConfig", "vpcConfig.subnetIds")


RULES: Final = (
    Rule(
        "lambda-not-public",
        CRITICAL,
        FUNCTION_PERMISSION + LAYER_PERMISSION,
        not_public,
        asks="Permissions of functions and layers name no wildcard principal, save for one organisation",
        fix="Name an account, a role or a service in principal",
        narrowed="AWS demands a wildcard where a permission is for one organisation, which a property of its"
        " own names.",
        ids="Lambda.1 CIS-7.0:2.21 CKV_AWS_301",
        reads="principal",
    ),
    Rule(
        "lambda-permission-source-scoped",
        HIGH,
        FUNCTION_PERMISSION,
        source_scoped,
        asks="Services call functions for a known source only",
        fix="Set sourceAccount, or sourceArn; for S3 sourceAccount",
        ids="CKV_AWS_364",
        reads="principal sourceArn sourceAccount",
        config={"exemptServices": Param([], "Services that send no source with a call")},
    ),
    Rule(
        "lambda-no-environment-secrets",
        CRITICAL,
        FUNCTION,
        no_environment_secrets,
        asks="Environment variables hold no credentials, and none is called like one",
        fix="Keep it in Secrets Manager and pass its ARN; revoke the one that was written down",
        ids="CKV_AWS_45",
        reads="environment",
    ),
    require_value(
        "lambda-url-authenticated",
        CRITICAL,
        FUNCTION_URL,
        "authorizationType",
        lambda it: it == "AWS_IAM",
        message="use AWS_IAM",
        asks="Function URLs ask who calls",
        fix="Set authorizationType to AWS_IAM",
        ids="CKV_AWS_258",
    ),
    Rule(
        "lambda-runtime-supported",
        MEDIUM,
        FUNCTION,
        runtime_supported,
        asks="Functions run in a language and on a system that are still mended",
        fix="Set runtime to one of the list",
        ids="Lambda.2 CKV_AWS_363",
        reads="runtime packageType",
        config={"runtimes": Param(list(_RUNTIMES), "Runtimes that may be used")},
    ),
    Rule(
        "lambda-in-vpc",
        MEDIUM,
        FUNCTION,
        in_vpc,
        asks="Functions run inside the network, unless they reach nothing there",
        fix="Set vpcConfig with private subnets and a security group, or tag the function",
        ids="Lambda.3 CKV_AWS_117",
        reads="vpcConfig",
        config={
            "networkTag": Param("network", "Tag that tells whether a function reaches a network"),
            "none": Param("none", "Value of that tag for a function that reaches nothing there"),
        },
    ),
    stack_rule(
        "lambda-vpc-multi-az",
        MEDIUM,
        FUNCTION,
        in_two_zones,
        asks="Functions inside the network have subnets in two zones or more",
        fix="Name subnets of several zones in vpcConfig.subnetIds",
        ids="Lambda.5",
        reads="vpcConfig",
    ),
)
