"""ECS cluster of a cell, for the services that run on Fargate."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

PROVIDERS = ["FARGATE", "FARGATE_SPOT"]  # on demand first


class FargateCluster(pulumi.ComponentResource):
    """ECS cluster without instances, with the Fargate capacity providers and Container Insights."""

    name: pulumi.Output[str]  # known once its capacity providers are associated

    def __init__(self, name: str, cluster: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:compute:FargateCluster", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        ecs_cluster = aws.ecs.Cluster(
            f"{name}-cluster",
            name=cluster,
            settings=[aws.ecs.ClusterSettingArgs(name="containerInsights", value="enhanced")],
            opts=child,
        )
        providers = aws.ecs.ClusterCapacityProviders(
            f"{name}-providers",
            cluster_name=ecs_cluster.name,
            capacity_providers=PROVIDERS,
            default_capacity_provider_strategies=[
                aws.ecs.ClusterCapacityProvidersDefaultCapacityProviderStrategyArgs(
                    capacity_provider=PROVIDERS[0], weight=1
                )
            ],
            opts=child,
        )
        self.name = pulumi.Output.all(ecs_cluster.name, providers.id).apply(lambda resolved: resolved[0])
        self.register_outputs({"name": self.name})
