"""Resource hooks: functions of the program that run before and after a step, and after one that failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from google.protobuf.message import Message
from pulumi.runtime.proto import resource_pb2 as pb

from rehearsal.engine.events import Diagnostic, FailedError
from rehearsal.engine.records import Resource
from rehearsal.engine.registration.callbacks import CallbackError, Callbacks
from rehearsal.engine.session import Session
from rehearsal.values import UNKNOWN, UNKNOWN_STRING, encode

MOST_TRIES: Final = 100  # of a step that error hooks have tried again, as with the CLI


class Hooks:
    """Hooks that the program has registered, by name, and their calls around the steps of one operation.

    A hook that isn't to run in previews doesn't. Error hooks always run.
    """

    def __init__(self, session: Session, callbacks: Callbacks) -> None:
        self._session = session
        self._callbacks = callbacks
        self._hooks: dict[str, pb.RegisterResourceHookRequest] = {}
        self._error_hooks: dict[str, pb.RegisterErrorHookRequest] = {}

    def register(self, hook: pb.RegisterResourceHookRequest) -> None:
        """Keeps a hook. Raises FailedError for a name that there is already."""
        self._must_be_new(hook.name)
        self._hooks[hook.name] = hook

    def register_error_hook(self, hook: pb.RegisterErrorHookRequest) -> None:
        """Keeps an error hook. Raises FailedError for a name that there is already."""
        self._must_be_new(hook.name)
        self._error_hooks[hook.name] = hook

    def _must_be_new(self, name: str) -> None:
        if not name:
            raise FailedError("resource hook name cannot be empty")
        if name in self._hooks or name in self._error_hooks:
            raise FailedError(f'resource hook already registered for name "{name}"')

    def before(self, verb: str, new: Resource | None, old: Resource | None) -> None:
        """Runs the hooks before a create, update or delete. Raises FailedError if one fails: the step isn't taken."""
        self._run("before", verb, new, old)

    def after(self, verb: str, new: Resource | None, old: Resource | None) -> None:
        """Runs the hooks after a create, update or delete. The step is done if one fails, but the operation fails."""
        try:
            self._run("after", verb, new, old)
        except FailedError as error:
            if self._session.run.options.continue_on_error:
                self._session.go_on_after(error)
            else:
                self._session.fail(error)

    def try_again(self, verb: str, new: Resource | None, old: Resource | None, errors: Sequence[str]) -> bool:
        """Returns whether an error hook wants a failed step tried again; `errors` are those so far, the newest first.

        Raises FailedError if one of the hooks fails itself.
        """
        about = new or old
        assert about is not None
        again = False
        for name in about.hooks.get("on_error", ()):
            if name not in self._error_hooks:
                raise FailedError(f'error hooks execution failed: error hook "{name}" was not registered')
            request = pb.ErrorHookRequest(
                urn=about.urn,
                id=_id(about),
                name=about.name,
                type=about.type,
                new_inputs=encode(new.inputs) if new else None,
                old_inputs=encode(old.inputs) if old else None,
                old_outputs=encode(old.outputs) if old else None,
                failed_operation=verb,
                errors=errors,
                new_options=_options(new),
                old_options=_options(old),
            )
            answer = pb.ErrorHookResponse()
            if error := self._call(self._error_hooks[name], request, answer):
                raise FailedError(f'error hooks execution failed: error hook "{name}" failed: {error}')
            again = again or answer.retry
        if again and len(errors) < MOST_TRIES:
            self._warn(about, f"retrying {verb} due to on-error hook request ({len(errors)}/{MOST_TRIES})")
        return again

    def _run(self, when: str, verb: str, new: Resource | None, old: Resource | None) -> None:
        about = new or old
        assert about is not None
        for name in about.hooks.get(f"{when}_{verb}", ()):
            hook = self._hooks.get(name)
            if hook is None:
                raise FailedError(f'hook "{name}" was not registered', about.urn)
            if self._session.run.preview and not hook.on_dry_run:
                continue
            done = when == "after"
            request = pb.ResourceHookRequest(
                urn=about.urn,
                id=_id(about),
                name=about.name,
                type=about.type,
                new_inputs=encode(new.inputs) if new else None,
                old_inputs=encode(old.inputs) if old else None,
                new_outputs=encode(new.outputs) if new and done else None,
                old_outputs=encode(old.outputs) if old else None,
                new_options=_options(new),
                old_options=_options(old),
            )
            if error := self._call(hook, request, pb.ResourceHookResponse()):
                if not hook.ignore_errors:
                    raise FailedError(f'{when} hook "{name}" failed: {error}', about.urn)
                kind = f"{when.capitalize()}{verb.capitalize()}"
                self._warn(about, f'{kind} hook "{name}" failed: {error}')

    def _call(
        self,
        hook: pb.RegisterResourceHookRequest | pb.RegisterErrorHookRequest,
        request: Message,
        answer: pb.ResourceHookResponse | pb.ErrorHookResponse,
    ) -> str:
        """Error of a hook, or ''. The answer is filled in."""
        try:
            answer.ParseFromString(self._callbacks.call(hook.callback, request))
        except CallbackError as error:
            return str(error)
        return answer.error

    def _warn(self, about: Resource, message: str) -> None:
        self._session.emit(Diagnostic("warning", message, about.urn))


def _id(resource: Resource) -> str:
    return UNKNOWN_STRING if resource.id is UNKNOWN else str(resource.id)


def _options(resource: Resource | None) -> pb.ResourceOptions | None:
    """Options of a resource, as a hook is told of them."""
    if resource is None:
        return None
    timeouts = {of: f"{seconds:g}s" for of, seconds in resource.custom_timeouts.items()}
    options = pb.ResourceOptions(
        depends_on=resource.dependencies,
        ignore_changes=resource.ignore_changes,
        replace_on_changes=resource.replace_on_changes,
        provider=resource.provider,
        deleted_with=resource.deleted_with,
        hide_diff=resource.hide_diffs,
        replace_with=resource.replace_with,
        hooks=pb.RegisterResourceRequest.ResourceHooksBinding(**resource.hooks) if resource.hooks else None,
        parent=resource.parent,
        custom_timeouts=pb.RegisterResourceRequest.CustomTimeouts(**timeouts) if timeouts else None,
        additional_secret_outputs=resource.additional_secret_outputs,
        protect=resource.protect,
        retain_on_delete=resource.retain_on_delete,
    )
    setattr(options, "import", resource.import_id)
    return options
