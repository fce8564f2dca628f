"""Dispatch of requests: the rules that are on a type are found through one table, and only their policies are asked.

The SDK asks every policy about every resource. Here it is handed those that can have a say, and what the others
would have answered, that they aren't applicable, is added at once. Policies without a rule are always asked.
`sdk_patches.py` says why, and puts it into the SDK.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel, Policy, ResourceValidationPolicy, StackValidationPolicy

from controls.pack import requests
from controls.pack.nodes import judged_graph
from controls.pack.pulumi_policies import NO_RESOURCE, OTHER_TYPE, ResourceRule, StackRule

POLICIES: Final = "_PolicyAnalyzerServicer__policies"  # where the SDK's server keeps its policies
_TABLE: Final = "_castle_table"  # where it keeps this module's table

Answer = Callable[[Any, Any, Any], Any]  # a method of the SDK's server


@dataclass(frozen=True)
class Share:
    """Share of the policies that a request is about, and the answer of the others, in wire form."""

    asked: tuple[Policy, ...]
    others: bytes = b""


class Table:
    """Policies by the types that their rules are on, under the levels of one configuration."""

    def __init__(self, levels: Iterable[tuple[Policy, EnforcementLevel]]) -> None:
        on = [(policy, level) for policy, level in levels if level is not EnforcementLevel.DISABLED]
        self._on_resources = [it for it, _ in on if isinstance(it, ResourceValidationPolicy)]
        self._on_stacks = [it for it, _ in on if isinstance(it, StackValidationPolicy)]
        self._remedies = [
            it
            for it, level in on
            if isinstance(it, ResourceValidationPolicy) and level is EnforcementLevel.REMEDIATE
        ]
        self._judging: dict[str, Share] = {}
        self._mending: dict[str, Share] = {}

    def judging(self, token: str) -> Share:
        """Share that judges a resource of a type."""
        return self._kept(self._judging, token, self._on_resources, OTHER_TYPE)

    def mending(self, token: str) -> Share:
        """Share that may write into a resource of a type; the others answer nothing."""
        return Share(self._kept(self._mending, token, self._remedies, OTHER_TYPE).asked)

    def judging_stack(self, tokens: Collection[str]) -> Share:
        """Share that judges a stack with resources of these types."""
        return _share(self._on_stacks, tokens, NO_RESOURCE)

    @staticmethod
    def _kept(kept: dict[str, Share], token: str, policies: Iterable[Policy], reason: str) -> Share:
        if token not in kept:
            kept[token] = _share(policies, (token,), reason)
        return kept[token]


def _share(policies: Iterable[Policy], tokens: Collection[str], reason: str) -> Share:
    asked, others = [], []
    for it in policies:
        on = not isinstance(it, (ResourceRule, StackRule)) or any(it.rule.applies(token) for token in tokens)
        (asked if on else others).append(it)
    answer = analyzer_pb2.AnalyzeResponse(
        not_applicable=[proto.PolicyNotApplicable(policy_name=it.name, reason=reason) for it in others]
    )
    return Share(tuple(asked), answer.SerializeToString())


def judging_by_type(analyze: Answer) -> Answer:
    """`Analyze` of the SDK's server, asked of the policies on the resource's type."""

    def judged(servicer: Any, request: Any, context: Any) -> Any:
        share = _table(servicer).judging(request.type)
        response = analyze(_only(servicer, share.asked), request, context)
        response.MergeFromString(share.others)
        return response

    return judged


def mending_by_type(remediate: Answer) -> Answer:
    """`Remediate` of the SDK's server, asked of the policies that have a remedy for the type; at once if none has."""

    def mended(servicer: Any, request: Any, context: Any) -> Any:
        share = _table(servicer).mending(request.type)
        if not share.asked:
            return proto.RemediateResponse()
        return remediate(_only(servicer, share.asked), request, context)

    return mended


def judging_stack_at_once(analyze_stack: Answer) -> Answer:
    """`AnalyzeStack` of the SDK's server, whose policies of rules judge one graph, made beforehand.

    The SDK makes all resources anew for each policy, so these policies get a request without any.
    """
    making = StackValidationPolicy(
        "graph", "Makes the graph", lambda args, _: _make(args), enforcement_level=EnforcementLevel.ADVISORY
    )

    def judged(servicer: Any, request: Any, context: Any) -> Any:
        share = _table(servicer).judging_stack({it.type for it in request.resources})
        ours = [it for it in share.asked if isinstance(it, StackRule)]
        foreign = [it for it in share.asked if not isinstance(it, StackRule)]
        with requests.sharing():
            response = analyze_stack(_only(servicer, [making, *foreign]), request, context)
            empty = analyzer_pb2.AnalyzeStackRequest()
            response.MergeFrom(analyze_stack(_only(servicer, ours), empty, context))
        response.MergeFromString(share.others)
        return response

    return judged


def _make(args: Any) -> None:
    judged_graph(args)


def configuring(configure: Answer) -> Answer:
    """`Configure` of the SDK's server, after which the table is made anew, for the levels are others."""

    def configured(servicer: Any, request: Any, context: Any) -> Any:
        try:
            return configure(servicer, request, context)
        finally:
            vars(servicer).pop(_TABLE, None)

    return configured


def _table(servicer: Any) -> Table:
    """Table of a server, made at its first use."""
    found = vars(servicer).get(_TABLE)
    if found is None:
        policies = getattr(servicer, POLICIES)
        found = Table((it, servicer._get_enforcement_level(it)) for it in policies)
        setattr(servicer, _TABLE, found)
    return found


def _only(servicer: Any, policies: Iterable[Policy]) -> Any:
    """A server like this one that has just these policies."""
    only = copy.copy(servicer)
    setattr(only, POLICIES, policies)
    return only
