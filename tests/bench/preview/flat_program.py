"""Flat program, generated from a recording: the same resources, with the SDK's typed classes and no components.

It is the program to which ours is compared: what a person would write who lists every resource of a cell by hand.
Resources stand in the order of their registration, with the inputs that they were registered with, the explicit
provider and the options that matter to the engine. Where an input came from another resource, it comes from that
resource's output. Left out are components, the remote one of `pulumi_eks` as well (its children are made directly),
with them parents, the stack's outputs, and invokes, whose answers are literals.
"""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterable

from pulumi.runtime.proto import resource_pb2 as pb

from rehearsal.engine import urns
from rehearsal.engine.records import Resource
from rehearsal.values import Secret, Value, Values, decode
from tests.bench.preview import sdk_classes
from tests.bench.preview.flat_values import Expressions, Known

_OF_ANY_TYPE = {"apiVersion": ("api_version", str), "kind": ("kind", str), "spec": ("spec", None)}


def flat_program(requests: Iterable[pb.RegisterResourceRequest], resources: Iterable[Resource]) -> str:
    """Source of the program, of the requests in their order, and of the resources that they led to."""
    program = _Program({(it.type, it.name): it for it in resources if it.custom})
    statements = [program.statement(request) for request in requests if request.custom]
    body = "".join(statements)
    short = [name for name in sdk_classes.PACKAGES if f"{name}." in body]
    imports = "".join(f"import {sdk_classes.PACKAGES[name]} as {name}\n" for name in short)
    return f"import pulumi\n{imports}\n{body}"


class _Program:
    def __init__(self, resources: dict[tuple[str, str], Resource]) -> None:
        self._resources = resources
        self._known: dict[str, Known] = {}  # by URN
        self._variables: set[str] = set()

    def statement(self, request: pb.RegisterResourceRequest) -> str:
        """Statement that makes the resource of a request."""
        resource = self._resources[request.type, request.name]
        class_ = sdk_classes.resource_class(request.type)
        used: set[str] = set()
        values = _plain(request)
        names = sdk_classes.inputs(class_) if class_ else _OF_ANY_TYPE | _metadata()
        keywords: dict[str, str] = {}
        for key, value in values.items():
            expressions = Expressions(self._sources(request.propertyDependencies[key].urns), used)
            keywords |= expressions.keywords({key: value}, names)
        spelled = sdk_classes.spelled(class_) if class_ else "kubernetes.apiextensions.CustomResource"
        arguments = [repr(request.name), *(f"{name}={code}" for name, code in keywords.items())]
        if options := self._options(request, used):
            arguments.append(f"opts=pulumi.ResourceOptions({', '.join(options)})")
        variable = self._variable(request.name)
        self._known[resource.urn] = Known(variable, resource)
        return f"{variable} = {spelled}({', '.join(arguments)})\n"

    def _options(self, request: pb.RegisterResourceRequest, used: set[str]) -> list[str]:
        """Options; what the inputs depend on without a trace of it in them is an explicit dependency."""
        options = []
        if request.provider:
            options.append(f"provider={self._known[urns.split_reference(request.provider)[0]].variable}")
        if after := [
            known.variable for known in self._sources(request.dependencies) if known.variable not in used
        ]:
            options.append(f"depends_on=[{', '.join(after)}]")
        for name in ("protect", "retain_on_delete"):
            if getattr(request, _wire(name)):
                options.append(f"{name}=True")
        for name in ("ignore_changes", "replace_on_changes"):
            if listed := getattr(request, _wire(name)):
                options.append(f"{name}={list(listed)!r}")
        return options

    def _sources(self, needed: Iterable[str]) -> list[Known]:
        return [self._known[urn] for urn in needed if urn in self._known]

    def _variable(self, name: str) -> str:
        stem = variable = re.sub(r"\W", "_", name)
        number = 1
        while variable in self._variables or keyword.iskeyword(variable) or variable in sdk_classes.PACKAGES:
            number += 1
            variable = f"{stem}_{number}"
        self._variables.add(variable)
        return variable


def _plain(request: pb.RegisterResourceRequest) -> Values:
    """Inputs as the program gave them: those of a provider that aren't text come as JSON."""
    values = decode(request.object)
    if not request.type.startswith(urns.PROVIDER_PREFIX):
        return values
    class_ = sdk_classes.resource_class(request.type)
    names = sdk_classes.inputs(class_) if class_ else {}
    return {
        key: value if names[key][1] is str else _parsed(value)
        for key, value in values.items()
        if key in names
    }


def _parsed(value: Value) -> Value:
    if isinstance(value, Secret):
        return Secret(_parsed(value.value))
    return json.loads(value) if isinstance(value, str) else value


def _metadata() -> Values:
    namespace = sdk_classes.resource_class("kubernetes:core/v1:Namespace")
    return {"metadata": sdk_classes.inputs(namespace)["metadata"]} if namespace else {}


def _wire(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)
