"""Walk over a stack: its unprotected resources by type, replaced by force, and all that is lost by that."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.cloud import baseline, external_changes
from rehearsal.cloud.types.type_table import load_yaml
from rehearsal.engine.events import Diagnostic
from rehearsal.engine.operations import Engine, Result
from rehearsal.engine.options import OperationOptions
from rehearsal.engine.records import Resource
from tests.stacks.platform import engine

FOR_SUCCESSORS = {"ec2/L-0263D0A3": 10}  # addresses
REFUSED: dict[str, dict[str, Any]] = load_yaml(Path(__file__).with_name("refused.yaml"))


@dataclass
class Walk:
    """Replacements by force in one stack, on a copy of the platform."""

    opened: Engine
    stack: str

    def __post_init__(self) -> None:
        self._before = self._existing()

    def kinds(self) -> dict[str, list[str]]:
        """URNs of the resources that may be replaced, by type, in the order in which they were made."""
        found: dict[str, list[str]] = {}
        for resource in filter(is_replaceable, self.opened.records(self.stack)):
            found.setdefault(resource.type, []).append(resource.urn)
        return found

    def replace(self, *urns: str) -> Result:
        return self.opened.update(
            self.stack, self.opened.project.config(self.stack, {}), OperationOptions(replaces=urns)
        )

    def planned(self) -> int:
        """Number of changes that one more `up` would make."""
        result = self.opened.preview(self.stack, self.opened.project.config(self.stack, {}))
        assert not result.failed, errors(result)
        return result.changes

    def lost(self) -> list[str]:
        """URNs, of this or another stack, of which there is less or more than before, or not what is recorded."""
        now = self._existing()
        alive = {(it.urn, it.id) for it in self.opened.cloud.living()}
        made = filter(is_made, self.opened.records(self.stack))
        missing = [it.urn for it in made if (it.urn, it.id) not in alive]
        return sorted({*missing, *(self._before - now), *(now - self._before)})

    def _existing(self) -> Counter[str]:
        return Counter(it.urn for it in self.opened.cloud.living())


def is_made(resource: Resource) -> bool:
    """Returns whether a resource is one that its stack has in the cloud."""
    of_engine = resource.is_provider or resource.package == "pulumi"
    return resource.custom and not of_engine and not resource.external


def is_replaceable(resource: Resource) -> bool:
    return is_made(resource) and not resource.protect


@contextmanager
def walk(platform_state: Path, folder: Path, stack: str) -> Iterator[Walk]:
    """A walk over a stack, on a copy of a platform that is up, whose account may have successors of all at once."""
    with engine(shutil.copytree(platform_state, folder)) as opened:
        for region in baseline.regions():
            raised = {**baseline.raised_quotas(region), **FOR_SUCCESSORS}
            opened.change_cloud(external_changes.quotas_raised(region, raised))
        yield Walk(opened, stack)


def errors(result: Result) -> list[str]:
    """Errors of an update, with the resource that each is about."""
    found = (it for it in result.events if isinstance(it, Diagnostic) and it.severity == "error")
    return [f"{it.urn}: {it.message}" if it.urn else it.message for it in found]
