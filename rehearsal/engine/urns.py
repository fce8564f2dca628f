"""URNs: `urn:pulumi:<stack>::<project>::<type of the parent>$<own type>::<name>`."""

from __future__ import annotations

PREFIX = "urn:pulumi:"
STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"
REFERENCE_TYPE = "pulumi:pulumi:StackReference"


def make(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """The URN of a resource. A parent adds its whole chain of types, except the stack itself, which adds none."""
    if parent and (chain := qualified_type(parent)) != STACK_TYPE:
        type_ = f"{chain}${type_}"
    return f"urn:pulumi:{stack}::{project}::{type_}::{name}"


def under(parent: str, urn: str) -> str:
    """The URN that a resource has once its parent has another one."""
    stack, project = urn.removeprefix(PREFIX).split("::", 2)[:2]
    return make(stack, project, parent, type_of(urn), name_of(urn))


def is_valid(urn: str) -> bool:
    """Returns whether a text has the form of a URN."""
    return urn.startswith(PREFIX) and urn.count("::") >= 3


def stack_of(urn: str) -> str:
    """Name of the stack that the resource is in."""
    return urn.split("::", 1)[0].removeprefix(PREFIX)


def in_stack(urn: str, stack: str) -> str:
    """The URN with another stack's name."""
    return f"{PREFIX}{stack}::{urn.split('::', 1)[1]}"


def qualified_type(urn: str) -> str:
    """The chain of types in a URN."""
    return urn.split("::", 3)[2]


def type_of(urn: str) -> str:
    """The resource's own type."""
    return qualified_type(urn).rsplit("$", 1)[-1]


def name_of(urn: str) -> str:
    """The resource's logical name."""
    return urn.split("::", 3)[3]


def split_reference(reference: str) -> tuple[str, str]:
    """The URN and the id in a reference to a provider, `<urn>::<id>`."""
    urn, _, id_ = reference.rpartition("::")
    return urn, id_


def is_default_provider(urn: str) -> bool:
    """Returns whether it is a default provider, registered by the engine itself, which the CLI shows nowhere."""
    name = name_of(urn)
    return type_of(urn).startswith(PROVIDER_PREFIX) and (name == "default" or name.startswith("default_"))
