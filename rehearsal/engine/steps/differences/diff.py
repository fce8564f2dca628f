"""Diff of a registered resource against the recorded one: the keys that change, and those that replace it.

Beside what its provider can't change in place, options force a replacement: `--replace`, a taint, `replaceWith` and
`deletedWith` of a resource that is replaced, another provider, `replacementTrigger` and `replaceOnChanges`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rehearsal import property_paths
from rehearsal.cloud.provider_verbs import DiffResult
from rehearsal.engine import urns
from rehearsal.engine.records import Resource
from rehearsal.engine.session import Session
from rehearsal.engine.steps.differences.ignore_changes import with_ignored_changes
from rehearsal.engine.steps.outcomes import Outcomes
from rehearsal.engine.steps.selection import matches
from rehearsal.values import Values, has_unknown, reveal


class Differ:
    """Diffs of one deployment."""

    def __init__(self, session: Session, outcomes: Outcomes) -> None:
        self._session = session
        self._outcomes = outcomes

    def is_replaced_anyway(self, urn: str, old: Resource | None) -> bool:
        """Returns whether the user wants a resource replaced, whatever its inputs are."""
        return matches(urn, self._session.run.options.replaces) or (old is not None and old.taint)

    def diff(self, old: Resource, new: Resource) -> DiffResult:
        """Difference of a registration, with all that forces a replacement."""
        replaced = self._outcomes.replaces
        if self.is_replaced_anyway(new.urn, old):
            return DiffResult(replaces=("id",))  # as the CLI says
        if replaced.intersection(new.replace_with):
            return DiffResult(replaces=("replaceWith",))
        if new.deleted_with in replaced:
            return DiffResult(replaces=("deletedWith",))
        if self._provider_changed(old, new):
            return DiffResult(replaces=("provider",))
        if not new.custom:
            inputs, _ = with_ignored_changes(new.inputs, old.inputs, new.ignore_changes)
            return DiffResult(keyless=old.inputs != inputs)
        return self.provider_difference(old, new)

    def provider_difference(self, old: Resource, new: Resource) -> DiffResult:
        """Difference as the provider says, and as `replaceOnChanges` has it."""
        cloud = self._session.run.cloud
        if new.is_provider:
            return cloud.diff_config(new.package, old.inputs, new.inputs)
        target = self._session.target(new)
        if target is None:  # the provider can't be asked yet
            keys = sorted(old.inputs.keys() | new.inputs.keys())
            found = DiffResult(tuple(key for key in keys if _differ(old.inputs, new.inputs, key)))
        else:
            found = cloud.diff(target, old.id, old.inputs, old.outputs, new.inputs, tuple(new.ignore_changes))
        return replaced_on_changes(found, new.replace_on_changes)

    def _provider_changed(self, old: Resource, new: Resource) -> bool:
        """Returns whether the resource has another provider now, that can't take over what the old one manages."""
        if old.provider == new.provider:
            return False
        if not old.provider or not new.provider:
            return True
        old_urn, new_urn = urns.split_reference(old.provider)[0], urns.split_reference(new.provider)[0]
        if self._outcomes.adopted.get(old_urn) == new_urn:
            return False
        before, after = self._session.snapshot.recorded(old_urn), self._session.snapshot.new.get(new_urn)
        if before is None or after is None:
            return True
        return bool(self._session.run.cloud.diff_config(after.package, before.inputs, after.inputs).replaces)


def triggers(old: Resource, new: Resource) -> bool:
    """Returns whether `replacementTrigger` has another value than recorded; null is none, on either side."""
    before, now = reveal(old.replacement_trigger), reveal(new.replacement_trigger)
    if has_unknown(now):
        return True
    return before is not None and now is not None and before != now


def replaced_on_changes(difference: DiffResult, paths: Sequence[str]) -> DiffResult:
    """The difference, with those parts replacing that `replaceOnChanges` names."""
    forced = [property_paths.parse(text) for text in paths]
    if not forced:
        return difference

    def is_forced(text: str) -> bool:
        return any(property_paths.contains(path, property_paths.parse(text)) for path in forced)

    keys = [
        key for key in difference.changed if any(property_paths.contains(path, (key,)) for path in forced)
    ]
    return replace(
        difference,
        replaces=tuple(dict.fromkeys([*difference.replaces, *keys])),
        detailed=tuple(replace(it, replaces=it.replaces or is_forced(it.path)) for it in difference.detailed),
    )


def replaces(difference: DiffResult) -> bool:
    """Returns whether a difference can only be made by a replacement."""
    return bool(difference.replaces) or any(it.replaces for it in difference.detailed)


def _differ(old: Values, new: Values, key: str) -> bool:
    if key not in old or key not in new:
        return True
    return has_unknown(new[key]) or reveal(old[key]) != reveal(new[key])
