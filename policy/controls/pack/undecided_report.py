"""Report of the rules that a preview left undecided, printed when the stack has been judged.

Each such rule is a line on stderr, with the properties that weren't known. In an update it is a violation instead,
and there is nothing to list. `sdk_patches.py` says why, and puts it into the SDK.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from controls.pack.pulumi_policies import UNDECIDED, UNKNOWN_YET

Said = list[tuple[str, str]]  # undecided rules, each with its reason

_PLACES: Final = 5  # shown of each rule


def lines(said: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Lines of the report, one for each undecided rule, with the properties in the order in which they came; `said`
    has rules, each with its reason."""
    places: dict[str, dict[str, None]] = {}
    for rule, reason in said:
        where = reason.removeprefix(UNDECIDED).removesuffix(UNKNOWN_YET)
        places.setdefault(rule, {}).update(dict.fromkeys(where.split(", ")))
    for rule, found in sorted(places.items()):
        shown, more = list(found)[:_PLACES], len(found) - _PLACES
        yield f"{UNDECIDED}{rule}: {', '.join(shown)}{f', and {more} more' if more > 0 else ''}"


def noting(judge: Callable[..., Any], said: Said) -> Callable[..., Any]:
    """A method of the SDK's server, which adds the undecided rules of its response, with their reasons, to `said`."""

    def noted(self: Any, request: Any, context: Any) -> Any:
        response = judge(self, request, context)
        said.extend(
            (it.policy_name, it.reason) for it in response.not_applicable if it.reason.startswith(UNDECIDED)
        )
        return response

    return noted


def listing(judge: Callable[..., Any], said: Said) -> Callable[..., Any]:
    """A method of the SDK's server, after which the lines of `said` are printed, and `said` is emptied."""

    def listed(self: Any, request: Any, context: Any) -> Any:
        response = judge(self, request, context)
        for line in lines(said):
            sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
        said.clear()
        return response

    return listed
