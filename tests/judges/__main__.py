"""Makes the digest anew from the judges' packages: `make judges`."""

from __future__ import annotations

import datetime
import sys

from rich.console import Console

from rehearsal.judges.digest import FILE
from tests.judges.making import made, stale_texts, tokens, written

if stale := list(stale_texts()):
    sys.exit("\n".join(stale))
digest = made(datetime.datetime.now(tz=datetime.UTC).date().isoformat(), tokens())
FILE.write_text(written(digest))
bounded = sum(bool(bounds) for one in digest["types"].values() for bounds in one["paths"].values())
Console().print(
    f"{FILE.name}: {len(digest['types'])} types, {bounded} bounded paths, {len(digest['bounds'])} bounds",
    highlight=False,
)
