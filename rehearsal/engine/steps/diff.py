"""Diff of a registered resource against the recorded one: the keys that change, and those that replace it."""

from __future__ import annotations

from rehearsal.cloud.provider_verbs import DiffResult
from rehearsal.engine.records import Resource
from rehearsal.engine.session import Session
from rehearsal.engine.steps.replacement import Replacements
from rehearsal.values import Values, has_unknown


class Differ:
    """Diffs of one deployment."""

    def __init__(self, session: Session, replacements: Replacements) -> None:
        self._session = session
        self._replacements = replacements

    def diff(self, old: Resource, new: Resource) -> DiffResult:
        """Keys that would change, and those of them that only a replacement can change."""
        if option := self._replacements.forced_by(old, new):
            return DiffResult(replaces=(option,))
        if not new.custom:
            keys = sorted(old.inputs.keys() | new.inputs.keys())
            return DiffResult(changed=tuple(key for key in keys if _differ(old.inputs, new.inputs, key)))
        cloud = self._session.run.cloud
        if new.is_provider:
            return cloud.diff_config(new.package, old.inputs, new.inputs)
        target = self._session.target(new)
        if target is None:
            return DiffResult()
        difference = cloud.diff(
            target, old.id, old.inputs, old.outputs, new.inputs, tuple(new.ignore_changes)
        )
        return self._replacements.on_changes(difference, new.replace_on_changes)


def _differ(old: Values, new: Values, key: str) -> bool:
    return key not in old or key not in new or has_unknown(new[key]) or old[key] != new[key]
