"""Verdicts of the authorization reference on policy documents: what AWS takes in silence, and what never matches."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import yaml

from rehearsal.iam.documents import Condition, Statement, statements
from rehearsal.iam.patterns import matches, overlap
from rehearsal.judges.reference import Action, Reference
from rehearsal.judges.verdicts import Verdict
from rehearsal.values import Secret, Value, Values

_FILE: Final = Path(__file__).with_name("condition_keys.yaml")
_GLOBAL: Final = "aws:"
# Global keys that the reference lists with the actions that carry them.
_LISTED: Final = ("aws:requesttag/*", "aws:resourcetag/*", "aws:tagkeys")


@functools.cache
def by_hand() -> Mapping[str, Mapping[str, Any]]:
    """Facts that no reference has: keys that services add, sign-ins, resources that aren't listed."""
    return yaml.safe_load(_FILE.read_text())


def document_verdicts(inputs: Values, known: Reference) -> Iterator[Verdict]:
    """Refusals of all policy documents in a resource's inputs. What is unknown isn't judged."""
    for path, text in documents(inputs):
        for verdict in _of_document(text, known):
            yield Verdict(path, *verdict)


def documents(inputs: Values) -> Iterator[tuple[str, str]]:
    """Policy documents in a resource's inputs, each with its exact path."""
    return ((path, text) for path, text in _texts(inputs, "") if statements(text))


def _texts(value: Value, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Secret):
        yield from _texts(value.value, path)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            if not name.startswith("__"):
                yield from _texts(item, f"{path}.{name}" if path else name)
    elif isinstance(value, str) and value.lstrip().startswith("{"):
        yield path, value


@functools.lru_cache(maxsize=2048)
def _of_document(text: str, known: Reference) -> tuple[tuple[str, str, str], ...]:
    """Refusals of a document: what is wanted, what is found instead, and who says so."""
    source = f"{known.source.name} {known.source.version} (digest of {known.made})"
    return tuple(
        (wanted, f"{found} in {statement.name}", source)
        for statement in statements(text)
        for wanted, found in _of_statement(statement, known)
    )


def _of_statement(statement: Statement, known: Reference) -> Iterator[tuple[str, str]]:
    for pattern in (*(statement.actions or ()), *(statement.not_actions or ())):
        if pattern != "*" and next(known.actions(pattern), None) is None:
            yield f"name actions that exist{_near(pattern, known)}", f'"{pattern}"'
    named = {it: tuple(known.actions(it)) for it in statement.actions or ()}
    if not all(named.values()) or statement.actions is None:
        return  # all actions, or some that nobody knows: any resource and key may belong to them
    if statement.resources:
        yield from _of_resources(statement.resources, named)
    for condition in statement.conditions:
        for pattern, actions in named.items():
            if not any(_carries(it, condition) for it in actions):
                yield f"ask for keys that {pattern} carries", f'"{condition.key}"'


def _near(pattern: str, known: Reference) -> str:
    prefix, _, name = pattern.partition(":")
    service = known.service(prefix)
    if service is None:
        close = get_close_matches(prefix.lower(), known.services, 1)
        return f" (is its service {close[0]}?)" if close else ""
    close = [] if "*" in name else get_close_matches(name.lower(), service.actions, 1)
    return f" (is it {service.actions[close[0]].name}?)" if close else ""


def _of_resources(
    resources: tuple[str, ...], named: Mapping[str, tuple[Action, ...]]
) -> Iterator[tuple[str, str]]:
    for pattern, actions in named.items():
        if not any(_on(it, resource) for it in actions for resource in resources):
            kinds = sorted({one.name for it in actions for one in it.types})
            wanted = f"name a resource of {', '.join(kinds[:6])}" if kinds else 'have the resource "*"'
            yield f"{wanted} for {pattern}", ", ".join(f'"{it}"' for it in resources[:3])
    for resource in resources:
        if not any(_on(it, resource) for actions in named.values() for it in actions):
            yield "name only resources that its actions are of", f'"{resource}"'


def _on(action: Action, resource: str) -> bool:
    """Returns whether an action may be tried on a resource that a pattern names."""
    if resource == "*" or (not action.types and not resource.strip("*")):
        return True
    unlisted = by_hand()["unlisted"].get(action.name, {"forms": ()})
    return any(it.takes(resource) for it in action.types) or any(
        overlap(resource, form) for form in unlisted["forms"]
    )


def _carries(action: Action, condition: Condition) -> bool:
    """Returns whether a request for an action may carry a condition's key, or the condition doesn't mind."""
    if condition.if_exists or condition.operator == "Null":
        return True
    key = condition.key.lower()
    sign_in = by_hand()["sign_ins"].get(action.name)
    if sign_in is not None:
        return _among(key, sign_in["keys"]) or (not key.startswith(_GLOBAL) and action.carries(key))
    if key.startswith(_GLOBAL) and not _among(key, _LISTED):
        return True
    prefix = key.partition(":")[0]
    federated = "." in prefix or "/" in prefix  # a claim of an identity provider
    return federated or action.carries(key) or _among(key, by_hand()["added"])


def _among(key: str, patterns: Iterable[str]) -> bool:
    return any(matches(it, key, case=False) for it in patterns)
