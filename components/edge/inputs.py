"""Inputs of the edge: settings, names, the contracts of all cells, and the options of its children."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.keys.key_family import regional_key_arn
from contracts import CellContract, entry
from naming import Names
from settings import CellFacts, EdgeSettings, Platform


@dataclass(frozen=True, kw_only=True)
class EdgeInputs:
    """Inputs of the edge, from which each of its parts is built."""

    name: str  # the edge's logical name, with which those of its children begin
    settings: EdgeSettings
    names: Names
    contracts: Mapping[str, CellContract]  # of the cells that aren't leaving, by name
    child: pulumi.ResourceOptions

    @property
    def platform(self) -> Platform:
        """Facts that all stacks share."""
        return self.settings.platform

    def names_of(self, cell: CellFacts) -> Names:
        """Physical names of a cell's resources."""
        return Names(self.names.platform, cell.name, self.names.account)

    def key_arn(self, dataset: str, region: str) -> pulumi.Output[str]:
        """Key that encrypts a data set, in any region of its family, by the id that the birth cell exports."""
        birth, account = self.settings.birth.name, self.platform.account
        family = self.platform.family_of(dataset)
        return pulumi.Output.from_input(self.contracts[birth].key_ids).apply(
            lambda ids: regional_key_arn(entry(birth, "keyIds", ids, family), region, account)
        )

    @property
    def log_key_arn(self) -> pulumi.Output[str]:
        """Key of logs and alarms in the edge's region."""
        return self.key_arn("logs", self.settings.region)
