"""Replacement order: what exists once for its parent is deleted before its successor is created."""

from __future__ import annotations

from typing import Final

import pulumi

# Types of which AWS has one for a parent, a pair, a place or a name that must be given. Created first, the successor
# would be refused, or be written over the old one, and then be deleted with it. Of a type that the provider can name,
# and that the program named, the provider does the same by itself.
# https://www.pulumi.com/docs/iac/concepts/resources/options/deletebeforereplace/
ONCE: Final = frozenset(
    f"aws:{module}/{name}:{name[0].upper()}{name[1:]}"
    for module, names in {
        "acm": "certificateValidation",
        "apigateway": "account apiKey basePathMapping domainName integration integrationResponse method"
        " methodResponse methodSettings resource response stage usagePlanKey",
        "appautoscaling": "target",
        "backup": "regionSettings vaultLockConfiguration vaultPolicy",
        "cloudfront": "distribution",
        "cloudwatch": "logDelivery logResourcePolicy",
        "dynamodb": "tableReplica",
        "ebs": "encryptionByDefault snapshotBlockPublicAccess",
        "ec2": "defaultSecurityGroup imageBlockPublicAccess instanceMetadataDefaults internetGateway natGateway"
        " peeringConnectionOptions route routeTableAssociation serialConsoleAccess subnet vpcPeeringConnection"
        " vpcPeeringConnectionAccepter",
        "ecr": "lifecyclePolicy replicationConfiguration",
        "ecs": "clusterCapacityProviders",
        "efs": "backupPolicy fileSystemPolicy mountTarget replicationConfiguration",
        "eks": "accessEntry accessPolicyAssociation addon podIdentityAssociation",
        "elasticache": "user userGroup",
        "iam": "accountPasswordPolicy rolePolicyAttachment",
        "kms": "replicaKey",
        "lambda": "eventSourceMapping functionEventInvokeConfig",
        "lb": "listener listenerRule",
        "rds": "integration proxyDefaultTargetGroup proxyEndpoint proxyTarget",
        "redshift": "resourcePolicy",
        "redshiftserverless": "usageLimit workgroup",
        "route53": "record",
        "s3": "accountPublicAccessBlock bucketLifecycleConfiguration bucketLogging bucketObjectLockConfiguration"
        " bucketOwnershipControls bucketPolicy bucketPublicAccessBlock bucketReplicationConfig"
        " bucketServerSideEncryptionConfiguration bucketVersioning",
        "secretsmanager": "secretPolicy secretRotation",
        "sns": "topicPolicy topicSubscription",
        "vpc": "securityGroupEgressRule securityGroupIngressRule",
        "xray": "resourcePolicy",
        "wafv2": "webAclAssociation webAclLoggingConfiguration",
    }.items()
    for name in names.split()
)


def delete_first(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
    """Transformation that has every resource of these types deleted before it is replaced."""
    if args.type_ not in ONCE or args.opts.delete_before_replace is not None:
        return None
    first = pulumi.ResourceOptions(delete_before_replace=True)
    return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions.merge(args.opts, first))


REPLACEMENT_ORDER: Final = pulumi.ResourceOptions(transformations=[delete_first])
