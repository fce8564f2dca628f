"""Aliases: the former URNs under which a resource may be recorded, its own and those that follow from its parent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rehearsal.engine import urns
from rehearsal.engine.registration.goal import AliasSpec, Goal


def former_urns(goal: Goal, stack: str, project: str, renamed: Mapping[str, str]) -> list[str]:
    """Former URNs of a goal, by its aliases, in the order in which they are looked up.

    `renamed` has the former URN of every resource that was found by an alias in this run: a child of such
    a parent is looked for under the parent's old type chain and, where its name begins with the parent's,
    under the old name.
    """
    return list(dict.fromkeys(_alias_urns(goal, stack, project, renamed)))


def _alias_urns(goal: Goal, stack: str, project: str, renamed: Mapping[str, str]) -> Iterator[str]:
    own = [_urn(alias, goal, stack, project, renamed) for alias in goal.aliases]
    yield from own
    if (old_parent := renamed.get(goal.parent)) is not None:
        for type_, name in [(goal.type, goal.name), *((urns.type_of(u), urns.name_of(u)) for u in own)]:
            now, before = urns.name_of(goal.parent), urns.name_of(old_parent)
            old_name = before + name.removeprefix(now) if name.startswith(now) else name
            yield urns.make(stack, project, old_parent, type_, old_name)


def _urn(alias: AliasSpec, goal: Goal, stack: str, project: str, renamed: Mapping[str, str]) -> str:
    if alias.urn:
        return alias.urn
    parent = goal.parent
    if alias.parent:
        parent = renamed.get(alias.parent, alias.parent)
    if alias.no_parent:
        parent = ""
    return urns.make(
        alias.stack or stack,
        alias.project or project,
        parent,
        alias.type or goal.type,
        alias.name or goal.name,
    )
