"""The key families as `global` sees them: by the ids that the birth cell tells."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.keys.key_family import local_arn
from contracts import CellContract, entry
from settings import EdgeSettings


def family_key_arn(
    settings: EdgeSettings, contracts: Mapping[str, CellContract], family: str, region: str
) -> pulumi.Output[str]:
    """The key of a family in any of its regions."""
    birth = settings.birth.name
    return pulumi.Output.from_input(contracts[birth].key_ids).apply(
        lambda ids: local_arn(entry(birth, "keyIds", ids, family), region, settings.platform.account)
    )
