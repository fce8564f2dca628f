"""Where copies of the data sets are: what the components build, worked out from the platform's facts alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from settings.platform import CellFacts, Platform

# What AWS Backup keeps. Web assets and market data can be had again, audit records are locked where they are and
# copied, logs expire, secrets have replicas of their own.
BACKED_UP = (
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
IN_BUCKETS = ("reports",)  # of those; of buckets AWS Backup keeps every moment of the last weeks

# The buckets of these are replicated: to every other cell that may hold the data set, so that each can serve it, or
# once, which is what a record needs that nobody can delete for years.
REPLICATED: Mapping[str, Literal["everywhere", "once"]] = {
    "audit": "once",
    "reports": "everywhere",
    "web": "everywhere",
}
MADE_FROM: Mapping[str, str] = {
    "warehouse": "ledger"
}  # what is lost with its only home is filled again from this


@dataclass(frozen=True)
class Backup:
    """The backups that one cell makes of what one family of keys encrypts."""

    family: str
    datasets: tuple[str, ...]
    copied_to: str | None  # a region; None on a platform of one cell whose data may be anywhere
    only_copy: bool  # whether no other cell may hold what the family encrypts
    buckets: bool  # whether there are buckets among it


@dataclass(frozen=True)
class Copy:
    """Something that holds a data set, or the key to it, in a region."""

    dataset: str
    kind: Literal["store", "replica", "backup", "key"]
    region: str


def replicas(platform: Platform, dataset: str, viewer: str) -> tuple[tuple[CellFacts, CellFacts], ...]:
    """Pairs of cells of which the first one's bucket is replicated to the second one's."""
    holders = [cell for cell in platform.present(viewer) if platform.may_hold(cell.region, dataset)]
    pairs: list[tuple[CellFacts, CellFacts]] = []
    for source in holders:
        others = [cell for cell in holders if cell != source]
        pairs += [(source, each) for each in (others if REPLICATED[dataset] == "everywhere" else others[:1])]
    return tuple(pairs)


def backups(platform: Platform, cell: CellFacts, viewer: str) -> tuple[Backup, ...]:
    """The backups of one cell, one for each family of keys, sorted by name.

    What is in one vault has one key and one residency, and so have its copies.
    """
    held: dict[str, list[str]] = {}
    for dataset in BACKED_UP:
        if platform.may_hold(cell.region, dataset):
            held.setdefault(platform.family_of(dataset), []).append(dataset)
    return tuple(
        Backup(
            family=family,
            datasets=tuple(datasets),
            copied_to=platform.second_home(cell.region, datasets[0], viewer),
            only_copy=not any(
                platform.may_hold(other.region, datasets[0])
                for other in platform.present(viewer)
                if other.name != cell.name
            ),
            buckets=any(dataset in IN_BUCKETS for dataset in datasets),
        )
        for family, datasets in sorted(held.items())
    )


def copies(platform: Platform, viewer: str) -> Iterator[Copy]:
    """All that holds a data set, as the stack `viewer` counts cells."""
    families = {family.name: family.regions for family in platform.families(viewer)}
    for dataset in platform.datasets:
        for cell in _holders(platform, dataset, viewer):
            yield Copy(dataset, "store", cell.region)
        if dataset in REPLICATED:
            for _, destination in replicas(platform, dataset, viewer):
                yield Copy(dataset, "replica", destination.region)
        for region in families.get(platform.family_of(dataset), ()):
            yield Copy(dataset, "key", region)
    for cell in platform.present(viewer):
        for backup in backups(platform, cell, viewer):
            for dataset in backup.datasets:
                yield Copy(dataset, "backup", cell.region)
                if backup.copied_to is not None:
                    yield Copy(dataset, "backup", backup.copied_to)


def _holders(platform: Platform, dataset: str, viewer: str) -> list[CellFacts]:
    """The cells with a store of a data set: all that may hold it, but for what has members or is there once."""
    members = {
        "ledger": platform.ledger_members,
        "market": platform.cache_members,
        "warehouse": (platform.birth_cell,),
    }
    holders = [cell for cell in platform.present(viewer) if platform.may_hold(cell.region, dataset)]
    return [cell for cell in holders if dataset not in members or cell.name in members[dataset]]
