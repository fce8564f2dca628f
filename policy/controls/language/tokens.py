"""Type tokens that rules match on, in one place, since one type often has several.

Pulumi keeps old names of a type alive (`alb` beside `lb`, `BucketV2` beside `Bucket`), and a program that uses
the other name must not slip through.
"""

from __future__ import annotations

from typing import Final

Tokens = tuple[str, ...]


def _aws(*names: str) -> Tokens:
    """Type tokens of AWS: `s3/Bucket` becomes `aws:s3/bucket:Bucket`."""
    split = [name.split("/") for name in names]
    return tuple(f"aws:{module}/{kind[0].lower()}{kind[1:]}:{kind}" for module, kind in split)


ANY: Final[Tokens] = ("*",)

AWS_PROVIDER: Final[Tokens] = ("pulumi:providers:aws",)
STACK_REFERENCE: Final = "pulumi:pulumi:StackReference"

VPC: Final = _aws("ec2/Vpc")
SUBNET: Final = _aws("ec2/Subnet")
INTERNET_GATEWAY: Final = _aws("ec2/InternetGateway")
NAT_GATEWAY: Final = _aws("ec2/NatGateway")
ROUTE_TABLE: Final = _aws("ec2/RouteTable", "ec2/DefaultRouteTable")
ROUTE: Final = _aws("ec2/Route")
ROUTE_TABLE_ASSOCIATION: Final = _aws("ec2/RouteTableAssociation")
DEFAULT_SECURITY_GROUP: Final = _aws("ec2/DefaultSecurityGroup")
SECURITY_GROUP: Final = _aws("ec2/SecurityGroup")
SECURITY_GROUP_RULE: Final = _aws("ec2/SecurityGroupRule")
INGRESS_RULE: Final = _aws("vpc/SecurityGroupIngressRule")
EGRESS_RULE: Final = _aws("vpc/SecurityGroupEgressRule")
INGRESS: Final = SECURITY_GROUP + DEFAULT_SECURITY_GROUP + SECURITY_GROUP_RULE + INGRESS_RULE
VPC_CIDR: Final = VPC + _aws("ec2/VpcIpv4CidrBlockAssociation")
FLOW_LOG: Final = _aws("ec2/FlowLog")
NETWORK_ACL: Final = _aws("ec2/NetworkAcl", "ec2/DefaultNetworkAcl")
NETWORK_ACL_RULE: Final = _aws("ec2/NetworkAclRule")
VPC_ENDPOINT: Final = _aws("ec2/VpcEndpoint")
TRANSIT_GATEWAY: Final = _aws("ec2transitgateway/TransitGateway")

KEY: Final = _aws("kms/Key")
REPLICA_KEY: Final = _aws("kms/ReplicaKey")
KEY_POLICY: Final = _aws("kms/KeyPolicy")
KEYS: Final = KEY + REPLICA_KEY + _aws("kms/ExternalKey", "kms/ReplicaExternalKey")

CLUSTER: Final = _aws("rds/Cluster")
GLOBAL_CLUSTER: Final = _aws("rds/GlobalCluster")
CLUSTER_INSTANCE: Final = _aws("rds/ClusterInstance")
DB_SUBNET_GROUP: Final = _aws("rds/SubnetGroup")
CLUSTER_PARAMETERS: Final = _aws("rds/ClusterParameterGroup")
DB_INSTANCE: Final = _aws("rds/Instance")
CLUSTER_SNAPSHOT: Final = _aws("rds/ClusterSnapshot")
SNAPSHOT_COPY: Final = _aws("rds/ClusterSnapshotCopy")
DB_PROXY: Final = _aws("rds/Proxy")

TABLE: Final = _aws("dynamodb/Table")
TABLE_REPLICA: Final = _aws("dynamodb/TableReplica")
TABLE_POLICY: Final = _aws("dynamodb/ResourcePolicy")
SCALING_TARGET: Final = _aws("appautoscaling/Target")
SCALING_POLICY: Final = _aws("appautoscaling/Policy")

FILE_SYSTEM: Final = _aws("efs/FileSystem")
FILE_ACCESS_POINT: Final = _aws("efs/AccessPoint")
FILE_BACKUP: Final = _aws("efs/BackupPolicy")
FILE_POLICY: Final = _aws("efs/FileSystemPolicy")
FILE_REPLICATION: Final = _aws("efs/ReplicationConfiguration")
MOUNT_TARGET: Final = _aws("efs/MountTarget")

WAREHOUSE: Final = _aws("redshift/Cluster")
WAREHOUSE_LOGGING: Final = _aws("redshift/Logging")
WAREHOUSE_PARAMETERS: Final = _aws("redshift/ParameterGroup")
WAREHOUSE_NAMESPACE: Final = _aws("redshiftserverless/Namespace")
WORKGROUP: Final = _aws("redshiftserverless/Workgroup")

VAULT: Final = _aws("backup/Vault")
VAULT_LOCK: Final = _aws("backup/VaultLockConfiguration")
BACKUP_PLAN: Final = _aws("backup/Plan")
BACKUP_SELECTION: Final = _aws("backup/Selection")

SECRET: Final = _aws("secretsmanager/Secret")
SECRET_POLICY: Final = _aws("secretsmanager/SecretPolicy")
SECRET_ROTATION: Final = _aws("secretsmanager/SecretRotation")

FUNCTION: Final = _aws("lambda/Function")
FUNCTION_PERMISSION: Final = _aws("lambda/Permission")
FUNCTION_URL: Final = _aws("lambda/FunctionUrl")
LAYER_PERMISSION: Final = _aws("lambda/LayerVersionPermission")

CERTIFICATE: Final = _aws("acm/Certificate")

LOAD_BALANCER: Final = _aws(
    "lb/LoadBalancer",
    "alb/LoadBalancer",
    "elasticloadbalancingv2/LoadBalancer",
    "applicationloadbalancing/LoadBalancer",
)
LISTENER: Final = _aws(
    "lb/Listener", "alb/Listener", "elasticloadbalancingv2/Listener", "applicationloadbalancing/Listener"
)
TARGET_GROUP: Final = _aws(
    "lb/TargetGroup",
    "alb/TargetGroup",
    "elasticloadbalancingv2/TargetGroup",
    "applicationloadbalancing/TargetGroup",
)

REST_API: Final = _aws("apigateway/RestApi")
REST_STAGE: Final = _aws("apigateway/Stage")
REST_SETTINGS: Final = _aws("apigateway/MethodSettings")
REST_METHOD: Final = _aws("apigateway/Method")
REST_INTEGRATION: Final = _aws("apigateway/Integration")
REST_DOMAIN: Final = _aws("apigateway/DomainName")
HTTP_API: Final = _aws("apigatewayv2/Api")
HTTP_STAGE: Final = _aws("apigatewayv2/Stage")
HTTP_ROUTE: Final = _aws("apigatewayv2/Route")
HTTP_INTEGRATION: Final = _aws("apigatewayv2/Integration")
HTTP_DOMAIN: Final = _aws("apigatewayv2/DomainName")

BUCKET: Final = _aws("s3/Bucket", "s3/BucketV2")
BUCKET_POLICY: Final = _aws("s3/BucketPolicy")
BUCKET_BLOCK: Final = _aws("s3/BucketPublicAccessBlock")
ACCOUNT_BLOCK: Final = _aws("s3/AccountPublicAccessBlock")
BUCKET_ENCRYPTION: Final = _aws(
    "s3/BucketServerSideEncryptionConfiguration", "s3/BucketServerSideEncryptionConfigurationV2"
)
BUCKET_ACL: Final = _aws("s3/BucketAcl", "s3/BucketAclV2")
BUCKET_LOCK: Final = _aws("s3/BucketObjectLockConfiguration", "s3/BucketObjectLockConfigurationV2")
BUCKET_LOGGING: Final = _aws("s3/BucketLogging", "s3/BucketLoggingV2")
BUCKET_OWNERSHIP: Final = _aws("s3/BucketOwnershipControls")
BUCKET_REPLICATION: Final = _aws("s3/BucketReplicationConfig")
BUCKET_VERSIONING: Final = _aws("s3/BucketVersioning", "s3/BucketVersioningV2")
BUCKET_ACCESS_POINT: Final = _aws("s3/AccessPoint")
MULTI_REGION_ACCESS_POINT: Final = _aws("s3control/MultiRegionAccessPoint")

RECORD: Final = _aws("route53/Record")
HEALTH_CHECK: Final = _aws("route53/HealthCheck")
DISTRIBUTION: Final = _aws("cloudfront/Distribution")
LOG_DELIVERY: Final = _aws("cloudwatch/LogDeliverySource")
QUERY_LOG: Final = _aws("route53/QueryLog")
REGISTERED_DOMAIN: Final = _aws("route53domains/RegisteredDomain", "route53domains/Domain")

METRIC_ALARM: Final = _aws("cloudwatch/MetricAlarm")
ALARM: Final = METRIC_ALARM + _aws("cloudwatch/CompositeAlarm")
METRIC_FILTER: Final = _aws("cloudwatch/LogMetricFilter")
LOG_GROUP: Final = _aws("cloudwatch/LogGroup")
LOG_RESOURCE_POLICY: Final = _aws("cloudwatch/LogResourcePolicy")
TOPIC: Final = _aws("sns/Topic")
TOPIC_POLICY: Final = _aws("sns/TopicPolicy")
SUBSCRIPTION: Final = _aws("sns/TopicSubscription")
QUEUE: Final = _aws("sqs/Queue")
QUEUE_POLICY: Final = _aws("sqs/QueuePolicy")
BUS_POLICY: Final = _aws("cloudwatch/EventBusPolicy")
BUS_PERMISSION: Final = _aws("cloudwatch/EventPermission")
EVENT_ENDPOINT: Final = _aws("cloudwatch/EventEndpoint")

REPOSITORY: Final = _aws("ecr/Repository")
REPOSITORY_POLICY: Final = _aws("ecr/RepositoryPolicy")

TRAIL: Final = _aws("cloudtrail/Trail")
RECORDER: Final = _aws("cfg/Recorder")
RECORDER_STATUS: Final = _aws("cfg/RecorderStatus")
DETECTOR: Final = _aws("guardduty/Detector")
DETECTOR_FEATURE: Final = _aws("guardduty/DetectorFeature")
SECURITY_HUB: Final = _aws("securityhub/Account")
SECURITY_STANDARD: Final = _aws("securityhub/StandardsSubscription")
INSPECTOR: Final = _aws("inspector2/Enabler")
ACCESS_ANALYZER: Final = _aws("accessanalyzer/Analyzer")
ACCOUNT_CONTACT: Final = _aws("account/AlternativeContact")
GRAFANA: Final = _aws("grafana/Workspace")

SEARCH_DOMAIN: Final = _aws("opensearch/Domain")
SEARCH_POLICY: Final = _aws("opensearch/DomainPolicy")

ROLE: Final = _aws("iam/Role")
IAM_POLICY: Final = _aws("iam/Policy", "iam/RolePolicy", "iam/UserPolicy", "iam/GroupPolicy")
POLICY_ATTACHMENT: Final = _aws(
    "iam/RolePolicyAttachment",
    "iam/UserPolicyAttachment",
    "iam/GroupPolicyAttachment",
    "iam/PolicyAttachment",
)
IAM_USER: Final = _aws("iam/User", "iam/UserLoginProfile")
USER_GRANT: Final = _aws("iam/UserPolicy", "iam/UserPolicyAttachment", "iam/PolicyAttachment")
PASSWORD_POLICY: Final = _aws("iam/AccountPasswordPolicy")
OIDC_PROVIDER: Final = _aws("iam/OpenIdConnectProvider")
ACCESS_KEY: Final = _aws("iam/AccessKey")

EKS_CLUSTER: Final = _aws("eks/Cluster")
EKS_COMPONENT: Final = "eks:index:Cluster"
NODE_GROUP: Final = _aws("eks/NodeGroup")
PLACEMENT_GROUP: Final = _aws("ec2/PlacementGroup")
ADDON: Final = _aws("eks/Addon")
ACCESS_POLICY: Final = _aws("eks/AccessPolicyAssociation")
POD_IDENTITY: Final = _aws("eks/PodIdentityAssociation")
SCALING_GROUP: Final = _aws("autoscaling/Group")
INSTANCE: Final = _aws("ec2/Instance")
LAUNCH_TEMPLATE: Final = _aws("ec2/LaunchTemplate")
VOLUME: Final = _aws("ebs/Volume")
EBS_ENCRYPTION: Final = _aws("ebs/EncryptionByDefault")

REPLICATION_GROUP: Final = _aws("elasticache/ReplicationGroup")
GLOBAL_DATASTORE: Final = _aws("elasticache/GlobalReplicationGroup")
SERVERLESS_CACHE: Final = _aws("elasticache/ServerlessCache")
CACHE_CLUSTER: Final = _aws("elasticache/Cluster")
CACHE_USER: Final = _aws("elasticache/User")
CACHE_SUBNET_GROUP: Final = _aws("elasticache/SubnetGroup")

WEB_ACL: Final = _aws("wafv2/WebAcl")
WEB_ACL_RULE: Final = _aws("wafv2/WebAclRule")
WEB_ACL_ASSOCIATION: Final = _aws("wafv2/WebAclAssociation")
FIREWALL_GROUP: Final = _aws("wafv2/RuleGroup")
FIREWALL_LOG: Final = _aws("wafv2/WebAclLoggingConfiguration")
PROTECTION: Final = _aws("shield/Protection")
ACCELERATOR: Final = _aws("globalaccelerator/Accelerator")
ACCELERATOR_LISTENER: Final = _aws("globalaccelerator/Listener")
ENDPOINT_GROUP: Final = _aws("globalaccelerator/EndpointGroup")
ELASTIC_IP: Final = _aws("ec2/Eip")
ZONE: Final = _aws("route53/Zone")


def _k8s(*names: str) -> Tokens:
    """Type tokens of Kubernetes: `core/v1:Pod` as Pulumi writes it, and the type of its patch."""
    return tuple(f"kubernetes:{name}{suffix}" for name in names for suffix in ("", "Patch"))


def whole(tokens: Tokens) -> Tokens:
    """Types of objects that are written whole: a patch holds only what it changes."""
    return tuple(it for it in tokens if not it.endswith("Patch"))


CONFIG_MAP: Final = _k8s("core/v1:ConfigMap")
NAMESPACE: Final = _k8s("core/v1:Namespace")
NETWORK_POLICY: Final = ("kubernetes:networking.k8s.io/v1:NetworkPolicy",)
POD: Final = _k8s("core/v1:Pod")
CRON_JOB: Final = _k8s("batch/v1:CronJob")
REPLICATED: Final = _k8s("apps/v1:Deployment", "apps/v1:StatefulSet")
WORKLOAD: Final = (
    REPLICATED
    + _k8s("apps/v1:DaemonSet", "apps/v1:ReplicaSet", "core/v1:ReplicationController", "batch/v1:Job")
    + CRON_JOB
    + POD
)
DISRUPTION_BUDGET: Final = whole(_k8s("policy/v1:PodDisruptionBudget"))
POD_SCALER: Final = (
    "kubernetes:keda.sh/v1alpha1:ScaledObject",
    *whole(_k8s("autoscaling/v1:HorizontalPodAutoscaler", "autoscaling/v2:HorizontalPodAutoscaler")),
)
SERVICE: Final = _k8s("core/v1:Service")
INGRESS_OBJECT: Final = _k8s("networking.k8s.io/v1:Ingress")
SERVICE_ACCOUNT: Final = _k8s("core/v1:ServiceAccount")
SECRET_OBJECT: Final = _k8s("core/v1:Secret")
STORAGE_CLASS: Final = _k8s("storage.k8s.io/v1:StorageClass")
RBAC_ROLE: Final = _k8s("rbac.authorization.k8s.io/v1:Role", "rbac.authorization.k8s.io/v1:ClusterRole")
CLUSTER_ROLE: Final = _k8s("rbac.authorization.k8s.io/v1:ClusterRole")
RBAC_BINDING: Final = _k8s(
    "rbac.authorization.k8s.io/v1:RoleBinding", "rbac.authorization.k8s.io/v1:ClusterRoleBinding"
)

# Types that hold data or the keys to it: deleting one by mistake can't be undone by running the program again.
STATEFUL: Final = (
    CLUSTER
    + GLOBAL_CLUSTER
    + DB_INSTANCE
    + KEY
    + BUCKET
    + TABLE
    + TABLE_REPLICA
    + FILE_SYSTEM
    + WAREHOUSE
    + WAREHOUSE_NAMESPACE
    + VAULT
    + SECRET
    + SEARCH_DOMAIN
    + _aws(
        "elasticache/ReplicationGroup",
        "elasticache/GlobalReplicationGroup",
    )
)

# Services that have no regions: the `region` of their provider is not where their resources are.
GLOBAL_MODULES: Final = (
    "aws:account/",
    "aws:budgets/",
    "aws:cloudfront/",
    "aws:globalaccelerator/",
    "aws:iam/",
    "aws:organizations/",
    "aws:route53/",
    "aws:s3/accountPublicAccessBlock:",
    "aws:shield/",
)
