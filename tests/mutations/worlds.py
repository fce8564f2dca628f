"""Worlds to be mutated: the recorded program, or a small sample, as the rules see it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from controls.language.facts import Node
from controls.language.rules import Scope

from rehearsal.engine import urns
from rehearsal.engine.policies.requests import analyzed_properties
from rehearsal.engine.records import Resource
from rehearsal.values import Values, reveal, rewrite, signed
from tests.policy import asking
from tests.policy.asking import Res, Stacks
from tests.stacks.platform import PACK, Platform

Config = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Thing:
    """One resource: what it was given, and what is known of it afterwards."""

    stack: str
    urn: str
    type: str
    inputs: Values
    outputs: Values
    name: str = ""
    parent: str = ""
    provider_type: str = ""
    provider: Values = field(default_factory=dict)
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    protect: bool = False
    ignore: tuple[str, ...] = ()

    def values(self, scope: Scope) -> Values:
        """Values that a rule of that scope sees: inputs, or outputs, or a stack's export, which has both."""
        if scope is Scope.RESOURCE:
            return self.inputs
        return self.outputs if scope is Scope.STACK else {**self.inputs, **self.outputs}

    def node(self, values: Mapping[str, Any], kind: type[Node] = Node) -> Node:
        """As the rules see it, with these values."""
        return kind(
            urn=self.urn,
            type=self.type,
            name=self.name,
            inputs=values,
            parent=self.parent,
            provider_type=self.provider_type,
            provider_props=self.provider,
            dependencies=tuple(urn for several in self.needs.values() for urn in several),
            property_dependencies=self.needs,
            protect=self.protect,
            ignore_changes=self.ignore,
        )


@dataclass(frozen=True)
class World:
    """Resources by URN, and the parameters of the rules that judge them."""

    things: Mapping[str, Thing]
    config: Config


def program(platform: Platform) -> World:
    """All stacks as they are after an update, under the configuration that comes with the program."""
    providers = {it.urn: it for _, it in platform.resources() if it.is_provider}
    things = [_recorded(stack, it, providers) for stack, it in platform.resources()]
    return World({it.urn: it for it in things}, _configured(PACK.config))


def _configured(file: Path | None) -> Config:
    given = json.loads(file.read_text()) if file else {}
    return {rule: entry for rule, entry in given.items() if isinstance(entry, dict)}


def _recorded(stack: str, resource: Resource, providers: Mapping[str, Resource]) -> Thing:
    provider = providers.get(urns.split_reference(resource.provider)[0]) if resource.provider else None
    return Thing(
        stack=stack,
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        inputs=_plain(resource.inputs),
        outputs=_plain(resource.outputs),
        parent=resource.parent,
        provider_type=provider.type if provider else "",
        provider=_plain(provider.inputs) if provider else {},
        needs={name: tuple(several) for name, several in resource.property_dependencies.items()},
        protect=resource.protect,
        ignore=tuple(resource.ignore_changes),
    )


def _plain(values: Values) -> Values:
    """Values as the pack gets them, in clear, and assets in the form that JSON has for them."""
    json_has = (bool, int, float, str, list, dict, type(None))
    return rewrite(
        analyzed_properties(reveal(values)), lambda it: it if isinstance(it, json_has) else signed(it)
    )


def sample(stacks: Stacks, config: Config) -> World:
    """The resources of a case."""
    things = [_sampled(stack, it, resources) for stack, resources in stacks.items() for it in resources]
    return World({it.urn: it for it in things}, config)


def _sampled(stack: str, res: Res, beside: Iterable[Res]) -> Thing:
    known = {it.name: asking.urn(it, stack) for it in beside}
    return Thing(
        stack=stack,
        urn=asking.urn(res, stack),
        type=res.type,
        name=res.name,
        inputs=dict(res.props),
        outputs=dict(res.props),
        parent=known.get(res.parent, ""),
        provider_type="pulumi:providers:aws",
        provider=dict(res.provider),
        needs={name: tuple(known[it] for it in names) for name, names in res.needs.items()},
        protect=res.protect,
        ignore=tuple(res.ignore),
    )
