"""What calls a function every minute."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

LATE_SECONDS = 60  # the least that both services take: a call that is later is the next minute's to make


@dataclass(frozen=True, kw_only=True)
class EveryMinuteArgs:
    account: str
    region: str
    schedules: str  # the name of the schedule's group, by which its role knows it
    description: str

    function_arn: pulumi.Input[str]
    function_name: pulumi.Input[str]


class EveryMinute(pulumi.ComponentResource):
    """A schedule, and a role that may call the one function. A call that fails isn't made again: the next one comes.

    What the schedule says is encrypted by EventBridge Scheduler's own key: it is nothing.
    """

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
        allowed = aws.iam.RolePolicy(
            f"{name}-policy",
            role=role.name,
            policy=pulumi.Output.from_input(args.function_arn).apply(
                lambda arn: json.dumps(call_policy(arn))
            ),
            opts=child,
        )
        aws.lambda_.FunctionEventInvokeConfig(
            f"{name}-calls",
            function_name=args.function_name,
            maximum_event_age_in_seconds=LATE_SECONDS,
            maximum_retry_attempts=0,
            opts=child,
        )
        aws.scheduler.Schedule(
            f"{name}-schedule",
            description=args.description,
            group_name=group.name,
            schedule_expression="rate(1 minutes)",
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            target=aws.scheduler.ScheduleTargetArgs(
                arn=args.function_arn,
                role_arn=role.arn,
                retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                    maximum_event_age_in_seconds=LATE_SECONDS, maximum_retry_attempts=0
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[allowed]),
        )
        self.register_outputs({})


def schedule_trust(account: str, region: str, schedules: str) -> dict[str, object]:
    """EventBridge Scheduler, for schedules of one group: it names the group, and not the schedule.

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


def call_policy(function_arn: str) -> dict[str, object]:
    call = {"Sid": "Call", "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": function_arn}
    return {"Version": "2012-10-17", "Statement": [call]}
