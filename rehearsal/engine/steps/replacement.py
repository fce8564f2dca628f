"""Replacement of a resource: the options that force one, beside the inputs that its provider can't change in place.

These are `deletedWith` of a resource that is replaced, another provider, and `replaceOnChanges`. The provider's own
reasons come with its diff (`steps/diff.py`); `delete_before_replace.py` holds the order in which the old resource
goes and the new one comes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from rehearsal import property_paths
from rehearsal.cloud.provider_verbs import DiffResult
from rehearsal.engine import urns
from rehearsal.engine.records import Resource
from rehearsal.engine.session import Session


class Replacements:
    """Replacements of one deployment.

    Both arguments belong to the deployment and grow with it: `replaced` has the URNs of replaced resources,
    `adopted` the new URN of each old one that was found by an alias.
    """

    def __init__(self, session: Session, replaced: Set[str], adopted: Mapping[str, str]) -> None:
        self._session = session
        self._replaced = replaced
        self._adopted = adopted

    def forced_by(self, old: Resource, new: Resource) -> str:
        """Option that forces a replacement, whatever the inputs are: deletedWith, provider or ''."""
        if new.deleted_with and new.deleted_with in self._replaced:
            return "deletedWith"
        return "provider" if self._provider_replaced(old, new) else ""

    def on_changes(self, difference: DiffResult, paths: Sequence[str]) -> DiffResult:
        """The provider's difference, with the changed keys that `replaceOnChanges` names among the replacing ones."""
        forced = [property_paths.parse(text) for text in paths]
        more = [
            key for key in difference.changed if any(property_paths.contains(path, (key,)) for path in forced)
        ]
        return replace(difference, replaces=tuple(dict.fromkeys([*difference.replaces, *more])))

    def _provider_replaced(self, old: Resource, new: Resource) -> bool:
        """Returns whether the resource has another provider now, one that can't take over what the old one
        manages.
        """
        if old.provider == new.provider:
            return False
        if not old.provider or not new.provider:
            return True
        old_urn, new_urn = urns.split_reference(old.provider)[0], urns.split_reference(new.provider)[0]
        if self._adopted.get(old_urn) == new_urn:
            return False
        before, after = self._session.recorded.get(old_urn), self._session.registered.get(new_urn)
        if before is None or after is None:
            return True
        return bool(self._session.run.cloud.diff_config(after.package, before.inputs, after.inputs).replaces)
