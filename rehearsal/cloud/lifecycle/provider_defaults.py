"""Provider defaults, which a provider adds to inputs when it checks them: names, defaults, tags."""

from __future__ import annotations

from rehearsal.cloud.provider_verbs import Failure, Naming, ResourceIdentity, provider_setting
from rehearsal.cloud.types.formats import pseudo_random, value_at
from rehearsal.cloud.types.schema import Schema
from rehearsal.cloud.types.type_table import AutoName, TypeRow
from rehearsal.values import UNKNOWN, Secret, Value, Values, reveal, reveal_top


def with_defaults(  # noqa: PLR0917 what it takes to complete them
    inputs: Values,
    old: Values | None,
    seed: str,
    target: ResourceIdentity,
    row: TypeRow,
    schema: Schema | None,
    asked: Naming | None = None,
) -> Values:
    """Adds the name, the defaults and the tags that the provider fills in.

    `__defaults` lists what was filled in, so that a later check knows which name it may choose again.
    """
    result = dict(inputs)
    made: list[str] = []
    naming = row.name
    if naming is not None and value_at(result, naming.of) is None:
        name = _name(result, old, seed, target.urn, naming, asked)
        if name is not None:
            _put(result, naming.of, name)
            made.append(naming.of)
    for name, value in row.defaults.items():
        if result.get(name) is None:
            result[name] = value
            made.append(name)
    if schema is not None and schema.taggable:
        tags = merged_tags(default_tags(target.provider), result.get("tags"))
        if tags != {}:
            result["tagsAll"] = tags
    if made:
        result["__defaults"] = made
    return result


def _put(values: Values, path: str, value: Value) -> None:
    first, _, rest = path.partition(".")
    values[first] = value if not rest else {**(reveal_top(values.get(first)) or {}), rest: value}


def _name(  # noqa: PLR0917 what it takes to name them
    inputs: Values, old: Values | None, seed: str, urn: str, naming: AutoName, asked: Naming | None
) -> Value:
    """Name that is made up, or kept; None where none is to be."""
    if old is not None and naming.of in old.get("__defaults", ()):
        return value_at(old, naming.of)
    prefix = reveal_top(inputs.get(f"{naming.of}Prefix"))
    if prefix is UNKNOWN:
        return UNKNOWN
    if asked is not None and not isinstance(prefix, str):
        return asked.name or None
    end = ".fifo" if naming.fifo and reveal_top(inputs.get(naming.fifo)) is True else ""
    if isinstance(prefix, str):
        return prefix + pseudo_random(seed, 26, "digits") + end
    name = f"{naming.prefix}{urn.rsplit('::', 1)[-1]}-{pseudo_random(seed, 7)}{end}"
    return name.lower() if naming.alphabet == "lower" else name


def overlong_name(inputs: Values, row: TypeRow) -> Failure | None:
    """Failure of a name that was made up and is longer than AWS takes: no provider cuts one."""
    if row.name is None or row.name.of not in inputs.get("__defaults", ()):
        return None
    name = value_at(inputs, row.name.of)
    if not isinstance(name, str) or len(name) <= row.name.max:
        return None
    return Failure(
        row.name.of,
        f"{name} has {len(name)} characters, of which the last eight were added, and AWS takes {row.name.max}; "
        f"give the resource a shorter logical name, or a {row.name.of} of its own",
    )


def default_tags(provider: Values) -> Value:
    """The default tags of a provider."""
    block = provider_setting(provider, "defaultTags")
    tags = block.get("tags") if isinstance(block, dict) else block
    return {} if tags is None else reveal(tags)


def merged_tags(defaults: Values, own: Value) -> Value:
    """The provider's default tags with the resource's own over them."""
    if isinstance(own, Secret):
        return Secret(merged_tags(defaults, own.value))
    return UNKNOWN if UNKNOWN in (defaults, own) else {**defaults, **(own or {})}
