"""Default providers: registered by the engine for resources that name no provider, unless that is disabled."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Set
from dataclasses import replace

from rehearsal.engine import urns
from rehearsal.engine.events import FailedError
from rehearsal.engine.records import Resource
from rehearsal.engine.registration.goal import Goal
from rehearsal.values import UNKNOWN, UNKNOWN_STRING, Secret, Values

_DISABLED = "pulumi:disable-default-providers"


class DefaultProviders:
    """Default provider of each package and version, registered when it is first needed."""

    def __init__(
        self, config: Mapping[str, str], secret_keys: Set[str], register: Callable[[Goal], Resource]
    ) -> None:
        self._config = config
        self._secret_keys = secret_keys
        self._register = register
        self._references: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()
        self._disabled = set(json.loads(config.get(_DISABLED, "[]")))

    def with_provider(self, goal: Goal) -> Goal:
        """The goal with its provider named: the program's own, or else the default one of its package."""
        if goal.provider or not goal.custom or goal.type.startswith(urns.PROVIDER_PREFIX):
            return goal
        return replace(goal, provider=self.reference(goal.type.split(":", 1)[0], goal.version, goal.type))

    def reference(self, package: str, version: str, token: str) -> str:
        """Reference to the default provider of a package. Raises FailedError if it is disabled."""
        if package != "pulumi" and self._disabled & {"*", package}:
            raise FailedError(
                f"Default provider for '{package}' disabled. '{token}' must use an explicit provider."
            )
        with self._lock:
            if (package, version) not in self._references:
                self._references[package, version] = self._register_default(package, version)
            return self._references[package, version]

    def _register_default(self, package: str, version: str) -> str:
        inputs: Values = {
            key.removeprefix(f"{package}:"): Secret(value) if key in self._secret_keys else value
            for key, value in self._config.items()
            if key.startswith(f"{package}:") and package != "pulumi"
        }
        name = "default"
        if version:
            inputs["version"] = version
            name = f"default_{version.translate(str.maketrans('.-+', '___'))}"
        goal = Goal(type=urns.PROVIDER_PREFIX + package, name=name, custom=True, inputs=inputs)
        provider = self._register(goal)
        return f"{provider.urn}::{UNKNOWN_STRING if provider.id is UNKNOWN else provider.id}"
