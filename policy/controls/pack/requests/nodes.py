"""Nodes for resources as the SDK hands them over: one for a resource policy, all of a stack for a stack policy.

All policies that answer one request share them; rules only read what they get.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_policy import PolicyProviderResource, PolicyResource, ResourceValidationArgs, StackValidationArgs

from controls.language.facts import Node
from controls.language.graph import Graph
from controls.pack.requests.decoding import bare
from controls.pack.requests.reading import shared


def judged_node(args: ResourceValidationArgs) -> Node:
    """Node for the resource that the resource policies of a request judge."""
    return shared("node", lambda: resource_node(args))


def judged_graph(args: StackValidationArgs) -> Graph:
    """Graph of the resources that the stack policies of a request judge."""
    return shared("graph", lambda: Graph(stack_node(resource) for resource in args.resources))


def resource_node(args: ResourceValidationArgs) -> Node:
    """Node for the resource that a resource policy judges."""
    return Node(
        urn=args.urn,
        type=args.resource_type,
        name=args.name,
        inputs=bare(args.props),
        parent=args.opts.parent or "",
        protect=args.opts.protect,
        ignore_changes=tuple(args.opts.ignore_changes),
        **_provider(args.provider),
    )


def stack_node(resource: PolicyResource) -> Node:
    """Node for one resource of the stack that a stack policy judges."""
    return Node(
        urn=resource.urn,
        type=resource.resource_type,
        name=resource.name,
        inputs=bare(resource.props),
        parent=resource.parent.urn if resource.parent else "",
        dependencies=tuple(it.urn for it in resource.dependencies),
        property_dependencies={
            name: tuple(it.urn for it in found) for name, found in resource.property_dependencies.items()
        },
        protect=resource.opts.protect,
        ignore_changes=tuple(resource.opts.ignore_changes),
        pending=pulumi.runtime.is_dry_run()
        and ":" in resource.resource_type
        and not list(iter(resource.props)),
        **_provider(resource.provider),
    )


def _provider(provider: PolicyProviderResource | None) -> dict[str, Any]:
    if provider is None:
        return {}
    return {
        "provider_type": provider.resource_type,
        "provider_urn": provider.urn,
        "provider_props": bare(provider.props),
    }
