"""KMS keys that sign tokens, made by the birth cell, with replicas in every cell to verify all tokens."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.signing_policy import signing_key_policy

# 128 bits of security, since a generation may last for years: AWS rotates no asymmetric key.
# https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
KEY_SPEC = "RSA_3072"
DELETION_WINDOW_DAYS = 30  # the longest there is: the last chance to take a deletion back


@dataclass(frozen=True, kw_only=True)
class Generation:
    """One of the keys that follow each other. Once its last token has expired, it may leave."""

    name: str
    leaving: bool = False  # whether its tokens are no longer valid, and it can be taken from the list


@dataclass(frozen=True, kw_only=True)
class SigningKeyArgs:
    alias: str  # of the generation that signs; each generation also has `{alias}-{generation}`
    generations: Sequence[Generation]
    signing_generation: str  # the name of the generation that signs

    account: str
    deployer: str  # a role's ARN
    signers: Sequence[str]  # patterns of the names of roles that sign
    region: str  # of the birth cell
    replicas: Sequence[str]  # the other cells' regions

    retire: bool

    def __post_init__(self) -> None:
        names = [each.name for each in self.generations if not each.leaving]
        if self.signing_generation not in names:
            raise ValueError(
                f"signing key: {self.signing_generation} signs, but is no generation or is leaving; "
                f"name one of {', '.join(names)}"
            )


class SigningKey(pulumi.ComponentResource):
    """A multi-region RSA key for each generation, with a replica and aliases in each cell's region.

    Rotation takes three changes, and no token is refused meanwhile: append a generation, and deploy every cell, whose
    authorizers then accept its alias; make it the one that signs; once the old one's last token has expired, mark
    the old one `leaving`, deploy, and take it from the list. A stolen key is disabled in KMS, in every region.
    """

    aliases: tuple[str, ...]  # of the generations whose tokens are valid; the same in every region
    key_ids: dict[str, pulumi.Output[str]]  # by generation; a token's `kid`, the same in every region

    def __init__(self, name: str, args: SigningKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:identity:SigningKey", name, None, opts)
        self._args = args
        self.aliases = tuple(f"{args.alias}-{each.name}" for each in args.generations if not each.leaving)
        self.key_ids = {}
        for generation in args.generations:
            arns = self._generation(name, generation)
            self._key_aliases(f"{name}-{generation.name}", f"{args.alias}-{generation.name}", arns)
            if generation.name == args.signing_generation:
                self._key_aliases(f"{name}-signs", args.alias, arns)
        self.register_outputs({"key_ids": self.key_ids})

    def _generation(self, name: str, generation: Generation) -> Mapping[str, pulumi.Output[str]]:
        """The key's ARN in each region."""
        args = self._args
        protected = not (args.retire or generation.leaving)
        key = aws.kms.Key(
            f"{name}-{generation.name}",
            region=args.region,
            description=f"Signs tokens, {generation.name}",
            key_usage="SIGN_VERIFY",
            customer_master_key_spec=KEY_SPEC,
            multi_region=True,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            policy=self._policy,
            opts=pulumi.ResourceOptions(parent=self, protect=protected),
        )
        self.key_ids[generation.name] = key.key_id
        arns = {args.region: key.arn}
        for region in args.replicas:
            arns[region] = aws.kms.ReplicaKey(
                f"{name}-{generation.name}-replica-{region}",
                region=region,
                description=f"Signs tokens, {generation.name}",
                primary_key_arn=key.arn,
                deletion_window_in_days=DELETION_WINDOW_DAYS,
                policy=self._policy,
                opts=pulumi.ResourceOptions(parent=self),
            ).arn
        return arns

    def _key_aliases(self, name: str, alias: str, arns: Mapping[str, pulumi.Output[str]]) -> None:
        for region, arn in arns.items():
            aws.kms.Alias(
                f"{name}-alias-{region}",
                region=region,
                name=alias,
                target_key_id=arn,
                opts=pulumi.ResourceOptions(parent=self),
            )

    @property
    def _policy(self) -> str:
        args = self._args
        return json.dumps(
            signing_key_policy(account=args.account, deployer=args.deployer, signers=args.signers)
        )
