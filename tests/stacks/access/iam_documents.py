"""Checks of IAM documents, whoever wrote them: each function yields what is wrong with one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Literal

Document = Mapping[str, Any]
Kind = Literal["identity", "trust", "key", "endpoint", "service", "resource"]

KINDS: Mapping[str, Kind] = {
    "aws:iam/rolePolicy:RolePolicy": "identity",
    "aws:iam/policy:Policy": "identity",
    "aws:iam/role:Role": "trust",
    "aws:kms/key:Key": "key",
    "aws:kms/replicaKey:ReplicaKey": "key",
    # It limits what others allow, and allows nothing by itself.
    "aws:ec2/vpcEndpoint:VpcEndpoint": "endpoint",
    # It is of X-Ray as a whole, which has no resource for traces.
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
    "aws:xray/resourcePolicy:ResourcePolicy": "service",
}

# What AWS takes no narrower resource for than `*`, by the service authorization reference or the service itself.
UNLIMITED: Mapping[str, str] = {
    "cloudwatch:GetMetricData": "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html",
    "ec2:DescribeNetworkInterfaces": "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html",
    "ec2:DescribeSubnets": "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html",
    # Lambda tries these three without a resource, when it creates a function in a VPC.
    "ec2:AssignPrivateIpAddresses": "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
    "ec2:DeleteNetworkInterface": "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
    "ec2:UnassignPrivateIpAddresses": "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
    "ecr:GetAuthorizationToken": "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html",
    "xray:PutTelemetryRecords": "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html",
    "xray:PutTraceSegments": "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html",
}

# Who sends neither account nor ARN when it takes a role, so that a condition would lock it out.
SILENT: Mapping[str, str] = {
    "apigateway.amazonaws.com": "https://github.com/aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws/pull/479",
    "lambda.amazonaws.com": "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
    "ec2.amazonaws.com": "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html",
}

# What isn't ours to keep: of a VPC endpoint's policy, since whoever asks for it there is in our network.
PUBLIC: Mapping[str, str] = {
    f"arn:aws:s3:::prod-{region}-starport-layer-bucket/*": "layers, by a signed URL and not by a principal: "
    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-setting-up-s3-gateway"
    for region in ("us-east-1", "eu-west-1", "us-west-2")
}

# Keys of conditions by which a service, or whoever comes, is bound to this account or to one thing in it.
SCOPES = (
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:sourceaccount",
    "aws:sourcearn",
    "kms:calleraccount",
    "kms:encryptioncontext:",  # with the ARN of a log group, which holds the account
    "s3:resourceaccount",
)


def read(text: str) -> Document | None:
    """The document that a text is, if it is one."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "Statement" in found else None


def faults(kind: Kind, document: Document) -> list[str]:
    """What is wrong with it, statement by statement."""
    found: list[str] = []
    for number, statement in enumerate(listed(document["Statement"])):
        if statement["Effect"] == "Allow":
            name = statement.get("Sid", number)
            found += [f"{name}: {fault}" for fault in _faults(kind, statement)]
    return found


def allowed_actions(document: Document) -> Iterator[str]:
    for statement in listed(document["Statement"]):
        if statement["Effect"] == "Allow":
            yield from listed(statement["Action"])


def within(boundary: Document, action: str) -> bool:
    """Returns whether one statement of a boundary allows an action, and none denies it whatever comes."""
    chosen = {"Allow": False, "Deny": False}
    for statement in boundary["Statement"]:
        patterns = listed(statement.get("Action", []))
        if any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns) and (
            statement["Effect"] == "Allow" or "Condition" not in statement
        ):
            chosen[statement["Effect"]] = True
    return chosen["Allow"] and not chosen["Deny"]


def listed(value: Any) -> Sequence[Any]:
    return [value] if isinstance(value, (str, dict)) else value


def _faults(kind: Kind, statement: Mapping[str, Any]) -> Iterator[str]:
    if "NotAction" in statement or "NotResource" in statement or "NotPrincipal" in statement:
        yield "it allows all but something; name what it allows"
        return
    yield from _wide_actions(kind, listed(statement["Action"]))
    if kind == "identity":
        yield from _wide_resources(statement)
    elif kind == "resource" and "*" in listed(statement.get("Resource", [])):
        yield "its resource is *; name the one that the policy is of"
    if kind != "identity":
        yield from _unscoped(statement)


def _wide_actions(kind: Kind, actions: Sequence[str]) -> Iterator[str]:
    for action in actions:
        whole = action == "*" or action.endswith(":*")
        if (whole and kind != "endpoint") or ("*" in action and kind in ("identity", "trust")):
            yield f"action {action}; name each"


def _wide_resources(statement: Mapping[str, Any]) -> Iterator[str]:
    if "*" in listed(statement["Resource"]):
        for action in listed(statement["Action"]):
            if action not in UNLIMITED:
                yield f"{action} on every resource; name them, or say in UNLIMITED why it can't be"


def _unscoped(statement: Mapping[str, Any]) -> Iterator[str]:
    conditions = [key.lower() for tests in statement.get("Condition", {}).values() for key in tests]
    if any(key.startswith(scope) for key in conditions for scope in SCOPES):
        return
    principal = statement["Principal"]
    if set(listed(statement.get("Resource", []))) & PUBLIC.keys():
        return
    if principal == "*":
        yield "it is for everybody; add a condition on the account"
        return
    for sort, names in principal.items():
        for name in listed(names):
            if sort == "Service" and name not in SILENT:
                yield f"{name} may come for whoever asks it to; add aws:SourceAccount or aws:SourceArn"
            elif sort == "AWS" and name == "*":
                yield "it is for every account; name one"
            elif sort not in ("AWS", "Service"):
                yield f"{sort} {name}: add a condition on who it is"
