"""State folder: one journal for each stack, the cloud as all of them together record it, locks and key.

    us-east-1.journal    what the steps of that stack changed, in its state and in the cloud
    outside.journal      what a drill or a hand changed in the cloud outside of every stack
    key                  encrypts the values that are marked secret; made with the folder
    *.lock               `flock` locks: they die with their holder

A line has a number that grows over all journals; for each thing and each resource the highest one holds.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from cryptography.fernet import Fernet

from rehearsal.cloud.provider_verbs import Changes, CloudResource
from rehearsal.state.journal import Journal, Line
from rehearsal.state.locks import cloud_lock, stack_lock
from rehearsal.values import SECRET, SIGNATURE, UNKNOWN, Secret, Value, Values, signed, special

EXTERNAL_JOURNAL: Final = "outside"  # of changes that no stack made


class Store:
    """Store of the rehearsal's state: `resources` is the whole cloud, `states` has the records of each stack.

    `pending` has the operations of each stack that were begun and not ended, by URN: creating, updating and so on.
    `given` is what the cloud holds from the beginning; it is written nowhere.
    """

    def __init__(self, folder: Path, given: Mapping[str, CloudResource]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._given = given
        self.resources: dict[str, CloudResource] = dict(given)
        self.states: dict[str, dict[str, Values]] = {}
        self.pending: dict[str, dict[str, str]] = {}
        self._cipher = Fernet(_key(folder / "key"))
        self._journals: dict[str, Journal] = {}
        self._numbers: dict[str, dict[tuple[str, str], tuple[int, bool]]] = {}  # (part, key) -> number, alive
        self._last = 0
        self.catch_up()

    def state(self, stack: str) -> dict[str, Values]:
        """Records of a stack, by key; empty for a stack that was never deployed."""
        return self.states.get(stack, {})

    # ---- reading

    def catch_up(self) -> None:
        """Reads what other processes have written since the last call. Raises DamagedError."""
        for name in os.listdir(self.folder):  # noqa: PTH208 twice for each step: a Path for each file costs as much
            stem, dot, suffix = name.rpartition(".")
            if dot and suffix == "journal" and stem not in self._journals:
                self._journals[stem] = self._journal(self.folder / name)
        new_lines = {name: journal.read_new() for name, journal in self._journals.items()}
        if any(
            restarted for restarted, _ in new_lines.values()
        ):  # one was compacted or removed: read them all again
            self.resources.clear()
            self.resources.update(self._given)
            self.states.clear()
            self.pending.clear()
            self._numbers.clear()
            self._journals = {
                name: self._journal(j.path) for name, j in self._journals.items() if j.path.exists()
            }
            new_lines = {name: journal.read_new() for name, journal in self._journals.items()}
        lines = [(line["n"], name, line) for name, (_, added) in new_lines.items() for line in added]
        for _, name, line in sorted(lines, key=lambda entry: entry[0]):
            self._apply(name, line)

    def _journal(self, path: Path) -> Journal:
        return Journal(path, self._decrypted, self._encrypted)

    def _apply(self, name: str, line: Line) -> None:
        numbers = self._numbers.setdefault(name, {})
        self._last = max(self._last, line["n"])
        for key, record in line.get("state", {}).items():
            numbers["state", key] = (line["n"], record is not None)
            _put(self.states.setdefault(name, {}), key, record)
        for urn, operation in line.get("pending", {}).items():
            numbers["pending", urn] = (line["n"], operation is not None)
            _put(self.pending.setdefault(name, {}), urn, operation)
        for key, record in line.get("cloud", {}).items():
            numbers["cloud", key] = (line["n"], record is not None)
            _put(self.resources, key, record and CloudResource(**record))

    # ---- writing

    @contextmanager
    def hold(self, stack: str) -> Iterator[None]:
        """Locks the stack against every other process. Raises LockedError if one is at work on it already."""
        with stack_lock(self.folder, stack):
            self.catch_up()
            yield

    @contextmanager
    def change(self) -> Iterator[None]:
        """Locks the whole cloud, brought up to date, while one step is decided and committed."""
        with cloud_lock(self.folder):
            self.catch_up()
            yield

    def commit(
        self,
        name: str,
        state: Mapping[str, Values | None],
        cloud: Changes,
        pending: Mapping[str, str | None] | None = None,
    ) -> None:
        """Records what a step did to the stack's state and to the cloud, as one line. Within `change` only.

        `pending` are operations that begin, and with None those that end.
        """
        line: Line = {"n": self._last + 1}
        if pending:
            line["pending"] = dict(pending)
        if state:
            line["state"] = dict(state)
        if cloud:
            line["cloud"] = {key: thing and vars(thing) for key, thing in cloud.items()}
        if len(line) == 1:
            return
        if name not in self._journals:
            self._journals[name] = self._journal(self.folder / f"{name}.journal")
        self._apply(name, self._journals[name].append(line))

    def compact(self, name: str) -> None:
        """Compacts a journal to the latest record of each of its resources and things.

        The record of a deletion stays if another journal has a record of the thing.
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
            if part == "pending":
                lines[number].setdefault(part, {})[key] = self.pending[name].get(key)
                continue
            if part == "state":
                record = self.states[name][key]
            elif alive and key in self.resources:
                record = vars(self.resources[key])
            lines[number].setdefault(part, {})[key] = record
        self._journals[name].replace(list(lines.values()))
        self._numbers[name] = kept

    # ---- secrets

    def _encrypted(self, value: Value) -> Values:
        """JSON object that encodes a value that is no JSON. Raises ValueError for an unknown one."""
        if isinstance(value, Secret):
            text = json.dumps(value.value, default=self._encrypted).encode()
            return {SIGNATURE: SECRET, "ciphertext": self._cipher.encrypt(text).decode()}
        if value is UNKNOWN:
            raise ValueError("an unknown value can't be recorded")
        return signed(value)

    def _decrypted(self, fields: Values) -> Value:
        """Value that a JSON object of a line encodes."""
        if SIGNATURE not in fields:
            return fields
        if fields.get(SIGNATURE) == SECRET:
            text = self._cipher.decrypt(fields["ciphertext"].encode())
            return Secret(json.loads(text, object_hook=self._decrypted))
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
