"""Copies of data sets: replicas, backups and keys by region, worked out from placement and the platform's facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from settings.placement import BACKED_UP, BACKED_UP_IN_BUCKETS, REPLICATED_BUCKETS
from settings.platform import CellFacts, Platform


@dataclass(frozen=True)
class Backup:
    """Backups that one cell makes of the data sets that one key family encrypts."""

    family: str
    datasets: tuple[str, ...]
    copied_to: str | None  # a region; None on a platform of one cell whose data may be anywhere
    only_copy: bool  # whether no other cell may hold what the family encrypts
    buckets: bool  # whether there are buckets among it


@dataclass(frozen=True)
class Copy:
    """Copy of a data set, or of the key to it, in a region."""

    dataset: str
    kind: Literal["store", "replica", "backup", "key"]
    region: str


def replicas(platform: Platform, dataset: str, viewer: str) -> tuple[tuple[CellFacts, CellFacts], ...]:
    """Pairs of cells of which the first one's bucket is replicated to the second one's."""
    holders = [cell for cell in platform.present(viewer) if platform.may_hold(cell.region, dataset)]
    pairs: list[tuple[CellFacts, CellFacts]] = []
    for source in holders:
        others = [cell for cell in holders if cell != source]
        pairs += [
            (source, each) for each in (others if REPLICATED_BUCKETS[dataset] == "everywhere" else others[:1])
        ]
    return tuple(pairs)


def backups(platform: Platform, cell: CellFacts, viewer: str) -> tuple[Backup, ...]:
    """Backups of one cell, one for each key family, sorted by name.

    A vault has one key and one residency, and so have its copies.
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
            buckets=any(dataset in BACKED_UP_IN_BUCKETS for dataset in datasets),
        )
        for family, datasets in sorted(held.items())
    )


def copies(platform: Platform, viewer: str) -> Iterator[Copy]:
    """Copies of every data set, as the stack `viewer` counts cells."""
    families = {family.name: family.regions for family in platform.families(viewer)}
    for dataset in platform.datasets:
        for cell in _holders(platform, dataset, viewer):
            yield Copy(dataset, "store", cell.region)
        if dataset in REPLICATED_BUCKETS:
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
    """Cells with a store of a data set: all that may hold it, except where a data set has members or one home."""
    members = {
        "ledger": platform.ledger_members,
        "market": platform.cache_members,
        "warehouse": (platform.birth_cell,),
    }
    holders = [cell for cell in platform.present(viewer) if platform.may_hold(cell.region, dataset)]
    return [cell for cell in holders if dataset not in members or cell.name in members[dataset]]
