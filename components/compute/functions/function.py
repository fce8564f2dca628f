"""Lambda function in the cell's VPC, with its role, log group, security group and alarms."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import AlarmSpec, alarm
from components.compute.functions.policy import function_policy, function_trust, log_group
from components.security_group_rules import EgressRule, build_egress_rules

RUNTIME = "python3.13"


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
    concurrency: int  # reserved: invocations at once
    # ARNs of versions of signing profiles, one of which signed the code; none: it is unsigned.
    signing_profiles: Sequence[str] = ()

    environment: Mapping[str, pulumi.Input[str]] | None = None  # no secrets
    environment_key_arn: pulumi.Input[str] | None = None  # of this region; Lambda's own key if left out
    statements: Sequence[Mapping[str, object]] = ()  # of its role's policy, for the code itself

    tolerated_errors: int = 0  # in a minute, before the alarm goes off

    vpc_id: pulumi.Input[str]
    subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone letter
    egress: Mapping[str, EgressRule]  # by destination

    key_arn: pulumi.Input[str]  # of this region, for its log
    log_days: int
    alarm_topic_arn: pulumi.Input[str]


class Function(pulumi.ComponentResource):
    """Lambda function with tracing and alarms on errors and throttles.

    It has the permissions of its statements and the egress of its rules. Its security group has no ingress.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    role_name: pulumi.Output[str]
    group_id: pulumi.Output[str]
    egress: Sequence[pulumi.Resource]  # rules without which the code reaches nothing

    def __init__(self, name: str, args: FunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:compute:Function", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        self.group_id = self._security_group()
        log = aws.cloudwatch.LogGroup(
            f"{name}-log",
            name=log_group(args.function),
            retention_in_days=args.log_days,
            kms_key_id=args.key_arn,
            opts=self._child,
        )
        role, role_policy = self._role()
        function = aws.lambda_.Function(
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
            # Lambda uses the role when it creates the function, and again to delete its network interfaces.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role_policy]),
        )
        self.name, self.arn, self.role_name = function.name, function.arn, role.name
        for metric, watch in watches(args.function, args.tolerated_errors).items():
            alarm(f"{name}-alarm-{metric}", watch, args.alarm_topic_arn, self._child)
        self.register_outputs({"arn": self.arn})

    def _security_group(self) -> pulumi.Output[str]:
        group = aws.ec2.SecurityGroup(
            f"{self._name}-group",
            vpc_id=self._args.vpc_id,
            description=self._args.description,
            tags={"Name": self._name},
            opts=self._child,
        )
        self.egress = build_egress_rules(self._name, group.id, self._args.egress, self._child)
        return group.id

    def _role(self) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        """The role and its policy."""
        args = self._args
        role = aws.iam.Role(
            f"{self._name}-role",
            name=args.role,
            assume_role_policy=json.dumps(function_trust()),
            opts=self._child,
        )
        inputs = pulumi.Output.all(
            pulumi.Output.all(*args.subnet_ids.values()),
            self.group_id,
            pulumi.Output.from_input([*self._environment_statements(), *args.statements]),
        )
        document = inputs.apply(
            lambda resolved: json.dumps(
                function_policy(
                    account=args.account,
                    region=args.region,
                    function=args.function,
                    subnet_ids=resolved[0],
                    group_id=resolved[1],
                    own=resolved[2],
                )
            )
        )
        policy = aws.iam.RolePolicy(f"{self._name}-policy", role=role.name, policy=document, opts=self._child)
        return role, policy

    def _environment_statements(self) -> list[dict[str, object]]:
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


def watches(function: str, tolerated: int = 0) -> dict[str, AlarmSpec]:
    """Alarms of a function, by metric in lower case."""
    descriptions = {
        "Errors": f"{function} fails",
        "Throttles": f"{function} is called more often at once than its concurrency allows",
    }
    return {
        metric.lower(): AlarmSpec(
            description=description,
            namespace="AWS/Lambda",
            metric=metric,
            dimensions={"FunctionName": function},
            statistic="Sum",
            comparison="above",
            threshold=tolerated if metric == "Errors" else 0,
            periods=1,
        )
        for metric, description in descriptions.items()
    }
