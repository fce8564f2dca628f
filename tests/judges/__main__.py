"""Makes the digests anew from the judges' packages: `make judges`."""

from __future__ import annotations

import datetime
import sys

from rich.console import Console

from rehearsal.judges import reference
from rehearsal.judges.digest import FILE
from tests.judges import authorization_reference
from tests.judges.making import made, stale_texts, tokens, written

if stale := list(stale_texts()):
    sys.exit("\n".join(stale))
today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
digest = made(today, tokens())
FILE.write_text(written(digest))
reference.FILE.write_text(authorization_reference.written(today, authorization_reference.services()))
bounded = sum(bool(bounds) for one in digest["types"].values() for bounds in one["paths"].values())
console = Console(highlight=False)
console.print(
    f"{FILE.name}: {len(digest['types'])} types, {bounded} bounded paths, {len(digest['bounds'])} bounds"
)
console.print(f"{reference.FILE.name}: {len(reference.reference().services)} services")
