"""What the matcher's function may do: the part that is Lambda's own, beside what its code needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def function_trust() -> dict[str, object]:
    """Lambda, which sends neither account nor ARN when it gives a function its role: a condition would lock it out.

    Who may pass the role to a function, and they must be of this account, is what limits it.
    """
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [trust]}


def function_policy(
    *,
    account: str,
    region: str,
    function: str,
    log_group: str,
    queue_arn: str,
    key_arns: Sequence[str],
    subnet_ids: Sequence[str],
    group_ids: Sequence[str],
    own: Sequence[Mapping[str, object]],
) -> dict[str, object]:
    """Taking from the queue, logs, traces and interfaces in the subnets; `own` is what the code itself needs.

    The interfaces are for Lambda to make, and not for the code.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
    """
    network = f"arn:aws:ec2:{region}:{account}"
    interfaces = f"{network}:network-interface/*"
    interface_actions = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:UnassignPrivateIpAddresses",
    ]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Take",
                "Effect": "Allow",
                "Action": [
                    "sqs:ChangeMessageVisibility",
                    "sqs:DeleteMessage",
                    "sqs:GetQueueAttributes",
                    "sqs:ReceiveMessage",
                ],
                "Resource": queue_arn,
            },
            {"Sid": "Decrypt", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": list(key_arns)},
            {
                "Sid": "Log",
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": f"arn:aws:logs:{region}:{account}:log-group:{log_group}:*",
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
                "Action": interface_actions,
                "Resource": [
                    interfaces,
                    *(f"{network}:subnet/{subnet}" for subnet in subnet_ids),
                    *(f"{network}:security-group/{group}" for group in group_ids),
                ],
            },
            {
                "Sid": "FindInterfaces",
                "Effect": "Allow",
                "Action": ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"],
                "Resource": "*",
            },
            {
                "Sid": "NoInterfacesForTheCode",
                "Effect": "Deny",
                "Action": [*interface_actions, "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"],
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
