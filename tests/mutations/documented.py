"""The values that a text may have, where the SDK's documentation lists them: most of AWS's choices are text to it."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from rehearsal.cloud.types.property_names import camel
from rehearsal.cloud.types.schema import registered

Choices = Mapping[str, tuple[str, ...]]

_PARAMETER: Final = re.compile(r":param [^\n]*? (\w+): (.*?)(?=\n\s*:param |\Z)", re.DOTALL)
_LISTS: Final = re.compile(
    r"\b(valid|one of|possible|allowed|either|supported|must be|can be|accepted?)\b", re.IGNORECASE
)
_VALUE: Final = re.compile(r'`"?([\w.:-]+)"?`')


def of_type(package: str, token: str) -> Choices:
    """The choices of a resource type's inputs, by property."""
    module, name = registered(package)[token]
    return _choices(module, f"{name}Args")


def of_object(name: str) -> Choices:
    """The choices of an object inside of inputs; its name is that of a schema's object."""
    return _choices(*name.rsplit(".", 1))


@cache
def _choices(module: str, name: str) -> Choices:
    parameters = _PARAMETER.findall(_documentation(module, name))
    names = {parameter for parameter, _ in parameters}
    found = {
        camel(parameter): tuple(dict.fromkeys(it for it in _VALUE.findall(text) if it not in names))
        for parameter, text in parameters
        if _LISTS.search(text)
    }
    return {parameter: values for parameter, values in found.items() if len(values) > 1}


def _documentation(module: str, name: str) -> str:
    """Docstring of the constructor of a class, read without importing it, which takes long."""
    for text in _sources(module):
        start = text.find(f"\nclass {name}:")
        if start >= 0:
            start = text.find('"""', text.find("def __init__(", start))
            return text[start + 3 : text.find('"""', start + 3)]
    return ""


@cache
def _sources(module: str) -> tuple[str, ...]:
    root, _, inside = module.partition(".")
    spec = importlib.util.find_spec(root)
    if spec is None or spec.origin is None:
        return ()
    folder = Path(spec.origin).parent.joinpath(*inside.split("."))
    files = folder.glob("*.py") if folder.is_dir() else [folder.with_suffix(".py")]
    return tuple(file.read_text() for file in sorted(files))
