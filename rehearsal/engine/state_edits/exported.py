"""Import of a stack: the records of a file that `export` or `pulumi stack export` wrote, and the faults in them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from rehearsal.cloud.types.property_names import camel, snake
from rehearsal.engine import urns
from rehearsal.engine.events import FailedError
from rehearsal.engine.records import Resource
from rehearsal.values import SECRET, SIGNATURE, Secret, Value, Values, special

VERSION: Final = 3  # of the form, as `export` writes it
_NAMES: Final = {camel(field.name): field.name for field in fields(Resource)} | {
    "delete": "pending_deletion",
    "hideDiff": "hide_diffs",
    "importID": "import_id",
    "resourceHooks": "hooks",
}
_WITHOUT_EFFECT: Final = {  # times, places in a program, and what only a later run of the program decides anew
    "aliases",
    "created",
    "modified",
    "snippetId",
    "sourcePosition",
    "sourcePositions",
    "stackTrace",
}


def read(text: str) -> list[Resource]:
    """Resources of an exported stack. Raises FailedError for another form, and for one without its secrets."""
    try:
        file = json.loads(text, object_hook=_value)
    except ValueError as error:
        raise FailedError(f"not JSON: {error}") from None
    if not isinstance(file, dict) or not isinstance(deployment := file.get("deployment"), dict):
        raise FailedError("no export of a stack: write what `export` or `pulumi stack export` writes")
    if file.get("version") != VERSION:
        raise FailedError(f"version {file.get('version')} of an export; only version {VERSION} can be read")
    return [_resource(entry) for entry in deployment.get("resources") or ()]


def _resource(entry: Mapping[str, Any]) -> Resource:
    """Resource of an entry. Raises FailedError for what this engine doesn't know, rather than lose it."""
    known = {_NAMES[key]: value for key, value in entry.items() if key in _NAMES}
    urn = known.setdefault("urn", "")
    known.setdefault("type", urns.type_of(urn) if urns.is_valid(urn) else "")
    known.setdefault("custom", False)
    if hooks := known.get("hooks"):
        known["hooks"] = {snake(when): names for when, names in hooks.items()}
    strange = [key for key, value in entry.items() if value and key not in {*_NAMES, *_WITHOUT_EFFECT}]
    if strange:
        raise FailedError(f"{urn}: {', '.join(strange)}: the embedded engine doesn't know it", urn)
    resource = Resource(**known)
    if resource.id and not resource.custom:
        raise FailedError(
            f"could not deserialize deployment: resource '{urn}' has 'custom' false but non-empty ID", urn
        )
    return resource


def _value(decoded: Values) -> Value:
    """Value that a JSON object of the file stands for."""
    if decoded.get(SIGNATURE) != SECRET:
        return special(decoded)
    if "plaintext" not in decoded:
        raise FailedError(
            "the file is without its secrets, or has them encrypted: write it with "
            "`export --show-secrets` or `pulumi stack export --show-secrets`"
        )
    return Secret(json.loads(decoded["plaintext"], object_hook=_value))


def faults(resources: Sequence[Resource], stack: str) -> Iterator[str]:
    """Faults for which a stack isn't imported unless it is forced, in the CLI's words."""
    for one in resources:
        if (other := urns.stack_of(one.urn)) != stack:
            yield f"resource '{one.urn}' is from a different stack ({other} != {stack})"
    if broken := _broken(resources):
        yield f"state file contains errors: {broken}"


def _broken(resources: Sequence[Resource]) -> str:
    """The first thing that keeps the records from being those of a stack; '' if nothing does."""
    there = {one.urn for one in resources}
    before: set[str] = set()
    providers: set[str] = set()
    for one in resources:
        if one.provider and one.provider not in providers and not one.pending_replacement:
            return f"resource {one.urn} refers to unknown provider {one.provider}"
        for urn, late, missing in _needs(one):
            if urn not in before:
                return late if urn in there else missing
        before.add(one.urn)
        if one.is_provider:
            providers.add(f"{one.urn}::{one.id}")
    living = Counter(one.urn for one in resources if not one.pending_deletion)
    return next(
        (f"duplicate resource {urn} (not marked for deletion)" for urn in living if living[urn] > 1), ""
    )


def _needs(one: Resource) -> Iterator[tuple[str, str, str]]:
    """URNs that must come before a resource, each with the words for one that comes later, and for a missing one."""
    if one.parent:
        yield (
            one.parent,
            f"child resource {one.urn}'s parent {one.parent} comes after it",
            f"child resource {one.urn} refers to missing parent {one.parent}",
        )
    for urn in one.dependencies:
        said = f"resource {one.urn}'s dependency {urn}"
        yield urn, f"{said} comes after it", f"{said} refers to missing resource"
    for key, many in one.property_dependencies.items():
        for urn in many:
            said = f"resource {one.urn}'s property dependency {urn} (from property {key})"
            yield urn, f"{said} comes after it", f"{said} refers to missing resource"
    for urn in one.replace_with:
        said = f"resource {one.urn} is specified as being replaced with {urn}, which"
        yield urn, f"{said} comes after it", f"{said} is missing"
    if one.deleted_with:
        said = f"resource {one.urn} is specified as being deleted with {one.deleted_with}, which"
        yield one.deleted_with, f"{said} comes after it", f"{said} is missing"
