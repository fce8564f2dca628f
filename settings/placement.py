"""Placement of data sets: which are stored, backed up, replicated and strongly consistent, and the slots of a CIDR.

These are decisions of the program, not of a user; what a user may choose (class and residency of each data set, the
cells, the vaults) is in `Pulumi.yaml` and modelled in `settings/platform.py`. `settings/copies.py` works out of both
where every copy is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

# What the program stores, so what `castle:datasets` has to place. `secrets` are those of clusters and services.
DATASETS: Final = (
    "audit",
    "balances",
    "drains",
    "files",
    "idempotency",
    "images",
    "instruments",
    "ledger",
    "logs",
    "market",
    "outcomes",
    "profiles",
    "reports",
    "secrets",
    "sessions",
    "warehouse",
    "web",
)
# Data sets in tables that may be strongly consistent over regions: `castle:consistency`. The other tables expire
# their items, which AWS does in eventually consistent ones alone.
STRONG_DATASETS: Final = ("balances", "instruments", "profiles")
# Data sets that AWS Backup keeps. Web assets and market data can be had again, audit records are locked where they
# are and copied, logs expire, secrets have replicas of their own, a drain is only of the day.
BACKED_UP: Final = (
    "balances",
    "files",
    "idempotency",
    "instruments",
    "ledger",
    "outcomes",
    "profiles",
    "reports",
    "sessions",
)
BACKED_UP_IN_BUCKETS: Final = ("reports",)  # of those; continuously, over the last weeks
# Data sets whose buckets are replicated: to every other cell that may hold the data set, so that each can serve it,
# or once, which is enough for a record that nobody can delete for years.
REPLICATED_BUCKETS: Final[Mapping[str, Literal["everywhere", "once"]]] = {
    "audit": "once",
    "reports": "everywhere",
    "web": "everywhere",
}
# Data sets that are lost with their only home, by the data set from which they are filled again.
REBUILT_FROM: Final[Mapping[str, str]] = {"warehouse": "ledger"}

ZONE_SLOTS: Final = (
    4  # of a cell's /16; a region with more than four zones shares some, and a cell uses three
)
SLOT_LETTERS: Final = "abcd"  # a slot is called by the first letter that has it


def zone_slot(letter: str) -> int:
    """Slot of the cell's /16 for a zone: by its letter, so that no other zone's coming or going moves it."""
    return (ord(letter) - ord("a")) % ZONE_SLOTS
