"""Checks across settings of the platform, and AWS's limits on them. Each yields a finished line for each mistake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network

from settings.placement import DATASETS
from settings.platform import CellFacts, Platform
from settings.regions import (
    ABSENT_FOR_BIRTH_CELL,
    ABSENT_FOR_CELLS,
    ABSENT_FOR_GLOBAL_CACHE,
    ABSENT_FOR_LEDGER,
    EDGE_REGION,
    LOCATION_OF_REGION,
    OFFER_OF,
    STRONG_COPIES,
    STRONG_REGIONS,
    Residency,
    lacking,
    resides,
)

# Ten secondaries and the writer.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.html
LEDGER_MEMBERS_MAX = 11
# Two secondaries and the writer.
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastore.html
CACHE_MEMBERS_MAX = 3
# What Kubernetes services have in every cell, which EKS refuses where the network overlaps it.
SERVICE_CIDR = "172.20.0.0/16"


def platform(facts: Platform) -> Iterator[str]:
    """Rules that hold for every stack."""
    yield from _cells(facts)
    yield from _features(facts)
    yield from _birth(facts)
    yield from _members(facts, "ledgerMembers", facts.ledger_members, LEDGER_MEMBERS_MAX)
    yield from _members(facts, "cacheMembers", facts.cache_members, CACHE_MEMBERS_MAX)
    yield from _datasets(facts)
    yield from _warehouse(facts)
    yield from _vaults(facts)
    yield from _callers(facts)
    if facts.domain != facts.zone and not facts.domain.endswith(f".{facts.zone}"):
        yield f"castle:domain: {facts.domain} is not in the zone {facts.zone}; write a name that ends in it"


def _callers(facts: Platform) -> Iterator[str]:
    for key, names in (
        ("partners", [each.name for each in facts.partners]),
        ("tokenKeys", [each.name for each in facts.token_keys]),
    ):
        for number, name in enumerate(names):
            if name in names[:number]:
                yield f"castle:{key}[{number}].name: {name} is listed twice; delete one of the two"
    good = [each.name for each in facts.token_keys if not each.leaving]
    if facts.token_signer not in good:
        yield (
            f"castle:tokenSigner: {facts.token_signer} is no key of castle:tokenKeys that stays; "
            f"write one of {', '.join(good)}"
        )


def _cells(facts: Platform) -> Iterator[str]:
    taken_cidrs = {SERVICE_CIDR: "the cluster network", facts.runner.cidr: "the runner"}
    taken_regions: dict[str, str] = {}
    for number, cell in enumerate(facts.cells):
        key = f"castle:cells[{number}]"
        if cell.name == "global":
            yield f"{key}.name: global is the stack of the edge; write another name, for example {cell.region}"
        if cell.name in [each.name for each in facts.cells[:number]]:
            yield f"{key}.name: {cell.name} is listed twice; delete one of the two"
        elif cell.region in taken_regions:
            yield (
                f"{key}.region: {cell.region} is already {taken_regions[cell.region]}'s; "
                "write a region that has no cell"
            )
        if cell.cidr in taken_cidrs:
            yield (
                f"{key}.cidr: {cell.cidr} is already {taken_cidrs[cell.cidr]}'s; "
                f"use a free /16, for example {_free_cidr(facts)}"
            )
        taken_cidrs.setdefault(cell.cidr, cell.name)
        taken_regions.setdefault(cell.region, cell.name)


def _features(facts: Platform) -> Iterator[str]:
    """A cell's region has what the cell is made of."""
    for number, cell in enumerate(facts.cells):
        missing = lacking(ABSENT_FOR_CELLS, cell.region)
        if cell.name == facts.birth_cell:
            missing += lacking(ABSENT_FOR_BIRTH_CELL, cell.region)
        if missing:
            yield (
                f"castle:cells[{number}].region: {cell.region} has no {' and no '.join(missing)}, which "
                f"{cell.name} needs (AWS's offer of {OFFER_OF}); write another region"
            )
    for field, members, table in (
        ("ledgerMembers", facts.ledger_members, ABSENT_FOR_LEDGER),
        ("cacheMembers", facts.cache_members, ABSENT_FOR_GLOBAL_CACHE),
    ):
        regions = {cell.name: cell.region for cell in facts.cells}
        for number, member in enumerate(members):
            if missing := lacking(table, regions.get(member, "")):
                instead = "write another region for it" if member == facts.birth_cell else "delete it"
                yield (
                    f"castle:{field}[{number}]: {member} is in {regions[member]}, which has no "
                    f"{' and no '.join(missing)} (AWS's offer of {OFFER_OF}); {instead}"
                )


def _free_cidr(facts: Platform) -> str:
    taken = {IPv4Network(cidr) for cidr in (facts.runner.cidr, *(cell.cidr for cell in facts.cells))}
    return str(next(each for each in IPv4Network("10.0.0.0/8").subnets(new_prefix=16) if each not in taken))


def _birth(facts: Platform) -> Iterator[str]:
    names = [cell.name for cell in facts.cells]
    if facts.birth_cell not in names:
        yield f"castle:birthCell: {facts.birth_cell} is no cell; write one of {', '.join(names)}"
    elif facts.birth_cell != names[0]:
        yield (
            f"castle:birthCell: {facts.birth_cell} is not the first of castle:cells, and a stack reads only from "
            f"earlier ones; write {names[0]}, or list {facts.birth_cell} first"
        )
    elif facts.cells[0].leaving:
        yield (
            f"castle:cells[0].leaving: {facts.birth_cell} is the birth cell, which other cells read from; write "
            "false (to take all down, retire the other cells, delete their entries, then set castle:retire)"
        )


def _members(facts: Platform, field: str, members: Sequence[str], most: int) -> Iterator[str]:
    names = [cell.name for cell in facts.cells]
    for number, member in enumerate(members):
        key = f"castle:{field}[{number}]"
        if member not in names:
            yield f"{key}: {member} is no cell; write one of {', '.join(names)}, or delete it"
        elif member in members[:number]:
            yield f"{key}: {member} is listed twice; delete one of the two"
    if facts.birth_cell not in members:
        yield f"castle:{field}: {_listed(members)} lacks the birth cell, which makes it; add {facts.birth_cell}"
    if len(members) > most:
        yield f"castle:{field}: {len(members)} members are more than the {most} that AWS allows; delete some"


def _datasets(facts: Platform) -> Iterator[str]:
    for name in DATASETS:
        if name not in facts.datasets:
            yield (
                f"castle:datasets.{name}: missing; write its class and residency, "
                'for example {"class": "ledger", "residency": "global"}'
            )
    yield from _everywhere(facts)
    for field, members, dataset in (
        ("ledgerMembers", facts.ledger_members, "ledger"),
        ("cacheMembers", facts.cache_members, "market"),
    ):
        yield from _members_outside(facts, field, members, dataset)
    residencies: set[Residency] = {each.residency for each in facts.datasets.values()}
    for residency in sorted(residencies):
        inside = [
            (number, cell) for number, cell in enumerate(facts.cells) if resides(cell.region, residency)
        ]
        if inside and inside[0][1].leaving and any(not cell.leaving for _, cell in inside):
            number, cell = inside[0]
            yield (
                f"castle:cells[{number}].leaving: {cell.name} holds the primary keys of the residency "
                f"{residency}, and other cells use their replicas; write false, and let the others leave first"
            )


def _everywhere(facts: Platform) -> Iterator[str]:
    """Data sets that every cell has, so that no cell's region may be outside their residency."""
    for dataset in ("drains", "images", "logs", "secrets"):
        if dataset not in facts.datasets:
            continue
        where = {cell.region: f"{cell.name} has some" for cell in facts.cells}
        if dataset == "logs":
            where |= {EDGE_REGION: "CloudFront delivers its logs"}
        residency = facts.datasets[dataset].residency
        outside = next((region for region in where if not resides(region, residency)), None)
        if outside is not None:
            yield (
                f"castle:datasets.{dataset}.residency: {residency} leaves out {outside}, where {where[outside]}; "
                "write global"
            )


def _members_outside(facts: Platform, field: str, members: Sequence[str], dataset: str) -> Iterator[str]:
    if dataset not in facts.datasets:
        return
    regions = {cell.name: cell.region for cell in facts.cells}
    for number, member in enumerate(members):
        if member in regions and not facts.may_hold(regions[member], dataset):
            yield (
                f"castle:{field}[{number}]: {member} is in {regions[member]}, outside the residency "
                f"{facts.datasets[dataset].residency} of the data set {dataset}; delete it"
            )


def _warehouse(facts: Platform) -> Iterator[str]:
    """AWS feeds it from a cluster of its own region alone, and there is one: beside the birth cell's."""
    birth = facts.cells[0]
    if "warehouse" in facts.datasets and not facts.may_hold(birth.region, "warehouse"):
        yield (
            f"castle:datasets.warehouse.residency: {facts.datasets['warehouse'].residency} leaves out "
            f"{birth.region}, where the one warehouse is, beside the ledger of the birth cell {birth.name}; "
            f"write {_residencies_of(birth.region)}"
        )


def _residencies_of(region: str) -> str:
    location = LOCATION_OF_REGION[region]
    return "global" if location == "other" else f"global or {location}"


def _vaults(facts: Platform) -> Iterator[str]:
    # A leaving cell's region may be one, so that what others keep there stays.
    regions = {cell.region: cell.name for cell in facts.cells if not cell.leaving}
    for number, region in enumerate(facts.vaults):
        if region in facts.vaults[:number]:
            yield f"castle:vaults[{number}]: {region} is listed twice; delete one of the two"
        elif region in regions:
            yield f"castle:vaults[{number}]: {region} is already {regions[region]}'s; write a region without a cell"


def homes(facts: Platform, viewer: str) -> Iterator[str]:
    """A data set that must stay in one residency needs a cell in it, and a second home."""
    for name, dataset in facts.datasets.items():
        if dataset.residency == "global":
            continue  # any cell will do, and a platform may be born, or die, with one
        found = facts.homes(dataset.residency, viewer)
        if len(found) < 2:
            yield (
                f"castle:datasets.{name}.residency: {dataset.residency} has {_listed(found)} for a home, and a "
                f"copy needs a second; add a cell in {dataset.residency}, or name a region of it in castle:vaults"
            )
        elif not any(facts.may_hold(cell.region, name) for cell in facts.present(viewer)):
            yield (
                f"castle:datasets.{name}.residency: {dataset.residency} has no cell to hold it, only "
                f"{_listed(found)} for copies; add a cell in {dataset.residency}, or write global"
            )


def consistency(facts: Platform, viewer: str) -> Iterator[str]:
    """A strongly consistent table is in exactly three regions of those that AWS has it in, from first to last."""
    for name in filter(facts.is_strong, facts.datasets):
        held = [cell.region for cell in facts.possible_holders(name, viewer)]
        outside = [region for region in held if region not in STRONG_REGIONS]
        instead = "write eventual (a table that exists can't be changed: AWS knows no way back or forth)"
        if len(held) != STRONG_COPIES:
            yield (
                f"castle:consistency: strong, but the data set {name} is held in {_listed(held)}, and a strongly "
                f"consistent table is in exactly {STRONG_COPIES} regions; {instead}"
            )
        elif outside:
            yield (
                f"castle:consistency: strong, but AWS has no strongly consistent tables in {_listed(outside)}, "
                f"where {name} is held; {instead}, or have cells in {STRONG_COPIES} of {', '.join(STRONG_REGIONS)}"
            )


def retire(facts: Platform, cell: CellFacts) -> Iterator[str]:
    """A cell in use keeps its protection."""
    if cell.leaving:
        return
    others = [each.name for each in facts.cells if each.name != cell.name]
    if cell.name != facts.birth_cell:
        number = facts.cells.index(cell)
        yield (
            f"castle:retire: true, but {cell.name} isn't leaving; "
            f"write castle:cells[{number}].leaving: true and run `pulumi up` for the other stacks first"
        )
    elif others:
        yield (
            f"castle:retire: true, but {cell.name} is the birth cell and {', '.join(others)} still listed; "
            "destroy the other cells and delete their entries in castle:cells first"
        )


def origins(facts: Platform) -> Iterator[str]:
    """CloudFront's origin group has exactly two members, and both must be there."""
    cells = {cell.name: cell for cell in facts.cells}
    if len(facts.origins) != 2 or facts.origins[0] == facts.origins[-1]:
        yield (
            f"castle:origins: {_listed(facts.origins)} is not a pair, and an origin group has two members; "
            "write the names of two cells"
        )
    for number, name in enumerate(facts.origins):
        key = f"castle:origins[{number}]"
        if name not in cells:
            yield f"{key}: {name} is no cell; write one of {', '.join(cells)}"
        elif cells[name].leaving:
            staying = ", ".join(each.name for each in facts.cells if not each.leaving)
            yield f"{key}: {name} is leaving; write one of {staying}"
        elif "web" in facts.datasets and not facts.may_hold(cells[name].region, "web"):
            yield (
                f"{key}: {name} is outside the residency {facts.datasets['web'].residency} of the data set web; "
                "write a cell inside it"
            )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if names else "nothing"
