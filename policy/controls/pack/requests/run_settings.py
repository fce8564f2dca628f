"""Settings of a run, read once from the environment instead of anew for each request.

gRPC answers each request in a context of its own, in which the SDK makes its settings. Here it makes them once, and
each request is answered in a copy of the context that has them. `sdk_patches.py` says why, and puts it into the SDK.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from functools import cache
from typing import Any

Answer = Callable[[Any, Any, Any], Any]  # a method of the SDK's server


def configured_once(configure: Callable[[Any], None]) -> Callable[[Answer], Answer]:
    """Decorator of methods of the SDK's server, which are answered where its `configure` has been called."""

    @cache
    def made(servicer: Any) -> Context:
        context = Context()
        context.run(configure, servicer)
        return context

    def wrapped(answer: Answer) -> Answer:
        def answered(servicer: Any, request: Any, context: Any) -> Any:
            return made(servicer).copy().run(answer, servicer, request, context)

        return answered

    return wrapped


def configured_already(_: Any) -> None:
    """Stand-in for the SDK's own `configure`, where its settings are made already."""
