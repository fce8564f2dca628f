"""Every stack of the committed program, killed while it comes up: the next `up` makes it what it would have been.

The requests of one run of the real program are recorded, and asked again without it (`replay.py` of the engine's
tests). A kill leaves on disk what was written before it, so the start of an undisturbed run's journal, up to any
of its lines, stands for a kill after that line, which is before the next one. That this is so is a test, too, and
so is the real thing, a SIGKILL.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from dataclasses import replace as changed
from pathlib import Path

import pytest

from rehearsal.cloud import Cloud, baseline
from rehearsal.cloud.images import IMAGE
from rehearsal.engine.embedded import EmbeddedEngine
from rehearsal.engine.events import Step
from rehearsal.engine.operations import Result
from rehearsal.project import Project
from rehearsal.release import FILE as RELEASE
from rehearsal.release import released
from rehearsal.state.store import EXTERNAL_JOURNAL, Store
from rehearsal.values import Reference, Value, Values, rewrite
from tests.effort import by_night, seeded
from tests.rehearsal.engine.replay import Request, Scripted, replayed
from tests.rehearsal.kills import Killed, Moment, killed_at
from tests.stacks.platform import ROOT, Platform, forks

STACKS = ("us-east-1", "eu-west-1", "us-west-2", "global")
BIRTH = STACKS[0]  # it has most of the types, and needs no other stack
SMALLEST = STACKS[-1]


@dataclass(frozen=True)
class Lived:
    """Every stack's update, undisturbed and without a program: the folder before it, after it, and its whole journal.

    The journal is the one before its compaction: what is on disk while the update is under way.
    """

    requests: dict[str, list[Request]]
    project: Project
    before: dict[str, Path]
    after: dict[str, Path]
    journals: dict[str, bytes]

    def update(self, stack: str, folder: Path) -> Result:
        """An update of the stack in a state folder, by asking again what its program asked."""
        script = replayed(self.requests[stack])
        store = opened(folder)
        cloud = Cloud(store.resources, ROOT / ".cache" / "schema")
        engine = Scripted(self.project, store, cloud, server=forks(), script=script)
        return engine.update(stack, self.project.config(stack, {}))


def opened(folder: Path) -> Store:
    return Store(folder, baseline.resources())


@pytest.fixture(scope="module")
def lived(platform: Platform, platform_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    folder = tmp_path_factory.mktemp("lived")
    found = Lived(platform.requests, released(Project.read(ROOT), platform_state), {}, {}, {})
    now = folder / "nothing"
    store = opened(now)
    # Images are there from the start, so that a stack comes up in one update with all that it ever has.
    with store.change():
        images = {at: it for at, it in platform.things.items() if it.type == IMAGE}
        store.commit(EXTERNAL_JOURNAL, {}, images)
    shutil.copy(platform_state / RELEASE, now)
    for stack in STACKS:
        found.before[stack], found.after[stack] = now, folder / stack
        now = shutil.copytree(now, folder / stack)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Store, "compact", lambda *_: None)
            assert not found.update(stack, now).failed
        found.journals[stack] = (now / f"{stack}.journal").read_bytes()
        opened(now).compact(stack)
    return found


def settled(folder: Path) -> Values:
    """All records and all things in a state folder. Providers' ids, new in each run, are shown as URNs."""
    store = opened(folder)
    providers = {
        record["id"]: record["urn"]
        for records in store.states.values()
        for record in records.values()
        if record["type"].startswith("pulumi:providers:")
    }

    def named(value: Value) -> Value:
        if isinstance(value, Reference):
            return changed(value, id=providers.get(value.id, value.id))
        if isinstance(value, str) and "::" in value and (id_ := value.rpartition("::")[2]) in providers:
            return value.removesuffix(id_) + providers[id_]
        return providers.get(value, value) if isinstance(value, str) else value

    return {
        "records": rewrite(store.states, named),
        "things": {at: vars(it) for at, it in store.resources.items()},
    }


def unordered(found: Values) -> Values:
    """What is settled, but for what the program's own runs differ in: a password made up anew, and what depends
    on which of two independent registrations came first. As on AWS, a cluster's first instance is its writer.
    """

    def without(value: Value) -> Value:
        if not isinstance(value, dict):
            return value
        made_up = ("masterPasswordWo", "secretString")
        return {key: item for key, item in value.items() if key not in ("writer", "__first", *made_up)}

    return rewrite(found, without)


def differences(found: Value, wanted: Value, at: str = "") -> list[str]:
    """Where two values differ, with what stands there."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        keys = sorted(found.keys() | wanted.keys())
        return [line for k in keys for line in differences(found.get(k), wanted.get(k), f"{at} / {k}")]
    return [] if found == wanted else [f"{at}: {found}, not {wanted}"]


def urns_of(result: Result, *ops: str) -> set[str]:
    """What such steps were about, default providers included."""
    return {event.urn for event in result.events if isinstance(event, Step) and event.op in ops}


def recorded(folder: Path, stack: str) -> set[str]:
    return set(opened(alone(folder, stack)).state(stack))


def alone(folder: Path, stack: str) -> Path:
    """A state folder with one stack's journal: what the stack has, and what it did to the cloud."""
    own = folder / f"{stack}.alone"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir()
    for name in ("key", f"{stack}.journal"):
        if (folder / name).exists():
            shutil.copy2(folder / name, own)
    return own


def of_others(folder: Path, stack: str) -> dict[str, bytes]:
    """The journals of the other stacks, as they are on disk."""
    return {path.name: path.read_bytes() for path in folder.glob("*.journal") if path.stem != stack}


def test_a_recording_leads_to_the_same_state_as_its_program(lived: Lived, platform_state: Path) -> None:
    real, again = settled(platform_state), settled(lived.after["global"])
    assert unordered(again) == unordered(real)


def first_of_their_kind(lines: list[bytes]) -> list[int]:
    """The lines that record or make something of a type, by an operation, that none before them did; and the end.

    What an `up` has to go on from is known by these: more of the same before a kill is more of the same after it.
    """
    kinds: dict[tuple[tuple[str, str, bool], ...], int] = {}
    for number, line in enumerate(lines):
        written = json.loads(line.partition(b" ")[2])
        kind = tuple(
            (part, record["type"] if record else "", record is None)
            for part in ("state", "cloud")
            for record in written.get(part, {}).values()
        )
        kinds.setdefault(kind, number)
    return [*kinds.values(), len(lines)]


@pytest.mark.parametrize(
    ("stack", "every"),
    [
        (SMALLEST, 10),
        pytest.param(SMALLEST, 1, marks=pytest.mark.slow),
        pytest.param(BIRTH, by_night(10, 1), marks=pytest.mark.slow),
    ],
)
def test_after_a_kill_at_any_kind_of_line_of_the_journal_the_next_up_converges(
    lived: Lived, tmp_path: Path, stack: str, every: int
) -> None:
    """At the first line of every so manyth kind."""
    wanted, whole = settled(alone(lived.after[stack], stack)), recorded(lived.after[stack], stack)
    others = of_others(lived.before[stack], stack)
    lines = lived.journals[stack].splitlines(keepends=True)
    assert len(lines) > len(whole)
    for turn, number in enumerate(first_of_their_kind(lines)[::every]):
        folder = shutil.copytree(lived.before[stack], tmp_path / str(number))
        written = b"".join(lines[:number])
        if turn % 2 and number < len(lines):  # every other time, it died in the middle of the next line
            written += lines[number][: len(lines[number]) // 2]
        (folder / f"{stack}.journal").write_bytes(written)
        there = recorded(folder, stack)
        result = lived.update(stack, folder)
        assert not result.failed, number
        assert urns_of(result, "create") == whole - there - urns_of(result, "read"), number
        assert settled(alone(folder, stack)) == wanted, number
        assert of_others(folder, stack) == others, number
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("stack", "moment"),
    [
        pytest.param(stack, it, marks=() if stack == SMALLEST and it is Moment.TORN else pytest.mark.slow)
        for stack in STACKS
        for it in Moment
    ],
)
def test_a_run_that_is_killed_leaves_the_start_of_its_journal(
    lived: Lived, tmp_path: Path, stack: str, moment: Moment
) -> None:
    lines = lived.journals[stack].splitlines(keepends=True)
    for number in seeded(f"{stack} {moment}").sample(range(len(lines)), by_night(3, 30)):
        killed = shutil.copytree(lived.before[stack], tmp_path / f"killed{number}")
        with killed_at(number, moment), pytest.raises(Killed):
            lived.update(stack, killed)
        cut = shutil.copytree(lived.before[stack], tmp_path / f"cut{number}")
        (cut / f"{stack}.journal").write_bytes(b"".join(lines[: number + (moment is Moment.AFTER)]))
        assert settled(alone(killed, stack)) == settled(alone(cut, stack)), number
        assert of_others(killed, stack) == of_others(cut, stack), number
        left = (killed / f"{stack}.journal").read_bytes() if (killed / f"{stack}.journal").exists() else b""
        assert left.endswith(b"\n") == (moment is not Moment.TORN and left != b"")


@pytest.mark.slow
@pytest.mark.parametrize("moment", Moment)
def test_a_kill_while_the_journal_is_compacted_loses_nothing(
    lived: Lived, tmp_path: Path, moment: Moment
) -> None:
    folder = shutil.copytree(lived.before[BIRTH], tmp_path / "killed")
    with killed_at(len(lived.journals[BIRTH].splitlines()), moment), pytest.raises(Killed):
        lived.update(BIRTH, folder)
    assert settled(folder) == settled(lived.after[BIRTH])
    assert lived.update(BIRTH, folder).changes == 0
    assert settled(folder) == settled(lived.after[BIRTH])
    assert len((folder / f"{BIRTH}.journal").read_bytes().splitlines()) == len(
        (lived.after[BIRTH] / f"{BIRTH}.journal").read_bytes().splitlines()
    )


# Every stack once, and every moment. That the moments come to the same in each of the stacks is said above.
@pytest.mark.parametrize(
    ("stack", "moment"),
    [
        pytest.param(stack, moment, marks=() if stack == SMALLEST else pytest.mark.slow)
        for stack, moment in zip(STACKS, (*Moment, Moment.TORN), strict=True)
    ],
)
def test_after_a_sigkill_of_the_whole_process_the_next_up_of_the_real_program_converges(
    lived: Lived, tmp_path: Path, stack: str, moment: Moment
) -> None:
    folder = shutil.copytree(lived.before[stack], tmp_path / "killed")
    lines = len(lived.journals[stack].splitlines())
    write = seeded(f"sigkill {stack} {moment}").randrange(lines)
    options = ["--state", str(folder), "--no-policies", "up", stack, "--skip-preview"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.stacks.drills.killed_command", str(write), moment, *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,  # seconds: only for one that hangs, for the machine may be busy
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
    journal = folder / f"{stack}.journal"
    written = journal.read_bytes().splitlines() if journal.exists() else []
    assert len(written) == write + (moment is not Moment.BEFORE)
    there = recorded(folder, stack)
    store = opened(folder)
    cloud = Cloud(store.resources, ROOT / ".cache" / "schema")
    engine = EmbeddedEngine(lived.project, store, cloud, server=forks())
    result = engine.update(stack, engine.project.config(stack, {}))
    assert not result.failed
    whole = recorded(lived.after[stack], stack)
    assert urns_of(result, "create") == whole - there - urns_of(result, "read")
    assert differences(unordered(settled(folder)), unordered(settled(lived.after[stack]))) == []
