"""Journal: an append-only file of JSON lines with checksums, in which the changes of a step are one line.

A line is written by one system call, so a killed process leaves either the whole of it or nothing that
ends in a line break. Only such an unended tail is passed over when reading; any other line that doesn't
match its checksum is damage, which is reported and never written over.
"""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Line = dict[str, Any]


class DamagedError(Exception):
    """A journal holds something that this program did not write."""


def _no_json(value: object) -> Any:
    raise TypeError(f"{type(value).__name__} is no JSON")


class Journal:
    """One journal file. Reading follows what other processes append; appending is for the lock's holder.

    `decode` turns each JSON object of a line, the innermost first, into the value that it encodes, and `encode` a
    value that is no JSON into an object that encodes it.
    """

    def __init__(
        self,
        path: Path,
        decode: Callable[[Line], Any] = lambda fields: fields,
        encode: Callable[[Any], Any] = _no_json,
    ) -> None:
        self.path = path
        self._decode = decode
        self._encode = encode
        self.lines = 0  # number of lines
        self._inode = -1
        self._offset = 0

    def read_new(self) -> tuple[bool, list[Line]]:
        """Lines since the last call, and whether they are the whole file, since it was compacted or removed.

        Raises DamagedError, after a copy of the file has been put beside it.
        """
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            restarted = self._inode != -1
            self._inode, self._offset = -1, 0
            return restarted, []
        restarted = stat.st_ino != self._inode or stat.st_size < self._offset
        if restarted:
            self._inode, self._offset, self.lines = stat.st_ino, 0, 0
        if stat.st_size == self._offset:
            return restarted, []
        with self.path.open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        lines = [self._parse(text) for text in whole.splitlines()]
        self._offset += len(whole)
        self.lines += len(lines)
        return restarted, lines

    def append(self, line: Line) -> Line:
        """Adds a line at the end of what has been read; a tail without line break is cut off first.

        Returns the line as a reader gets it.
        """
        data = self._encoded(line)
        with self.path.open("ab", buffering=0) as file:
            if file.tell() != self._offset:
                file.truncate(self._offset)
            file.write(data)
            self._inode = os.fstat(file.fileno()).st_ino
        self._offset += len(data)
        self.lines += 1
        return self._parse(data.rstrip(b"\n"))

    def replace(self, lines: Sequence[Line]) -> None:
        """Replaces the file by a shorter one with the same meaning, in one step."""
        beside = self.path.with_suffix(".compacting")
        data = b"".join(map(self._encoded, lines))
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)
        self._inode, self._offset, self.lines = self.path.stat().st_ino, len(data), len(lines)

    def _encoded(self, line: Line) -> bytes:
        text = json.dumps(line, separators=(",", ":"), allow_nan=False, default=self._encode).encode()
        return b"%08x %s\n" % (zlib.crc32(text), text)

    def _parse(self, text: bytes) -> Line:
        checksum, _, body = text.partition(b" ")
        try:
            if int(checksum, 16) == zlib.crc32(body):
                return json.loads(body, object_hook=self._decode)
        except ValueError:
            pass  # no checksum where one must be: reported below, like a wrong one
        kept = self.path.with_suffix(".damaged")
        if not kept.exists():
            shutil.copy2(self.path, kept)
        raise DamagedError(
            f"{self.path}: damaged at byte {self._offset} or after; nothing was changed, and a copy is kept in "
            f"{kept.name}. Put back a good copy of the file, or remove it to begin without what it recorded."
        )
