"""Loading of settings: Pulumi's config, read and validated. Nothing else in the program reads config.

`load()` reads Pulumi's config. `parse()` does the same with any mapping of full keys (`castle:cells`), whose
values may be parsed already or be the strings that Pulumi hands over, and needs no Pulumi to run. A bad value
is a `SettingsError`: one line for each, with the key, the value, what is allowed and what to write instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pulumi
from pydantic import Field

from settings import checks, size_checks
from settings.images import Images
from settings.model import Model, SettingsError, nearest, validated
from settings.platform import Platform
from settings.sizes import CellSizes, EdgeSizes
from settings.stack import GLOBAL, CellSettings, EdgeSettings, Settings

_PREFIX = "castle:"


class _CellOwn(Model):
    sizes: CellSizes = Field(description="an object of this stack's sizes", examples=[{"nat": "one"}])
    images: Images = Field(
        description="an object of digests by service",
        examples=[{"accounts": "sha256:" + "0123456789abcdef" * 4}],
    )
    retire: bool = Field(default=False, description="true or false", examples=[True])


class _EdgeOwn(Model):
    sizes: EdgeSizes = Field(description="an object of this stack's sizes", examples=[{"priceClass": "all"}])
    retire: bool = Field(default=False, description="true or false", examples=[True])


class _Every(Platform):
    """All keys there are, to find the nearest one."""

    sizes: object
    images: object
    retire: object


def load() -> Settings:
    """The settings of the stack that runs now. What they warn of is told."""
    config = pulumi.Config(_PREFIX.removesuffix(":"))
    known = {f"{_PREFIX}{key}": config.get(key) for key in _keys()}
    set_somewhere = {key: value for key, value in known.items() if value is not None}
    found = parse(pulumi.get_stack(), pulumi.runtime.get_config_env() | set_somewhere)
    for line in found.warnings:
        pulumi.log.warn(line)
    return found


def parse(stack: str, config: Mapping[str, object]) -> Settings:
    """The settings of one stack. Keys of other namespaces are left alone."""
    raw = _own(config)
    platform = _platform(raw)
    cells = {cell.name: cell for cell in platform.cells}
    own = {"sizes": raw.get("sizes", {}), "retire": raw.get("retire", False)}
    if stack == GLOBAL:  # it has no services: images that all stacks inherit aren't for it
        edge = validated(_EdgeOwn, own, _PREFIX)
        _refuse(checks.origins(platform))
        return EdgeSettings.model_construct(platform=platform, sizes=edge.sizes, retire=edge.retire)
    if stack not in cells:
        raise SettingsError(
            f"stack {stack}: neither a cell nor {GLOBAL}; "
            f"select one of {', '.join((*cells, GLOBAL))}, or add it to castle:cells"
        )
    mine = validated(_CellOwn, {**own, "images": raw.get("images", {})}, _PREFIX)
    _refuse(size_checks.between(platform, cells[stack], mine.sizes))
    _refuse(checks.retire(platform, cells[stack]) if mine.retire else checks.homes(platform, stack))
    if not mine.retire:
        _refuse(checks.consistency(platform, stack))
    return CellSettings.model_construct(
        platform=platform,
        cell=cells[stack],
        sizes=mine.sizes,
        images=mine.images.by_service(),
        retire=mine.retire,
    )


def stacks(config: Mapping[str, object]) -> list[str]:
    """Every stack in the order in which they come up: the cells in config order, `global` last."""
    return [*(cell.name for cell in _platform(_own(config)).cells), GLOBAL]


def reads(config: Mapping[str, object], stack: str) -> list[str]:
    """The stacks that one stack reads from, each before it in `stacks()`."""
    platform = _platform(_own(config))
    if stack == GLOBAL:
        return [cell.name for cell in platform.present(GLOBAL)]
    return [cell.name for cell in platform.earlier(stack)]


def _keys() -> list[str]:
    return [field.alias or name for name, field in _Every.model_fields.items()]


def _own(config: Mapping[str, object]) -> dict[str, object]:
    """Our keys without their namespace, with objects and lists parsed."""
    raw = {key.removeprefix(_PREFIX): value for key, value in config.items() if key.startswith(_PREFIX)}
    unknown = sorted(raw.keys() - set(_keys()))
    _refuse(f"{_PREFIX}{key}: unknown key; {nearest(key, _Every, _PREFIX + key)}" for key in unknown)
    return {key: _parsed(value) for key, value in raw.items()}


def _parsed(value: object) -> object:
    """Pulumi hands objects and lists over as JSON; what isn't any is left to the models to refuse."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            return value
    return value


def _platform(raw: Mapping[str, object]) -> Platform:
    facts = {key: value for key, value in raw.items() if key not in ("sizes", "images", "retire")}
    platform = validated(Platform, facts, _PREFIX)
    _refuse(checks.platform(platform))
    return platform


def _refuse(lines: Iterator[str]) -> None:
    if found := "\n".join(lines):
        raise SettingsError(found)
