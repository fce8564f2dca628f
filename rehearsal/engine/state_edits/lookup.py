"""Look-up of the resource that a URN names in a stack's records, with the words for one that isn't there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from rehearsal.engine import urns
from rehearsal.engine.events import FailedError
from rehearsal.engine.records import Resource

_HINT = "`python -m rehearsal show --urns` lists the URNs of each stack"


def located(resources: Iterable[Resource], urn: str) -> Resource:
    """The resource with this URN. Raises FailedError for none, and for one whose predecessor awaits its deletion."""
    if not urns.is_valid(urn):
        raise FailedError(f'"{urn}" is not a valid resource URN\n{_HINT}')
    known = list(resources)
    found = [resource for resource in known if resource.urn == urn]
    if not found:
        raise not_found(known, [urn])
    if len(found) > 1:
        ids = "\n".join(f"  {resource.id}" for resource in found)
        raise FailedError(f"Resource URN ambiguously referred to multiple resources. Did you mean:\n{ids}")
    return found[0]


def not_found(resources: Iterable[Resource], missing: Iterable[str]) -> FailedError:
    """Error for URNs that no resource has, with the nearest that there are."""
    known = list(dict.fromkeys(resource.urn for resource in resources))
    lines = []
    for urn in missing:
        lines.append(f'No such resource "{urn}" exists in the current state')
        if near := difflib.get_close_matches(urn, known, n=3, cutoff=0.75):
            lines += ["Did you mean:", *(f"  {one}" for one in near)]
    return FailedError("\n".join([*lines, _HINT]))
