"""Platforms of any number of cells: the committed program, with config of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from rehearsal.engine.policies.pack import PackSource
from settings.regions import LOCATION_OF_REGION
from tests.program_copy import PROGRAM
from tests.stacks.platform import PACK, ROOT

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


def platform(folder: Path, cells: int) -> Path:
    """Program in a new folder, with a platform of so many cells."""
    folder.mkdir()
    for name in PROGRAM:
        (folder / name).symlink_to(ROOT / name)
    project: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    regions = REGIONS[:cells]
    project["runtime"] = (
        "python"  # whichever interpreter measures, and no virtual environment of the folder's own
    )
    project["config"]["cells"]["default"] = _cells(cells)
    project["config"]["ledgerMembers"]["default"] = list(regions[:LEDGER_MEMBERS])
    project["config"]["cacheMembers"]["default"] = list(regions[:CACHE_MEMBERS])
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    for stack in (*regions, "global"):
        own = ROOT / f"Pulumi.{stack}.yaml"
        (folder / own.name).write_text(own.read_text() if own.exists() else "config: {}\n")
    return folder


def pack(folder: Path, cells: int) -> PackSource:
    """Policy pack, configured for the regions of so many cells."""
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


def _cells(count: int) -> list[dict[str, Any]]:
    return [
        {"name": region, "region": region, "cidr": f"10.{index}.0.0/16"}
        for index, region in enumerate(REGIONS[:count])
    ]
