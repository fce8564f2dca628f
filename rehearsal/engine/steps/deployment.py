"""What a program registers, turned into steps.

Every registration is checked by the cloud, judged by the policies, compared with what the stack remembers,
and then carried out and recorded (or, in a preview, imagined). The order of these, and the words of the
refusals, are those of the CLI's engine.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from rehearsal import property_paths
from rehearsal.cloud.provider_verbs import Changes, Difference, RefusedError
from rehearsal.engine import urns
from rehearsal.engine.events import FailedError, Step
from rehearsal.engine.policies.pack import Judge
from rehearsal.engine.records import Resource
from rehearsal.engine.registration import aliases, assets, mistakes
from rehearsal.engine.registration.default_providers import DefaultProviders
from rehearsal.engine.registration.goal import Goal
from rehearsal.engine.session import Session
from rehearsal.engine.steps import deletion, reads
from rehearsal.engine.steps.comparison import Comparison, checked
from rehearsal.engine.steps.replacement import PROTECTED, Room
from rehearsal.values import UNKNOWN, Secret, Values


class Deployment:
    """One preview or update. Its methods are what a program may ask; each raises FailedError, the first one
    for the reason that it tells, and all later ones for the same."""

    def __init__(self, session: Session, judge: Judge) -> None:
        self._session = session
        self._run = session.run
        self._judge = judge
        self._defaults = DefaultProviders(session.run.config, self.register)
        self._seen: set[str] = set()
        self._renamed: dict[str, str] = {}  # new URN -> the old one that it was remembered under
        self._taken: dict[str, str] = {}  # old URN -> the new one that took it by an alias
        self._replaced: set[str] = set()
        self._comparison = Comparison(session, self._replaced, self._taken)
        self._room = Room(session, self._comparison, self._seen)

    # ---- what a program asks

    def register(self, goal: Goal) -> Resource:
        """Carries out one registration."""
        try:
            return self._register(replace(goal, inputs=assets.hashed(goal.inputs, self._run.folder)))
        except (FailedError, RefusedError) as error:
            raise self._session.failed(error, self._urn(goal)) from error

    def read(self, goal: Goal, id_: str) -> Resource:
        """Looks up something that exists already and isn't owned: another stack's outputs, or a thing's `.get`."""
        urn = self._urn(goal)
        try:
            with self._session.turn:
                self._claim(urn)
            goal = self._defaults.complete(goal)
            with self._session.turn, self._run.store.change():
                resource = replace(self._blank(goal, urn), id=id_, inputs=goal.inputs, external=True)
                resource = replace(resource, outputs=reads.outputs_of(self._session, resource))
                return self._keep(resource, [Step("read", urn)], self._session.olds.get(urn))
        except (FailedError, RefusedError) as error:
            raise self._session.failed(error, urn) from error

    def invoke(self, token: str, args: Values, provider: str, version: str) -> Values:
        """Answers a function call, out of the cloud or out of the stack's own resources."""
        try:
            reference = provider or self._defaults.reference(token.split(":", 1)[0], version, token)
            if token == "pulumi:pulumi:getResource":
                return reads.own(self._session, args["urn"])
            with self._session.turn:
                self._session.go_on()
                found = self._session.provider(reference)
                return self._run.cloud.invoke(token, args, found.inputs if found else {})
        except (FailedError, RefusedError) as error:
            raise self._session.failed(error, "", f"invocation of {token} returned an error: ") from error

    def default_provider(self, package: str, version: str, token: str) -> None:
        """Registers the default provider of a package, for a component that it is to make."""
        try:
            self._defaults.reference(package, version, token)
        except FailedError as error:
            raise self._session.failed(error) from error

    def register_outputs(self, urn: str, outputs: Values) -> None:
        """Takes the outputs of a component, or of the stack itself."""
        try:
            mistakes.must_be_fit_to_show(urn, outputs)
        except FailedError as error:
            raise self._session.failed(error) from error
        with self._session.turn, self._run.store.change():
            self._session.go_on()
            old = self._session.news[urn]
            new = replace(old, outputs=outputs)
            self._session.news[urn] = new
            if new.record() != old.record():
                self._session.commit({urn: new}, {})

    def finish(self) -> None:
        """Deletes what the program no longer has, then has the policies judge the stack as a whole."""
        session = self._session
        gone = [
            old for urn, old in session.olds.items() if urn not in session.news and urn not in self._taken
        ]
        deletion.delete_all(session, [*gone, *session.condemned.values()])
        self._judge.stack([(new, session.provider(new.provider)) for new in session.news.values()])

    # ---- one registration, in its stages

    def _register(self, goal: Goal) -> Resource:
        session, urn = self._session, self._urn(goal)
        with session.turn:
            self._claim(urn)
            if goal.parent and goal.parent not in self._seen:
                raise FailedError(f"could not find parent resource {goal.parent}")
        goal = self._defaults.complete(goal)
        mistakes.must_mean_something(self._run.cloud, goal, urn)
        with session.turn:
            old = self._remembered(goal, urn)
            new = replace(self._blank(goal, urn), inputs=goal.inputs)
            if old is not None:
                new = replace(
                    new, inputs=property_paths.with_old_values(new.inputs, old.inputs, goal.ignore_changes)
                )
            new = checked(session, new, old)
            provider = session.provider(new.provider)
        new = self._judge.resource(new, provider)
        with session.turn, self._run.store.change():
            session.go_on()
            return self._step(goal, old, new)

    def _step(self, goal: Goal, old: Resource | None, new: Resource) -> Resource:
        if old is None:
            return self._create(new)
        if old.urn in self._room.made:
            return self._create(self._anew(goal, new), old, self._room.made[old.urn])
        if old.external:
            return self._create(new, old)
        difference = self._comparison.difference(old, new)
        if difference.replaces or old.pending_replacement:
            return self._replace(goal, old, new, difference)
        if difference.changed:
            return self._update(old, new, difference)
        new = replace(new, id=old.id, outputs=old.outputs)
        return self._keep(new, [Step("same", new.urn)], old)

    def _create(
        self,
        new: Resource,
        old: Resource | None = None,
        difference: Difference = Difference(),  # noqa: B008 it is frozen
        condemned: Resource | None = None,
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
                with self._step_on(new, "create" if old is None else "create-replacement", difference):
                    done = self._run.cloud.create(target, new.inputs, self._run.preview)
                new = replace(new, id=done.id, outputs=done.outputs)
                changes = done.changes
        if old is None:
            return self._keep(new, [Step("create", new.urn)], None, changes)
        self._replaced.add(new.urn)
        steps = [
            _as_step("create-replacement", new.urn, difference),
            _as_step("replace", new.urn, difference),
        ]
        if old.urn in self._room.made:
            steps.reverse()
            if (
                difference is self._room.made[old.urn]
            ):  # it fell with another one, which blames no key of its own
                steps[0] = Step("replace", new.urn)
        return self._keep(new, steps, old, changes, condemned)

    def _update(self, old: Resource, new: Resource, difference: Difference) -> Resource:
        changes: Changes = {}
        new = replace(new, id=old.id, outputs=new.inputs if new.is_provider else old.outputs)
        target = self._session.target(new) if new.custom and not new.is_provider else None
        if target is not None:
            with self._step_on(new, "update", difference):
                done = self._run.cloud.update(
                    target, old.id, old.inputs, old.outputs, new.inputs, new.ignore_changes, self._run.preview
                )
            new = replace(new, outputs=done.outputs)
            changes = done.changes
        return self._keep(new, [_as_step("update", new.urn, difference)], old, changes)

    def _replace(self, goal: Goal, old: Resource, new: Resource, difference: Difference) -> Resource:
        if old.protect and new.protect:
            message = f'unable to replace resource "{new.urn}"\n{PROTECTED}'
            self._session.object_to(FailedError(message, new.urn))
        new = self._anew(goal, new)
        self._replaced.add(new.urn)
        first = goal.delete_before_replace
        if first if first is not None else difference.delete_before_replace:
            self._room.make(old)
            return self._create(new, old, difference)
        # The old one stays, under a key of its own, until everything else has moved over to the new one.
        return self._create(new, old, difference, condemned=replace(old, condemned=True))

    def _anew(self, goal: Goal, new: Resource) -> Resource:
        """The resource checked as if it had never been: what takes another's place inherits no name from it."""
        return checked(self._session, replace(new, inputs=goal.inputs), None)

    @contextmanager
    def _step_on(self, resource: Resource, op: str, difference: Difference) -> Iterator[None]:
        """Tells of a step that the cloud refuses. One that succeeds is told when it is recorded."""
        try:
            yield
        except RefusedError:
            self._session.tell(replace(_as_step(op, resource.urn, difference), refused=True))
            raise

    # ---- what the stages use

    def _remembered(self, goal: Goal, urn: str) -> Resource | None:
        olds = self._session.olds
        if urn in olds and urn not in self._taken:
            return olds[urn]
        for former in aliases.former_urns(goal, self._run.stack, self._run.project, self._renamed):
            if former == urn or former not in olds:
                continue
            if former in self._seen or former in self._taken:
                raise FailedError(
                    f"Duplicate resource alias '{former}' applied to resource with URN '{urn}' conflicting with "
                    f"resource with URN '{self._taken.get(former, urn)}'",
                    urn,
                )
            self._renamed[urn], self._taken[former] = former, urn
            return olds[former]
        return None

    def _blank(self, goal: Goal, urn: str) -> Resource:
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
        self._session.go_on()
        if urn in self._seen:
            raise FailedError(f"Duplicate resource URN '{urn}'; try giving it a unique name", urn)
        if urn in self._taken:
            raise FailedError(
                f"Duplicate resource URN '{urn}' conflicting with alias on resource with URN '{self._taken[urn]}'",
                urn,
            )
        self._seen.add(urn)

    def _keep(
        self,
        new: Resource,
        steps: Iterable[Step],
        old: Resource | None = None,
        changes: Changes | None = None,
        condemned: Resource | None = None,
    ) -> Resource:
        """Records, as one line, what a resource has become and what that did to the cloud."""
        new = replace(new, outputs=_with_secrets(new))
        self._session.news[new.urn] = new
        records: dict[str, Resource | None] = {}
        if old is None or old.key != new.key or old.record() != new.record():
            records[new.key] = new
        if old is not None and old.urn != new.urn:
            records[old.key] = None
            if condemned is None:  # else they need the old one still, and go before it
                records |= {resource.key: resource for resource in self._session.following(old.urn, new.urn)}
        if condemned is not None:
            records[condemned.key] = condemned
            self._session.condemned[condemned.key] = condemned
        self._session.commit(records, changes or {})
        for step in steps:
            self._session.tell(step)
        return new

    def _urn(self, goal: Goal) -> str:
        return urns.make(self._run.stack, self._run.project, goal.parent, goal.type, goal.name)


def _as_step(op: str, urn: str, difference: Difference) -> Step:
    return Step(op, urn, difference.changed, difference.replaces)


def _with_secrets(resource: Resource) -> Values:
    """The outputs, with a mark on each that the program wants kept secret."""
    marked = {
        key: Secret(value)
        for key in resource.additional_secret_outputs
        if (value := resource.outputs.get(key)) is not None and not isinstance(value, Secret)
    }
    return {**resource.outputs, **marked}
