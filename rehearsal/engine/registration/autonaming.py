"""Autonaming: the config `pulumi:autonaming`, by which a stack says how names that its program leaves out are made.

It has a mode (`default`, `verbatim`, `disabled`) or a pattern for all resources, and others for a provider's and for
single types. A name without anything random in it can't stand twice: then the old resource goes before the new one.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rehearsal.cloud.provider_verbs import Naming
from rehearsal.cloud.types.formats import pseudo_random
from rehearsal.engine import urns
from rehearsal.engine.events import FailedError

KEY: Final = "pulumi:autonaming"
_MODES: Final = ("default", "verbatim", "disabled")
_RANDOM: Final = re.compile(r"\$\{(?:(hex|alphanum|string|num)\((\d+)\)|(uuid))\}")
_ALPHABETS: Final = {"hex": "hex", "alphanum": "lower", "string": "letters", "num": "digits"}


@dataclass(frozen=True)
class _Rule:
    """Way in which the names of some resources are made."""

    mode: str = "default"
    pattern: str = ""
    enforce: bool = False


class Autonaming:
    """Autonaming of one stack. Raises FailedError for a config that the CLI refuses, too."""

    def __init__(self, config: Mapping[str, str], project: str, stack: str, organization: str) -> None:
        self._config = config
        self._values = {"project": project, "stack": stack, "organization": organization}
        section = json.loads(config.get(KEY, "{}"))
        _must_have_only(section, ("mode", "pattern", "enforce", "providers"), KEY)
        self._all = self._rule(section, KEY) or _Rule()
        self._of_type: dict[str, _Rule] = {}
        self._of_provider: dict[str, _Rule] = {}
        for provider, its in (section.get("providers") or {}).items():
            at = f"{KEY}.providers.{provider}"
            _must_have_only(its, ("mode", "pattern", "enforce", "resources"), at)
            self._of_provider[provider] = self._rule(its, at) or self._all
            for type_, own in (its.get("resources") or {}).items():
                rule = self._rule(own, f"{at}.resources.{type_}")
                if rule is None:
                    raise FailedError(f"mode or pattern must be specified for resource {type_!r}")
                self._of_type[type_] = rule

    def naming(self, urn: str, seed: str) -> tuple[Naming | None, bool]:
        """Naming of a resource, None for its provider's own; and whether the old one has to go before the new one.

        `seed` is what is to be random follows from.
        """
        type_ = urns.type_of(urn)
        rule = self._of_type.get(type_) or self._of_provider.get(type_.split(":", 1)[0], self._all)
        if rule.pattern:
            name, random = self._name(rule.pattern, urns.name_of(urn), seed)
            return Naming(name, "enforce" if rule.enforce else "propose"), not random
        if rule.mode == "verbatim":
            return Naming(urns.name_of(urn), "enforce"), True
        return (Naming("", "disable"), True) if rule.mode == "disabled" else (None, False)

    def _rule(self, section: Mapping[str, Any], at: str) -> _Rule | None:
        mode, pattern = section.get("mode"), section.get("pattern")
        if mode is not None and (pattern is not None or section.get("enforce") is not None):
            raise FailedError(f"{at}: cannot specify both mode and pattern/enforce")
        if pattern is not None:
            return _Rule(pattern=self._resolved(pattern, at), enforce=bool(section.get("enforce")))
        if section.get("enforce") is not None:
            raise FailedError(f"{at}: pattern must be specified when enforce is set")
        if mode is None:
            return None
        if mode not in _MODES:
            raise FailedError(f"{at}.mode: must be one of {', '.join(_MODES)}, not {mode!r}")
        return _Rule(mode)

    def _resolved(self, pattern: str, at: str) -> str:
        """The pattern with what is the same for the whole stack filled in."""

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name in self._values:
                return self._values[name]
            key = name.removeprefix("config.")
            full = key if ":" in key else f"{self._values['project']}:{key}"
            if full not in self._config:
                raise FailedError(f"{at}.pattern: no value found for key {full!r}")
            return self._config[full]

        return re.sub(r"\$\{(project|stack|organization|config\.[^}]+)\}", value, pattern)

    @staticmethod
    def _name(pattern: str, name: str, seed: str) -> tuple[str, bool]:
        def random(found: re.Match[str]) -> str:
            kind, length = found[1], found[2]
            if kind is None:
                return str(uuid.uuid5(uuid.NAMESPACE_URL, seed))
            return pseudo_random(f"{seed}|{found.start()}", int(length), _ALPHABETS[kind])

        made, count = _RANDOM.subn(random, pattern.replace("${name}", name))
        return made, count > 0


def _must_have_only(section: Mapping[str, Any], known: tuple[str, ...], at: str) -> None:
    strange = sorted(section.keys() - set(known))
    if strange:
        raise FailedError(f"{at}.{strange[0]}: is no setting; there are {', '.join(known)}")
