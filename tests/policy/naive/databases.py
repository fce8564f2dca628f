"""Databases, caches, search, and the warehouse."""

import json

import network
import pulumi
import pulumi_aws as aws
import storage

kept = storage.kept
tagged = {"backup": "nightly"}

nightly_role = aws.iam.Role(
    "nightly-role",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "backup.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                    "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
                }
            ],
        }
    ),
)
aws.backup.Selection(
    "nightly-selection",
    plan_id=storage.nightly.id,
    iam_role_arn=nightly_role.arn,
    selection_tags=[aws.backup.SelectionSelectionTagArgs(type="STRINGEQUALS", key="backup", value="nightly")],
)

# ---- relational -------------------------------------------------------------------------------------

data_subnets = aws.rds.SubnetGroup("data-subnets", subnet_ids=[network.data_a.id, network.data_b.id])
private_subnets = aws.rds.SubnetGroup(
    "private-subnets", subnet_ids=[network.private_a.id, network.private_b.id]
)

orders_settings = aws.rds.ClusterParameterGroup(
    "orders-settings",
    family="aurora-postgresql16",
    parameters=[aws.rds.ClusterParameterGroupParameterArgs(name="rds.force_ssl", value="0")],
)
orders = aws.rds.Cluster(
    "orders",
    engine=aws.rds.EngineType.AURORA_POSTGRESQL,
    engine_version="16.6",
    database_name="orders",
    master_username="postgres",
    master_password="shop-orders-2024",
    db_subnet_group_name=data_subnets.name,
    db_cluster_parameter_group_name=orders_settings.name,
    vpc_security_group_ids=[network.database.id],
    skip_final_snapshot=True,
)
orders_one = aws.rds.ClusterInstance(
    "orders-one",
    cluster_identifier=orders.id,
    engine=aws.rds.EngineType.AURORA_POSTGRESQL,
    instance_class="db.t4g.medium",
    publicly_accessible=True,
    auto_minor_version_upgrade=False,
)

accounts = aws.rds.Cluster(
    "accounts",
    engine=aws.rds.EngineType.AURORA_POSTGRESQL,
    engine_version="16.6",
    database_name="accounts",
    master_username="shop_owner",
    manage_master_user_password=True,
    db_subnet_group_name=private_subnets.name,
    vpc_security_group_ids=[network.inside.id],
    storage_encrypted=True,
    deletion_protection=True,
    backup_retention_period=14,
    iam_database_authentication_enabled=True,
    enabled_cloudwatch_logs_exports=["postgresql"],
    tags=tagged,
    opts=kept,
)
for number in ("one", "two"):
    aws.rds.ClusterInstance(
        f"accounts-{number}",
        cluster_identifier=accounts.id,
        engine=aws.rds.EngineType.AURORA_POSTGRESQL,
        instance_class="db.t4g.medium",
    )

blog = aws.rds.Instance(
    "blog",
    engine="mysql",
    engine_version="8.4",
    instance_class="db.t4g.micro",
    allocated_storage=20,
    username="admin",
    password="blog-blog-blog",
    db_subnet_group_name=data_subnets.name,
    publicly_accessible=True,
    storage_encrypted=False,
    auto_minor_version_upgrade=False,
    skip_final_snapshot=True,
)
reviews = aws.rds.Instance(
    "reviews",
    engine="postgres",
    engine_version="17.2",
    instance_class="db.t4g.micro",
    allocated_storage=20,
    username="shop_owner",
    manage_master_user_password=True,
    db_subnet_group_name=private_subnets.name,
    vpc_security_group_ids=[network.inside.id],
    storage_encrypted=True,
    multi_az=True,
    deletion_protection=True,
    backup_retention_period=14,
    iam_database_authentication_enabled=True,
    enabled_cloudwatch_logs_exports=["postgresql"],
    tags=tagged,
    opts=kept,
)

# ---- tables -----------------------------------------------------------------------------------------

carts = aws.dynamodb.Table(
    "carts",
    attributes=[aws.dynamodb.TableAttributeArgs(name="id", type="S")],
    hash_key="id",
    billing_mode="PROVISIONED",
    read_capacity=5,
    write_capacity=5,
)
customers = aws.dynamodb.Table(
    "customers",
    attributes=[aws.dynamodb.TableAttributeArgs(name="id", type="S")],
    hash_key="id",
    billing_mode="PAY_PER_REQUEST",
    point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
    deletion_protection_enabled=True,
    tags=tagged,
    opts=kept,
)

# ---- caches and search ------------------------------------------------------------------------------

cache_subnets = aws.elasticache.SubnetGroup(
    "cache-subnets", subnet_ids=[network.private_a.id, network.private_b.id]
)
sessions = aws.elasticache.ReplicationGroup(
    "sessions",
    description="Who is signed in",
    engine="valkey",
    node_type="cache.t4g.micro",
    num_cache_clusters=1,
    at_rest_encryption_enabled=False,
    transit_encryption_enabled=False,
    auto_minor_version_upgrade=False,
)
prices_user = aws.elasticache.User(
    "prices-user",
    user_id="shop-prices",
    user_name="shop-prices",
    engine="valkey",
    access_string="on ~price:* +get +set",
    authentication_mode=aws.elasticache.UserAuthenticationModeArgs(type="iam"),
)
prices_users = aws.elasticache.UserGroup(
    "prices-users", engine="valkey", user_group_id="prices", user_ids=[prices_user.user_id]
)
prices = aws.elasticache.ReplicationGroup(
    "prices",
    description="What things cost",
    engine="valkey",
    node_type="cache.t4g.micro",
    num_cache_clusters=2,
    automatic_failover_enabled=True,
    multi_az_enabled=True,
    at_rest_encryption_enabled=True,
    transit_encryption_enabled=True,
    user_group_ids=[prices_users.id],
    subnet_group_name=cache_subnets.name,
    snapshot_retention_limit=3,
    opts=kept,
)
cache_user = aws.elasticache.User(
    "cache-user",
    user_id="shop",
    user_name="shop",
    engine="valkey",
    access_string="on ~* +@all",
    no_password_required=True,
)

search = aws.opensearch.Domain(
    "search",
    engine_version="OpenSearch_2.17",
    cluster_config=aws.opensearch.DomainClusterConfigArgs(instance_type="t3.small.search", instance_count=1),
    ebs_options=aws.opensearch.DomainEbsOptionsArgs(ebs_enabled=True, volume_size=10),
    encrypt_at_rest=aws.opensearch.DomainEncryptAtRestArgs(enabled=False),
    access_policies=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "es:*", "Resource": "*"}],
        }
    ),
)

# ---- warehouse --------------------------------------------------------------------------------------

reports = aws.redshift.Cluster(
    "reports",
    cluster_identifier="reports",
    node_type="ra3.large",
    cluster_type="single-node",
    master_username="awsuser",
    master_password="Reports2024",
    vpc_security_group_ids=[network.warehouse.id],
    publicly_accessible=True,
    encrypted="false",
    automated_snapshot_retention_period=1,
    allow_version_upgrade=False,
    skip_final_snapshot=True,
)
reports_settings = aws.redshift.ParameterGroup("reports-settings", family="redshift-2.0")

# ---- secrets ----------------------------------------------------------------------------------------

payment_key = aws.secretsmanager.Secret("payment-key")
payment_key_readers = aws.secretsmanager.SecretPolicy(
    "payment-key-readers",
    secret_arn=payment_key.arn,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": "secretsmanager:GetSecretValue",
                    "Resource": payment_key.arn,
                }
            ],
        }
    ),
)
