"""The key families as one cell sees them: made by the birth cell, derived by the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.keys.key_family import KeyFamily, KeyFamilyArgs, local_arn
from contracts import CellContract, entry
from naming import Names
from settings import CellSettings, DataClass


@dataclass(frozen=True)
class Keys:
    """The keys of one cell's region."""

    ids: pulumi.Input[Mapping[str, str]]  # by family, for the contract; a joining cell has none to tell
    arns: Mapping[str, pulumi.Input[str]]  # by family, where the region may hold its residency
    # By family and region, as far as this cell makes them: what uses one of another region waits for it.
    made: Mapping[str, Mapping[str, pulumi.Output[str]]] = field(default_factory=dict)


def log_groups(platform: str, data_class: DataClass) -> Sequence[str]:
    """Patterns of the log groups that a class's keys encrypt."""
    caches = [f"/aws/vendedlogs/elasticache/{platform}-*"]
    patterns: dict[DataClass, Sequence[str]] = {
        "market": caches,
        "customer": caches,
        "ledger": [f"/aws/{store}/{platform}-*" for store in ("rds/cluster", "rds/proxy", "redshift")],
        "audit": [
            *(f"/aws/{service}/{platform}-*" for service in ("apigateway", "ecs", "eks", "lambda")),
            f"aws-waf-logs-{platform}-*",
            "API-Gateway-Execution-Logs_*",  # a name of API Gateway's own, with an API's id behind it
        ],
    }
    return patterns.get(data_class, [])


def made_keys(name: str, settings: CellSettings, names: Names, child: pulumi.ResourceOptions) -> Keys:
    """The birth cell makes every family, wherever its regions are."""
    platform, here = settings.platform, settings.region
    made = {
        family.name: KeyFamily(
            f"{name}-key-{family.name}",
            KeyFamilyArgs(
                family=family,
                alias=names.key_alias(family.name),
                account=platform.account,
                deployer=platform.deployer,
                log_groups=log_groups(platform.name, family.data_class),
                stays=family.name == platform.family_of("audit"),
                retire=settings.retire,
            ),
            child,
        )
        for family in platform.families(settings.stack)
    }
    return Keys(
        ids=pulumi.Output.all(**{name: family.key_id for name, family in made.items()}),
        arns={name: family.arns[here] for name, family in made.items() if here in family.arns},
        made={name: family.arns for name, family in made.items()},
    )


def joined_keys(settings: CellSettings, birth: CellContract) -> Keys:
    """A joining cell derives its ARNs: a family has one key id everywhere."""
    platform, here = settings.platform, settings.region
    ids = pulumi.Output.from_input(birth.key_ids)

    def arn(family: str) -> pulumi.Output[str]:
        return ids.apply(
            lambda found: local_arn(
                entry(settings.birth.name, "keyIds", found, family), here, platform.account
            )
        )

    families = platform.families(settings.stack)
    arns = {family.name: arn(family.name) for family in families if here in family.regions}
    return Keys(ids={}, arns=arns, made={})
