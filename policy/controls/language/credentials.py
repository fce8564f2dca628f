"""Credentials in texts and settings, recognised by their form or their name."""

from __future__ import annotations

import re
from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node, Value
from controls.language.verdicts import Fail, Undecided, Verdicts

_CREDENTIALS: Final = (
    re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"),
    re.compile(r"-----BEGIN ([A-Z]+ )*PRIVATE KEY-----"),
    re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}"),
    re.compile(r"\bgithub_pat_[A-Za-z0-9_]{50,}"),
    re.compile(r"\bxox[abeprs]-[A-Za-z0-9-]{10,}"),
    re.compile(r"\b[sr]k_live_[A-Za-z0-9]{20,}"),
    re.compile(r"\bpul-[0-9a-f]{40}\b"),
    re.compile(r"(?i)aws_?secret_?access_?key[\"']?\s*[:=]\s*[\"']?[A-Za-z0-9/+]{40}"),
    re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s:@${]+@"),
)


# Names of what must not be written down. The name or the ARN of a secret is none.
_NAMED: Final = re.compile(
    r"(^|_)(password|passwd|api_?key|private_?key|secret_?access_?key|(access|api|auth|bearer|session)_?token)$",
    re.IGNORECASE,
)


def holds_credential(text: str) -> bool:
    """Returns whether a text has a key, a token, or an address with a password in it."""
    return any(pattern.search(text) for pattern in _CREDENTIALS)


def check_no_credential(path: str, name: str, value: Value) -> Verdicts:
    """Check that a setting of a program holds no credential, and isn't named like one."""
    if isinstance(value, str) and holds_credential(value):
        yield Fail(f"`{path}` holds a credential: keep it in Secrets Manager and name it there")
    elif value is not MISSING and _NAMED.search(name) and not str(value).startswith("arn:"):
        if value is UNKNOWN:
            yield Undecided(path)
        else:
            yield Fail(f"`{path}` is called like a credential: keep it in Secrets Manager and name its ARN")


def check_no_credentials(node: Node, path: str) -> Verdicts:
    """Check that the settings at a path hold no credential."""
    settings = node.get(path)
    for name, value in settings.items() if isinstance(settings, dict) else ():
        yield from check_no_credential(f"{path}.{name}", name, value)
