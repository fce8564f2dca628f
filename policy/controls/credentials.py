"""What a credential looks like, however it is called."""

from __future__ import annotations

import re
from typing import Final

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


def holds_credential(text: str) -> bool:
    """Whether a text has a key, a token, or an address with a password in it."""
    return any(pattern.search(text) for pattern in _CREDENTIALS)
