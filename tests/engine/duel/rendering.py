"""Rendering of a program's data as the Python text that both engines run."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import fields
from typing import Any, Final

from tests.engine.duel.programs import COMPONENT, SLOTS, Node, Options, Program, kind, logical_name

HEAD: Final = """\
import pulumi
from pulumi import Alias, Output

def O(**options):
    return pulumi.ResourceOptions(**options)

class C(pulumi.ComponentResource):
    def __init__(self, name, props, opts=None):
        super().__init__("lab:index:C", name, props, opts)

class R(pulumi.CustomResource):
    def __init__(self, type_, name, props, opts=None):
        versioned = pulumi.ResourceOptions.merge(O(version="7.51.1"), opts)
        super().__init__(type_, name, {"arn": None, **props}, versioned)

async def made(resource):
    await resource.urn.future()
    return resource

async def main():
"""
# One resource after the other: what is registered at the same time as one that fails may come before or after it.
_REGIONS = ("us-east-1", "us-west-2")


def whole(body: str) -> str:
    """Text of a program whose main function has this body."""
    return f"{HEAD}{textwrap.indent(body or 'pass', '    ')}\n\npulumi.run(main)\n"


def body(program: Program) -> str:
    """Body of the main function of a program."""
    slots = program.by_slot
    lines = [
        f'{name} = await made(pulumi.ProviderResource("aws", "{name}", {{"region": "{_REGIONS[setting % 2]}"}}, '
        'O(version="7.51.1")))'
        for name, setting in program.providers
    ]
    names = {*slots, *dict(program.providers)}
    lines += [_registration(slot, node, names) for slot, node in slots.items()]
    lines += [f"{slot}.register_outputs({{}})" for slot in slots if kind(slot) == COMPONENT]
    exported = [slot for slot in program.exports if slot in slots and kind(slot) != COMPONENT]
    lines += [f'pulumi.export("{slot}", {slot}.arn)' for slot in exported]
    return "\n".join(lines)


def _registration(slot: str, node: Node, names: set[str]) -> str:
    options = _options(slot, node.options, names)
    name = logical_name(slot, node)
    if kind(slot) == COMPONENT:
        return f'{slot} = await made(C("{name}", {{{_inputs(slot, node, names)}}}, O({options})))'
    return f'{slot} = await made(R("{kind(slot)}", "{name}", {{{_inputs(slot, node, names)}}}, O({options})))'


# ---- inputs

_EASY = {"c": "x", "q": "visibilityTimeoutSeconds", "t": "displayName"}  # an input that changes in place
_VALUES = {"t": ('"one"', '"two"', '"three"')}
_SECRET = "Output.secret({})"


def _inputs(slot: str, node: Node, names: set[str]) -> str:
    letter = slot[0]
    inputs: dict[str, str] = {}
    tags = {key: f'"{value}"' for key, value in node.tags}
    used = node.uses if node.uses in names and _earlier(node.uses, slot) else ""
    if easy := _EASY.get(letter):
        value = _VALUES.get(letter, ("1", "2", "3"))[node.easy]
        inputs[easy] = _SECRET.format(value) if node.secret else value
    elif node.easy or node.secret:
        tags["easy"] = _SECRET.format(f'"{node.easy}"') if node.secret else f'"{node.easy}"'
    match letter:
        case "v":
            inputs["cidrBlock"] = f'"10.{node.fixed}.0.0/16"'
        case "q" | "t":
            if node.fixed:
                inputs["fifoQueue" if letter == "q" else "fifoTopic"] = "True"
            if node.named:
                inputs["name"] = f'"{slot}{".fifo" if node.fixed else ""}"'
        case "g":
            inputs["description"] = f'"{"abc"[node.fixed]}"'
            if node.named:
                inputs["name"] = f'"{slot}"'
    if used and used[0] == "v" and letter == "g":
        inputs["vpcId"] = f"{used}.id"
    elif used and used[0] != "c" and letter != "c":
        tags["of"] = f"{used}.arn"
    if tags and letter != "c":
        inputs["tags"] = "{" + ", ".join(f'"{key}": {value}' for key, value in tags.items()) + "}"
    return ", ".join(f'"{key}": {value}' for key, value in inputs.items())


def _earlier(one: str, other: str) -> bool:
    return SLOTS.index(one) < SLOTS.index(other)


# ---- options


def _options(slot: str, options: Options, names: set[str]) -> str:
    """Arguments of the options that are given; what names an absent resource, or a later one, isn't."""
    there = {name for name in names if name not in SLOTS or _earlier(name, slot)}
    given = {
        option.name: getattr(options, option.name)
        for option in fields(Options)
        if getattr(options, option.name) != option.default
    }
    shown = {name: _option(name, value, there) for name, value in given.items()}
    return ", ".join(f"{name}={value}" for name, value in shown.items() if value)


def _option(name: str, value: Any, there: set[str]) -> str:
    match name:
        case "parent" | "provider" | "deleted_with":
            return value if value in there else ""
        case "depends_on":
            return _list(each for each in value if each in there)
        case "aliases":
            rows = [{key: _alias_argument(key, text, there) for key, text in alias} for alias in value]
            return _list("Alias(" + ", ".join(f"{k}={v}" for k, v in row.items() if v) + ")" for row in rows)
        case _:
            return repr(list(value) if isinstance(value, tuple) else value)


def _alias_argument(key: str, value: str, there: set[str]) -> str:
    if key == "parent":
        return value if value in there else "None"
    return repr(value)


def _list(items: Iterable[str]) -> str:
    return f"[{', '.join(items)}]"
