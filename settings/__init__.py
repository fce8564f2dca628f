"""Settings: the only reader of config, as frozen models of the platform's facts and of one stack's sizes.

`loading` reads and validates; `platform` and `sizes` are the models of what a user writes; `checks` and `size_checks`
hold across several; `catalogue` (services) and `placement` (data sets) are decisions of the program, as data.
"""

from __future__ import annotations

from settings.copies import Backup, Copy, backups, copies, replicas
from settings.loading import load, parse, reads, stacks
from settings.model import SettingsError
from settings.platform import CellFacts, DataClass, Family, Partner, Platform
from settings.regions import EDGE_REGION, Residency
from settings.service_sizes import ServiceSizes
from settings.sizes import (
    AuditSizes,
    BackupSizes,
    CacheSizes,
    CellSizes,
    EdgeSizes,
    Endpoint,
    LedgerSizes,
    WarehouseSizes,
)
from settings.stack import GLOBAL, CellSettings, EdgeSettings, Settings

__all__ = [
    "EDGE_REGION",
    "GLOBAL",
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
]
