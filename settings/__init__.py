"""The only reader of config: frozen models of the platform's facts and of one stack's sizes.

`load()` reads Pulumi's config. `parse()` does the same with any mapping of full keys (`castle:cells`), whose
values may be parsed already or be the strings that Pulumi hands over, and needs no Pulumi to run. A bad value
is a `SettingsError`: one line for each, with the key, the value, what is allowed and what to write instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pulumi
from pydantic import Field

from settings import checks, size_checks
from settings.copies import REPLICATED, Backup, Copy, backups, copies, replicas
from settings.model import Model, SettingsError, nearest, validated
from settings.platform import CellFacts, DataClass, Family, Partner, Platform
from settings.regions import EDGE_REGION, Residency
from settings.services import ServiceSizes
from settings.sizes import (
    SLOT_LETTERS,
    ZONE_SLOTS,
    AuditSizes,
    BackupSizes,
    CacheSizes,
    CellSizes,
    EdgeSizes,
    Endpoint,
    LedgerSizes,
    WarehouseSizes,
    zone_slot,
)

__all__ = [
    "GLOBAL",
    "REPLICATED",
    "SLOT_LETTERS",
    "ZONE_SLOTS",
    "AuditSizes",
    "Backup",
    "BackupSizes",
    "CacheSizes",
    "CellFacts",
    "CellSettings",
    "CellSizes",
    "Copy",
    "DataClass",
    "EdgeSettings",
    "EdgeSizes",
    "Endpoint",
    "Family",
    "LedgerSizes",
    "Partner",
    "Platform",
    "Residency",
    "ServiceSizes",
    "Settings",
    "SettingsError",
    "WarehouseSizes",
    "backups",
    "copies",
    "load",
    "parse",
    "reads",
    "replicas",
    "stacks",
    "zone_slot",
]

GLOBAL = "global"  # the stack that is no cell
_PREFIX = "castle:"


class CellSettings(Model):
    """Everything that a cell's stack knows."""

    platform: Platform
    cell: CellFacts
    sizes: CellSizes
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
        """What is allowed, and nobody should go live with."""
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
    """Everything that the stack `global` knows."""

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


class _CellOwn(Model):
    sizes: CellSizes = Field(description="an object of this stack's sizes", examples=[{"nat": "one"}])
    retire: bool = Field(default=False, description="true or false", examples=[True])


class _EdgeOwn(Model):
    sizes: EdgeSizes = Field(description="an object of this stack's sizes", examples=[{"priceClass": "all"}])
    retire: bool = Field(default=False, description="true or false", examples=[True])


class _Every(Platform):
    """All keys there are, to find the nearest one."""

    sizes: object
    retire: object


def load() -> Settings:
    """The settings of the stack that runs now. What they warn of is told."""
    config = pulumi.Config(_PREFIX.removesuffix(":"))
    known = {f"{_PREFIX}{key}": config.get(key) for key in _keys()}
    set_somewhere = {key: value for key, value in known.items() if value is not None}
    found = parse(pulumi.get_stack(), pulumi.runtime.get_config_env() | set_somewhere)
    for line in found.warnings:
        pulumi.log.warn(line)
    return found


def parse(stack: str, config: Mapping[str, object]) -> Settings:
    """The settings of one stack. Keys of other namespaces are left alone."""
    raw = _own(config)
    platform = _platform(raw)
    cells = {cell.name: cell for cell in platform.cells}
    own = {"sizes": raw.get("sizes", {}), "retire": raw.get("retire", False)}
    if stack == GLOBAL:
        edge = validated(_EdgeOwn, own, _PREFIX)
        _refuse(checks.origins(platform))
        return EdgeSettings.model_construct(platform=platform, sizes=edge.sizes, retire=edge.retire)
    if stack not in cells:
        raise SettingsError(
            f"stack {stack}: neither a cell nor {GLOBAL}; "
            f"select one of {', '.join((*cells, GLOBAL))}, or add it to castle:cells"
        )
    mine = validated(_CellOwn, own, _PREFIX)
    _refuse(size_checks.between(platform, cells[stack], mine.sizes))
    _refuse(checks.retire(platform, cells[stack]) if mine.retire else checks.homes(platform, stack))
    if not mine.retire:
        _refuse(checks.consistency(platform, stack))
    return CellSettings.model_construct(
        platform=platform, cell=cells[stack], sizes=mine.sizes, retire=mine.retire
    )


def stacks(config: Mapping[str, object]) -> list[str]:
    """Every stack in the order in which they come up: the cells in config order, `global` last."""
    return [*(cell.name for cell in _platform(_own(config)).cells), GLOBAL]


def reads(config: Mapping[str, object], stack: str) -> list[str]:
    """The stacks that one stack reads from, each before it in `stacks()`."""
    platform = _platform(_own(config))
    if stack == GLOBAL:
        return [cell.name for cell in platform.present(GLOBAL)]
    return [cell.name for cell in platform.earlier(stack)]


def _keys() -> list[str]:
    return [field.alias or name for name, field in _Every.model_fields.items()]


def _own(config: Mapping[str, object]) -> dict[str, object]:
    """Our keys without their namespace, with objects and lists parsed."""
    raw = {key.removeprefix(_PREFIX): value for key, value in config.items() if key.startswith(_PREFIX)}
    unknown = sorted(raw.keys() - set(_keys()))
    _refuse(f"{_PREFIX}{key}: unknown key; {nearest(key, _Every, _PREFIX + key)}" for key in unknown)
    return {key: _parsed(value) for key, value in raw.items()}


def _parsed(value: object) -> object:
    """Pulumi hands objects and lists over as JSON; what isn't any is left to the models to refuse."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            return value
    return value


def _platform(raw: Mapping[str, object]) -> Platform:
    facts = {key: value for key, value in raw.items() if key not in ("sizes", "retire")}
    platform = validated(Platform, facts, _PREFIX)
    _refuse(checks.platform(platform))
    return platform


def _refuse(lines: Iterator[str]) -> None:
    if found := "\n".join(lines):
        raise SettingsError(found)
