"""What the services of a cell that run on Fargate share."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

PROVIDERS = ["FARGATE", "FARGATE_SPOT"]


class FargateCluster(pulumi.ComponentResource):
    """An ECS cluster without machines, whose tasks tell Container Insights how they are; nobody gets into one."""

    name: pulumi.Output[str]  # known once it can run tasks

    def __init__(self, name: str, cluster: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:compute:FargateCluster", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        made = aws.ecs.Cluster(
            f"{name}-cluster",
            name=cluster,
            settings=[aws.ecs.ClusterSettingArgs(name="containerInsights", value="enhanced")],
            opts=child,
        )
        providers = aws.ecs.ClusterCapacityProviders(
            f"{name}-providers",
            cluster_name=made.name,
            capacity_providers=PROVIDERS,
            default_capacity_provider_strategies=[
                aws.ecs.ClusterCapacityProvidersDefaultCapacityProviderStrategyArgs(
                    capacity_provider=PROVIDERS[0], weight=1
                )
            ],
            opts=child,
        )
        self.name = pulumi.Output.all(made.name, providers.id).apply(lambda known: known[0])
        self.register_outputs({"name": self.name})
