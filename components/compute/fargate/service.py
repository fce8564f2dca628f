"""A service as tasks on Fargate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import Watch, alarm
from components.compute.fargate.cluster import PROVIDERS
from components.compute.fargate.task import CPU_UNITS, container_definitions, execution_statements
from components.compute.service_args import CPU_PERCENT, MEMORY_PERCENT, ServiceArgs, service_alarms
from components.compute.service_role import ServiceRole, ServiceRoleArgs, task_trust

# AWS scales how many there are; whoever deploys only says how many to begin with.
SCALED_BY_AWS = ["desiredCount"]


@dataclass(frozen=True, kw_only=True)
class FargatePlace:
    """Where in a cell a service's tasks run."""

    cluster: pulumi.Input[str]  # the ECS cluster's name
    subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone letter
    group_id: pulumi.Input[str]  # the security group of the service's tasks, which stores know
    execution_role: str  # the name of the role with which ECS starts tasks
    log_group: str


class FargateService(pulumi.ComponentResource):
    """As many tasks as AWS finds right, in every zone, behind the load balancers' target groups.

    The first `least` are on demand; of those beyond, `spot` percent are on Spot. A deployment whose tasks don't come
    up is taken back, and fails.
    """

    def __init__(
        self,
        name: str,
        args: ServiceArgs,
        place: FargatePlace,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("castle:compute:FargateService", name, None, opts)
        self._name, self._args, self._place = name, args, place
        self._child = pulumi.ResourceOptions(parent=self)

        ways = self._ways()
        service = self._service(self._task(), ways)
        self._scaling(service)
        service_alarms(name, args, self._child)
        alarm(f"{name}-alarm-tasks", self._too_few(), args.alarm_topic_arn, self._child)
        self.register_outputs({})

    def _ways(self) -> list[pulumi.Resource]:
        """The rules by which load balancers reach the tasks, and the tasks what they need."""
        args, group = self._args, self._place.group_id
        return [
            *(
                aws.vpc.SecurityGroupIngressRule(
                    f"{self._name}-from-{balancer}",
                    security_group_id=group,
                    description=f"From the load balancer {balancer}",
                    ip_protocol="tcp",
                    from_port=args.port,
                    to_port=args.port,
                    referenced_security_group_id=target.balancer_group_id,
                    opts=self._child,
                )
                for balancer, target in args.targets.items()
            ),
            *(
                aws.vpc.SecurityGroupEgressRule(
                    f"{self._name}-to-{where}",
                    security_group_id=group,
                    description=f"To {where}",
                    ip_protocol="tcp",
                    from_port=way.port,
                    to_port=way.port,
                    cidr_ipv4=way.cidr,
                    opts=self._child,
                )
                for where, way in args.egress.items()
            ),
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
        starts = ServiceRole(
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
            execution_role_arn=starts.arn,
            container_definitions=container_definitions(args, log.name),
            volumes=[aws.ecs.TaskDefinitionVolumeArgs(name="scratch")],
            opts=self._child,
        )

    def _service(self, task: aws.ecs.TaskDefinition, ways: list[pulumi.Resource]) -> aws.ecs.Service:
        args, place = self._args, self._place
        return aws.ecs.Service(
            f"{self._name}-service",
            name=args.service,
            cluster=place.cluster,
            task_definition=task.arn,
            desired_count=args.least,
            capacity_provider_strategies=_strategy(args),
            # AWS changes where tasks come from only together with a deployment.
            force_new_deployment=True,
            platform_version="LATEST",
            availability_zone_rebalancing="ENABLED",
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(
                enable=True, rollback=True
            ),
            wait_for_steady_state=True,
            enable_execute_command=False,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            health_check_grace_period_seconds=120,
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
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=SCALED_BY_AWS, depends_on=ways),
        )

    def _scaling(self, service: aws.ecs.Service) -> None:
        args = self._args
        target = aws.appautoscaling.Target(
            f"{self._name}-scaling",
            service_namespace="ecs",
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=pulumi.Output.format("service/{0}/{1}", self._place.cluster, service.name),
            min_capacity=args.least,
            max_capacity=args.most,
            opts=self._child,
        )
        self._track("cpu", target, "ECSServiceAverageCPUUtilization", CPU_PERCENT)
        self._track("memory", target, "ECSServiceAverageMemoryUtilization", MEMORY_PERCENT)
        for balancer, behind in args.targets.items():
            label = pulumi.Output.format("{0}/{1}", behind.balancer_metrics_name, behind.metrics_name)
            self._track(
                f"requests-{balancer}", target, "ALBRequestCountPerTarget", args.requests_a_minute, label
            )

    def _track(
        self,
        what: str,
        target: aws.appautoscaling.Target,
        metric: str,
        value: float,
        label: pulumi.Input[str] | None = None,
    ) -> None:
        """The policy that wants most has its way, and fewer come only when all want fewer."""
        aws.appautoscaling.Policy(
            f"{self._name}-scaling-{what}",
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                target_value=value,
                scale_out_cooldown=30,
                scale_in_cooldown=300,
                predefined_metric_specification=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                    predefined_metric_type=metric, resource_label=label
                ),
            ),
            opts=self._child,
        )

    def _too_few(self) -> Watch:
        return Watch(
            tells=f"Fewer tasks of {self._args.service} run than {self._args.least}",
            namespace="ECS/ContainerInsights",
            metric="RunningTaskCount",
            dimensions={"ClusterName": self._place.cluster, "ServiceName": self._args.service},
            statistic="Minimum",
            is_="below",
            threshold=self._args.least,
            missing="breaching",
        )


def _strategy(args: ServiceArgs) -> list[aws.ecs.ServiceCapacityProviderStrategyArgs]:
    """`least` tasks on demand, and the rest by weight.

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
