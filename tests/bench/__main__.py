"""What the rehearsal costs, for 3, 6 and 12 cells: `make bench`. Run by hand, alone on the machine; tests nothing.

Every figure is of this one run. Platforms past AWS's limits have cells without the ledger (more than 11) and
without the global cache (more than 3). Peering is a full mesh, so resources grow faster than cells: look at the
time per resource, and at its ratio to that of the smallest platform.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

from rehearsal.engine.events import Step
from rehearsal.engine.operations import Engine, Result
from rehearsal.engine.policies import PackSource
from settings.regions import LOCATION_OF_REGION
from tests.stacks.platform import PACK, ROOT, engine

REGIONS = (
    "us-east-1",
    "eu-west-1",
    "us-west-2",
    "eu-central-1",
    "us-east-2",
    "eu-west-2",
    "ap-northeast-2",
    "eu-west-3",
    "eu-north-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-south-1",
)
LEDGER_MEMBERS, CACHE_MEMBERS = 11, 3  # AWS's limits, birth cell included


@dataclass(frozen=True)
class Figures:
    """One platform's seconds, in all its stacks together."""

    cells: int
    resources: int
    bare: float  # updates without policies
    judged: float  # updates with policies
    whole: float  # all of `make rehearse`: preview and update, twice, with policies

    @property
    def per_resource(self) -> float:
        """Milliseconds of `whole` for one resource in one of its four runs."""
        return self.whole / (4 * self.resources) * 1000


def platform(folder: Path, cells: int) -> Path:
    """The program, with a platform of so many cells."""
    folder.mkdir()
    for name in ("__main__.py", "contracts.py", "naming.py", "settings", "components"):
        (folder / name).symlink_to(ROOT / name)
    project: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    config, regions = project["config"], REGIONS[:cells]
    config["cells"]["default"] = [
        {"name": region, "region": region, "cidr": f"10.{index}.0.0/16"}
        for index, region in enumerate(regions)
    ]
    config["ledgerMembers"]["default"] = list(regions[:LEDGER_MEMBERS])
    config["cacheMembers"]["default"] = list(regions[:CACHE_MEMBERS])
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    for stack in (*regions, "global"):
        own = ROOT / f"Pulumi.{stack}.yaml"
        (folder / own.name).write_text(own.read_text() if own.exists() else "config: {}\n")
    return folder


def pack(folder: Path, cells: int) -> PackSource:
    """The pack, told of the regions that so many cells are in."""
    config = json.loads((PACK.folder / "castle.json").read_text())
    regions = REGIONS[:cells]
    config["region-allowlist"]["regions"] = regions
    config["kms-replica-in-each-region"]["residencies"] = {
        location: [region for region in regions if LOCATION_OF_REGION[region] == location]
        for location in ("us", "eu")
    }
    file = folder / "pack.json"
    file.write_text(json.dumps(config))
    return PackSource(PACK.folder, file)


def passed(result: Result) -> Result:
    if result.failed:
        told = [event for event in result.events if not isinstance(event, Step)]
        sys.exit(f"{result.stack}: {result.operation} failed: {told[-1] if told else 'for no reason told'}")
    return result


def once(opened: Engine, stacks: Sequence[str], preview: bool) -> tuple[float, int]:
    """Seconds and resources of an update of all stacks, each after its preview if that is wanted."""
    seconds, resources = 0.0, 0
    for stack in stacks:
        config = opened.project.config(stack, {})
        if preview:
            passed(opened.preview(stack, config))
        result = passed(opened.update(stack, config))
        seconds += result.seconds
        resources += len(result.resources)
    return seconds, resources


def measured(cells: int, folder: Path) -> Figures:
    """The figures of one platform."""
    program = platform(folder / "program", cells)
    with engine(folder / "bare", program) as opened:
        bare, _ = once(opened, opened.stacks(), preview=False)
    began = time.monotonic()
    with engine(folder / "judged", program, pack(folder, cells)) as opened:
        stacks = opened.stacks()
        judged, resources = once(opened, stacks, preview=True)
        once(opened, stacks, preview=True)
        opened.platform(stacks)
    return Figures(cells, resources, bare, judged, time.monotonic() - began)


def main() -> None:
    console = Console(highlight=False)
    table = Table(title="resources per second, and the whole of make rehearse")
    for column in (
        "cells",
        "resources",
        "/s without policies",
        "/s with",
        "rehearse, s",
        "ms a resource",
        "ratio",
    ):
        table.add_column(column, justify="right")
    first: Figures | None = None
    for cells in [int(argument) for argument in sys.argv[1:]] or [3, 6, 12]:
        console.print(f"{cells} cells ...")
        with tempfile.TemporaryDirectory() as folder:
            found = measured(cells, Path(folder))
        console.print(
            f"  {found.resources} resources, {found.bare:.1f} s, {found.judged:.1f} s, {found.whole:.1f} s"
        )
        first = first or found
        table.add_row(
            str(found.cells),
            str(found.resources),
            f"{found.resources / found.bare:.0f}",
            f"{found.resources / found.judged:.0f}",
            f"{found.whole:.1f}",
            f"{found.per_resource:.1f}",
            f"{found.per_resource / first.per_resource:.2f}",
        )
    console.print(table)


if __name__ == "__main__":
    main()
