"""Pretend cloud that refuses what a test names, in both engines at the same place."""

from __future__ import annotations

from collections.abc import Collection, MutableMapping
from typing import Any

from rehearsal.cloud import Cloud
from rehearsal.cloud.provider_verbs import ChangeResult, CloudResource, RefusedError, ResourceIdentity
from rehearsal.engine import urns
from rehearsal.values import Value, Values
from tests.root import SCHEMAS


class FaultyCloud(Cloud):
    """Cloud that refuses `refused`, each a verb and the logical name of a resource: `create q1a`."""

    def __init__(self, resources: MutableMapping[str, CloudResource]) -> None:
        super().__init__(resources, SCHEMAS)
        self.refused: Collection[str] = ()

    def create(self, target: ResourceIdentity, inputs: Values, preview: bool) -> ChangeResult:
        if not preview:
            self._must_allow("create", target)
        return super().create(target, inputs, preview)

    def update(
        self, target: ResourceIdentity, id_: str, old_inputs: Values, *others: Any, **more: Any
    ) -> ChangeResult:
        if not (others[-1] if others else more["preview"]):
            self._must_allow("update", target)
        return super().update(target, id_, old_inputs, *others, **more)

    def delete(self, target: ResourceIdentity, id_: Value, inputs: Values, outputs: Values) -> ChangeResult:
        self._must_allow("delete", target)
        return super().delete(target, id_, inputs, outputs)

    def _must_allow(self, verb: str, target: ResourceIdentity) -> None:
        act = f"{verb} {urns.name_of(target.urn)}"
        if act in self.refused:
            raise RefusedError("Faulty", f"{act} is refused")
