"""SDK preload: the modules and types that a program uses, loaded once so that no run has to.

The SDK's modules for AWS take seconds to import. And it resolves the types of a class's properties when it
first needs them, and caches them: a quarter of the time of a cell's program, and the same for every run.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

import pulumi
from pulumi import _types  # nothing public has the SDK resolve the types

from rehearsal.engine.processes import own_preload

_PACKAGES = {
    "aws": "pulumi_aws",
    "eks": "pulumi_eks",
    "k8s": "pulumi_kubernetes",
    "kubernetes": "pulumi_kubernetes",
}
_NAMED = re.compile(r"\b(aws|eks|k8s|kubernetes)((?:\.[a-z]\w+)+)(?:\.([A-Z]\w+))?")
# Modules that `pydantic` loads only when they are used.
_PYDANTIC = (
    f"pydantic.{name}" for name in ("main", "fields", "functional_validators", "types", "alias_generators")
)
_ALWAYS = frozenset(
    {
        "pulumi",
        "pulumi_policy",
        "pulumi.runtime.proto.analyzer_pb2_grpc",
        "rehearsal.engine.processes.language_host",
        *_PYDANTIC,
    }
)


@dataclass(frozen=True)
class Preload:
    """Modules (`pulumi_aws.ec2`), classes in them (`pulumi_aws.ec2.Subnet`), and those that `own_preload` loads."""

    modules: list[str]
    classes: list[str]
    own: dict[str, list[str]] = field(default_factory=dict)


def preload_of(folder: Path) -> Preload:
    """Preload of what the sources in a folder, tests aside, name, such as `aws.ec2.Subnet`, and of its own modules.

    Raises FailedError for a malformed table of those.
    """
    modules, classes = set(_ALWAYS), set[str]()
    for source in _sources(folder):
        for package, path, name in _NAMED.findall(source.read_text()):
            names = [_PACKAGES[package], *path.strip(".").split(".")]
            modules.update(".".join(names[:length]) for length in range(1, len(names) + 1))
            if name:
                classes |= {".".join([*names, name]), ".".join([*names, f"{name}Args"])}
    if "pulumi_eks" in modules:
        modules |= {
            "rehearsal.engine.registration.remote_components",
            "rehearsal.cloud.eks_component",
        }  # the provider of its components
    return Preload(sorted(modules), sorted(classes), own_preload.named(folder))


def _sources(folder: Path) -> Iterator[Path]:
    """The sources in a folder, without hidden folders, such as an environment of thousands of files, and tests."""
    for found, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "tests"]
        yield from (Path(found, name) for name in files if name.endswith(".py"))


def load(preload: Preload) -> None:
    """Imports the modules and resolves the types of the classes. A name that doesn't exist is passed over.

    Raises ModuleNotFoundError for a module of the rehearsal's own, which has moved then.
    """
    for module in preload.modules:
        try:
            # The SDK loads a module at its first use.
            getattr(importlib.import_module(module), "anything", None)
        except ModuleNotFoundError as error:
            if str(error.name).startswith("rehearsal."):
                raise
    _resolve_types(preload.classes)
    own_preload.load(preload.own)


def _resolve_types(classes: list[str]) -> None:
    """Has the SDK resolve the types of the classes' properties, and in turn those of their properties."""
    named = (name.rpartition(".") for name in classes)
    remaining: list[object] = [getattr(sys.modules.get(module), name, None) for module, _, name in named]
    resolved: set[object] = set()
    while remaining:
        type_ = remaining.pop()
        if type_ in resolved:
            continue
        resolved.add(type_)
        remaining += get_args(type_)
        if not isinstance(type_, type):
            continue
        if issubclass(type_, pulumi.Resource):
            remaining += _types.resource_types(type_).values()
        elif _types.is_input_type(type_):
            remaining += _types.input_type_types(type_).values()
        elif _types.is_output_type(type_):
            remaining += _types.output_type_types(type_).values()


if __name__ == "__main__":  # so that Python compiles them
    load(preload_of(Path.cwd()))
