"""A function in the cell's network: a Lambda with a role, a log and a security group of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import Watch, alarm

RUNTIME = "python3.13"
# Both allow their few actions on everything: AWS knows no narrower way to describe interfaces or to send traces.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
MANAGED_POLICIES = {
    "network": "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole",  # and its log
    "traces": "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess",
}


@dataclass(frozen=True)
class Way:
    """Where a function may connect to."""

    port: int
    cidr: str


@dataclass(frozen=True, kw_only=True)
class FunctionArgs:
    function: str  # its name, which its log group has too
    role: str
    description: str

    archive: pulumi.Archive
    handler: str
    memory: int  # MB
    timeout: int  # seconds
    concurrency: int  # how many may run at once

    environment: Mapping[str, pulumi.Input[str]] | None = None  # no secrets
    statements: Sequence[Mapping[str, object]] = ()  # of its role's policy: what the code itself does
    tolerated_errors: int = 0  # in a minute, of which nobody is told

    vpc_id: pulumi.Input[str]
    subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone letter
    ways: Mapping[str, Way]  # by what they lead to

    key_arn: pulumi.Input[str]  # of this region, for its log
    log_days: int
    alarm_topic_arn: pulumi.Input[str]


class Function(pulumi.ComponentResource):
    """Traced, and watched for errors. Nothing connects to it; it connects where it is told, and nowhere else."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    role_name: pulumi.Output[str]
    group_id: pulumi.Output[str]

    def __init__(self, name: str, args: FunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:compute:Function", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        self.group_id = self._group()
        log = aws.cloudwatch.LogGroup(
            f"{name}-log",
            name=f"/aws/lambda/{args.function}",
            retention_in_days=args.log_days,
            kms_key_id=args.key_arn,
            opts=self._child,
        )
        role, allowed = self._role()
        made = aws.lambda_.Function(
            f"{name}-function",
            name=args.function,
            description=args.description,
            role=role.arn,
            runtime=RUNTIME,
            architectures=["arm64"],
            code=args.archive,
            handler=args.handler,
            memory_size=args.memory,
            timeout=args.timeout,
            reserved_concurrent_executions=args.concurrency,
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=dict(args.environment))
            if args.environment
            else None,
            vpc_config=aws.lambda_.FunctionVpcConfigArgs(
                subnet_ids=list(args.subnet_ids.values()), security_group_ids=[self.group_id]
            ),
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="JSON", log_group=log.name),
            tracing_config=aws.lambda_.FunctionTracingConfigArgs(mode="Active"),
            # AWS tries whether the role lets it into the network.
            opts=pulumi.ResourceOptions(parent=self, depends_on=allowed),
        )
        self.name, self.arn, self.role_name = made.name, made.arn, role.name
        alarm(
            f"{name}-alarm-errors",
            errors(args.function, args.tolerated_errors),
            args.alarm_topic_arn,
            self._child,
        )
        self.register_outputs({"arn": self.arn})

    def _group(self) -> pulumi.Output[str]:
        group = aws.ec2.SecurityGroup(
            f"{self._name}-group",
            vpc_id=self._args.vpc_id,
            description=self._args.description,
            tags={"Name": self._name},
            opts=self._child,
        )
        for where, way in self._args.ways.items():
            aws.vpc.SecurityGroupEgressRule(
                f"{self._name}-to-{where}",
                security_group_id=group.id,
                description=f"To {where}",
                ip_protocol="tcp",
                from_port=way.port,
                to_port=way.port,
                cidr_ipv4=way.cidr,
                opts=self._child,
            )
        return group.id

    def _role(self) -> tuple[aws.iam.Role, Sequence[pulumi.Resource]]:
        """The role, and what lets it do its work."""
        role = aws.iam.Role(
            f"{self._name}-role",
            name=self._args.role,
            assume_role_policy=json.dumps(function_trust()),
            opts=self._child,
        )
        attached = [
            aws.iam.RolePolicyAttachment(
                f"{self._name}-role-{what}", role=role.name, policy_arn=arn, opts=self._child
            )
            for what, arn in MANAGED_POLICIES.items()
        ]
        if not self._args.statements:
            return role, attached
        document = {"Version": "2012-10-17", "Statement": list(self._args.statements)}
        own = aws.iam.RolePolicy(
            f"{self._name}-policy", role=role.name, policy=json.dumps(document), opts=self._child
        )
        return role, [*attached, own]


def errors(function: str, tolerated: int = 0) -> Watch:
    return Watch(
        tells=f"{function} fails",
        namespace="AWS/Lambda",
        metric="Errors",
        dimensions={"FunctionName": function},
        statistic="Sum",
        is_="above",
        threshold=tolerated,
        periods=1,
    )


def function_trust() -> dict[str, object]:
    """Lambda, which sends neither account nor ARN when it takes a function's role."""
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [trust]}
