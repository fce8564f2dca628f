"""Default providers: registered by the engine for resources that name no provider, unless that is disabled."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Set
from dataclasses import replace

from rehearsal.cloud.types.schema import PACKAGES, version
from rehearsal.engine import urns
from rehearsal.engine.events import FailedError
from rehearsal.engine.records import Resource
from rehearsal.engine.registration.goal import Goal
from rehearsal.values import UNKNOWN, UNKNOWN_STRING, Secret, Values

_DISABLED = "pulumi:disable-default-providers"


class DefaultProviders:
    """Default provider of each package and version, registered when it is first needed.

    Where no version is asked for, it is that of the installed SDK; none if not `versioned`, as in an import.
    """

    def __init__(
        self,
        config: Mapping[str, str],
        secret_keys: Set[str],
        register: Callable[[Goal], Resource],
        *,
        versioned: bool = True,
    ) -> None:
        self._config = config
        self._versioned = versioned
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
        version = version or (plugin_version(package) if self._versioned else "")
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


def plugin_version(package: str) -> str:
    """Version of a package's plugin where a program names none: that of the SDK that is installed; '' for others."""
    return version(package) if package in PACKAGES else ""
