"""The state folder: one journal a stack, what they say together of the cloud, the locks and the key.

    us-east-1.journal    what the steps of that stack changed, in its state and in the cloud
    outside.journal      what a drill or a hand changed in the cloud, past every stack
    key                  encrypts the values that are marked secret; made with the folder
    *.lock               `flock` locks: they die with their holder

A line has a number that grows over all journals; for each thing and each resource the highest one holds.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from cryptography.fernet import Fernet

from rehearsal.cloud.provider_verbs import Changes, Thing
from rehearsal.state.journal import Journal, Line
from rehearsal.values import SECRET, SIGNATURE, UNKNOWN, Secret, Value, Values, signed, special

PLAIN = (str, int, float, bool, type(None))


class LockedError(Exception):
    """Another process is at work on the stack."""


@contextmanager
def emptied(folder: Path) -> Iterator[None]:
    """Empties a state folder, and keeps every other process from emptying it for as long as the context lasts."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(f"another process is rehearsing in {folder}; wait for it to end") from None
        shutil.rmtree(folder, ignore_errors=True)
        yield


class Store:
    """All that the rehearsal remembers. `things` is the whole cloud, `states` each stack's own records.

    `given` is what the cloud holds before anybody does anything; it is written nowhere.
    """

    def __init__(self, folder: Path, given: Mapping[str, Thing]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._given = given
        self.things: dict[str, Thing] = dict(given)
        self.states: dict[str, dict[str, Values]] = {}
        self._cipher = Fernet(_key(folder / "key"))
        self._journals: dict[str, Journal] = {}
        self._numbers: dict[str, dict[tuple[str, str], tuple[int, bool]]] = {}  # (part, key) -> number, alive
        self._last = 0
        self.catch_up()

    def state(self, stack: str) -> dict[str, Values]:
        """The stack's records, by key; empty for a stack that was never deployed."""
        return self.states.get(stack, {})

    # ---- reading

    def catch_up(self) -> None:
        """Takes in what other processes have written since. Raises DamagedError."""
        for path in self.folder.glob("*.journal"):
            if path.stem not in self._journals:
                self._journals[path.stem] = self._journal(path)
        news = {name: journal.read_new() for name, journal in self._journals.items()}
        if any(anew for anew, _ in news.values()):  # one was compacted or removed: read them all again
            self.things.clear()
            self.things.update(self._given)
            self.states.clear()
            self._numbers.clear()
            self._journals = {
                name: self._journal(j.path) for name, j in self._journals.items() if j.path.exists()
            }
            news = {name: journal.read_new() for name, journal in self._journals.items()}
        lines = [(line["n"], name, line) for name, (_, found) in news.items() for line in found]
        for _, name, line in sorted(lines, key=lambda entry: entry[0]):
            self._take(name, line)

    def _journal(self, path: Path) -> Journal:
        return Journal(path, self._unsealed)

    def _take(self, name: str, line: Line) -> None:
        numbers = self._numbers.setdefault(name, {})
        self._last = max(self._last, line["n"])
        for key, record in line.get("state", {}).items():
            numbers["state", key] = (line["n"], record is not None)
            _put(self.states.setdefault(name, {}), key, record)
        for key, record in line.get("cloud", {}).items():
            numbers["cloud", key] = (line["n"], record is not None)
            _put(self.things, key, record and Thing(**record))

    # ---- writing

    @contextmanager
    def hold(self, stack: str) -> Iterator[None]:
        """Keeps every other process off the stack. Raises LockedError if one is at work on it already."""
        with (self.folder / f"{stack}.lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise LockedError(
                    f"the stack {stack} is being worked on by process {file.read() or '?'}; wait for it to end"
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            self.catch_up()
            yield
            file.truncate(0)

    @contextmanager
    def change(self) -> Iterator[None]:
        """Holds the whole cloud still, and up to date, while one step is decided and committed."""
        with (self.folder / "cloud.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.catch_up()
            yield

    def commit(self, name: str, state: Mapping[str, Values | None], cloud: Changes) -> None:
        """Records what a step did to the stack's state and to the cloud, as one line. Within `change` only."""
        line: Line = {"n": self._last + 1}
        if state:
            line["state"] = {key: record and self._seal(record) for key, record in state.items()}
        if cloud:
            line["cloud"] = {key: thing and self._seal(vars(thing)) for key, thing in cloud.items()}
        if len(line) == 1:
            return
        if name not in self._journals:
            self._journals[name] = self._journal(self.folder / f"{name}.journal")
        self._take(name, self._journals[name].append(line))

    def compact(self, name: str) -> None:
        """Leaves of a journal what it still has to say: the last word on each of its resources and things.

        That a thing is gone still has to be said if another journal says that it was there.
        """
        if name not in self._journals:
            return
        of_others = {key for other, numbers in self._numbers.items() if other != name for key in numbers}
        kept = {key: at for key, at in self._numbers.get(name, {}).items() if at[1] or key in of_others}
        numbers = sorted({number for number, _ in kept.values()})
        if len(numbers) == self._journals[name].lines:
            return
        lines: dict[int, Line] = {number: {"n": number} for number in numbers}
        for (part, key), (number, alive) in kept.items():
            record: Values | None = None
            if part == "state":
                record = self.states[name][key]
            elif alive and key in self.things:
                record = vars(self.things[key])
            lines[number].setdefault(part, {})[key] = record and self._seal(record)
        self._journals[name].replace(list(lines.values()))
        self._numbers[name] = kept

    # ---- secrets

    def _seal(self, record: Mapping[str, Value]) -> Values:
        return {key: self._sealed(value) for key, value in record.items()}

    def _sealed(self, value: Value) -> Value:
        if isinstance(value, PLAIN):  # most values are
            return value
        if isinstance(value, Secret):
            text = json.dumps(self._sealed(value.value)).encode()
            return {SIGNATURE: SECRET, "ciphertext": self._cipher.encrypt(text).decode()}
        if isinstance(value, dict):
            return {key: self._sealed(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._sealed(item) for item in value]
        if value is UNKNOWN:
            raise ValueError("an unknown value can't be recorded")
        return self._sealed(signed(value))

    def _unsealed(self, fields: Values) -> Value:
        """What a JSON object of a line stands for."""
        if SIGNATURE not in fields:
            return fields
        if fields.get(SIGNATURE) == SECRET:
            text = self._cipher.decrypt(fields["ciphertext"].encode())
            return Secret(json.loads(text, object_hook=self._unsealed))
        return special(fields)


T = TypeVar("T")


def _put(target: dict[str, T], key: str, value: T | None) -> None:
    if value is None:
        target.pop(key, None)
    else:
        target[key] = value


def _key(path: Path) -> bytes:
    if not path.exists():
        beside = path.with_suffix(f".{os.getpid()}")
        beside.touch(mode=0o600)
        beside.write_bytes(Fernet.generate_key())
        with suppress(FileExistsError):  # the first of two processes wins
            os.link(beside, path)
        beside.unlink()
    return path.read_bytes()
