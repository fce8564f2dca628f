"""Garbage for rules: resources whose inputs look like those of their type, and hold whatever comes.

Names and nesting come from the SDK's own declaration of the type, so that garbage reaches as deep as a rule reads;
names that the pack itself mentions come oftener than others. In any place may stand a value of another kind, half a
document, nothing, a secret, an asset, or what only an update would know.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

import controls
from controls.language.tokens import ANY
from pulumi_policy import deserialize, proxy

from rehearsal.cloud.types.schema import Schema, Shape
from tests.policy.asking import Res, all_rules
from tests.policy.declared import declared

SENTINELS: Final = sorted(value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_"))
_SIGNATURE: Final = deserialize.SPECIAL_SIG_KEY

# Ids that several resources of one stack may share, so that links are followed by value.
_IDS: Final = ("it", "other", "vpc-1", "arn:aws:iam::123456789012:role/it", "arn:aws:s3:::it")
_TEXTS: Final = (
    *_IDS,
    "",
    "*",
    "true",
    "0",
    "-1",
    "443",
    "10.0.0.0/8",
    "0.0.0.0/0",
    "::/0",
    "1.2.3.4/99",
    "Allow",
    "eu-west-1",
    "arn:",
    "arn:aws:kms:us-east-1:123456789012:key/1",
    "arn:aws:sns:::",
    "$context.{",
    "[[{",
    "%s{}\n\x00\u2028",
    "9" * 5000,
    "1.2.3",
    "v1.x",
    "TLSv1.2_2021",
    "${",
    "²",
)
_DOCUMENTS: Final = (
    "",
    "{",
    "[]",
    "null",
    "7",
    '"x"',
    "[" * 2000,
    "[" * 400 + "]" * 400,
    '{"a":' * 400 + "7" + "}" * 400,
    '{"Statement": 7}',
    '{"Statement": [7, null, []]}',
    '{"Statement": {"Effect": ["Allow"], "Principal": [{}], "Action": {"a": 1}, "Resource": null}}',
    '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": [{}, 7, null]}, "Action": [[]], "Resource": [{}]}]}',
    '{"Statement": [{"Effect": "Allow", "NotPrincipal": 7, "NotAction": null, "Condition": ["x"]}]}',
    '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"B": 7}}]}',
    '{"Statement": [{"Effect": "Allow", "Condition": {"StringEquals": {"aws:SourceArn": [null, 7, {}]}}}]}',
    '{"rules": [{"selection": {"tagStatus": 7}}, 7]}',
    '{"detail": {"type": [7, {"prefix": null}]}, "source": 7}',
    '{"deadLetterTargetArn": 7, "maxReceiveCount": []}',
    '{"apiVersion": 1e999, "spec": NaN}',
    '{"enableNetworkPolicy": "maybe"}',
)
_NUMBERS: Final = (0.0, -1.0, 1.0, 7.0, 0.5, 443.0, 65536.0, 1e300, float("inf"), float("-inf"), float("nan"))
_MOST: Final = 160  # values in one resource


@cache
def _mentioned() -> frozenset[str]:
    """The words of the pack's source, the names of inputs that rules read among them."""
    (folder,) = controls.__path__
    return frozenset(
        word for file in Path(folder).rglob("*.py") for word in re.findall(r"\w+", file.read_text())
    )


def resource(token: str, seed: int, name: str = "it") -> Res:
    """A resource of a type, full of garbage; the same for the same seed."""
    chance = Random(f"{token} {seed}")
    provider = {
        "region": _leaf(chance),
        "allowedAccountIds": chance.choice(_DOCUMENTS),
        "accessKey": _leaf(chance),
    }
    return Res(
        token,
        _Maker(chance, declared(token)).inputs(token),
        name,
        provider={key: value for key, value in provider.items() if chance.random() < 0.5},
        protect=chance.random() < 0.5,
        ignore=chance.sample(["*", "", "tags", "policy.", "a[", "[0]", "..", "spec[0].x"], 2),
    )


class _Maker:
    """Makes one resource's inputs, until they are many."""

    def __init__(self, chance: Random, schema: Schema | None) -> None:
        self._chance = chance
        self._schema = schema
        self._left = _MOST

    def inputs(self, token: str) -> dict[str, Any]:
        """The inputs; where no declaration tells their names, those that rules on the type read."""
        if self._schema is None:
            read = {
                path
                for rule in all_rules().values()
                if token in rule.types or rule.types == ANY
                for path in rule.reads.split()
            }
            made: dict[str, Any] = {}
            for path in sorted(read):
                made |= self._along(path.split("."))
            return made
        return self._fields(self._schema.inputs.properties)

    def _along(self, path: list[str]) -> dict[str, Any]:
        name, *rest = path
        if not rest or self._chance.random() < 0.2:
            return {name: self._anything()}
        if rest[0] == "*":
            return {name: [self._along(rest[1:]) if rest[1:] else self._anything(), self._anything()]}
        return {name: self._along(rest)}

    def _fields(self, properties: dict[str, Shape]) -> dict[str, Any]:
        names = [
            name for name in properties if self._chance.random() < (0.7 if name in _mentioned() else 0.1)
        ]
        self._chance.shuffle(names)  # what comes first gets the most of what is left
        return {name: self._of(properties[name]) for name in names}

    def _of(self, shape: Shape) -> Any:
        self._left -= 1
        luck = self._chance.random()
        if luck < 0.08:
            return self._chance.choice(SENTINELS)
        single = not isinstance(shape, dict) or "enum" in shape  # where a list or an object surprises most
        if self._left < 0 or luck < (0.35 if single else 0.2):
            return self._anything()
        made = self._shaped(shape)
        return (
            {_SIGNATURE: deserialize.SPECIAL_SECRET_SIG, "value": made}
            if self._chance.random() < 0.05
            else made
        )

    def _shaped(self, shape: Shape) -> Any:
        if not isinstance(shape, dict):
            plain = {"boolean": (True, False), "integer": _NUMBERS, "number": _NUMBERS}.get(shape)
            return (
                self._chance.choice(plain)
                if plain
                else self._anything()
                if shape != "string"
                else self._text()
            )
        if "list" in shape:
            return [self._of(shape["list"]) for _ in range(self._chance.choice((0, 1, 1, 2)))]
        if "map" in shape:
            return {self._text(): self._of(shape["map"]) for _ in range(self._chance.choice((0, 1, 2)))}
        if "object" in shape:
            assert self._schema is not None
            return self._fields(self._schema.objects[shape["object"]].properties)
        if "enum" in shape:
            return self._chance.choice(shape["enum"])
        return self._of(self._chance.choice(shape["union"]))

    def _text(self) -> str:
        return self._chance.choice(self._chance.choice((_TEXTS, _TEXTS, _DOCUMENTS)))

    def _anything(self) -> Any:
        """A value of any kind, of one or two levels."""
        kind = self._chance.randrange(4)
        if kind == 0:
            return [_leaf(self._chance) for _ in range(self._chance.randrange(3))]
        if kind == 1:
            return {
                self._chance.choice(_TEXTS): _leaf(self._chance) for _ in range(self._chance.randrange(3))
            }
        return _leaf(self._chance)


def _leaf(chance: Random) -> Any:
    kinds: tuple[Any, ...] = (
        None,
        True,
        False,
        chance.choice(_NUMBERS),
        chance.choice(_TEXTS),
        chance.choice(_DOCUMENTS),
        chance.choice(SENTINELS),
        chance.choice(SENTINELS),
        [],
        {},
        [[{}], {"": None}],
        {
            "Statement": [
                {
                    "Effect": chance.choice(SENTINELS),
                    "Principal": {"AWS": chance.choice(SENTINELS)},
                    "Action": 7,
                }
            ]
        },
        {"Statement": [{"Effect": "Allow", "Action": None, "Condition": {"Bool": {"": [{}]}}}]},
        {_SIGNATURE: deserialize.SPECIAL_ASSET_SIG, "text": "x"},
        {_SIGNATURE: deserialize.SPECIAL_ARCHIVE_SIG, "path": "x"},
        {_SIGNATURE: deserialize.SPECIAL_SECRET_SIG, "value": chance.choice(_TEXTS)},
    )
    return chance.choice(kinds)
