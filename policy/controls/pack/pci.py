"""PCI DSS v4.0.1: the requirements that a rule is evidence of, by what AWS relates Security Hub's controls to.

`pci.tsv` holds what each control's page names as its related requirements. It has the controls that rules decide
and whose page was read; a control that isn't in it may still be related to one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).with_name("pci.tsv")
PREFIX: Final = "PCI-4.0.1:"


@lru_cache(maxsize=1)
def related() -> Mapping[str, tuple[str, ...]]:
    """Requirements by the id of the control."""
    with _FILE.open(newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["control"]: tuple(row["requirements"].split()) for row in rows}


def requirements(identifiers: Iterable[str]) -> list[str]:
    """Ids of the requirements that controls are related to, each once: `PCI-4.0.1:1.4.4`."""
    found = {f"{PREFIX}{it}": None for control in identifiers for it in related().get(control, ())}
    return list(found)
