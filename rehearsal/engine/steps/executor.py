"""Step executor: takes single steps, in the cloud and in the snapshot, with the hooks before and after them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from rehearsal.cloud.provider_verbs import Changes, DiffResult, RefusedError
from rehearsal.engine.events import FailedError, Step
from rehearsal.engine.records import Resource
from rehearsal.engine.session import Session
from rehearsal.engine.steps import read
from rehearsal.engine.steps.hooks import MOST_TRIES, Hooks
from rehearsal.engine.steps.outcomes import Outcomes
from rehearsal.engine.steps.secrecy import with_secret_outputs
from rehearsal.values import UNKNOWN

NO_DIFFERENCE: Final = DiffResult()
_OPERATIONS: Final = {  # of the steps that are recorded as pending, in the words of a checkpoint
    "create": "creating",
    "create-replacement": "creating",
    "update": "updating",
    "delete": "deleting",
    "delete-replaced": "deleting",
    "discard": "deleting",
    "discard-replaced": "deleting",
    "read": "reading",
    "read-replacement": "reading",
    "import": "importing",
    "import-replacement": "importing",
}
T = TypeVar("T")


class StepFailedError(FailedError):
    """Failure of a step that was begun: the cloud, a hook or a protection refused it."""


class StepExecutor:
    """Steps of one operation. Each raises StepFailedError if it can't be taken, and FailedError after a failure."""

    def __init__(self, session: Session, outcomes: Outcomes, hooks: Hooks) -> None:
        self._session = session
        self._outcomes = outcomes
        self._hooks = hooks
        self._cloud = session.run.cloud
        self._preview = session.run.preview

    # ---- what stays, and what comes

    def same(self, old: Resource, new: Resource) -> Resource:
        """Step `same`: nothing but what Pulumi itself records has changed."""

        def apply() -> Resource:
            recorded = with_secret_outputs(replace(new, id=old.id, outputs=old.outputs))
            self._session.snapshot.commit({}, new=recorded, done=old.urn)
            return recorded

        return self._take(Step("same", new.urn), apply)

    def untargeted(self, old: Resource) -> Resource:
        """Step `same` of a resource that the operation isn't about: it stays as it is recorded."""

        def apply() -> Resource:
            self._session.snapshot.commit({}, new=old, done=old.urn)
            return old

        return self._take(Step("same", old.urn), apply)

    def skip(self, new: Resource) -> Resource:
        """Step `same` of what would be created, if the operation were about it: it isn't recorded."""
        return self._take(Step("same", new.urn), lambda: new)

    def create(
        self,
        new: Resource,
        old: Resource | None = None,
        difference: DiffResult = NO_DIFFERENCE,
        *,
        deletes_later: bool = False,
    ) -> Resource:
        """Step `create`; `create-replacement` if there is an old one, which may have to be deleted later."""

        def apply() -> Resource:
            made, changes = self._created(new)
            marked = {old.urn: replace(old, pending_deletion=True)} if old and deletes_later else {}
            done = old.urn if old and old.pending_replacement else ""
            self._session.snapshot.commit(changes, new=made, done=done, marked=marked)
            return made

        op = "create" if old is None else "create-replacement"
        return self._take(_step(op, new.urn, difference), apply, "create", new=new)

    def replace(self, urn: str, difference: DiffResult = NO_DIFFERENCE) -> None:
        """Step `replace`, which only says that the steps around it are a replacement."""
        self._session.emit(_step("replace", urn, difference))

    def update(self, old: Resource, new: Resource, difference: DiffResult, *, imported: bool) -> Resource:
        """Step `update`, in place; also of what has just been imported."""
        new = replace(new, id=old.id)

        def apply() -> Resource:
            updated, changes = self._updated(old, new)
            self._session.snapshot.commit(changes, new=updated, done="" if imported else old.urn)
            return updated

        return self._take(_step("update", new.urn, difference), apply, "update", new=new, old=old)

    def read(self, new: Resource, old: Resource | None, *, replacing: bool = False) -> Resource:
        """Step `read` of what isn't owned; `read-replacement` where something owned stood, which is deleted later."""

        def apply() -> Resource:
            found = read.read(self._session, new)
            recorded = with_secret_outputs(replace(new, id=found.id or new.id, outputs=found.outputs))
            marked = {old.urn: replace(old, pending_deletion=True)} if old and replacing else {}
            done = old.urn if old and not replacing else ""
            self._session.snapshot.commit({}, new=recorded, done=done, marked=marked)
            return recorded

        return self._take(Step("read-replacement" if replacing else "read", new.urn), apply)

    def import_(self, new: Resource, old: Resource | None) -> Resource:
        """Step `import` of a thing that exists; `import-replacement` where another stood, which is deleted later.

        Returns the resource with the thing's own inputs: what the program wants of it is for an update.
        """

        def apply() -> Resource:
            target = self._session.target(new)
            found = target and self._cloud.read(target, new.import_id, {}, {})
            if found is None:
                raise FailedError(f"resource '{new.import_id}' does not exist", new.urn)
            recorded = with_secret_outputs(
                replace(new, id=found.id, inputs=found.inputs, outputs=found.outputs)
            )
            marked = {old.urn: replace(old, pending_deletion=True)} if old else {}
            self._session.snapshot.commit({}, new=recorded, marked=marked)
            return recorded

        return self._take(Step("import-replacement" if old else "import", new.urn), apply)

    def _created(self, new: Resource) -> tuple[Resource, Changes]:
        if new.is_provider:
            return replace(new, id=UNKNOWN if self._preview else str(uuid.uuid4()), outputs=new.inputs), {}
        if not new.custom:
            return new, {}
        target = self._session.target(new)
        if target is None:
            return with_secret_outputs(replace(new, id=UNKNOWN)), {}
        made = self._trying(
            "create", new, None, lambda: self._cloud.create(target, new.inputs, self._preview)
        )
        return with_secret_outputs(replace(new, id=made.id, outputs=made.outputs)), made.changes

    def _updated(self, old: Resource, new: Resource) -> tuple[Resource, Changes]:
        if new.is_provider:
            return replace(new, outputs=new.inputs), {}
        if not new.custom:
            return new, {}
        target = self._session.target(new)
        if target is None:
            return with_secret_outputs(replace(new, outputs=old.outputs)), {}
        made = self._trying(
            "update",
            new,
            old,
            lambda: self._cloud.update(
                target, old.id, old.inputs, old.outputs, new.inputs, new.ignore_changes, self._preview
            ),
        )
        return with_secret_outputs(replace(new, outputs=made.outputs)), made.changes

    # ---- what goes

    def delete(self, old: Resource, key: str) -> None:
        """Step `delete` of what the program has no more; `delete-replaced` of what awaits its deletion."""

        def apply() -> Resource:
            if old.protect and not old.pending_deletion:
                raise ProtectedError(old.urn)
            self._session.snapshot.commit(self._delete_in_cloud(old), done=key)
            return old

        self._take(Step(_deletion(old, replacing=old.pending_deletion), old.urn), apply, "delete", old=old)

    def delete_before_replacement(self, old: Resource) -> Resource:
        """Step `delete-replaced` of what is replaced only then. Returns it as it is recorded until that is done."""

        def apply() -> Resource:
            deleted = replace(old, pending_replacement=True)
            self._session.snapshot.commit(self._delete_in_cloud(old), marked={old.urn: deleted})
            return deleted

        return self._take(Step(_deletion(old, replacing=True), old.urn), apply, "delete", old=old)

    def forget(self, old: Resource) -> None:
        """Step `remove-pending-replace`: what was deleted before its replacement isn't replaced any more."""

        def apply() -> Resource:
            self._session.snapshot.commit({}, done=old.urn)
            return old

        self._take(Step("remove-pending-replace", old.urn), apply)

    def _delete_in_cloud(self, old: Resource) -> Changes:
        """Changes in the cloud.

        None for components and providers, for what isn't owned, and for what AWS deletes with another resource. With
        `retainOnDelete` the thing stays, and belongs to no stack any more.
        """
        if not old.custom or old.is_provider or old.external or self._preview:
            return {}
        if old.retain_on_delete:
            return self._cloud.release(old.urn, str(old.id))
        if old.deleted_with in self._outcomes.deletes:
            return {}
        target = self._session.target(old)
        if target is None:
            return {}
        return self._trying(
            "delete", None, old, lambda: self._cloud.delete(target, old.id, old.inputs, old.outputs)
        ).changes

    # ---- all of them

    def _take(
        self,
        step: Step,
        apply: Callable[[], Resource],
        verb: str = "",
        new: Resource | None = None,
        old: Resource | None = None,
    ) -> Resource:
        """Takes a step, between its hooks, with stack and cloud locked, and emits it; as refused if it fails."""
        session = self._session
        try:
            if verb:
                self._hooks.before(verb, new, old)
            with session.lock, session.run.store.change():
                session.raise_failure()
                if operation := _OPERATIONS.get(step.op):
                    session.snapshot.begin(step.urn, operation)
                done = apply()
        except (FailedError, RefusedError) as error:
            if error is session.failure:
                raise
            with session.lock, session.run.store.change():
                session.snapshot.end()
            session.emit(replace(step, refused=True))
            if isinstance(error, StepFailedError):
                raise
            raise StepFailedError(str(error), step.urn) from error
        session.emit(step)
        if verb and (
            done.custom or verb == "delete"
        ):  # a component has its outputs later, and its hooks then
            self._hooks.after(verb, done if new else None, old)
        return done

    def _trying(self, verb: str, new: Resource | None, old: Resource | None, call: Callable[[], T]) -> T:
        """Result of a call of the cloud; as often as error hooks want it tried again."""
        errors: list[str] = []
        while True:
            try:
                return call()
            except RefusedError as error:
                errors.insert(0, str(error))
                if not self._hooks.try_again(verb, new, old, errors):
                    raise
                if len(errors) == MOST_TRIES:
                    reached = f"maximum number of error hook retries ({MOST_TRIES}) reached"
                    raise FailedError(reached) from error


class ProtectedError(StepFailedError):
    """Deletion of what is protected: others go on, so that all that are protected are told."""

    def __init__(self, urn: str) -> None:
        super().__init__(
            f'resource "{urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, either '
            "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`, or use the "
            f"command:\n`pulumi state unprotect '{urn}'`",
            urn,
        )


def _step(op: str, urn: str, difference: DiffResult) -> Step:
    return Step(op, urn, difference.changed, difference.replaces)


def _deletion(old: Resource, *, replacing: bool) -> str:
    if old.external:
        return "discard-replaced" if replacing else "discard"
    return "delete-replaced" if replacing else "delete"
