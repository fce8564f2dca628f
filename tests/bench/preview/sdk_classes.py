"""Classes of the SDK by their type tokens, and the Python names and types of their inputs."""

from __future__ import annotations

import collections.abc
import importlib
import keyword
import sys
import warnings
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pulumi
from pulumi import _types  # nothing public tells the names and types of a class's properties

PACKAGES = {"aws": "pulumi_aws", "kubernetes": "pulumi_kubernetes"}


@cache
def resource_class(token: str) -> type[pulumi.Resource] | None:
    """Class of a type such as `aws:ec2/subnet:Subnet`; None if there is none, as for a cluster's own types."""
    package, path, name = token.split(":")
    if package == "pulumi":  # pulumi:providers:aws
        return importlib.import_module(PACKAGES[name]).Provider
    parts = path.split("/")
    if package == "aws":
        parts = [f"{parts[0]}_" if keyword.iskeyword(parts[0]) else parts[0]]
    else:  # group and version: rbac.authorization.k8s.io/v1
        parts[0] = parts[0].split(".")[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # loading a module warns of the classes in it that are deprecated
        try:
            module = importlib.import_module(".".join([PACKAGES[package], *parts]))
        except ModuleNotFoundError:
            return None
        return getattr(module, name, None)


@cache
def inputs(class_: type[pulumi.Resource] | type) -> dict[str, tuple[str, Any]]:
    """Python name and type of each input of a resource, or of a class of arguments, by the name on the wire."""
    args = class_
    if issubclass(class_, pulumi.Resource):
        module, name = sys.modules[class_.__module__], class_.__name__
        # Where both exist, the shorter name is that of an argument of other resources.
        args = getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args")
    types = _types.input_type_types(args)
    return {wire: (name, types[wire]) for name, wire in _types.input_type_py_to_pulumi_names(args).items()}


@cache
def outputs(class_: type) -> dict[str, tuple[str, Any]]:
    """Python name and type of each output of a resource, or of a class of outputs; none that is deprecated."""
    resource = issubclass(class_, pulumi.Resource)
    types = _types.resource_types(class_) if resource else _types.output_type_types(class_)
    return {
        wire: (name, types[wire])
        for name, wire, attribute in _types._py_properties(class_)
        if not hasattr(attribute.fget, _types._PULUMI_DEPRECATED_CALLABLE)
    }


def nested_class(type_: Any) -> type | None:
    """Class of arguments or outputs that a property of this type holds; None if it holds none."""
    classes = (one for one in _alternatives(type_) if _types.is_input_type(one) or _types.is_output_type(one))
    return next(classes, None)


def item_type(type_: Any) -> Any:
    """Type of the items of a list or a map; None for any other type."""
    for one in _alternatives(type_):
        if get_origin(one) in (collections.abc.Sequence, collections.abc.Mapping, list, dict):
            return get_args(one)[-1]
    return None


def _alternatives(type_: Any) -> tuple[Any, ...]:
    return get_args(type_) if get_origin(type_) in (Union, UnionType) else (type_,)


def spelled(class_: type) -> str:
    """Class as a program that imports the packages by their short names spells it: `aws.ec2.Subnet`."""
    package, *path, _ = class_.__module__.split(
        "."
    )  # the last part is the file, and no part of the public name
    short = next(short for short, name in PACKAGES.items() if name == package)
    return ".".join([short, *path, class_.__name__])
