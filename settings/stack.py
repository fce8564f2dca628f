"""Settings of one stack: the platform's facts, the stack's own sizes, and what follows from both."""

from __future__ import annotations

from collections.abc import Mapping

from settings import size_checks
from settings.model import Model
from settings.platform import CellFacts, Platform
from settings.regions import EDGE_REGION
from settings.sizes import CacheSizes, CellSizes, EdgeSizes, LedgerSizes, WarehouseSizes

GLOBAL = "global"  # the stack that is no cell


class CellSettings(Model):
    """Settings of a cell's stack."""

    platform: Platform
    cell: CellFacts
    sizes: CellSizes
    images: Mapping[str, str]  # digests, by service; one without isn't deployed
    retire: bool

    @property
    def stack(self) -> str:
        return self.cell.name

    @property
    def region(self) -> str:
        return self.cell.region

    @property
    def is_birth(self) -> bool:
        return self.cell.name == self.platform.birth_cell

    @property
    def birth(self) -> CellFacts:
        """The birth cell's facts. It is always the first."""
        return self.platform.cells[0]

    @property
    def ledger(self) -> LedgerSizes | None:
        """The capacity of this cell's member of the ledger, if it has one."""
        if self.cell.name not in self.platform.ledger_members:
            return None
        return self.sizes.ledger or LedgerSizes()

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings: values that are allowed and that nobody should go live with."""
        return tuple(size_checks.warnings(self.ledger))

    @property
    def global_cache(self) -> CacheSizes | None:
        """The sizes of this cell's member of the global cache, if it has one. A joining one has only replicas."""
        if self.cell.name not in self.platform.cache_members:
            return None
        return self.sizes.global_cache or CacheSizes()

    @property
    def warehouse(self) -> WarehouseSizes | None:
        """The sizes of the platform's one warehouse, in the birth cell."""
        return (self.sizes.warehouse or WarehouseSizes()) if self.is_birth else None


class EdgeSettings(Model):
    """Settings of the stack `global`."""

    platform: Platform
    sizes: EdgeSizes
    retire: bool

    @property
    def stack(self) -> str:
        return GLOBAL

    @property
    def warnings(self) -> tuple[str, ...]:
        return ()

    @property
    def region(self) -> str:
        return EDGE_REGION

    @property
    def birth(self) -> CellFacts:
        """The birth cell's facts. It is always the first."""
        return self.platform.cells[0]

    @property
    def cells(self) -> tuple[CellFacts, ...]:
        """The cells that aren't leaving."""
        return self.platform.present(GLOBAL)

    @property
    def origins(self) -> tuple[CellFacts, ...]:
        """The two cells of `castle:origins`, in that order."""
        by_name = {cell.name: cell for cell in self.platform.cells}
        return tuple(by_name[name] for name in self.platform.origins)


Settings = CellSettings | EdgeSettings
