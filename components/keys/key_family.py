"""Key family: one multi-region KMS key for one class of data in one residency."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.keys.key_policy import key_policy
from settings import Family

DELETION_WINDOW_DAYS = 30  # the longest there is: the last chance to take a deletion back


@dataclass(frozen=True, kw_only=True)
class KeyFamilyArgs:
    family: Family
    alias: str

    account: str
    deployer: str  # a role's ARN
    log_groups: Sequence[str]  # patterns of the names of log groups that may use the key
    cluster_roles: str  # a pattern of the names of the roles of EKS clusters

    retain_on_delete: bool  # whether it encrypts data that outlives the platform, such as locked records
    retire: bool


class KeyFamily(pulumi.ComponentResource):
    """The primary in the residency's first region and a replica in each other, all made by the birth stack.

    A replica has the primary's key id and material and its own policy. It isn't protected: it can be made
    again from the primary, and it goes when its cell goes. The loss of a primary couldn't be undone; one that
    `stays` is left to AWS when its stack is destroyed.
    """

    key_id: pulumi.Output[str]  # the same in every region
    arns: dict[str, pulumi.Output[str]]  # by region

    def __init__(self, name: str, args: KeyFamilyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:keys:KeyFamily", name, None, opts)
        self._args = args
        family = args.family

        primary = aws.kms.Key(
            f"{name}-key",
            region=family.primary,
            description=f"{family.data_class} data, residency {family.residency}",
            multi_region=True,
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            policy=self._policy(family.primary),
            tags=self._tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=not args.retire,
                retain_on_delete=True if args.retain_on_delete else None,
            ),
        )
        self.key_id = primary.key_id
        self.arns = {family.primary: primary.arn}
        for region in family.replicas:
            self.arns[region] = aws.kms.ReplicaKey(
                f"{name}-replica-{region}",
                region=region,
                description=f"{family.data_class} data, residency {family.residency}",
                primary_key_arn=primary.arn,
                deletion_window_in_days=DELETION_WINDOW_DAYS,
                policy=self._policy(region),
                tags=self._tags,
                opts=pulumi.ResourceOptions(parent=self),
            ).arn
        for region, arn in self.arns.items():
            aws.kms.Alias(
                f"{name}-alias-{region}",
                region=region,
                name=args.alias,
                target_key_id=arn,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({"key_id": self.key_id})

    @property
    def _tags(self) -> dict[str, str]:
        return {"data-class": self._args.family.data_class, "residency": self._args.family.residency}

    def _policy(self, region: str) -> str:
        return json.dumps(
            key_policy(
                data_class=self._args.family.data_class,
                account=self._args.account,
                deployer=self._args.deployer,
                region=region,
                log_groups=self._args.log_groups,
                cluster_roles=self._args.cluster_roles,
            )
        )


def regional_key_arn(key_id: str, region: str, account: str) -> str:
    """The ARN of a family's key in a region: it differs from the primary's only in the region."""
    return f"arn:aws:kms:{region}:{account}:key/{key_id}"
