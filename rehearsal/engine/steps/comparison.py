"""What the cloud is asked before anything is done: whether inputs are right, and what they would change."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace

from rehearsal import property_paths
from rehearsal.cloud.provider_verbs import Difference
from rehearsal.engine import urns
from rehearsal.engine.events import FailedError
from rehearsal.engine.records import Resource
from rehearsal.engine.session import Session
from rehearsal.values import Values, has_unknown


def checked(session: Session, new: Resource, old: Resource | None) -> Resource:
    """The resource with its inputs as they will be recorded. Raises FailedError for refused inputs."""
    if not new.custom or _package(new) == "pulumi":  # the engine's own provider, of stack references
        return new
    if new.is_provider:
        found = session.run.cloud.check_config(_package(new), new.inputs)
    elif (target := session.target(new)) is None:
        return new
    else:
        usable = old is not None and not old.external
        found = session.run.cloud.check(target, old.inputs if old and usable else None, new.inputs)
    if found.failures:
        raise FailedError("\n".join(f"{f.path}: {f.reason}" for f in found.failures), new.urn)
    return replace(new, inputs=found.inputs)


class Comparison:
    """Compares what is registered with what the stack remembers.

    Both arguments belong to the deployment and grow with it: the URNs of what has been replaced, and of what has
    another URN now (old -> new).
    """

    def __init__(self, session: Session, replaced: Set[str], taken: Mapping[str, str]) -> None:
        self._session = session
        self._replaced = replaced
        self._taken = taken

    def difference(self, old: Resource, new: Resource) -> Difference:
        """What would change, and what of that only a replacement can change."""
        if new.deleted_with and new.deleted_with in self._replaced:
            return Difference(replaces=("deletedWith",))
        if self._provider_replaced(old, new):
            return Difference(replaces=("provider",))
        if not new.custom:
            keys = sorted(old.inputs.keys() | new.inputs.keys())
            return Difference(changed=tuple(key for key in keys if _differ(old.inputs, new.inputs, key)))
        cloud = self._session.run.cloud
        if new.is_provider:
            return cloud.diff_config(_package(new), old.inputs, new.inputs)
        target = self._session.target(new)
        if target is None:
            return Difference()
        found = cloud.diff(target, old.id, old.inputs, old.outputs, new.inputs, tuple(new.ignore_changes))
        forced = [property_paths.parse(text) for text in new.replace_on_changes]
        more = [key for key in found.changed if any(property_paths.contains(path, (key,)) for path in forced)]
        return replace(found, replaces=tuple(dict.fromkeys([*found.replaces, *more])))

    def _provider_replaced(self, old: Resource, new: Resource) -> bool:
        """Whether the resource's provider is another one now, and one that can't take over its things."""
        if old.provider == new.provider:
            return False
        if not old.provider or not new.provider:
            return True
        was, now = urns.split_reference(old.provider)[0], urns.split_reference(new.provider)[0]
        if self._taken.get(was) == now:
            return False
        before, after = self._session.olds.get(was), self._session.news.get(now)
        if before is None or after is None:
            return True
        return bool(
            self._session.run.cloud.diff_config(_package(after), before.inputs, after.inputs).replaces
        )


def _package(provider: Resource) -> str:
    return provider.type.removeprefix(urns.PROVIDER_PREFIX)


def _differ(old: Values, new: Values, key: str) -> bool:
    return key not in old or key not in new or has_unknown(new[key]) or old[key] != new[key]
