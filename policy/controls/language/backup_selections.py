"""Backup selections of a stack: whether one of them selects a resource."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

from controls.language.facts import MISSING, UNKNOWN, Node, Truth, Value, all_of, any_of, as_list, negate
from controls.language.graph import Graph
from controls.language.rules import Check
from controls.language.tokens import BACKUP_SELECTION, Tokens
from controls.language.verdicts import Fail, Undecided, Verdicts

_TAG = "aws:ResourceTag/"

# Comparisons of a condition's value, by operator; all conditions must hold.
_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "stringEquals": lambda tag, wanted: tag == wanted,
    "stringLikes": fnmatchcase,
    "stringNotEquals": lambda tag, wanted: tag != wanted,
    "stringNotLikes": lambda tag, wanted: not fnmatchcase(tag, wanted),
}


def in_backup_plan(tokens: Tokens) -> Check:
    """Check that a backup selection of the stack selects each resource of these types."""

    def check(graph: Graph) -> Verdicts:
        for node in graph.of(tokens):
            found = backed_up(graph, node)
            if found is UNKNOWN:
                yield Undecided("tags", node.urn)
            elif found is False:
                yield Fail("no backup selection of its region selects it: tag it so that one does", node.urn)

    return check


def backed_up(graph: Graph, node: Node) -> Truth:
    """Returns whether a backup selection of the resource's region selects it."""
    return any_of(
        *(_selects(graph, it, node) for it in graph.of(BACKUP_SELECTION) if it.region == node.region)
    )


def _selects(graph: Graph, selection: Node, node: Node) -> Truth:
    """Returns whether the resource is among the selection's resources and has one of its tags, as far as either
    is written.

    A selection that writes neither selects nothing. Conditions narrow what is selected, and so does
    `notResources`.
    """
    narrowed: list[Truth] = []
    if _written(selection, "resources"):
        narrowed.append(_listed(graph, selection, "resources", node))
    if _written(selection, "selectionTags"):
        narrowed.append(any_of(*(_tagged(it, node) for _, it in selection.find("selectionTags.*"))))
    narrowed += _conditions(selection, node)
    if not narrowed:
        return False
    return all_of(*narrowed, negate(_listed(graph, selection, "notResources", node)))


def _written(selection: Node, name: str) -> bool:
    return selection.get(name) not in (MISSING, [])


def _listed(graph: Graph, selection: Node, name: str, node: Node) -> Truth:
    """Returns whether the resource is listed by its ARN, by a pattern of ARNs, or by the reference that Pulumi
    recorded while the ARN is unknown.
    """
    if node in graph.targets(selection, name, (node.type,)):
        return True
    arn = node.get("arn")
    patterns = as_list(selection.get(name))
    return any_of(*(_covers(pattern, arn) for pattern in patterns))


def _covers(pattern: Value, arn: Value) -> Truth:
    if pattern == "*":
        return True
    if not isinstance(pattern, str) or not isinstance(arn, str):
        return UNKNOWN
    return fnmatchcase(arn, pattern)


def _tagged(wanted: Value, node: Node) -> Truth:
    if not isinstance(wanted, dict):
        return UNKNOWN if wanted is UNKNOWN else False
    return _compared(node, wanted.get("key", MISSING), wanted.get("value", MISSING), "stringEquals")


def _conditions(selection: Node, node: Node) -> Iterator[Truth]:
    for operator in _COMPARISONS:
        for _, it in selection.find(f"conditions.*.{operator}.*"):
            if isinstance(it, dict):
                key = it.get("key", MISSING)
                name = key.removeprefix(_TAG) if isinstance(key, str) else key
                yield _compared(node, name, it.get("value", MISSING), operator)
            else:
                yield UNKNOWN


def _compared(node: Node, name: Value, wanted: Value, operator: str) -> Truth:
    if not isinstance(name, str) or not isinstance(wanted, str):
        return UNKNOWN
    tag = node.tag(name)
    if tag is UNKNOWN:
        return UNKNOWN
    return _COMPARISONS[operator](tag if isinstance(tag, str) else "", wanted)
