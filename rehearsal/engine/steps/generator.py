"""Step generator: decides by which steps a registration is carried out, in the order and by the rules of the CLI's.

Inputs are checked by the cloud and analyzed by the policies first. Then it is decided, under the session's lock: what
exists elsewhere is imported, what was deleted before its replacement is created again, what wasn't owned is created,
what the operation isn't about stays, and what differs is updated or replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from rehearsal.cloud.provider_verbs import DiffResult, Naming
from rehearsal.engine import urns
from rehearsal.engine.events import Diagnostic, FailedError
from rehearsal.engine.policies.analyzer import Analyzer
from rehearsal.engine.records import Resource
from rehearsal.engine.registration import aliases
from rehearsal.engine.registration.autonaming import Autonaming
from rehearsal.engine.registration.durations import seconds
from rehearsal.engine.registration.goal import Goal
from rehearsal.engine.session import Session
from rehearsal.engine.steps.check import check
from rehearsal.engine.steps.differences.dependents import Dependents
from rehearsal.engine.steps.differences.diff import Differ, replaces, triggers
from rehearsal.engine.steps.differences.ignore_changes import with_ignored_changes
from rehearsal.engine.steps.executor import StepExecutor
from rehearsal.engine.steps.outcomes import Outcome, Outcomes, Registered
from rehearsal.engine.steps.selection import Selection
from rehearsal.project import ORGANIZATION
from rehearsal.values import Values, has_unknown

_PROTECTED = (
    "as it is currently marked for protection. To unprotect the resource, remove the `protect` flag from the "
    "resource in your Pulumi program and run `pulumi up`"
)
_IMPORTED = (
    "previously-imported resources that still specify an ID may not be replaced; please remove the `import` "
    "declaration from your program"
)
Chain = list[
    Callable[[], Resource | None]
]  # steps, one after another; what the last of them returns is registered


class StepGenerator:
    """Decisions of one deployment."""

    def __init__(
        self,
        session: Session,
        analyzer: Analyzer,
        outcomes: Outcomes,
        executor: StepExecutor,
        selection: Selection,
    ) -> None:
        self._session = session
        self._run = session.run
        self._snapshot = session.snapshot
        self._analyzer = analyzer
        self._outcomes = outcomes
        self._executor = executor
        self._selection = selection
        self._autonaming = Autonaming(self._run.config, self._run.project, self._run.stack, ORGANIZATION)
        self._differ = Differ(session, outcomes)
        self._dependents = Dependents(session, self._differ, outcomes)
        self.deleted_first: set[str] = set()  # URNs of dependents that were deleted before their replacement
        self._replacing_keys: dict[str, tuple[str, ...]] = {}  # of these, by URN

    # ---- names

    def claim(self, urn: str) -> None:
        """Takes a URN for a registration or a read. Raises FailedError for one that is taken."""
        self._session.raise_failure()
        if urn in self._outcomes.claimed:
            raise FailedError(f"Duplicate resource URN '{urn}'; try giving it a unique name", urn)
        if urn in self._outcomes.adopted:
            raise FailedError(
                f"Duplicate resource URN '{urn}' conflicting with alias on resource with URN "
                f"'{self._outcomes.adopted[urn]}'",
                urn,
            )
        self._outcomes.claimed.add(urn)

    def recorded(self, goal: Goal, urn: str) -> Resource | None:
        """Recorded resource of a goal, under its URN or under a former one of its aliases; None for a new one."""
        outcomes = self._outcomes
        if (old := self._snapshot.recorded(urn)) is not None:
            return old
        for former in aliases.former_urns(goal, self._run.stack, self._run.project, outcomes.former):
            old = self._snapshot.recorded(former)
            if former == urn or old is None:
                continue
            if former in outcomes.claimed or former in outcomes.adopted:
                raise FailedError(
                    f"Duplicate resource alias '{former}' applied to resource with URN '{urn}' conflicting with "
                    f"resource with URN '{outcomes.adopted.get(former, urn)}'",
                    urn,
                )
            outcomes.former[urn], outcomes.adopted[former] = former, urn
            self._snapshot.adopt(former, urn)
            return old
        return None

    # ---- a registration

    def register(self, goal: Goal, urn: str) -> Registered:
        """Carries out a registration, of a URN that is claimed."""
        with self._session.lock:
            if goal.parent and goal.parent not in self._outcomes.claimed:
                raise FailedError(f"could not find parent resource {goal.parent}")
            old = self.recorded(goal, urn)
            new = replace(from_goal(goal, urn), inputs=goal.inputs)
            imports = _imports(goal, old)
        if imports:
            self._outcomes.imports.add(urn)
            original = old
            old = self._executor.import_(new, original)
            if original is not None:
                self._executor.replace(urn)
            new = replace(new, replacement_trigger=None)
        with self._session.lock:
            included = _is_implied(new) or self._selection.includes(new)
            new = self._checked(goal, old, new, included=included)
            provider = self._session.provider(new.provider)
        new = self._analyzer.analyze(new, provider)
        with self._session.lock:
            self._session.raise_failure()
            if self._outcomes.failed & new.needs():
                self._outcomes.failed.add(urn)
                return Registered(new, Outcome.SKIPPED)
            chain = self._chain(goal, old, new, included=included)
            # What goes along with a replacement has to be gone before another one is decided, which may count on it.
            last = _taken(chain) if len(chain) > 1 else None
        if not chain:  # imported, and nothing else to do
            assert old is not None
            return Registered(old)
        last = last or _taken(chain)
        assert last is not None
        skipped = urn in self._outcomes.skipped_creates
        return Registered(last, Outcome.UNKNOWN if skipped else Outcome.SUCCESS)

    def _checked(self, goal: Goal, old: Resource | None, new: Resource, *, included: bool) -> Resource:
        """The new resource with the inputs that it will have."""
        if not included and new.custom:
            return replace(new, inputs=old.inputs if old else {})
        if not new.custom:  # a component is recorded with the inputs that it has
            return new
        if old is None or old.external or new.urn in self._outcomes.deletes:
            return self._check(new, None)
        if self._differ.is_replaced_anyway(new.urn, old):
            return self._check(new, None)
        return self._check(replace(new, inputs=self._with_ignored(goal, old, new)), old.inputs)

    def _check(self, new: Resource, old_inputs: Values | None) -> Resource:
        return check(self._session, new, old_inputs, self._naming(new)[0])

    def _naming(self, new: Resource) -> tuple[Naming | None, bool]:
        """Naming that the stack asks for, and whether it leaves no room for two."""
        if not new.custom:
            return None, False
        before = self._snapshot.recorded(self._outcomes.former.get(new.urn, new.urn))
        return self._autonaming.naming(new.urn, f"{new.urn}|{before.id if before else ''}")

    def _with_ignored(self, goal: Goal, old: Resource, new: Resource) -> Values:
        inputs, failed = with_ignored_changes(new.inputs, old.inputs, goal.ignore_changes)
        if failed:
            paths = ", ".join(failed)
            message = f'cannot ignore changes in added or removed elements of the path: "{paths}"'
            self._session.emit(Diagnostic("info", message, new.urn))
        return inputs

    def _chain(self, goal: Goal, old: Resource | None, new: Resource, *, included: bool) -> Chain:
        outcomes, executor, urn = self._outcomes, self._executor, new.urn
        if old is not None and urn in outcomes.deletes:
            # Deleted before its replacement, as a dependent of another: only now it is known that it is replaced.
            outcomes.deletes.discard(urn)
            outcomes.replaces.add(urn)
            keys = DiffResult(replaces=self._replacing_keys.get(urn, ()))
            again = self._check(replace(new, inputs=goal.inputs), None)
            deleted = self._snapshot.prior[old.urn]
            return [lambda: executor.replace(urn), lambda: executor.create(again, deleted, keys)]
        if old is not None and old.external:
            outcomes.creates.add(urn)
            return self._create_before_deletion(old, new, DiffResult())
        self._selection.meet(new, included=included)
        if old is None and not included:
            outcomes.sames.add(urn)
            outcomes.skipped_creates.add(urn)
            return [lambda: executor.skip(new)]
        if old is not None and not included:
            return self._untargeted(old, urn)
        self._must_have_what_it_needs(new)
        if old is not None:
            return self._difference_made(goal, old, new)
        outcomes.creates.add(urn)
        return [lambda: executor.create(new)]

    def _difference_made(self, goal: Goal, old: Resource, new: Resource) -> Chain:
        """Steps that make the recorded resource what is registered."""
        outcomes, executor, imported = self._outcomes, self._executor, new.urn in self._outcomes.imports
        if has_unknown(new.replacement_trigger) and not self._run.preview:
            raise FailedError(f"replacement trigger contains unknowns for {new.urn}", new.urn)
        triggered = triggers(old, new)
        difference = DiffResult() if triggered else self._differ.diff(old, new)
        if triggered or replaces(difference) or old.pending_replacement:
            return self._replacement(goal, old, new, difference)
        if difference.changed or difference.keyless:
            outcomes.updates.add(new.urn)
            return [lambda: executor.update(old, new, difference, imported=imported)]
        if imported:
            return []
        outcomes.sames.add(new.urn)
        return [lambda: executor.same(old, new)]

    def _untargeted(self, old: Resource, urn: str) -> Chain:
        """Step of what the operation isn't about, after those of what it needs and the program has no more."""
        outcomes, executor = self._outcomes, self._executor
        chain: Chain = []
        for needed in sorted(old.needs()):
            known = self._snapshot.recorded(needed)
            if known is None or known.pending_deletion:
                continue
            if not outcomes.has_step(needed) and not outcomes.has_step(outcomes.adopted.get(needed, needed)):
                chain += self._untargeted(known, needed)
        outcomes.claimed.add(old.urn)
        outcomes.sames.update((urn, old.urn))
        return [*chain, lambda: executor.untargeted(old)]

    def _must_have_what_it_needs(self, new: Resource) -> None:
        """Raises FailedError for a step that needs what isn't created, since it is no target."""
        options = self._run.options
        missing = sorted(self._outcomes.skipped_creates & new.needs())
        if not missing or not (options.targets or options.replaces):
            return
        for urn in missing:
            error = FailedError(
                f"Resource '{new.urn}' depends on '{urn}' which was not specified in --target list.",
                new.urn,
            )
            self._session.go_on_after(error)
            self._outcomes.skipped_creates.discard(urn)
        if not self._run.preview:
            raise FailedError("untargeted create", new.urn)

    # ---- replacements

    def _replacement(self, goal: Goal, old: Resource, new: Resource, difference: DiffResult) -> Chain:
        urn = new.urn
        if old.protect and new.protect:
            self._session.refuse(FailedError(f'unable to replace resource "{urn}"\n{_PROTECTED}', urn))
        if goal.import_id:
            if not self._run.preview:
                raise FailedError(_IMPORTED, urn)
            self._session.emit(Diagnostic("warning", _IMPORTED, urn))
        self._outcomes.replaces.add(urn)
        if not self._differ.is_replaced_anyway(urn, old):  # else it was checked without the old one
            new = self._check(replace(new, inputs=goal.inputs), None)
        option = True if self._naming(new)[1] else goal.delete_before_replace
        if option if option is not None else difference.delete_before_replace:
            return self._delete_before_creation(old, new, difference)
        return self._create_before_deletion(old, new, difference)

    def _create_before_deletion(self, old: Resource, new: Resource, difference: DiffResult) -> Chain:
        """Steps of a replacement whose old resource goes at the end, when all have moved over to the new one."""
        return [
            lambda: self._executor.create(new, old, difference, deletes_later=True),
            lambda: self._executor.replace(new.urn, difference),
            lambda: self._snapshot.new[new.urn],
        ]

    def _delete_before_creation(self, old: Resource, new: Resource, difference: DiffResult) -> Chain:
        """Steps of a replacement whose old resource goes first, after the dependents that are replaced with it."""
        outcomes, executor, urn = self._outcomes, self._executor, new.urn
        chain: Chain = []
        for dependent, keys in reversed(self._dependents.replaced_with(old, urn)):
            if dependent.urn in self.deleted_first:
                continue
            self._replacing_keys[dependent.urn] = keys
            if dependent.protect:
                raise FailedError(
                    f'unable to replace resource "{dependent.urn}" as part of replacing "{urn}" {_PROTECTED}, or '
                    f"use the command:\n`pulumi state unprotect '{dependent.urn}'`",
                    dependent.urn,
                )
            chain.append(partial(executor.delete_before_replacement, dependent))
            outcomes.deletes.add(dependent.urn)
            self.deleted_first.add(dependent.urn)
        if not old.pending_replacement:
            outcomes.deletes.add(old.urn)
            chain.append(partial(executor.delete_before_replacement, old))
        return [
            *chain,
            lambda: executor.replace(urn, difference),
            lambda: executor.create(new, self._snapshot.prior.get(old.urn, old), difference),
        ]


def _taken(chain: Chain) -> Resource | None:
    """Takes the steps of a chain. Returns what the last of them returns."""
    last = None
    for step in chain:
        last = step()
    return last


def from_goal(goal: Goal, urn: str) -> Resource:
    """Resource of a goal, without its inputs."""
    return Resource(
        urn=urn,
        type=goal.type,
        custom=goal.custom,
        parent=goal.parent,
        provider=goal.provider,
        protect=bool(goal.protect),
        retain_on_delete=bool(goal.retain_on_delete),
        deleted_with=goal.deleted_with,
        dependencies=sorted(goal.dependencies),
        property_dependencies={k: sorted(v) for k, v in sorted(goal.property_dependencies.items()) if v},
        additional_secret_outputs=list(goal.additional_secret_outputs),
        ignore_changes=list(goal.ignore_changes),
        replace_on_changes=list(goal.replace_on_changes),
        replace_with=list(goal.replace_with),
        replacement_trigger=goal.replacement_trigger,
        hide_diffs=list(goal.hide_diffs),
        custom_timeouts={of: seconds(text) for of, text in goal.custom_timeouts.items() if seconds(text)},
        hooks={when: list(names) for when, names in goal.hooks.items()},
        import_id=goal.import_id,
    )


def _imports(goal: Goal, old: Resource | None) -> bool:
    """Returns whether a registration imports: it names a thing, and another one, or none, is recorded."""
    if not goal.custom or not goal.import_id:
        return False
    return old is None or old.external or (old.import_id or old.id) != goal.import_id


def _is_implied(resource: Resource) -> bool:
    """Returns whether a resource is always targeted: providers and the stack itself."""
    return resource.is_provider or resource.type == urns.STACK_TYPE
