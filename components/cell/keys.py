"""Keys of a cell: the key families, made by the birth cell and derived by the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.cell.inputs import CellInputs
from components.data.ledger.monitoring import LOG_GROUP
from components.keys.key_family import KeyFamily, KeyFamilyArgs, regional_key_arn
from contracts import CellContract, entry
from settings import DataClass


@dataclass(frozen=True)
class Keys:
    """Keys of one cell's region, by family."""

    ids: pulumi.Input[Mapping[str, str]]  # for the contract; empty in a joining cell
    arns: Mapping[str, pulumi.Input[str]]  # where the region may hold the family's residency
    # By family and region, as far as this cell makes them: whatever uses one of another region waits for it.
    made: Mapping[str, Mapping[str, pulumi.Output[str]]] = field(default_factory=dict)


def build_keys(cell: CellInputs) -> Keys:
    """Builds the key families in the birth cell; in a joining cell, derives their ARNs from its contract."""
    if cell.settings.is_birth:
        return _build_families(cell)
    return _derived(cell, cell.earlier[cell.settings.birth.name])


def log_groups(platform: str, data_class: DataClass) -> Sequence[str]:
    """Patterns of the log groups that a class's keys encrypt."""
    caches = [f"/aws/vendedlogs/elasticache/{platform}-*"]
    patterns: dict[DataClass, Sequence[str]] = {
        "market": caches,
        "customer": caches,
        "ledger": [
            *(f"/aws/{store}/{platform}-*" for store in ("rds/cluster", "rds/proxy", "redshift")),
            LOG_GROUP,
        ],
        "audit": [
            *(f"/aws/{service}/{platform}-*" for service in ("apigateway", "ecs", "eks", "lambda")),
            f"aws-waf-logs-{platform}-*",
            "API-Gateway-Execution-Logs_*",  # a name of API Gateway's own, with an API's id behind it
        ],
    }
    return patterns.get(data_class, [])


def _build_families(cell: CellInputs) -> Keys:
    platform, settings = cell.platform, cell.settings
    families = {
        family.name: KeyFamily(
            f"{cell.name}-key-{family.name}",
            KeyFamilyArgs(
                family=family,
                alias=cell.names.key_alias(family.name),
                account=platform.account,
                deployer=platform.deployer,
                log_groups=log_groups(platform.name, family.data_class),
                cluster_roles=f"{cell.name}-cluster-service-*",
                retain_on_delete=family.name == platform.family_of("audit"),
                retire=settings.retire,
            ),
            cell.child,
        )
        for family in platform.families(settings.stack)
    }
    here = settings.region
    return Keys(
        ids=pulumi.Output.all(**{name: family.key_id for name, family in families.items()}),
        arns={name: family.arns[here] for name, family in families.items() if here in family.arns},
        made={name: family.arns for name, family in families.items()},
    )


def _derived(cell: CellInputs, birth: CellContract) -> Keys:
    """Keys by their ARNs: a family has one key id in every region."""
    here, account, birth_cell = cell.settings.region, cell.platform.account, cell.settings.birth.name
    ids = pulumi.Output.from_input(birth.key_ids)

    def arn(family: str) -> pulumi.Output[str]:
        return ids.apply(
            lambda by_family: regional_key_arn(entry(birth_cell, "keyIds", by_family, family), here, account)
        )

    families = cell.platform.families(cell.settings.stack)
    return Keys(ids={}, arns={it.name: arn(it.name) for it in families if here in it.regions})
