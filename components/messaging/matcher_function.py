"""The function that matches orders: one batch of the queue at a time, in the order of each instrument."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import Watch, alarm
from components.messaging.matcher_role import function_policy, function_trust

BATCH = 10  # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html, of a FIFO queue
RUNTIME = "python3.13"


@dataclass(frozen=True, kw_only=True)
class MatcherFunctionArgs:
    function: str  # its name
    role: str  # the name of its role, by which other cells' resources know it
    account: str
    region: str
    key_arn: pulumi.Input[str]  # of its environment and its log

    code: pulumi.Archive
    handler: str
    environment: Mapping[str, pulumi.Input[str]]  # no secrets
    own_statements: Sequence[Mapping[str, object]]  # of its role's policy: what the code itself does
    permissions_boundary_arn: pulumi.Input[str] | None
    signing_profiles: Sequence[
        str
    ]  # ARNs of versions, one of which must have signed the code; none: it is unsigned

    subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone letter
    group_ids: Sequence[pulumi.Input[str]]  # security groups, by which the stores know it

    queue_arn: pulumi.Input[str]
    queue_key_arn: pulumi.Input[str]
    memory_mb: int
    timeout_seconds: int  # the queue's visibility timeout is six times that
    reserved_concurrency: int  # of the account's in the region
    maximum_concurrency: int  # of the queue's batches; each instrument is in one at a time

    log_days: int
    alarm_topic_arn: pulumi.Input[str]

    def __post_init__(self) -> None:
        if not 2 <= self.maximum_concurrency <= self.reserved_concurrency:
            raise ValueError(
                f"matcher: maximum concurrency {self.maximum_concurrency}; it must be at least 2, as AWS has it, "
                f"and at most the reserved concurrency, {self.reserved_concurrency}, or batches are throttled"
            )


class MatcherFunction(pulumi.ComponentResource):
    """A Lambda in the cell's subnets that takes from the order queue, and returns what it couldn't match."""

    arn: pulumi.Output[str]
    role_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: MatcherFunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:messaging:MatcherFunction", name, None, opts)
        self._args = args
        child = pulumi.ResourceOptions(parent=self)
        log = aws.cloudwatch.LogGroup(
            f"{name}-log",
            name=f"/aws/lambda/{args.function}",
            kms_key_id=args.key_arn,
            retention_in_days=args.log_days,
            opts=child,
        )
        role, policy = self._role(name)
        self.role_arn = role.arn
        function = aws.lambda_.Function(
            f"{name}-function",
            name=args.function,
            description="Matches orders by price and time",
            role=role.arn,
            runtime=RUNTIME,
            architectures=["arm64"],
            handler=args.handler,
            code=args.code,
            code_signing_config_arn=self._signing(name),
            memory_size=args.memory_mb,
            timeout=args.timeout_seconds,
            reserved_concurrent_executions=args.reserved_concurrency,
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=dict(args.environment)),
            kms_key_arn=args.key_arn,
            vpc_config=aws.lambda_.FunctionVpcConfigArgs(
                subnet_ids=list(args.subnet_ids.values()), security_group_ids=list(args.group_ids)
            ),
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="JSON", log_group=log.name),
            tracing_config=aws.lambda_.FunctionTracingConfigArgs(mode="Active"),
            # Lambda tries the role when it makes the function, and again to take its interfaces away.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.arn = function.arn
        aws.lambda_.EventSourceMapping(
            f"{name}-orders",
            event_source_arn=args.queue_arn,
            function_name=function.arn,
            batch_size=BATCH,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(
                maximum_concurrency=args.maximum_concurrency
            ),
            opts=child,
        )
        self._watch(name)
        self.register_outputs({"arn": self.arn, "role_arn": self.role_arn})

    def _role(self, name: str) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        args = self._args
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-role",
            name=args.role,
            assume_role_policy=json.dumps(function_trust()),
            permissions_boundary=args.permissions_boundary_arn,
            opts=child,
        )

        def policy(queue: str, queue_key: str, own_key: str, subnets: list[str], groups: list[str]) -> str:
            document = function_policy(
                account=args.account,
                region=args.region,
                function=args.function,
                log_group=f"/aws/lambda/{args.function}",
                queue_arn=queue,
                key_arns=sorted({queue_key, own_key}),
                subnet_ids=subnets,
                group_ids=groups,
                own=args.own_statements,
            )
            return json.dumps(document)

        known = pulumi.Output.all(
            args.queue_arn,
            args.queue_key_arn,
            args.key_arn,
            pulumi.Output.all(*args.subnet_ids.values()),
            pulumi.Output.all(*args.group_ids),
        )
        document = known.apply(lambda all_: policy(*all_))
        return role, aws.iam.RolePolicy(f"{name}-policy", role=role.name, policy=document, opts=child)

    def _signing(self, name: str) -> pulumi.Output[str] | None:
        if not self._args.signing_profiles:
            return None
        return aws.lambda_.CodeSigningConfig(
            f"{name}-signing",
            description="Who signs the matcher's code",
            allowed_publishers=aws.lambda_.CodeSigningConfigAllowedPublishersArgs(
                signing_profile_version_arns=list(self._args.signing_profiles)
            ),
            policies=aws.lambda_.CodeSigningConfigPoliciesArgs(untrusted_artifact_on_deployment="Enforce"),
            opts=pulumi.ResourceOptions(parent=self),
        ).arn

    def _watch(self, name: str) -> None:
        for what, metric, tells in (
            ("errors", "Errors", "The matcher fails, and its orders are tried again"),
            ("throttles", "Throttles", "The matcher has less concurrency than its queue asks for"),
        ):
            alarm(
                f"{name}-{what}",
                Watch(
                    tells=tells,
                    namespace="AWS/Lambda",
                    metric=metric,
                    dimensions={"FunctionName": self._args.function},
                    statistic="Sum",
                    is_="above",
                    threshold=0,
                    periods=3,
                ),
                self._args.alarm_topic_arn,
                pulumi.ResourceOptions(parent=self),
            )
