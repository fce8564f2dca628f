"""Mistakes that the CLI lets pass and that are costly later. Only the engine sees what they are made in.

What is wrong with a custom resource's inputs is the cloud's to say, so that the CLI over it hears the same.
"""

from __future__ import annotations

from rehearsal.cloud import Cloud
from rehearsal.cloud.lifecycle.check import texts
from rehearsal.cloud.provider_verbs import Failure
from rehearsal.cloud.types.syntax import judge
from rehearsal.engine import urns
from rehearsal.engine.events import FailedError
from rehearsal.engine.registration.goal import Goal
from rehearsal.values import Values, has_secret


def must_mean_something(cloud: Cloud, goal: Goal, urn: str) -> None:
    """Raises FailedError for an option, or a text in a component's inputs, that means nothing."""
    found = [
        Failure(f"customTimeouts.{operation}", f"must be {wanted}, not {text!r}")
        for operation, text in goal.custom_timeouts.items()
        if (wanted := judge("duration")(text)) is not None
    ]
    if goal.custom:
        options = {"ignoreChanges": goal.ignore_changes, "replaceOnChanges": goal.replace_on_changes}
        for name, paths in options.items():
            found += [Failure(name, failure.reason) for failure in cloud.check_paths(goal.type, paths)]
    else:
        found += texts(goal.inputs)
    _refuse(found, urn)


def must_be_fit_to_show(urn: str, outputs: Values) -> None:
    """Raises FailedError for outputs that hold the text of an Output, or, if they are a stack's, a secret.

    Whoever reads a stack's outputs gets a secret into a state of its own, where nobody looks for it.
    """
    found = list(texts(outputs))
    if urns.type_of(urn) == urns.STACK_TYPE:
        found += [
            Failure(
                name,
                "is secret; put it into Secrets Manager or Parameter Store, export its ARN or name, and have its "
                "reader fetch it when it runs",
            )
            for name, value in outputs.items()
            if has_secret(value)
        ]
    _refuse(found, urn)


def _refuse(found: list[Failure], urn: str) -> None:
    if found:
        raise FailedError("\n".join(f"{f.path}: {f.reason}" for f in found), urn)
