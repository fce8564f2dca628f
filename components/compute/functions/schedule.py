"""EventBridge schedule that invokes a Lambda function every minute."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

MAXIMUM_EVENT_AGE_SECONDS = 60  # the least that both services allow: the next invocation comes by then


@dataclass(frozen=True, kw_only=True)
class EveryMinuteArgs:
    account: str
    region: str
    schedules: str  # the name of the schedule group, to which the role's trust policy is limited
    description: str

    function_arn: pulumi.Input[str]
    function_name: pulumi.Input[str]
    key_arn: pulumi.Input[str]  # of this region


class EveryMinute(pulumi.ComponentResource):
    """Schedule, and a role that may invoke the one function. A failed invocation isn't retried: the next follows."""

    def __init__(self, name: str, args: EveryMinuteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:compute:EveryMinute", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        group = aws.scheduler.ScheduleGroup(f"{name}-group", name=args.schedules, opts=child)
        role = aws.iam.Role(
            f"{name}-role",
            description=args.description,
            assume_role_policy=json.dumps(schedule_trust(args.account, args.region, args.schedules)),
            opts=child,
        )
        invoke_policy = aws.iam.RolePolicy(
            f"{name}-policy",
            role=role.name,
            policy=pulumi.Output.all(args.function_arn, args.key_arn).apply(
                lambda arns: json.dumps(invoke_permissions(*arns, region=args.region))
            ),
            opts=child,
        )
        aws.lambda_.FunctionEventInvokeConfig(
            f"{name}-calls",
            function_name=args.function_name,
            maximum_event_age_in_seconds=MAXIMUM_EVENT_AGE_SECONDS,
            maximum_retry_attempts=0,
            opts=child,
        )
        aws.scheduler.Schedule(
            f"{name}-schedule",
            description=args.description,
            group_name=group.name,
            schedule_expression="rate(1 minutes)",
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            kms_key_arn=args.key_arn,
            target=aws.scheduler.ScheduleTargetArgs(
                arn=args.function_arn,
                role_arn=role.arn,
                retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                    maximum_event_age_in_seconds=MAXIMUM_EVENT_AGE_SECONDS, maximum_retry_attempts=0
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[invoke_policy]),
        )
        self.register_outputs({})


def schedule_trust(account: str, region: str, schedules: str) -> dict[str, object]:
    """Trust policy for EventBridge Scheduler, for schedules of one group: it sends the ARN of that.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    """
    group = f"arn:aws:scheduler:{region}:{account}:schedule-group/{schedules}"
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": account, "aws:SourceArn": group}},
    }
    return {"Version": "2012-10-17", "Statement": [trust]}


def invoke_permissions(function_arn: str, key_arn: str, *, region: str) -> dict[str, object]:
    """Policy to invoke the one function, and to read what the schedule says of it.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/encryption-rest.html
    """
    call = {"Sid": "Call", "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": function_arn}
    read = {
        "Sid": "ReadSchedule",
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": key_arn,
        "Condition": {"StringEquals": {"kms:ViaService": f"scheduler.{region}.amazonaws.com"}},
    }
    return {"Version": "2012-10-17", "Statement": [call, read]}
