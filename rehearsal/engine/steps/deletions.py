"""Deletions at the end of an operation: of what awaits its deletion, and of what the program has no more.

They come in waves: what nothing else needs goes first, then what only that needed, and so on. A wave is begun as a
whole; after an error in it the next one isn't, unless the operation is to go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from rehearsal.engine.events import FailedError
from rehearsal.engine.records import Resource
from rehearsal.engine.session import Session
from rehearsal.engine.steps.executor import ProtectedError, StepExecutor, StepFailedError
from rehearsal.engine.steps.outcomes import Outcomes
from rehearsal.engine.steps.selection import matches


@dataclass(frozen=True)
class Deletion:
    """Deletion that is due: the resource, and the step."""

    resource: Resource
    step: Callable[[], None]


class Deletions:
    """Deletions of one operation."""

    def __init__(self, session: Session, outcomes: Outcomes, executor: StepExecutor) -> None:
        self._session = session
        self._outcomes = outcomes
        self._executor = executor
        self._left_out: set[str] = set()  # URNs
        self._order = session.snapshot.in_order()
        self._position = {id(resource): at for at, (_, resource) in enumerate(self._order)}
        self._at: dict[str, list[Resource]] = {}
        self._children: dict[str, list[Resource]] = {}
        for _, resource in self._order:
            self._at.setdefault(resource.urn, []).append(resource)
            self._children.setdefault(resource.parent, []).append(resource)

    def carry_out(self, deleted_first: Iterable[str] = ()) -> None:
        """Deletes whatever isn't kept. Raises FailedError if it was stopped by an error.

        `deleted_first` are URNs of what has been deleted already, before its replacement.
        """
        due, untargeted = self._due(set(deleted_first))
        for resource in untargeted:
            self._executor.untargeted(resource)
        self._must_be_targets(due)
        failed: list[Resource] = []
        for wave in self._waves(due):
            needed = self._needed_by(failed)
            stop: FailedError | None = None
            for deletion in wave:
                if id(deletion.resource) in needed:
                    continue
                try:
                    deletion.step()
                except StepFailedError as error:
                    goes_on = self._session.run.options.continue_on_error
                    if goes_on or isinstance(error, ProtectedError):
                        failed.append(deletion.resource)
                        self._session.go_on_after(error)
                    elif stop is None:
                        stop = error
                        if self._session.run.options.parallel == 1:
                            break
            if stop is not None:
                raise stop

    def leave_out_protected(self) -> None:
        """Has what is protected stay, with all that it needs."""
        protected = [resource for _, resource in self._order if resource.protect]
        kept = self._needed_by(protected) | {id(resource) for resource in protected}
        self._left_out = {resource.urn for _, resource in self._order if id(resource) in kept}

    def due(self) -> list[Resource]:
        """Resources that would be deleted."""
        return [deletion.resource for deletion in self._due(set())[0]]

    # ---- what is due

    def _due(self, deleted_first: set[str]) -> tuple[list[Deletion], list[Resource]]:
        """Deletions, and resources that stay because the operation isn't about them."""
        is_due = self._selected()
        due, untargeted = [], []
        for key, resource in self._order:
            urn = resource.urn
            if not is_due(resource):
                if not self._outcomes.kept(urn) and not resource.pending_deletion:
                    untargeted.append(resource)
            elif resource.pending_deletion:
                if key != urn or urn not in deleted_first:
                    self._outcomes.deletes.add(urn)
                    due.append(Deletion(resource, partial(self._executor.delete, resource, key)))
            elif not self._outcomes.kept(urn):
                self._outcomes.deletes.add(urn)
                step = (
                    partial(self._executor.forget, resource)
                    if resource.pending_replacement
                    else partial(self._executor.delete, resource, key)
                )
                due.append(Deletion(resource, step))
        return due, untargeted

    def _selected(self) -> Callable[[Resource], bool]:
        options = self._session.run.options
        if options.targets:
            allowed = self._with_dependents(options.targets)
            return lambda resource: resource.urn in allowed
        if options.excludes:
            kept = self._with_dependencies(options.excludes, dependents=options.exclude_dependents)
            return lambda resource: resource.urn not in kept | self._left_out
        return lambda resource: resource.urn not in self._left_out

    def _with_dependents(self, patterns: Sequence[str]) -> set[str]:
        """URNs that match, and of all that needs them, or is in them."""
        found: set[str] = set()
        for _, resource in self._order:
            if matches(resource.urn, patterns) or resource.needs() & found:
                found.add(resource.urn)
        return found

    def _with_dependencies(self, patterns: Sequence[str], *, dependents: bool) -> set[str]:
        """URNs that match, and of all that they need, and on request of all that needs them."""
        found: set[str] = set()
        frontier = [resource for _, resource in self._order if matches(resource.urn, patterns)]
        while frontier:
            resource = frontier.pop()
            if resource.urn in found:
                continue
            found.add(resource.urn)
            frontier += self._needs(resource)
            if dependents:
                frontier += [it for _, it in self._order if resource.urn in it.needs()]
        return found

    def _must_be_targets(self, due: Iterable[Deletion]) -> None:
        """Raises FailedError where more than the targets would be deleted, and that wasn't asked for."""
        options = self._session.run.options
        if not options.targets or options.target_dependents:
            return
        strange = [it.resource.urn for it in due if not matches(it.resource.urn, options.targets)]
        for urn in strange:
            self._session.go_on_after(
                FailedError(
                    f"Resource '{urn}' will be destroyed but was not specified in --target list.\n"
                    "Either include resource in --target list or pass --target-dependents to proceed.",
                    urn,
                )
            )
        if strange and not self._session.run.preview:
            raise FailedError("delete untargeted resource")

    # ---- in which order

    def _waves(self, due: Sequence[Deletion]) -> list[list[Deletion]]:
        """Deletions in waves, each before those of what its resources need."""
        condemned = {id(deletion.resource): deletion for deletion in due}
        waves = []
        while condemned:
            wave = [
                deletion
                for deletion in condemned.values()
                if not any(id(needed) in condemned for needed in self._needs(deletion.resource))
            ]
            for deletion in wave:
                del condemned[id(deletion.resource)]
            waves.append(wave)
        return waves[::-1]

    def _needs(self, resource: Resource) -> list[Resource]:
        """Resources that one needs; of a component that it depends on also those in it that were there before it."""
        position = self._position[id(resource)]
        needed: dict[int, Resource] = {}
        for urn in resource.needs():
            for it in self._at.get(urn, ()):
                if self._position[id(it)] < position:
                    needed[id(it)] = it
                    if not it.custom and urn != resource.parent:
                        needed |= {
                            id(one): one for one in self._inside(urn) if self._position[id(one)] < position
                        }
        return list(needed.values())

    def _inside(self, urn: str) -> Iterable[Resource]:
        for child in self._children.get(urn, ()):
            yield child
            yield from self._inside(child.urn)

    def _needed_by(self, failed: Sequence[Resource]) -> set[int]:
        """Resources that some others need, directly or not."""
        found: set[int] = set()
        frontier = list(failed)
        while frontier:
            for needed in self._needs(frontier.pop()):
                if id(needed) not in found:
                    found.add(id(needed))
                    frontier.append(needed)
        return found
