"""Durations as `customTimeouts` writes them, such as `1h30m`, and their seconds, which are recorded."""

from __future__ import annotations

import re
from typing import Final

_UNITS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PART: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(h|ms|m|us|µs|ns|s)")


def seconds(text: str) -> float:
    """Seconds of a duration; 0 for none. Raises ValueError for a text that is none."""
    parts = _PART.findall(text)
    if text and "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{text!r} is no duration; write one like 30s or 1h30m")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)
