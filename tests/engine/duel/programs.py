"""Small programs as data: which resources there are, their inputs, their options, and what the stack exports.

A program has slots, each for at most one resource, in the order in which they are registered. What names an empty
slot names nothing: a program stays one when a resource is taken out of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

COMPONENT: Final = "lab:index:C"
KINDS: Final = {  # by the letter of a slot
    "c": COMPONENT,
    "v": "aws:ec2/vpc:Vpc",
    "q": "aws:sqs/queue:Queue",
    "t": "aws:sns/topic:Topic",
    "g": "aws:ec2/securityGroup:SecurityGroup",
}
SLOTS: Final = ("c1", "c2", "v1", "q1", "t1", "g1", "q2", "t2", "g2")
PROVIDERS: Final = ("p1", "p2")


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of a resource, with the names that the SDK has for them; resources and providers are named by slot."""

    parent: str = ""
    depends_on: tuple[str, ...] = ()
    protect: bool | None = None
    provider: str = ""
    delete_before_replace: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    aliases: tuple[tuple[tuple[str, str], ...], ...] = ()  # each a row of arguments of an Alias
    additional_secret_outputs: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    retain_on_delete: bool | None = None
    deleted_with: str = ""


@dataclass(frozen=True, kw_only=True)
class Node:
    """Resource in one slot."""

    name: int = 0  # part of the logical name: another one is a rename
    easy: int = 0  # goes into an input that changes in place
    fixed: int = 0  # goes into one that can't
    tags: tuple[tuple[str, int], ...] = ()
    named: bool = False  # physical name given, not made up
    secret: bool = False  # whether the easy input is
    uses: str = ""  # slot of what an input is an output of
    options: Options = field(default_factory=Options)


@dataclass(frozen=True, kw_only=True)
class Program:
    """Program: its resources by slot, its explicit providers with a setting of each, and its exports."""

    nodes: tuple[tuple[str, Node], ...] = ()
    providers: tuple[tuple[str, int], ...] = ()
    exports: tuple[str, ...] = ()  # slots of which the stack exports an output

    @property
    def by_slot(self) -> dict[str, Node]:
        """Resources by slot, in the order of the slots."""
        given = dict(self.nodes)
        return {slot: given[slot] for slot in SLOTS if slot in given}


def kind(slot: str) -> str:
    """Type of the resources in a slot."""
    return KINDS[slot[0]]


def logical_name(slot: str, node: Node) -> str:
    return slot + "abc"[node.name]
