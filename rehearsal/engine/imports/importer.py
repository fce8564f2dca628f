"""Import: reads existing things in the cloud, and records them as the stack's own, as `pulumi import` does."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace

from rehearsal.cloud.provider_verbs import RefusedError
from rehearsal.engine import urns
from rehearsal.engine.events import Diagnostic, FailedError, Step
from rehearsal.engine.imports.listed import Import
from rehearsal.engine.records import Resource
from rehearsal.engine.registration.default_providers import DefaultProviders
from rehearsal.engine.registration.goal import Goal
from rehearsal.engine.session import Session
from rehearsal.values import Values

_DISABLED = "pulumi:disable-default-providers"
_ADDED = {"tagsAll"}  # inputs that check adds, and takes from nobody


def import_all(session: Session, imports: Sequence[Import], *, protect: bool) -> None:
    """Imports things, each after its parent; what the stack has already, with the same id, stays as it is.

    Raises FailedError for the first that can't be imported. A preview reads as well, and records nothing.
    """
    importer = _Importer(session, protect)
    for one in imports:
        try:
            importer.import_one(one)
        except (FailedError, RefusedError) as error:
            session.emit(Step("import", one.urn, refused=True))
            raise session.fail(error, one.urn) from error


class _Importer:
    """Import into one stack, with the stack itself and the default providers where it hasn't got them."""

    def __init__(self, session: Session, protect: bool) -> None:
        self._session = session
        self._protect = protect
        # A default provider that is disabled is so for programs alone.
        config = {key: value for key, value in session.run.config.items() if key != _DISABLED}
        self._default_providers = DefaultProviders(
            config, session.run.secret_keys, self._provider, versioned=False
        )

    def import_one(self, wanted: Import) -> None:
        session, parent = self._session, wanted.parent or self._root()
        there = self._known(wanted.urn)
        if there is not None and there.id == wanted.id:
            return
        if there is not None:
            raise FailedError(f"resource '{wanted.urn}' already exists", wanted.urn)
        if self._known(parent) is None:
            raise FailedError(f"unknown parent '{parent}' for resource '{wanted.urn}'", wanted.urn)
        new = Resource(
            urn=wanted.urn,
            type=wanted.type,
            custom=not wanted.component,
            parent=parent,
            protect=self._protect,
        )
        if wanted.component:
            self._record(new)
            return
        new = replace(new, id=wanted.id, provider=self._reference(wanted))
        with session.run.store.change():
            target = session.target(new)
            live = target and session.run.cloud.read(target, wanted.id, {}, {})
            if target is None or live is None:
                raise FailedError(f"resource '{wanted.id}' does not exist", wanted.urn)
            new = replace(new, id=live.id, inputs=live.inputs, outputs=live.outputs)
            self._warn_of_failures(new)
            owned = session.run.cloud.adopt(target, live.id, live.inputs, live.outputs)
            session.snapshot.commit(owned, new=new)
        session.emit(Step("import", new.urn))

    def _reference(self, wanted: Import) -> str:
        if not wanted.provider:
            package = wanted.type.split(":", 1)[0]
            return self._default_providers.reference(package, wanted.version, wanted.type)
        provider = self._known(wanted.provider)
        if provider is None:
            raise FailedError(f"unknown provider '{wanted.provider}' for resource '{wanted.urn}'", wanted.urn)
        return f"{provider.urn}::{provider.id}"

    def _warn_of_failures(self, new: Resource) -> None:
        """Warns of inputs that the type's check refuses; they are imported all the same."""
        target = self._session.target(new)
        given = {name: value for name, value in new.inputs.items() if name not in _ADDED}
        checked = self._session.run.cloud.check(target, new.inputs, given) if target else None
        if checked is None or not checked.failures:
            return
        failures = "\n".join(f"{failure.path}: {failure.reason}" for failure in checked.failures)
        package = new.type.split(":", 1)[0]
        self._session.emit(
            Diagnostic(
                "warning",
                "One or more imported inputs failed to validate. This is almost certainly a bug in the "
                f"`{package}` provider. The import will still proceed, but you will need to edit the generated code "
                f"after copying it into your program.\n{failures}",
                new.urn,
            )
        )

    def _root(self) -> str:
        """URN of the stack's own resource, which is recorded if it isn't yet."""
        run = self._session.run
        urn = urns.make(run.stack, run.project, "", urns.STACK_TYPE, f"{run.project}-{run.stack}")
        if self._known(urn) is None:
            self._record(Resource(urn=urn, type=urns.STACK_TYPE, custom=False), "create")
        return urn

    def _provider(self, goal: Goal) -> Resource:
        """Default provider of a goal: the recorded one, or a new one."""
        run = self._session.run
        urn = urns.make(run.stack, run.project, "", goal.type, goal.name)
        if there := self._known(urn):
            return there
        inputs: Values = dict(goal.inputs)
        checked = run.cloud.check_config(goal.type.removeprefix(urns.PROVIDER_PREFIX), inputs)
        if checked.failures:
            raise FailedError("\n".join(f"{it.path}: {it.reason}" for it in checked.failures), urn)
        new = Resource(
            urn=urn, type=goal.type, custom=True, id=str(uuid.uuid4()), inputs=inputs, outputs=inputs
        )
        self._record(new, "create")
        return new

    def _known(self, urn: str) -> Resource | None:
        snapshot = self._session.snapshot
        return snapshot.new.get(urn) or snapshot.recorded(urn)

    def _record(self, new: Resource, op: str = "import") -> None:
        session = self._session
        with session.run.store.change():
            session.snapshot.commit({}, new=new)
        session.emit(Step(op, new.urn))
