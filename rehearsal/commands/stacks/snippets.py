"""Python text of imported resources, to be pasted into the program."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from rehearsal.cloud.types.property_names import snake
from rehearsal.cloud.types.schema import Declaration, Schemas, Shape, UnknownTypeError, package_of, registered
from rehearsal.engine import urns
from rehearsal.engine.records import Resource
from rehearsal.values import Asset, Reference, Secret, Value


def snippet(resources: Iterable[Resource], names: Mapping[str, str], schemas: Schemas) -> str:
    """Text that declares resources with their inputs; `names` are the variables of parents and providers, by URN.

    What the provider adds by itself is left out, and a secret is left for the reader to fill in.
    """
    texts = [_declaration(one, names, schemas) for one in resources if one.custom]
    packages = sorted({package_of(one.type) for one in resources if one.custom})
    imports = ["import pulumi", *(f"import pulumi_{package} as {package}" for package in packages)]
    return "\n".join([*imports, "", *texts])


def _declaration(one: Resource, names: Mapping[str, str], schemas: Schemas) -> str:
    try:
        schema = schemas.of(one.type)
    except UnknownTypeError:
        schema = None
    shapes = schema.inputs.properties if schema else {}
    objects = schema.objects if schema else {}
    added = {"tagsAll", *one.inputs.get("__defaults", ())}
    arguments = [
        f"    {snake(name)}={_text(value, shapes.get(name, 'any'), objects, 1)},"
        for name, value in sorted(one.inputs.items())
        if name not in added and not name.startswith("__") and value is not None
    ]
    options = [
        f"{option}={names[urn]}"
        for option, urn in (("parent", one.parent), ("provider", urns.split_reference(one.provider)[0]))
        if urn in names
    ]
    if one.protect:
        options.append("protect=True")
    if options:
        arguments.append(f"    opts=pulumi.ResourceOptions({', '.join(options)}),")
    variable = re.sub(r"\W", "_", one.name)
    return "\n".join([f'{variable} = {_class(one.type)}("{one.name}",', *arguments, ")"])


def _class(token: str) -> str:
    """Class of a type, as a program names it: `aws.ec2.Vpc`."""
    package = package_of(token)
    module, name = registered(package).get(token, (f"pulumi_{package}", token.rsplit(":", 1)[-1]))
    return f"{module.removeprefix('pulumi_')}.{name}"


def _text(value: Value, shape: Shape, objects: Mapping[str, Declaration], depth: int) -> str:
    """Python text of a value. The keys of objects are spelled as in Python, those of maps as they are."""
    kinds = shape if isinstance(shape, dict) else {}
    if isinstance(value, Secret):
        return 'pulumi.Output.secret("...")'
    if isinstance(value, (Reference, Asset)):
        return "..."
    inner = "    " * (depth + 1)
    if isinstance(value, list):
        items = [f"{inner}{_text(item, kinds.get('list', 'any'), objects, depth + 1)}," for item in value]
        return "\n".join(["[", *items, f"{'    ' * depth}]"]) if items else "[]"
    if isinstance(value, dict):
        form = objects.get(kinds.get("object", ""))
        shapes = form.properties if form else {}
        items = [
            f'{inner}"{snake(key) if form else key}": '
            f"{_text(item, shapes.get(key, kinds.get('map', 'any')), objects, depth + 1)},"
            for key, item in value.items()
        ]
        return "\n".join(["{", *items, f"{'    ' * depth}}}"]) if items else "{}"
    return json.dumps(value) if isinstance(value, str) else repr(value)
