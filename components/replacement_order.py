"""Replacement order: what exists once for its parent, or has a name of ours, is deleted before its successor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pulumi

# Types of which AWS has one for a parent, a pair, a place or a name that must be given. Created first, the successor
# would be refused, or be written over the old one, and then be deleted with it.
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
    """Transformation that has what can't stand beside its successor deleted before it is replaced."""
    if args.opts.delete_before_replace is not None or not (args.type_ in ONCE or _is_named(args)):
        return None
    first = pulumi.ResourceOptions(delete_before_replace=True)
    return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions.merge(args.opts, first))


def _is_named(args: pulumi.ResourceTransformationArgs) -> bool:
    """Returns whether the program chose the name.

    The provider does the same by itself when an input changes. With `--replace` nobody asks the provider:
    https://github.com/pulumi/pulumi/blob/v3.200.0/pkg/resource/deploy/step_generator.go (`isTargetedReplace`)
    """
    metadata = args.props.get("metadata")
    of = args.props if metadata is None else metadata
    return (of.get("name") if isinstance(of, Mapping) else getattr(of, "name", None)) is not None


REPLACEMENT_ORDER: Final = pulumi.ResourceOptions(transformations=[delete_first])
