"""Dispatch of requests: the rules that are on a type are found through one table, and only their policies are asked.

The SDK asks every policy about every resource. Here it is handed those that can have a say, and what the others
would have answered, that they aren't applicable, is added at once. Policies without a rule are always asked.
`sdk_patches.py` says why, and puts it into the SDK.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final, NamedTuple

from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel, Policy, ResourceValidationPolicy, StackValidationPolicy

from controls.language.tokens import ANY
from controls.pack.pulumi_policies import NO_RESOURCE, OTHER_TYPE, ResourceRule, StackRule
from controls.pack.requests import reading
from controls.pack.requests.nodes import judged_graph

POLICIES: Final = "_PolicyAnalyzerServicer__policies"  # where the SDK's server keeps its policies
_TABLE: Final = "_policies_by_type"  # where it keeps this module's table

Answer = Callable[[Any, Any, Any], Any]  # a method of the SDK's server


class Share(NamedTuple):
    """Share of the policies that a request is about, and the answer of the others, in wire form."""

    asked: list[Policy]
    others: bytes


class ByType:
    """Policies by the types that their rules are on. Those that no rule is behind are in every share."""

    def __init__(self, policies: Iterable[Policy], reason: str) -> None:
        """`reason` is why a policy outside of a share isn't applicable."""
        self._policies = tuple(policies)
        self._answers = [_not_applicable(it, reason) for it in self._policies]
        self._on: dict[str, set[int]] = {}
        self._foreign: set[int] = set()
        self._shares: dict[str, Share] = {}
        for index, it in enumerate(self._policies):
            if isinstance(it, (ResourceRule, StackRule)):
                for token in it.rule.types:
                    self._on.setdefault(token, set()).add(index)
            else:
                self._foreign.add(index)

    def share(self, token: str) -> Share:
        """Share for a resource of a type."""
        if token not in self._shares:
            self._shares[token] = self.share_of_all((token,))
        return self._shares[token]

    def share_of_all(self, tokens: Collection[str]) -> Share:
        """Share for resources of these types together."""
        on = [self._on.get(token, set()) for token in (*tokens, *(ANY if tokens else ()))]
        asked = self._foreign.union(*on)
        others = b"".join(it for index, it in enumerate(self._answers) if index not in asked)
        return Share([self._policies[index] for index in sorted(asked)], others)


def _not_applicable(policy: Policy, reason: str) -> bytes:
    """Answer of one policy; answers in wire form, one after the other, are that of all."""
    answer = proto.PolicyNotApplicable(policy_name=policy.name, reason=reason)
    return analyzer_pb2.AnalyzeResponse(not_applicable=[answer]).SerializeToString()


class Table:
    """Table of the policies by type, for each kind of request, under the levels of one configuration."""

    def __init__(self, levels: Iterable[tuple[Policy, EnforcementLevel]]) -> None:
        on = [(policy, level) for policy, level in levels if level is not EnforcementLevel.DISABLED]
        resources = [(it, level) for it, level in on if isinstance(it, ResourceValidationPolicy)]
        self.judging = ByType((it for it, _ in resources), OTHER_TYPE)
        self.mending = ByType((it for it, level in resources if level is EnforcementLevel.REMEDIATE), "")
        self.judging_stacks = ByType(
            (it for it, _ in on if isinstance(it, StackValidationPolicy)), NO_RESOURCE
        )


def judging_by_type(analyze: Answer) -> Answer:
    """`Analyze` of the SDK's server, asked of the policies on the resource's type."""

    def judged(servicer: Any, request: Any, context: Any) -> Any:
        share = _table(servicer).judging.share(request.type)
        response = analyze(_only(servicer, share.asked), request, context)
        response.MergeFromString(share.others)
        return response

    return judged


def mending_by_type(remediate: Answer) -> Answer:
    """`Remediate` of the SDK's server, asked of the policies that have a remedy for the type; at once if none has."""

    def mended(servicer: Any, request: Any, context: Any) -> Any:
        asked = _table(servicer).mending.share(request.type).asked
        return remediate(_only(servicer, asked), request, context) if asked else proto.RemediateResponse()

    return mended


def judging_stack_at_once(analyze_stack: Answer) -> Answer:
    """`AnalyzeStack` of the SDK's server, whose policies of rules judge one graph, made beforehand.

    The SDK makes all resources anew for each policy, so these policies get a request without any.
    """
    making = StackValidationPolicy(
        "graph", "Makes the graph", lambda args, _: _make(args), enforcement_level=EnforcementLevel.ADVISORY
    )

    def judged(servicer: Any, request: Any, context: Any) -> Any:
        share = _table(servicer).judging_stacks.share_of_all({it.type for it in request.resources})
        ours = [it for it in share.asked if isinstance(it, StackRule)]
        foreign = [it for it in share.asked if not isinstance(it, StackRule)]
        with reading.sharing():
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
