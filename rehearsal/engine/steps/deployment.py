"""Deployment: turns registrations into steps, such as create, update and replace, and carries them out.

Every registration is checked by the cloud, analyzed by the policies, diffed against what the stack has recorded,
and then carried out and recorded (or, in a preview, only foreseen). The order of these, and the words of the
refusals, are those of the CLI's engine.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from rehearsal.cloud.provider_verbs import Changes, DiffResult, RefusedError
from rehearsal.engine import urns
from rehearsal.engine.events import FailedError, Step
from rehearsal.engine.policies.analyzer import Analyzer
from rehearsal.engine.records import Resource
from rehearsal.engine.registration import aliases, assets, validation
from rehearsal.engine.registration.default_providers import DefaultProviders
from rehearsal.engine.registration.goal import Goal
from rehearsal.engine.session import Session
from rehearsal.engine.steps import deletion, read
from rehearsal.engine.steps.check import check
from rehearsal.engine.steps.delete_before_replace import PROTECTED, DeleteBeforeReplace
from rehearsal.engine.steps.diff import Differ
from rehearsal.engine.steps.ignore_changes import with_ignored_changes
from rehearsal.engine.steps.replacement import Replacements
from rehearsal.values import UNKNOWN, Secret, Values


class Deployment:
    """One preview or update, with a method for each request of the program.

    After the first failure each of them raises FailedError, with the message of the first.
    """

    def __init__(self, session: Session, analyzer: Analyzer) -> None:
        self._session = session
        self._run = session.run
        self._analyzer = analyzer
        self._default_providers = DefaultProviders(session.run.config, self.register)
        self._registered: set[str] = set()
        self._former_urns: dict[str, str] = {}  # new URN -> the old one that it is recorded under
        self._adopted: dict[str, str] = {}  # old URN -> the new one that it has by an alias
        self._replaced: set[str] = set()
        self._differ = Differ(session, Replacements(session, self._replaced, self._adopted))
        self._delete_before_replace = DeleteBeforeReplace(session, self._differ, self._registered)

    # ---- requests of the program

    def register(self, goal: Goal) -> Resource:
        """Carries out one registration."""
        try:
            return self._register(replace(goal, inputs=assets.hashed(goal.inputs, self._run.folder)))
        except (FailedError, RefusedError) as error:
            raise self._session.fail(error, self._urn(goal)) from error

    def read(self, goal: Goal, id_: str) -> Resource:
        """Reads what exists already and isn't owned: another stack's outputs, or a resource by its `.get`."""
        urn = self._urn(goal)
        try:
            with self._session.lock:
                self._claim(urn)
            goal = self._default_providers.with_provider(goal)
            with self._session.lock, self._run.store.change():
                resource = replace(self._from_goal(goal, urn), id=id_, inputs=goal.inputs, external=True)
                resource = replace(resource, outputs=read.read_outputs(self._session, resource))
                return self._record(resource, [Step("read", urn)], self._session.recorded.get(urn))
        except (FailedError, RefusedError) as error:
            raise self._session.fail(error, urn) from error

    def invoke(self, token: str, args: Values, provider: str, version: str) -> Values:
        """Answers a function call, out of the cloud or out of the stack's own resources."""
        try:
            reference = provider or self._default_providers.reference(token.split(":", 1)[0], version, token)
            if token == "pulumi:pulumi:getResource":
                return read.get_resource(self._session, args["urn"])
            with self._session.lock:
                self._session.raise_failure()
                resource = self._session.provider(reference)
                return self._run.cloud.invoke(token, args, resource.inputs if resource else {})
        except (FailedError, RefusedError) as error:
            raise self._session.fail(error, "", f"invocation of {token} returned an error: ") from error

    def default_provider(self, package: str, version: str, token: str) -> None:
        """Registers the default provider of a package, which is to make a remote component."""
        try:
            self._default_providers.reference(package, version, token)
        except FailedError as error:
            raise self._session.fail(error) from error

    def register_outputs(self, urn: str, outputs: Values) -> None:
        """Takes the outputs of a component, or of the stack itself."""
        try:
            validation.validate_outputs(urn, outputs)
        except FailedError as error:
            raise self._session.fail(error) from error
        with self._session.lock, self._run.store.change():
            self._session.raise_failure()
            old = self._session.registered[urn]
            new = replace(old, outputs=outputs)
            self._session.registered[urn] = new
            if new.record() != old.record():
                self._session.commit({urn: new}, {})

    def finish(self) -> None:
        """Deletes the resources that the program no longer registers, then has the policies analyze the stack."""
        session = self._session
        unregistered = [
            old
            for urn, old in session.recorded.items()
            if urn not in session.registered and urn not in self._adopted
        ]
        deletion.delete_all(session, [*unregistered, *session.pending_deletions.values()])
        self._analyzer.analyze_stack(
            [(new, session.provider(new.provider)) for new in session.registered.values()]
        )

    # ---- one registration, in its stages

    def _register(self, goal: Goal) -> Resource:
        session, urn = self._session, self._urn(goal)
        with session.lock:
            self._claim(urn)
            if goal.parent and goal.parent not in self._registered:
                raise FailedError(f"could not find parent resource {goal.parent}")
        goal = self._default_providers.with_provider(goal)
        validation.validate_goal(self._run.cloud, goal, urn)
        with session.lock:
            old = self._recorded(goal, urn)
            new = replace(self._from_goal(goal, urn), inputs=goal.inputs)
            if old is not None:
                new = replace(new, inputs=with_ignored_changes(new.inputs, old.inputs, goal.ignore_changes))
            # One that is replaced in any case takes nothing over from the old one, such as its generated name.
            new = check(session, new, None if urn in self._run.options.replaces else old)
            provider = session.provider(new.provider)
        new = self._analyzer.analyze(new, provider)
        with session.lock, self._run.store.change():
            session.raise_failure()
            return self._step(goal, old, new)

    def _step(self, goal: Goal, old: Resource | None, new: Resource) -> Resource:
        if old is None:
            return self._create(new)
        if old.urn in self._delete_before_replace.deleted:
            return self._create(
                self._check_as_new(goal, new), old, self._delete_before_replace.deleted[old.urn]
            )
        if old.external:
            return self._create(new, old)
        difference = self._differ.diff(old, new)
        if new.urn in self._run.options.replaces:
            difference = DiffResult(replaces=("id",))  # as the CLI says
        if difference.replaces or old.pending_replacement:
            return self._replace(goal, old, new, difference)
        if difference.changed:
            return self._update(old, new, difference)
        new = replace(new, id=old.id, outputs=old.outputs)
        return self._record(new, [Step("same", new.urn)], old)

    def _create(
        self,
        new: Resource,
        old: Resource | None = None,
        difference: DiffResult = DiffResult(),  # noqa: B008 it is frozen
        replaced: Resource | None = None,
    ) -> Resource:
        changes: Changes = {}
        if new.is_provider:
            id_ = UNKNOWN if self._run.preview else str(uuid.uuid4())
            new = replace(new, id=id_, outputs=new.inputs)
        elif new.custom:
            target = self._session.target(new)
            if target is None:
                new = replace(new, id=UNKNOWN)
            else:
                with self._emitting_refusal(
                    new, "create" if old is None else "create-replacement", difference
                ):
                    done = self._run.cloud.create(target, new.inputs, self._run.preview)
                new = replace(new, id=done.id, outputs=done.outputs)
                changes = done.changes
        if old is None:
            return self._record(new, [Step("create", new.urn)], None, changes)
        self._replaced.add(new.urn)
        steps = [
            _as_step("create-replacement", new.urn, difference),
            _as_step("replace", new.urn, difference),
        ]
        if old.urn in self._delete_before_replace.deleted:
            steps.reverse()
            if difference is self._delete_before_replace.deleted[old.urn]:
                # It was deleted as a dependent of another resource: the CLI names no keys with this step.
                steps[0] = Step("replace", new.urn)
        return self._record(new, steps, old, changes, replaced)

    def _update(self, old: Resource, new: Resource, difference: DiffResult) -> Resource:
        changes: Changes = {}
        new = replace(new, id=old.id, outputs=new.inputs if new.is_provider else old.outputs)
        target = self._session.target(new) if new.custom and not new.is_provider else None
        if target is not None:
            with self._emitting_refusal(new, "update", difference):
                done = self._run.cloud.update(
                    target, old.id, old.inputs, old.outputs, new.inputs, new.ignore_changes, self._run.preview
                )
            new = replace(new, outputs=done.outputs)
            changes = done.changes
        return self._record(new, [_as_step("update", new.urn, difference)], old, changes)

    def _replace(self, goal: Goal, old: Resource, new: Resource, difference: DiffResult) -> Resource:
        if old.protect and new.protect:
            message = f'unable to replace resource "{new.urn}"\n{PROTECTED}'
            self._session.refuse(FailedError(message, new.urn))
        new = self._check_as_new(goal, new)
        self._replaced.add(new.urn)
        option = goal.delete_before_replace
        if option if option is not None else difference.delete_before_replace:
            self._delete_before_replace.delete(old)
            # As it is recorded now, deleted: the new one may be in all else the same.
            return self._create(new, self._session.recorded[old.urn], difference)
        # The old one is deleted last, when everything else has moved over to the new one.
        return self._create(new, old, difference, replaced=replace(old, pending_deletion=True))

    def _check_as_new(self, goal: Goal, new: Resource) -> Resource:
        """The resource checked without an old one: a replacement must not get the generated name of the old one."""
        return check(self._session, replace(new, inputs=goal.inputs), None)

    @contextmanager
    def _emitting_refusal(self, resource: Resource, op: str, difference: DiffResult) -> Iterator[None]:
        """Emits a step that the cloud refuses. A successful one is emitted when it is recorded."""
        try:
            yield
        except RefusedError:
            self._session.emit(replace(_as_step(op, resource.urn, difference), refused=True))
            raise

    # ---- parts of these

    def _recorded(self, goal: Goal, urn: str) -> Resource | None:
        """Recorded resource of a goal, under its URN or under a former one of its aliases; None for a new one."""
        recorded = self._session.recorded
        if urn in recorded and urn not in self._adopted:
            return recorded[urn]
        for former in aliases.former_urns(goal, self._run.stack, self._run.project, self._former_urns):
            if former == urn or former not in recorded:
                continue
            if former in self._registered or former in self._adopted:
                raise FailedError(
                    f"Duplicate resource alias '{former}' applied to resource with URN '{urn}' conflicting with "
                    f"resource with URN '{self._adopted.get(former, urn)}'",
                    urn,
                )
            self._former_urns[urn], self._adopted[former] = former, urn
            return recorded[former]
        return None

    def _from_goal(self, goal: Goal, urn: str) -> Resource:
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
        )

    def _claim(self, urn: str) -> None:
        self._session.raise_failure()
        if urn in self._registered:
            raise FailedError(f"Duplicate resource URN '{urn}'; try giving it a unique name", urn)
        if urn in self._adopted:
            raise FailedError(
                f"Duplicate resource URN '{urn}' conflicting with alias on resource with URN '{self._adopted[urn]}'",
                urn,
            )
        self._registered.add(urn)

    def _record(
        self,
        new: Resource,
        steps: Iterable[Step],
        old: Resource | None = None,
        changes: Changes | None = None,
        replaced: Resource | None = None,
    ) -> Resource:
        """Records a resource, and the changes in the cloud, as one line of the journal, and emits its steps."""
        new = replace(new, outputs=_with_secrets(new))
        self._session.registered[new.urn] = new
        records: dict[str, Resource | None] = {}
        if old is None or old.key != new.key or old.record() != new.record():
            records[new.key] = new
        if old is not None and old.urn != new.urn:
            records[old.key] = None
            if replaced is None:  # else they still need the old one, and are deleted before it
                records |= {
                    resource.key: resource for resource in self._session.repoint_dependents(old.urn, new.urn)
                }
        if replaced is not None:
            records[replaced.key] = replaced
            self._session.pending_deletions[replaced.key] = replaced
        self._session.commit(records, changes or {})
        for step in steps:
            self._session.emit(step)
        return new

    def _urn(self, goal: Goal) -> str:
        return urns.make(self._run.stack, self._run.project, goal.parent, goal.type, goal.name)


def _as_step(op: str, urn: str, difference: DiffResult) -> Step:
    return Step(op, urn, difference.changed, difference.replaces)


def _with_secrets(resource: Resource) -> Values:
    """Outputs, with those marked secret that `additionalSecretOutputs` names."""
    marked = {
        key: Secret(value)
        for key in resource.additional_secret_outputs
        if (value := resource.outputs.get(key)) is not None and not isinstance(value, Secret)
    }
    return {**resource.outputs, **marked}
