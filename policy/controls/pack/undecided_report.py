"""What couldn't be decided in a preview, listed when the stack has been judged.

The CLI shows violations, and nothing of a policy that says that it doesn't apply; what a pack prints it does show.
So each rule that was left undecided is a line on stderr, with the properties that weren't known. In an update such a
rule is a violation instead, and there is nothing to list.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from pulumi_policy import policy as pulumi_sdk

from controls.pack.pulumi_policies import UNDECIDED, UNKNOWN_YET

_SERVICER: Final = "_PolicyAnalyzerServicer"  # the SDK's class that is asked
_PLACES: Final = 5  # shown of each rule


def install() -> None:
    """Has the SDK's server list them, in this process. Where a later SDK has no such place, nothing is changed."""
    servicer = getattr(pulumi_sdk, _SERVICER, None)
    if servicer is None:
        return
    said: list[tuple[str, str]] = []  # resources are judged on several threads; adding to a list is one step
    servicer.Analyze = _noting(servicer.Analyze, said)
    servicer.AnalyzeStack = _listing(_noting(servicer.AnalyzeStack, said), said)


def lines(said: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A line for each rule that was left undecided, with the properties in the order in which they came; `said` has
    rules, and the reasons that they gave."""
    places: dict[str, dict[str, None]] = {}
    for rule, reason in said:
        where = reason.removeprefix(UNDECIDED).removesuffix(UNKNOWN_YET)
        places.setdefault(rule, {}).update(dict.fromkeys(where.split(", ")))
    for rule, found in sorted(places.items()):
        shown, more = list(found)[:_PLACES], len(found) - _PLACES
        yield f"{UNDECIDED}{rule}: {', '.join(shown)}{f', and {more} more' if more > 0 else ''}"


def _noting(judge: Callable[..., Any], said: list[tuple[str, str]]) -> Callable[..., Any]:
    def noted(self: Any, request: Any, context: Any) -> Any:
        response = judge(self, request, context)
        said.extend(
            (it.policy_name, it.reason) for it in response.not_applicable if it.reason.startswith(UNDECIDED)
        )
        return response

    return noted


def _listing(judge: Callable[..., Any], said: list[tuple[str, str]]) -> Callable[..., Any]:
    def listed(self: Any, request: Any, context: Any) -> Any:
        response = judge(self, request, context)
        for line in lines(said):
            sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
        said.clear()
        return response

    return listed
