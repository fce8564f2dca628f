"""What of the SDK a program uses, loaded once so that no run has to.

The SDK's modules for AWS take seconds to import. And it finds out the types of a class's properties when it
first needs them, and remembers them: a quarter of the time of a cell's program, and the same for every run.
"""

from __future__ import annotations

import importlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pulumi
from pulumi import _types  # nothing public tells the types, or has the SDK find them out

_PACKAGES = {
    "aws": "pulumi_aws",
    "eks": "pulumi_eks",
    "k8s": "pulumi_kubernetes",
    "kubernetes": "pulumi_kubernetes",
}
_NAMED = re.compile(r"\b(aws|eks|k8s|kubernetes)((?:\.[a-z]\w+)+)(?:\.([A-Z]\w+))?")
# What `pydantic` itself loads only when it is used.
_PYDANTIC = (
    f"pydantic.{name}" for name in ("main", "fields", "functional_validators", "types", "alias_generators")
)
_ALWAYS = frozenset(
    {
        "pulumi",
        "pulumi_policy",
        "pulumi.runtime.proto.analyzer_pb2_grpc",
        "rehearsal.engine.processes.program",
        *_PYDANTIC,
    }
)


@dataclass(frozen=True)
class Sdk:
    """Modules (`pulumi_aws.ec2`), and classes in them (`pulumi_aws.ec2.Subnet`)."""

    modules: list[str]
    classes: list[str]


def used_by(folder: Path) -> Sdk:
    """What the sources of a program name (`aws.ec2.Subnet`)."""
    modules, classes = set(_ALWAYS), set[str]()
    for source in folder.rglob("*.py"):
        if any(part.startswith(".") for part in source.relative_to(folder).parts):
            continue
        for package, path, name in _NAMED.findall(source.read_text()):
            names = [_PACKAGES[package], *path.strip(".").split(".")]
            modules.update(".".join(names[:length]) for length in range(1, len(names) + 1))
            if name:
                classes |= {".".join([*names, name]), ".".join([*names, f"{name}Args"])}
    if "pulumi_eks" in modules:
        modules |= {
            "rehearsal.engine.registration.remote",
            "rehearsal.cloud.eks_component",
        }  # what makes its components
    return Sdk(sorted(modules), sorted(classes))


def load(sdk: Sdk) -> None:
    """Imports the modules and learns the classes. A name without a thing is passed over."""
    for module in sdk.modules:
        try:
            # The SDK loads a module at its first use.
            getattr(importlib.import_module(module), "anything", None)
        except ModuleNotFoundError:
            continue
    _learn(sdk.classes)


def _learn(classes: list[str]) -> None:
    """Has the SDK find out the types of the classes' properties, and in turn those of what they hold."""
    named = (name.rpartition(".") for name in classes)
    ahead: list[object] = [getattr(sys.modules.get(module), name, None) for module, _, name in named]
    known: set[object] = set()
    while ahead:
        it = ahead.pop()
        if it in known:
            continue
        known.add(it)
        ahead += get_args(it)
        if not isinstance(it, type):
            continue
        if issubclass(it, pulumi.Resource):
            ahead += _types.resource_types(it).values()
        elif _types.is_input_type(it):
            ahead += _types.input_type_types(it).values()
        elif _types.is_output_type(it):
            ahead += _types.output_type_types(it).values()
