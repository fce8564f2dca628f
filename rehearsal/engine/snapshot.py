"""Snapshot: the recorded state of a stack while one operation changes it, as the CLI's snapshot manager keeps it.

It is made of two parts: resources that this operation registered, and those of before that it isn't done with. A
resource of before that was found by an alias gives its old URN away: in what is left of before the new one is
recorded, and the children of a moved parent get its chain of types. Else they would be made anew by the next
operation, if this one fails before they are registered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from rehearsal.cloud.provider_verbs import Changes
from rehearsal.engine import records, urns
from rehearsal.engine.records import Resource
from rehearsal.state.store import Store
from rehearsal.values import Values

_Part = tuple[str, str]  # 'new' with a URN, or 'prior' with a key


class Snapshot:
    """Snapshot of one stack. A preview changes it in memory alone.

    `prior` has the resources of before by the key that they had then, so that one that awaited no deletion stands
    under its URN; marks that this operation sets on them are on them. `new` has those that it registered, by URN.
    """

    def __init__(self, store: Store, stack: str, *, preview: bool, records_begun: bool = False) -> None:
        self._store = store
        self._stack = stack
        self._preview = preview
        self._records_begun = records_begun
        self.pending = dict(store.pending.get(stack, {}))  # of before: URN -> operation
        before = [records.from_record(record) for record in store.state(stack).values()]
        self.prior = {resource.key: resource for resource in before}
        self.new: dict[str, Resource] = {}
        self._done: set[str] = set()  # keys of `prior`
        self._begun = ""  # URN of the step that is begun
        self._aliases: dict[str, str] = {}  # URN of one of `new` -> the old one that it was recorded under
        self._names: dict[str, str] = {}  # old URN -> the one that is recorded now
        self._written = dict(self.prior)  # by the key under which it is recorded now
        self._keys: dict[_Part, str] = {("prior", key): key for key in self.prior}

    def recorded(self, urn: str) -> Resource | None:
        """Resource of before with this URN; not one that awaited deletion then."""
        return self.prior.get(urn)

    def in_order(self) -> list[tuple[str, Resource]]:
        """Resources of before by key, each after all that it needs."""
        keys = {id(resource): key for key, resource in self.prior.items()}
        return [(keys[id(it)], it) for it in records.in_dependency_order(self.prior.values())]

    def adopt(self, old: str, new: str) -> None:
        """Has a resource of before go on under another URN, as soon as it is recorded under that."""
        self._aliases[new] = old

    def begin(self, urn: str, operation: str) -> None:
        """Records that a step is begun: creating, updating and so on. It ends with the next commit, or `end`."""
        if self._records_begun and not self._preview:
            self._store.commit(self._stack, {}, {}, {urn: operation})
            self._begun = urn

    def end(self) -> None:
        """Records that the step which was begun has failed."""
        if self._begun:
            self._store.commit(self._stack, {}, {}, {self._begun: None})
            self._begun = ""

    def forget_pending(self, operations: Iterable[str]) -> None:
        """Drops pending operations of before that are no creations; those, too, if they are among `operations`."""
        gone = {urn: None for urn, it in self.pending.items() if it != "creating" or it in set(operations)}
        if gone and not self._preview:
            self._store.commit(self._stack, {}, {}, gone)

    def commit(
        self,
        changes: Changes,
        *,
        new: Resource | None = None,
        done: str = "",
        marked: Mapping[str, Resource] | None = None,
    ) -> None:
        """Records one step, with its changes in the cloud, as one line of the journal.

        `new` is the resource that it registered, `done` the key of one of before that is no more, or is the new one
        now, and `marked` has those of before that got a mark, by key.
        """
        touched: list[_Part] = []
        renamed = False
        if new is not None:
            self.new[new.urn] = new
            touched.append(("new", new.urn))
            renamed = new.urn in self._aliases and self._aliases[new.urn] not in self._names
        if done:
            self._done.add(done)
            touched.append(("prior", done))
        for key, resource in (marked or {}).items():
            self.prior[key] = resource
            touched.append(("prior", key))
        if renamed:
            self._names = self._renames()
            touched = self._parts()
        self._write(touched, changes)

    def rebuild(self, found: Mapping[str, Resource | None]) -> None:
        """Records resources of before as they were found, by key; None for one that is gone."""
        for key, resource in found.items():
            if resource is None:
                self._done.add(key)
            else:
                self.prior[key] = resource
        self._write([("prior", key) for key in found], {})
        for key in found:
            if key in self._done:
                self._done.remove(key)
                del self.prior[key]

    # ---- writing

    def _parts(self) -> list[_Part]:
        return [*(("new", urn) for urn in self.new), *(("prior", key) for key in self.prior)]

    def _write(self, parts: Iterable[_Part], changes: Changes) -> None:
        if self._preview:
            return
        before: set[str] = set()
        after: dict[str, Resource] = {}
        for part in parts:
            if part in self._keys:
                before.add(self._keys.pop(part))
            if (now := self._as_recorded(part)) is not None:
                self._keys[part] = now.key
                after[now.key] = now
        lines: dict[str, Values | None] = dict.fromkeys(sorted(before - after.keys()))
        lines |= {key: it.record() for key, it in after.items() if it != self._written.get(key)}
        for key in before:
            self._written.pop(key, None)
        self._written |= after
        ended: dict[str, str | None] = {self._begun: None} if self._begun else {}
        self._begun = ""
        if ended and changes:  # as with the CLI, whose provider has made a thing before the state has it
            self._store.commit(self._stack, {}, changes)
            changes = {}
        if lines or changes or ended:
            self._store.commit(self._stack, lines, changes, ended)

    def _as_recorded(self, part: _Part) -> Resource | None:
        kind, key = part
        if kind == "new":
            return self.new[key]
        if key in self._done or key not in self.prior:
            return None
        resource = self.prior[key]
        if not self._names:
            return resource
        return replace(resource.renamed(self._names), urn=self._names.get(resource.urn, resource.urn))

    def _renames(self) -> dict[str, str]:
        """Old URNs with the new ones: of what was found by an alias, and of the children that are left of it."""
        names = {old: new for new, old in self._aliases.items() if new in self.new}
        for key, resource in self.in_order():
            parent = names.get(resource.parent, "")
            if key in self._done or not parent or urns.qualified_type(parent) == urns.STACK_TYPE:
                continue
            names[resource.urn] = urns.under(parent, resource.urn)
        return names
