"""Validation of options, components' inputs and outputs, which the CLI doesn't check and no provider sees.

Inputs of custom resources are checked by the pretend cloud, so that the CLI gets the same errors.
"""

from __future__ import annotations

from rehearsal.cloud import Cloud
from rehearsal.cloud.lifecycle.check import output_text_failures
from rehearsal.cloud.provider_verbs import Failure
from rehearsal.cloud.types.syntax import syntax_check
from rehearsal.engine.events import FailedError
from rehearsal.engine.registration.goal import Goal
from rehearsal.values import Values, has_secret


def validate_goal(cloud: Cloud, goal: Goal, urn: str) -> None:
    """Raises FailedError for an option without effect, and for the text of an Output in a component's inputs."""
    failures = [
        Failure(f"customTimeouts.{operation}", f"must be {wanted}, not {text!r}")
        for operation, text in goal.custom_timeouts.items()
        if (wanted := syntax_check("duration")(text)) is not None
    ]
    if goal.custom:
        options = {"ignoreChanges": goal.ignore_changes, "replaceOnChanges": goal.replace_on_changes}
        for name, paths in options.items():
            failures += [Failure(name, failure.reason) for failure in cloud.check_paths(goal.type, paths)]
    else:
        failures += output_text_failures(goal.inputs)
    _refuse(failures, urn)


def validate_outputs(urn: str, outputs: Values) -> None:
    """Raises FailedError for outputs that hold the text of an Output."""
    _refuse(list(output_text_failures(outputs)), urn)


def secret_outputs(outputs: Values) -> list[str]:
    """Warnings about a stack's secret outputs: whoever reads one has it in its own state, too."""
    return [
        f"{name}: is secret; put it into Secrets Manager or Parameter Store, export its ARN or name, and have its "
        "reader fetch it when it runs"
        for name, value in outputs.items()
        if has_secret(value)
    ]


def _refuse(failures: list[Failure], urn: str) -> None:
    if failures:
        raise FailedError("\n".join(f"{f.path}: {f.reason}" for f in failures), urn)
