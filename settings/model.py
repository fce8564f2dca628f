"""Base of all models of the settings: frozen, camelCase outside, with errors that say what to write instead."""

from __future__ import annotations

import difflib
import json
import types
import typing
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo


class SettingsError(Exception):
    """The config is wrong; the text is one line for each bad value."""


class Model(BaseModel):
    """Frozen and strict about names.

    Every field has a description that completes "... is not ..." and one example of what to write instead.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)


M = typing.TypeVar("M", bound=Model)


def validated(model: type[M], values: Mapping[str, object], under: str) -> M:
    """The model, or a `SettingsError` that names every bad value by its full key.

    `under` is what keys begin with: `castle:`.
    """
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        raise SettingsError("\n".join(_lines(error, model, under))) from None


def _lines(error: ValidationError, model: type[Model], under: str) -> Iterator[str]:
    found = error.errors(include_url=False)
    for each in found:
        if any(other["loc"][:-1][: len(each["loc"])] == each["loc"] for other in found):
            continue  # a list is also too short for pydantic if what is in it is wrong
        key = under + _spell(each["loc"])
        owner, field = _find(model, each["loc"])
        if each["type"] == "extra_forbidden":
            yield f"{key}: unknown key; {nearest(str(each['loc'][-1]), owner, key)}"
        elif field is None:
            yield f"{key}: {show(each['input'])}: {each['msg']}"
        elif each["type"] == "missing":
            yield f"{key}: missing; write {field.description}, for example {_example(field)}"
        else:
            wrong = "can't be in" if isinstance(each["loc"][-1], int) else "is not"
            yield f"{key}: {show(each['input'])} {wrong} {field.description}; write for example {_example(field)}"


def nearest(wrong: str, model: type[Model], key: str) -> str:
    """Remedy for an unknown key: the nearest known one, or all of them."""
    known = list(_fields(model))
    near = difflib.get_close_matches(wrong, known, n=1)
    return f"did you mean {key.removesuffix(wrong)}{near[0]}?" if near else f"known are {', '.join(known)}"


def show(value: object) -> str:
    """A value as a person would write it in a stack file."""
    return value if isinstance(value, str) and value else json.dumps(value, default=str)


def _spell(loc: tuple[int | str, ...]) -> str:
    text = ""
    for step in loc:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _example(field: FieldInfo) -> str:
    return show(field.examples[0] if field.examples else None)


def _find(model: type[Model], loc: tuple[int | str, ...]) -> tuple[type[Model], FieldInfo | None]:
    """The model and the field that a location ends in; steps into lists and maps stay at their field."""
    owner, field = model, None
    inside: type[Model] | None = model
    key_of_map = False
    for step in loc:
        if isinstance(step, int) or inside is None:
            continue
        if key_of_map:
            key_of_map = False
            continue
        owner, field = inside, _fields(inside).get(step)
        if field is None:
            return owner, None
        inside, key_of_map = _model_in(field.annotation), typing.get_origin(field.annotation) is dict
    return owner, field


def _fields(model: type[Model]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _model_in(annotation: object) -> type[Model] | None:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, Model) else None
    return next(filter(None, map(_model_in, typing.get_args(annotation))), None)
