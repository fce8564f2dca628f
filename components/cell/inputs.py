"""Inputs of a cell: settings, names, the contracts of earlier cells, and the options of its children."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from contracts import CellContract
from naming import Names
from settings import CellFacts, CellSettings, Platform


@dataclass(frozen=True, kw_only=True)
class CellInputs:
    """Inputs of a cell, before anything of it is built."""

    name: str  # the cell's logical name, with which those of its children begin
    settings: CellSettings
    names: Names
    earlier: Mapping[str, CellContract]  # of the cells before this one, by name
    child: pulumi.ResourceOptions

    @property
    def cells(self) -> Sequence[CellFacts]:
        """Cells of the platform as this one counts them, itself included."""
        return self.settings.platform.present(self.settings.stack)

    def names_of(self, cell: CellFacts) -> Names:
        """Physical names of another cell's resources."""
        return Names(self.names.platform, cell.name, self.names.account)

    @property
    def platform(self) -> Platform:
        """Facts that all stacks share."""
        return self.settings.platform
