"""The cluster, and what runs in it."""

import json

import network
import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

eks_role = aws.iam.Role(
    "eks-role",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "eks.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                    "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
                }
            ],
        }
    ),
)
node_role = aws.iam.Role(
    "node-role",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "ec2.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    ),
)
eks = aws.eks.Cluster(
    "eks",
    role_arn=eks_role.arn,
    version="1.31",
    vpc_config=aws.eks.ClusterVpcConfigArgs(subnet_ids=[network.private_a.id, network.private_b.id]),
)
nodes = aws.eks.NodeGroup(
    "nodes",
    cluster_name=eks.name,
    node_role_arn=node_role.arn,
    subnet_ids=[network.public_a.id, network.public_b.id],
    scaling_config=aws.eks.NodeGroupScalingConfigArgs(desired_size=2, max_size=3, min_size=1),
    remote_access=aws.eks.NodeGroupRemoteAccessArgs(ec2_ssh_key="laptop"),
)

kubeconfig = pulumi.Output.json_dumps(
    {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "shop",
                "cluster": {
                    "server": eks.endpoint,
                    "certificate-authority-data": eks.certificate_authority.data,
                },
            }
        ],
        "contexts": [{"name": "shop", "context": {"cluster": "shop", "user": "aws"}}],
        "current-context": "shop",
        "users": [
            {
                "name": "aws",
                "user": {
                    "exec": {
                        "apiVersion": "client.authentication.k8s.io/v1beta1",
                        "command": "aws",
                        "args": ["eks", "get-token", "--cluster-name", eks.name],
                    }
                },
            }
        ],
    }
)
provider = kubernetes.Provider("inside", kubeconfig=kubeconfig)

namespace = kubernetes.core.v1.Namespace(
    "namespace", metadata={"name": "shop"}, opts=pulumi.ResourceOptions(provider=provider)
)
in_shop = pulumi.ResourceOptions(provider=provider, depends_on=[namespace])

settings = kubernetes.core.v1.ConfigMap(
    "settings",
    metadata={"name": "settings", "namespace": "shop"},
    data={"theme": "dark", "db-password": "hunter2"},
    opts=in_shop,
)
card_key = kubernetes.core.v1.Secret(
    "card-key",
    metadata={"name": "card-key", "namespace": "shop"},
    string_data={"key": "0123456789"},
    opts=in_shop,
)
robot = kubernetes.core.v1.ServiceAccount(
    "robot",
    metadata={"name": "robot", "namespace": "shop"},
    automount_service_account_token=False,
    opts=in_shop,
)

# "It only starts when it may do everything."
agent = kubernetes.core.v1.Pod(
    "agent",
    metadata={"name": "agent", "namespace": "shop"},
    spec={
        "host_network": True,
        "host_pid": True,
        "volumes": [{"name": "root", "host_path": {"path": "/"}}],
        "containers": [
            {
                "name": "agent",
                "image": "agent:latest",
                "security_context": {
                    "privileged": True,
                    "capabilities": {"add": ["SYS_ADMIN"]},
                },
                "ports": [{"container_port": 9000, "host_port": 9000}],
                "env": [{"name": "API_TOKEN", "value": "abc"}],
                "volume_mounts": [{"name": "root", "mount_path": "/host"}],
            }
        ],
    },
    opts=in_shop,
)


def deployment(
    name: str, replicas: int, resources: kubernetes.core.v1.ResourceRequirementsArgs | None = None
) -> kubernetes.apps.v1.Deployment:
    """A workload whose pods may do no more than they need."""
    container = kubernetes.core.v1.ContainerArgs(
        name=name,
        image=f"shop/{name}:1.4.2",
        resources=resources,
        security_context=kubernetes.core.v1.SecurityContextArgs(
            allow_privilege_escalation=False,
            capabilities=kubernetes.core.v1.CapabilitiesArgs(drop=["ALL"]),
        ),
    )
    pod = kubernetes.core.v1.PodSpecArgs(
        service_account_name="robot",
        automount_service_account_token=False,
        security_context=kubernetes.core.v1.PodSecurityContextArgs(
            run_as_non_root=True,
            seccomp_profile=kubernetes.core.v1.SeccompProfileArgs(type="RuntimeDefault"),
        ),
        containers=[container],
    )
    return kubernetes.apps.v1.Deployment(
        name,
        metadata={"name": name, "namespace": "shop"},
        spec=kubernetes.apps.v1.DeploymentSpecArgs(
            replicas=replicas,
            selector=kubernetes.meta.v1.LabelSelectorArgs(match_labels={"app": name}),
            template=kubernetes.core.v1.PodTemplateSpecArgs(
                metadata=kubernetes.meta.v1.ObjectMetaArgs(labels={"app": name}), spec=pod
            ),
        ),
        opts=pulumi.ResourceOptions(provider=provider, depends_on=[robot]),
    )


bounded = kubernetes.core.v1.ResourceRequirementsArgs(
    requests={"cpu": "100m", "memory": "128Mi"}, limits={"memory": "128Mi"}
)
storefront = deployment("storefront", 3, bounded)
storefront_budget = kubernetes.policy.v1.PodDisruptionBudget(
    "storefront-budget",
    metadata={"name": "storefront", "namespace": "shop"},
    spec={"max_unavailable": 1, "selector": {"match_labels": {"app": "storefront"}}},
    opts=in_shop,
)
catalog = deployment("catalog", 3, bounded)
mailer = deployment("mailer", 1)

door = kubernetes.core.v1.Service(
    "door",
    metadata={"name": "door", "namespace": "shop"},
    spec={
        "type": "NodePort",
        "selector": {"app": "storefront"},
        "ports": [{"port": 80, "target_port": 8080}],
    },
    opts=in_shop,
)
hall = kubernetes.core.v1.Service(
    "hall",
    metadata={"name": "hall", "namespace": "shop"},
    spec={"selector": {"app": "storefront"}, "ports": [{"port": 80, "target_port": 8080}]},
    opts=in_shop,
)
gate = kubernetes.networking.v1.Ingress(
    "gate",
    metadata={
        "name": "gate",
        "namespace": "shop",
        "annotations": {"alb.ingress.kubernetes.io/scheme": "internet-facing"},
    },
    spec={
        "rules": [
            {
                "http": {
                    "paths": [
                        {
                            "path": "/",
                            "path_type": "Prefix",
                            "backend": {"service": {"name": "hall", "port": {"number": 80}}},
                        }
                    ]
                }
            }
        ]
    },
    opts=pulumi.ResourceOptions(provider=provider, depends_on=[hall]),
)

secret_reader = kubernetes.rbac.v1.ClusterRole(
    "secret-reader",
    metadata={"name": "secret-reader"},
    rules=[{"api_groups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch"]}],
    opts=in_shop,
)
starter = kubernetes.rbac.v1.Role(
    "starter",
    metadata={"name": "starter", "namespace": "shop"},
    rules=[{"api_groups": [""], "resources": ["pods", "pods/exec"], "verbs": ["create"]}],
    opts=in_shop,
)
robot_is_admin = kubernetes.rbac.v1.ClusterRoleBinding(
    "robot-is-admin",
    metadata={"name": "robot-is-admin"},
    role_ref={"api_group": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
    subjects=[{"kind": "ServiceAccount", "name": "robot", "namespace": "shop"}],
    opts=in_shop,
)
disks = kubernetes.storage.v1.StorageClass(
    "disks", metadata={"name": "disks"}, provisioner="ebs.csi.aws.com", opts=in_shop
)
