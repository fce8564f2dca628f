"""IAM policy documents of a Lambda function's role: trust, and the permissions that every function needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_CREATE_INTERFACES = ["ec2:CreateNetworkInterface"]
# CreateFunction tries whether the role may do these, and names no resource when it asks.
_TRIED_WITHOUT_RESOURCE = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
]
# These actions support no resource-level permissions.
_FIND_INTERFACES = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]


def function_trust() -> dict[str, object]:
    """Trust policy for Lambda, without conditions: Lambda sends neither account nor ARN when it assumes the role.

    It is limited by iam:PassRole, which only principals of this account can have.
    """
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [trust]}


def function_policy(
    *,
    account: str,
    region: str,
    function: str,
    subnet_ids: Sequence[str],
    group_id: str,
    own: Sequence[Mapping[str, object]],
) -> dict[str, object]:
    """Policy for logs, traces and network interfaces in the subnets; `own` are the statements of the code itself.

    Only Lambda may create the interfaces, not the code.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
    """
    network = f"arn:aws:ec2:{region}:{account}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Log",
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": f"arn:aws:logs:{region}:{account}:log-group:{log_group(function)}:*",
            },
            {
                "Sid": "Trace",
                "Effect": "Allow",
                "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
                "Resource": "*",
            },
            {
                "Sid": "Interfaces",
                "Effect": "Allow",
                "Action": _CREATE_INTERFACES,
                "Resource": [
                    f"{network}:network-interface/*",
                    *(f"{network}:subnet/{subnet}" for subnet in subnet_ids),
                    f"{network}:security-group/{group_id}",
                ],
            },
            {
                "Sid": "EveryInterface",
                "Effect": "Allow",
                "Action": [*_TRIED_WITHOUT_RESOURCE, *_FIND_INTERFACES],
                "Resource": "*",
            },
            {
                "Sid": "NoInterfacesForTheCode",
                "Effect": "Deny",
                "Action": [*_CREATE_INTERFACES, *_TRIED_WITHOUT_RESOURCE, *_FIND_INTERFACES],
                "Resource": "*",
                "Condition": {
                    "ArnEquals": {
                        "lambda:SourceFunctionArn": f"arn:aws:lambda:{region}:{account}:function:{function}"
                    }
                },
            },
            *own,
        ],
    }


def log_group(function: str) -> str:
    """Name of a function's log group."""
    return f"/aws/lambda/{function}"
