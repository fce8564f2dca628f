"""ECS service of a cell's service on Fargate, with its task definition, security group rules and autoscaling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import AlarmSpec, alarm
from components.compute.fargate.autoscaling import build_autoscaling
from components.compute.fargate.cluster import PROVIDERS
from components.compute.fargate.task import CPU_UNITS, container_definitions, execution_statements
from components.compute.service_alarms import service_alarms
from components.compute.service_args import ServiceArgs
from components.compute.service_role import ServiceRole, ServiceRoleArgs, task_trust
from components.security_group_rules import build_egress_rules

SCALED_BY_AWS = ["desiredCount"]  # a deployment sets it only at creation
GRACE_PERIOD_SECONDS = 120  # after a task's start, in which failed health checks don't count
# Percent of the desired tasks during a deployment: all of them stay, and as many again may run beside them.
MINIMUM_HEALTHY_PERCENT = 100
MAXIMUM_PERCENT = 200


@dataclass(frozen=True, kw_only=True)
class FargatePlacement:
    """Placement of a service's tasks: cluster, subnets, security group, execution role and log group."""

    cluster: pulumi.Input[str]  # the ECS cluster's name
    subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone letter
    group_id: pulumi.Input[str]  # the security group of the service's tasks, which stores let in
    execution_role: str  # the name of the role with which ECS starts tasks
    log_group: str


class FargateService(pulumi.ComponentResource):
    """ECS service with autoscaling, in every zone, behind the load balancers' target groups.

    The first `least` tasks are on demand; of those beyond, `spot` percent are on Spot. A deployment whose tasks don't
    become healthy is rolled back, and fails.
    """

    def __init__(
        self,
        name: str,
        args: ServiceArgs,
        place: FargatePlacement,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("castle:compute:FargateService", name, None, opts)
        self._name, self._args, self._place = name, args, place
        self._child = pulumi.ResourceOptions(parent=self)

        rules = self._security_group_rules()
        service = self._service(self._task(), rules)
        build_autoscaling(name, args, place.cluster, service, self._child)
        service_alarms(name, args, self._child)
        alarm(f"{name}-alarm-tasks", self._running_tasks(), args.alarm_topic_arn, self._child)
        self.register_outputs({})

    def _security_group_rules(self) -> list[pulumi.Resource]:
        """Ingress from each load balancer, and egress to the destinations of `egress`."""
        args, group_id = self._args, self._place.group_id
        return [
            *(
                aws.vpc.SecurityGroupIngressRule(
                    f"{self._name}-from-{balancer}",
                    security_group_id=group_id,
                    description=f"From the load balancer {balancer}",
                    ip_protocol="tcp",
                    from_port=args.port,
                    to_port=args.port,
                    referenced_security_group_id=target.balancer_group_id,
                    opts=self._child,
                )
                for balancer, target in args.targets.items()
            ),
            *build_egress_rules(self._name, group_id, args.egress, self._child),
        ]

    def _task(self) -> aws.ecs.TaskDefinition:
        args, place = self._args, self._place
        log = aws.cloudwatch.LogGroup(
            f"{self._name}-log",
            name=place.log_group,
            retention_in_days=args.log_days,
            kms_key_id=args.key_arn,
            opts=self._child,
        )
        execution_role = ServiceRole(
            f"{self._name}-execution",
            ServiceRoleArgs(
                role=place.execution_role,
                trust=task_trust(args.account, args.region),
                statements=execution_statements(args, place.log_group),
            ),
            self._child,
        )
        return aws.ecs.TaskDefinition(
            f"{self._name}-task",
            family=place.log_group.strip("/").replace("/", "-"),
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(round(args.cpu * CPU_UNITS)),
            memory=str(args.memory),
            runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
                cpu_architecture="ARM64", operating_system_family="LINUX"
            ),
            task_role_arn=args.role_arn,
            execution_role_arn=execution_role.arn,
            container_definitions=container_definitions(args, log.name),
            opts=self._child,
        )

    def _service(self, task: aws.ecs.TaskDefinition, rules: Sequence[pulumi.Resource]) -> aws.ecs.Service:
        args, place = self._args, self._place
        return aws.ecs.Service(
            f"{self._name}-service",
            name=args.service,
            cluster=place.cluster,
            task_definition=task.arn,
            desired_count=args.least,
            capacity_provider_strategies=_strategy(args),
            # ECS changes capacity providers only together with a deployment.
            force_new_deployment=True,
            platform_version="LATEST",
            availability_zone_rebalancing="ENABLED",
            deployment_minimum_healthy_percent=MINIMUM_HEALTHY_PERCENT,
            deployment_maximum_percent=MAXIMUM_PERCENT,
            deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(
                enable=True, rollback=True
            ),
            wait_for_steady_state=True,
            enable_execute_command=False,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            health_check_grace_period_seconds=GRACE_PERIOD_SECONDS,
            load_balancers=[
                aws.ecs.ServiceLoadBalancerArgs(
                    target_group_arn=target.arn, container_name=args.service, container_port=args.port
                )
                for target in args.targets.values()
            ],
            network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
                subnets=list(place.subnet_ids.values()),
                security_groups=[place.group_id],
                assign_public_ip=False,
            ),
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=SCALED_BY_AWS, depends_on=rules),
        )

    def _running_tasks(self) -> AlarmSpec:
        return AlarmSpec(
            description=f"Fewer tasks of {self._args.service} run than {self._args.least}",
            namespace="ECS/ContainerInsights",
            metric="RunningTaskCount",
            dimensions={"ClusterName": self._place.cluster, "ServiceName": self._args.service},
            statistic="Minimum",
            comparison="below",
            threshold=self._args.least,
            missing="breaching",
        )


def _strategy(args: ServiceArgs) -> list[aws.ecs.ServiceCapacityProviderStrategyArgs]:
    """Capacity provider strategy: `least` tasks on demand, and the rest by weight.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
    """
    on_demand, spot = PROVIDERS
    shares = [
        aws.ecs.ServiceCapacityProviderStrategyArgs(
            capacity_provider=on_demand, base=args.least, weight=100 - args.spot
        )
    ]
    if args.spot:
        shares.append(aws.ecs.ServiceCapacityProviderStrategyArgs(capacity_provider=spot, weight=args.spot))
    return shares
