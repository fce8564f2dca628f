"""A function in the cell's network: a Lambda with a role, a log and a security group of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import Watch, alarm
from components.compute.functions.policy import function_policy, function_trust, log_group

RUNTIME = "python3.13"


@dataclass(frozen=True)
class EgressRule:
    """Where a function may connect to."""

    port: int
    cidr: str


@dataclass(frozen=True, kw_only=True)
class FunctionArgs:
    function: str  # its name, which its log group has too
    role: str
    description: str
    account: str
    region: str

    archive: pulumi.Archive
    handler: str
    memory: int  # MB
    timeout: int  # seconds
    concurrency: int  # how many may run at once
    signing_profiles: Sequence[
        str
    ] = ()  # ARNs of versions, one of which signed the code; none: it is unsigned

    environment: Mapping[str, pulumi.Input[str]] | None = None  # no secrets
    environment_key_arn: pulumi.Input[str] | None = None  # of this region; Lambda's own key if left out
    statements: Sequence[Mapping[str, object]] = ()  # of its role's policy: what the code itself does

    tolerated_errors: int = 0  # in a minute, of which nobody is told

    vpc_id: pulumi.Input[str]
    subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone letter
    egress: Mapping[str, EgressRule]  # by what they lead to

    key_arn: pulumi.Input[str]  # of this region, for its log
    log_days: int
    alarm_topic_arn: pulumi.Input[str]


class Function(pulumi.ComponentResource):
    """Traced, and watched for errors and throttles. It may do what its statements say, and connect where it is told.

    Nothing connects to it.
    """

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
            name=log_group(args.function),
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
            code_signing_config_arn=self._signing(),
            handler=args.handler,
            memory_size=args.memory,
            timeout=args.timeout,
            reserved_concurrent_executions=args.concurrency,
            environment=self._environment(),
            kms_key_arn=args.environment_key_arn,
            vpc_config=aws.lambda_.FunctionVpcConfigArgs(
                subnet_ids=list(args.subnet_ids.values()), security_group_ids=[self.group_id]
            ),
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="JSON", log_group=log.name),
            tracing_config=aws.lambda_.FunctionTracingConfigArgs(mode="Active"),
            # Lambda tries the role when it makes the function, and again to take its interfaces away.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[allowed]),
        )
        self.name, self.arn, self.role_name = made.name, made.arn, role.name
        for what, watch in watches(args.function, args.tolerated_errors).items():
            alarm(f"{name}-alarm-{what}", watch, args.alarm_topic_arn, self._child)
        self.register_outputs({"arn": self.arn})

    def _group(self) -> pulumi.Output[str]:
        group = aws.ec2.SecurityGroup(
            f"{self._name}-group",
            vpc_id=self._args.vpc_id,
            description=self._args.description,
            tags={"Name": self._name},
            opts=self._child,
        )
        for where, way in self._args.egress.items():
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

    def _role(self) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        """The role, and what lets it do its work."""
        args = self._args
        role = aws.iam.Role(
            f"{self._name}-role",
            name=args.role,
            assume_role_policy=json.dumps(function_trust()),
            opts=self._child,
        )
        known = pulumi.Output.all(
            pulumi.Output.all(*args.subnet_ids.values()),
            self.group_id,
            pulumi.Output.from_input([*self._reads_environment(), *args.statements]),
        )
        document = known.apply(
            lambda all_: json.dumps(
                function_policy(
                    account=args.account,
                    region=args.region,
                    function=args.function,
                    subnet_ids=all_[0],
                    group_id=all_[1],
                    own=all_[2],
                )
            )
        )
        policy = aws.iam.RolePolicy(f"{self._name}-policy", role=role.name, policy=document, opts=self._child)
        return role, policy

    def _reads_environment(self) -> list[dict[str, object]]:
        # https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
        if self._args.environment_key_arn is None:
            return []
        return [
            {
                "Sid": "ReadEnvironment",
                "Effect": "Allow",
                "Action": "kms:Decrypt",
                "Resource": self._args.environment_key_arn,
                "Condition": {
                    "StringEquals": {"kms:ViaService": f"lambda.{self._args.region}.amazonaws.com"}
                },
            }
        ]

    def _environment(self) -> aws.lambda_.FunctionEnvironmentArgs | None:
        variables = self._args.environment
        return aws.lambda_.FunctionEnvironmentArgs(variables=dict(variables)) if variables else None

    def _signing(self) -> pulumi.Output[str] | None:
        if not self._args.signing_profiles:
            return None
        return aws.lambda_.CodeSigningConfig(
            f"{self._name}-signing",
            description=f"Who signs the code of {self._args.function}",
            allowed_publishers=aws.lambda_.CodeSigningConfigAllowedPublishersArgs(
                signing_profile_version_arns=list(self._args.signing_profiles)
            ),
            policies=aws.lambda_.CodeSigningConfigPoliciesArgs(untrusted_artifact_on_deployment="Enforce"),
            opts=self._child,
        ).arn


def watches(function: str, tolerated: int = 0) -> dict[str, Watch]:
    """By what goes wrong."""
    tells = {
        "Errors": f"{function} fails",
        "Throttles": f"{function} is called more often at once than its concurrency allows",
    }
    return {
        metric.lower(): Watch(
            tells=told,
            namespace="AWS/Lambda",
            metric=metric,
            dimensions={"FunctionName": function},
            statistic="Sum",
            is_="above",
            threshold=tolerated if metric == "Errors" else 0,
            periods=1,
        )
        for metric, told in tells.items()
    }
