"""Effort of a run of the tests: fixed seeds, or, with EFFORT=nightly, random ones and many more cases.

`make test` and `make slow` do the same every time. `make nightly` runs the same code with a seed of its own, which
it prints; SEED repeats a run.
"""

from __future__ import annotations

import os
import random
from typing import Final, TypeVar

from hypothesis import HealthCheck, settings

NIGHTLY: Final = os.environ.get("EFFORT") == "nightly"
SEED: Final = os.environ.get("SEED", "0")

_MORE: Final = 20  # times the examples of a property by night

_T = TypeVar("_T")


def by_night(usual: _T, nightly: _T) -> _T:
    """Value of how much is tried: `usual`, or `nightly` in the nightly run."""
    return nightly if NIGHTLY else usual


def examples(usual: int) -> settings:
    """Settings of a property that is tried with so many examples, and with many more by night."""
    return settings(max_examples=by_night(usual, usual * _MORE))


def seeded(name: str) -> random.Random:
    """Random numbers for one use of them: the same in every run with the same seed."""
    return random.Random(f"{SEED} {name}")


def register() -> None:
    """Makes this effort hypothesis's own. How long an example takes says nothing on a busy machine."""
    settings.register_profile(
        "castle",
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        derandomize=not NIGHTLY,
        max_examples=by_night(100, 100 * _MORE),
        print_blob=True,
    )
    settings.load_profile("castle")
