"""Checks across the sizes of one cell, and between them and the platform. Each yields finished lines."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic.alias_generators import to_camel

from settings.model import show
from settings.placement import zone_slot
from settings.platform import CellFacts, Platform
from settings.regions import CODE_SIGNING, LACKING_CODE_SIGNING, LACKING_SMALL_CACHES, OFFER_OF, SMALL_CACHES
from settings.service_sizes import wrong_sizes
from settings.sizes import GLOBAL_CACHE_FAMILIES, CellSizes, LedgerSizes

# What AWS advises for members of a global database.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
LEDGER_MIN_ACU = 8


def between(facts: Platform, cell: CellFacts, sizes: CellSizes) -> Iterator[str]:
    """Rules between one cell's sizes and the platform."""
    zones = ", ".join(sizes.zones) or "nothing"
    if len(set(sizes.zones)) < len(sizes.zones):
        yield f"castle:sizes.zones: {zones} names a zone twice; write each once, for example a, b, c"
    elif len(sizes.zones) < 3:
        yield f"castle:sizes.zones: {zones} is fewer than three zones; write three, for example a, b, c"
    else:
        slots = {zone_slot(letter) for letter in sizes.zones}
        if len(slots) < len(sizes.zones):
            yield (
                f"castle:sizes.zones: {zones} gives two zones one slot of the CIDR, since every fourth letter "
                "shares one; write letters of different slots, for example a, b, c"
            )
    yield from _ledger(facts, cell, sizes)
    yield from _global_cache(facts, cell, sizes)
    yield from _warehouse_sizes(facts, cell, sizes)
    yield from _features(cell, sizes)
    yield from wrong_sizes(sizes.services, len(sizes.zones))
    if sizes.matching is not None and sizes.matching.zone not in sizes.zones:
        yield (
            f"castle:sizes.matching.zone: {sizes.matching.zone} is none of the cell's zones; write one of {zones}"
        )
    for number, endpoint in enumerate(sizes.endpoints):
        if endpoint in sizes.endpoints[:number]:
            yield f"castle:sizes.endpoints[{number}]: {endpoint} is listed twice; delete one of the two"


def _features(cell: CellFacts, sizes: CellSizes) -> Iterator[str]:
    """The cell's region has what its sizes ask for."""
    if sizes.orders.signing_profiles and cell.region in LACKING_CODE_SIGNING:
        yield (
            f"castle:sizes.orders.signingProfiles: {cell.region} has no {CODE_SIGNING} (AWS's offer of {OFFER_OF}); "
            "delete them"
        )
    node_type = sizes.local_cache.node_type
    if node_type in SMALL_CACHES and cell.region in LACKING_SMALL_CACHES:
        yield (
            f"castle:sizes.localCache.nodeType: {cell.region} has no {node_type} (AWS's offer of {OFFER_OF}); "
            "write cache.r7g.large, for example"
        )


def _ledger(facts: Platform, cell: CellFacts, sizes: CellSizes) -> Iterator[str]:
    if sizes.ledger is None:
        return
    if cell.name not in facts.ledger_members:
        yield f"castle:sizes.ledger: {cell.name} is not in castle:ledgerMembers; delete it, or add the cell there"
    elif sizes.ledger.min_acu > sizes.ledger.max_acu:
        yield (
            f"castle:sizes.ledger.minAcu: {sizes.ledger.min_acu:g} is more than maxAcu "
            f"{sizes.ledger.max_acu:g}; write {sizes.ledger.max_acu:g} or less"
        )


def warnings(ledger: LedgerSizes | None) -> Iterator[str]:
    """Warnings about sizes that AWS accepts and advises against."""
    if ledger is not None and ledger.min_acu < LEDGER_MIN_ACU:
        yield (
            f"castle:sizes.ledger.minAcu: {ledger.min_acu:g} is less than {LEDGER_MIN_ACU}, and a member of a global "
            f"database that is smaller grows too slowly when it becomes the writer; write {LEDGER_MIN_ACU} or more "
            "where people trade"
        )


def _global_cache(facts: Platform, cell: CellFacts, sizes: CellSizes) -> Iterator[str]:
    cache = sizes.global_cache
    if cache is None:
        return
    key = "castle:sizes.globalCache"
    if cell.name not in facts.cache_members:
        yield f"{key}: {cell.name} is not in castle:cacheMembers; delete it, or add the cell there"
    elif cell.name != facts.birth_cell:
        for field in ("node_type", "shards"):
            if field in cache.model_fields_set:
                yield (
                    f"{key}.{to_camel(field)}: {show(getattr(cache, field))} is not {cell.name}'s to say, since a "
                    f"joining member takes it from {facts.birth_cell}; delete it"
                )
    elif cache.family not in GLOBAL_CACHE_FAMILIES:
        yield (
            f"{key}.nodeType: {cache.node_type} can't be in a global datastore; "
            f"write a node type of {', '.join(GLOBAL_CACHE_FAMILIES)}, for example cache.r7g.large"
        )


def _warehouse_sizes(facts: Platform, cell: CellFacts, sizes: CellSizes) -> Iterator[str]:
    if sizes.warehouse is None:
        return
    base, most = sizes.warehouse.base_rpu, sizes.warehouse.max_rpu
    if cell.name != facts.birth_cell:
        yield (
            f"castle:sizes.warehouse: {cell.name} has none, since the platform's one warehouse is in "
            f"{facts.birth_cell}; delete it"
        )
    elif base > most:
        yield f"castle:sizes.warehouse.baseRpu: {base} is more than maxRpu {most}; write {most} or less"
