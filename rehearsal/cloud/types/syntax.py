"""Syntax of texts and numbers beyond their type; `syntax.yaml` has the notation of each input."""

from __future__ import annotations

import functools
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

SyntaxCheck = Callable[[Any], str | None]  # a text about what a value must be, if it isn't that

_FILE: Final = Path(__file__).parent / "syntax.yaml"


@functools.cache
def _data() -> dict[str, dict[str, Any]]:
    return yaml.load(_FILE.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@functools.cache
def syntax_of_name(name: str) -> SyntaxCheck | None:
    """Syntax check of an input's values by the input's name alone; None for a name without a syntax."""
    for pattern, notation in _data()["names"].items():
        if re.fullmatch(pattern, name):
            return syntax_check(notation)
    return None


@functools.cache
def syntax_check(notation: str) -> SyntaxCheck:
    """Syntax check of a notation. KeyError for an unknown one."""
    if notation in _SYNTAX_CHECKS:
        return _SYNTAX_CHECKS[notation]
    if notation.startswith("id "):
        return _id(notation.split()[1:])
    if found := re.fullmatch(r"(\d+)\.\.(\d+)", notation):
        return functools.partial(_within, int(found[1]), int(found[2]))
    if found := re.fullmatch(r"(?:(\d+(?: \d+)*) or )?multiple of (\d+)", notation):
        return functools.partial(_multiple, int(found[2]), tuple(map(int, (found[1] or "").split())))
    if found := re.fullmatch(r"(private )?cidr /(\d+)../(\d+)", notation):
        return functools.partial(_cidr_of, int(found[2]), int(found[3]), bool(found[1]))
    written = _data()["notations"][notation]
    return functools.partial(_like, re.compile(written["like"]), written["say"])


def document(value: Any) -> Any:
    """JSON document, from its text or as the value that it already is; None for a text that is no JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return None


# ---- syntax checks -----------------------------------------------------------------------------------


def _like(pattern: re.Pattern[str], say: str, value: Any) -> str | None:
    return None if pattern.fullmatch(str(value)) else say


def _within(least: int, most: int, value: Any) -> str | None:
    fits = str(value).isdigit() and least <= int(value) <= most
    return None if fits else f"a whole number from {least} to {most}"


def _multiple(of: int, also: tuple[int, ...], value: Any) -> str | None:
    fits = str(value).isdigit() and int(value) > 0 and (int(value) % of == 0 or int(value) in also)
    return None if fits else f"{', '.join(map(str, also))}{' or ' if also else ''}a multiple of {of}"


def _id(beginnings: list[str]) -> SyntaxCheck:
    """`igw` is how an id begins; `local*` the beginning of a name that AWS takes in its place."""
    forms = [
        rf"{re.escape(one[:-1])}\S*"
        if one.endswith("*")
        else rf"{re.escape(one)}-([0-9a-f]{{8}}|[0-9a-f]{{17}})"
        for one in beginnings
    ]
    say = f"an id such as {beginnings[0]}-0123456789abcdef0"
    return functools.partial(_like, re.compile("|".join([r"arn:\S+", *forms])), say)


def _cidr(value: Any) -> str | None:
    try:
        ipaddress.ip_network(str(value))
    except ValueError:
        pass
    else:
        if "/" in str(value):
            return None
    try:
        return f"a CIDR, which here is {ipaddress.ip_network(str(value), strict=False)}"
    except ValueError:
        return "a CIDR such as 10.0.0.0/16"


def lies_in(part: str, whole: str) -> bool:
    """Returns whether a block of addresses is in another. ValueError for what is no block."""
    one, other = ipaddress.ip_network(part), ipaddress.ip_network(whole)
    return (
        one.version == other.version
        and int(other.network_address) <= int(one.network_address)
        and int(one.broadcast_address) <= int(other.broadcast_address)
    )


_PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


def _cidr_of(shortest: int, longest: int, private: bool, value: Any) -> str | None:
    """A block whose prefix has a length in a range, of private addresses where only those will do."""
    if (wanted := _cidr(value)) is not None:
        return wanted
    fits = shortest <= ipaddress.ip_network(value).prefixlen <= longest and (
        not private or any(lies_in(value, block) for block in _PRIVATE)
    )
    return (
        None if fits else f"a CIDR of /{shortest} to /{longest}{' of private addresses' if private else ''}"
    )


def _port(value: Any) -> str | None:
    """A number, -1 where all are meant, or a name: `traffic-port` of a target group, `https` of a container."""
    if re.fullmatch(r"-?\d+", str(value)):
        return None if -1 <= int(value) <= 65535 else "a port from 0 to 65535"
    return (
        None if re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?", str(value)) else "a port from 0 to 65535"
    )


def _json(value: Any) -> str | None:
    return None if isinstance(document(value), (dict, list)) else "a JSON document"


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
_POLICY: Final = {"Version", "Id", "Statement"}
_STATEMENT: Final = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
}


# What follows `arn:aws:iam::` or stands alone in the principals of AWS.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
_AWS_PRINCIPAL: Final = re.compile(
    r"\*|\d{12}|(AIDA|AROA)\w+|[0-9a-f]{64}"
    r"|arn:aws(-cn|-us-gov)?:(iam|sts)::\d{12}:(root|(user|role|assumed-role|federated-user|group)/\S+)"
    r"|arn:aws(-cn|-us-gov)?:iam::cloudfront:user/CloudFront Origin Access Identity [A-Z0-9]+"
    r"|arn:aws(-cn|-us-gov)?:sts::\d{12}:self"
)


def _policy(value: Any) -> str | None:
    return _document_of(value, _statement)


def _identity_policy(value: Any) -> str | None:
    """A document that is attached to whom it is about, and names nobody else."""
    return _document_of(value, _of_an_identity)


def _resource_policy(value: Any) -> str | None:
    """A document that is attached to what it is about, and says who may do what with it."""
    return _document_of(value, _of_a_resource)


def _document_of(value: Any, judged: Callable[[Any, str], str | None]) -> str | None:
    found = document(value)
    if not isinstance(found, dict):
        return "a policy document in JSON"
    why = f"it has no {stranger}" if (stranger := _stranger(found, _POLICY)) else None
    statements = found.get("Statement")
    if why is None and not statements:
        why = "it needs a Statement"
    for index, one in enumerate(statements if isinstance(statements, list) else [statements]):
        why = why or judged(one, f"Statement[{index}]")
    return why and f"a policy document ({why})"


def _statement(found: Any, at: str) -> str | None:
    if not isinstance(found, dict):
        return f"{at} must be a dictionary"
    if stranger := _stranger(found, {*_STATEMENT, "Condition"}):
        return f"{at} knows no {stranger}"
    if found.get("Effect") not in ("Allow", "Deny"):
        return f"{at}.Effect must be Allow or Deny"
    if ("Action" in found) == ("NotAction" in found):
        return f"{at} needs either Action or NotAction"
    return None


def _of_an_identity(found: Any, at: str) -> str | None:
    if (why := _statement(found, at)) is not None:
        return why
    if "Principal" in found or "NotPrincipal" in found:
        return f"{at} names a principal, which is whoever the policy is attached to"
    if ("Resource" in found) == ("NotResource" in found):
        return f"{at} needs either Resource or NotResource"
    return None


def _of_a_resource(found: Any, at: str) -> str | None:
    if (why := _statement(found, at)) is not None:
        return why
    if ("Principal" in found) == ("NotPrincipal" in found):
        return f"{at} needs either Principal or NotPrincipal"
    named = found.get("Principal", found.get("NotPrincipal"))
    of_aws = named.get("AWS", []) if isinstance(named, dict) else named
    for one in of_aws if isinstance(of_aws, list) else [of_aws]:
        if not _AWS_PRINCIPAL.fullmatch(str(one)):
            return f'{at} has the principal "{one}", which is no account, role or user'
    return None


def _stranger(found: Mapping[str, Any], known: set[str]) -> str:
    return next((name for name in found if name not in known), "")


_SYNTAX_CHECKS: Final[dict[str, SyntaxCheck]] = {
    "cidr": _cidr,
    "port": _port,
    "json": _json,
    "policy": _policy,
    "identity policy": _identity_policy,
    "resource policy": _resource_policy,
}
