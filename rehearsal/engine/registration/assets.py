"""Asset hashes: the engine adds one of the content to each file and archive, so that a change of it is a diff."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from rehearsal.engine.events import FailedError
from rehearsal.values import Asset, Value, Values, rewrite


def hashed(values: Values, folder: Path) -> Values:
    """Values in which each asset has its hash. Paths are taken from the program's folder.

    The hash of a file, of a text and of an archive that is one file is the SHA-256 of its bytes, as with the
    CLI. A folder, or an archive put together by the program, is hashed by the names and hashes of its parts.
    Raises FailedError for a file that isn't there.
    """

    def with_hash(value: Value) -> Value:
        if not isinstance(value, Asset) or "hash" in dict(value.fields):
            return value
        return Asset(value.kind, tuple(sorted((*value.fields, ("hash", _hash(value, folder))))))

    return rewrite(values, with_hash)


def _hash(asset: Asset, folder: Path) -> str:
    fields = dict(asset.fields)
    if fields.get("assets"):
        parts = {name: _hash(part, folder) for name, part in fields["assets"].items()}
        return _digest("".join(f"{name}\0{part}\n" for name, part in sorted(parts.items())).encode())
    if "path" in fields:
        return _of_path(folder / fields["path"])
    # A remote one is known by its address: the rehearsal fetches nothing.
    return _digest(str(fields.get("text", fields.get("uri"))).encode())


def _of_path(path: Path) -> str:
    try:
        if path.is_dir():
            return _digest("".join(f"{name}\0{part}\n" for name, part in _files(path)).encode())
        return _digest(path.read_bytes())
    except OSError as error:
        raise FailedError(f"failed to compute asset hash: {path}: {error.strerror}") from None


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), _digest(path.read_bytes())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
