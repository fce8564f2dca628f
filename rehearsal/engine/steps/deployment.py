"""Deployment: one preview or update, with a method for each request of the program.

The order of the steps, and the words of the refusals, are those of the CLI's engine.
"""

from __future__ import annotations

from dataclasses import replace

from rehearsal.cloud.provider_verbs import RefusedError
from rehearsal.engine import urns
from rehearsal.engine.events import Diagnostic, FailedError
from rehearsal.engine.policies.analyzer import Analyzer
from rehearsal.engine.registration import assets, validation
from rehearsal.engine.registration.callbacks import Callbacks
from rehearsal.engine.registration.default_providers import DefaultProviders
from rehearsal.engine.registration.goal import Goal
from rehearsal.engine.session import Session
from rehearsal.engine.steps import read
from rehearsal.engine.steps.deletions import Deletions
from rehearsal.engine.steps.executor import StepExecutor, StepFailedError
from rehearsal.engine.steps.generator import StepGenerator, from_goal
from rehearsal.engine.steps.hooks import Hooks
from rehearsal.engine.steps.outcomes import Outcome, Outcomes, Registered
from rehearsal.engine.steps.selection import Selection, must_be_known
from rehearsal.values import Values


class Deployment:
    """One preview or update. After the first failure each request raises FailedError, with the message of the first.

    With `--continue-on-error` a step that fails is no such failure: the program is told, and what depends on it is
    skipped.
    """

    def __init__(self, session: Session, analyzer: Analyzer) -> None:
        self._session = session
        self._run = session.run
        self._analyzer = analyzer
        self._outcomes = Outcomes()
        self.callbacks = Callbacks()
        self.hooks = Hooks(session, self.callbacks)
        self._default_providers = DefaultProviders(
            session.run.config, session.run.secret_keys, lambda goal: self.register(goal).resource
        )
        self._executor = StepExecutor(session, self._outcomes, self.hooks)
        selection = Selection(session.run.options)
        self._generator = StepGenerator(session, analyzer, self._outcomes, self._executor, selection)
        self._open_outputs: set[str] = set()  # URNs whose outputs may be registered, once
        self._stack_outputs: tuple[str, Values] | None = None
        self._step_failed = False  # and the program went on
        known = {resource.urn for resource in session.snapshot.prior.values()}
        must_be_known(session, session.run.options.replaces, known)

    # ---- requests of the program

    def register(self, goal: Goal) -> Registered:
        """Carries out one registration."""
        urn = self.urn(goal)
        try:
            goal = replace(goal, inputs=assets.hashed(goal.inputs, self._run.folder))
            with self._session.lock:
                self._generator.claim(urn)
            goal = self._default_providers.with_provider(goal)
            validation.validate_goal(self._run.cloud, goal, urn)
            registered = self._generator.register(goal, urn)
        except StepFailedError as error:
            if self._run.options.continue_on_error and self._session.failure is None:
                return self._failed(goal, urn, error)
            raise self._session.fail(error, urn) from error
        except (FailedError, RefusedError) as error:
            raise self._session.fail(error, urn) from error
        self._open_outputs.add(urn)
        return registered

    def read(self, goal: Goal, id_: str) -> Registered:
        """Reads what exists already and isn't owned: another stack's outputs, or a resource by its `.get`."""
        urn = self.urn(goal)
        try:
            with self._session.lock:
                self._generator.claim(urn)
            goal = self._default_providers.with_provider(goal)
            new = replace(from_goal(goal, urn), id=id_, inputs=goal.inputs, external=True)
            with self._session.lock:
                old = self._generator.recorded(goal, urn)
                if self._outcomes.failed & new.needs():
                    self._outcomes.failed.add(urn)
                    return Registered(new, Outcome.SKIPPED)
                replacing = old is not None and not old.external and old.id != id_
                (self._outcomes.replaces if replacing else self._outcomes.reads).add(urn)
            found = self._executor.read(new, old, replacing=replacing)
            if replacing:
                self._executor.replace(urn)
            return Registered(found)
        except StepFailedError as error:
            if self._run.options.continue_on_error and self._session.failure is None:
                return self._failed(goal, urn, error)
            raise self._session.fail(error, urn) from error
        except (FailedError, RefusedError) as error:
            raise self._session.fail(error, urn) from error

    def _failed(self, goal: Goal, urn: str, error: StepFailedError) -> Registered:
        self._session.go_on_after(error, urn)
        with self._session.lock:
            self._step_failed = True
            self._outcomes.failed.add(urn)
        return Registered(replace(from_goal(goal, urn), inputs=goal.inputs), Outcome.FAILED)

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
        """Takes the outputs of a component, or of the stack itself: those are recorded at the end."""
        session = self._session
        try:
            validation.validate_outputs(urn, outputs)
            with session.lock:
                session.raise_failure()
                if urns.type_of(urn) == urns.STACK_TYPE:
                    for message in validation.secret_outputs(outputs):
                        session.emit(Diagnostic("warning", message, urn))
                    self._stack_outputs = (urn, outputs)
                    return
                if urn not in self._open_outputs:
                    raise FailedError(
                        f"cannot complete a resource '{urn}' whose registration isn't pending", urn
                    )
                self._open_outputs.remove(urn)
        except FailedError as error:
            raise session.fail(error) from error
        self._record_outputs(urn, outputs)

    # ---- its end

    def finish(self) -> None:
        """Deletes the resources that the program no longer registers, then has the policies analyze the stack."""
        session, options = self._session, self._run.options
        strange: FailedError | None = None
        try:
            known = {resource.urn for resource in session.snapshot.prior.values()}
            must_be_known(session, options.targets, known | self._outcomes.claimed)
        except FailedError as error:
            strange = error
        errors = session.errors
        try:
            Deletions(session, self._outcomes, self._executor).carry_out(self._generator.deleted_first)
            if strange is not None:
                raise strange
        except FailedError as error:
            session.fail(error)
        self.record_stack_outputs()
        session.raise_failure()
        if session.errors == errors and not self._step_failed:
            self._analyzer.analyze_stack(
                [(new, session.provider(new.provider)) for new in session.snapshot.new.values()]
            )

    def record_stack_outputs(self) -> None:
        """Records the stack's own outputs; after a failure on top of those of before."""
        if self._stack_outputs is None:
            return
        urn, outputs = self._stack_outputs
        self._stack_outputs = None
        before = self._session.snapshot.recorded(urn)
        if self._session.failed and before is not None:
            outputs = {**before.outputs, **outputs}
        self._record_outputs(urn, outputs)

    def _record_outputs(self, urn: str, outputs: Values) -> None:
        session = self._session
        with session.lock, self._run.store.change():
            old = session.snapshot.new.get(urn)
            if old is None:
                return  # it was left out by --target or --exclude
            session.snapshot.commit({}, new=replace(old, outputs=outputs))
        done = session.snapshot.recorded(urn)
        if not old.custom:
            verb = "create" if urn in self._outcomes.creates else "update"
            if verb == "create" or urn in self._outcomes.updates:
                self.hooks.after(verb, replace(old, outputs=outputs), done if verb == "update" else None)

    def urn(self, goal: Goal) -> str:
        """The URN that a registration will have."""
        return urns.make(self._run.stack, self._run.project, goal.parent, goal.type, goal.name)
