"""Survival of kills, second processes and damaged files: nothing is lost, and nothing is created twice."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rehearsal.state.journal import DamagedError
from rehearsal.state.locks import LockedError
from tests.rehearsal.lab import Lab, nothing_changes, ops
from tests.root import ROOT

CHAIN = """
import os
last = None
for i in range(6):
    last = aws.sns.Topic(f"t{i}", opts=O(provider=p, depends_on=[last] if last else []))
    if i == 3 and "ENGINE" in os.environ:
        last.id.apply(lambda id: os.kill(int(os.environ["ENGINE"]), 9) if not pulumi.runtime.is_dry_run() else None)
"""


def killed_by_its_program(lab: Lab) -> None:
    """Runs `up` as a user does; the program kills the engine."""
    (lab.folder / "Pulumi.dev.yaml").write_text("config: {}\n")
    command = f'export ENGINE=$$; exec "{sys.executable}" -m rehearsal -C "{lab.folder}" --state "{lab.state}" up dev'
    done = subprocess.run(
        ["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr


def test_an_update_goes_on_where_a_kill_stopped_it(lab: Lab) -> None:
    lab.program(CHAIN)
    killed_by_its_program(lab)
    before = lab.living()
    assert {"Topic t0", "Topic t1", "Topic t2", "Topic t3"} <= before
    assert "Topic t5" not in before
    result = lab.up()
    assert not result.failed
    assert set(ops(result)) == {f"create t{i}" for i in range(6) if f"Topic t{i}" not in before}
    assert lab.living() == {f"Topic t{i}" for i in range(6)}
    assert len(lab.engine().cloud.living()) == 6
    nothing_changes(lab)


def test_program_and_pack_die_with_a_killed_engine(lab: Lab, tmp_path: Path) -> None:
    hold = """
import fcntl
held = open({path!r}, "w")
fcntl.flock(held, fcntl.LOCK_EX)
"""
    locks = [tmp_path / "program.lock", tmp_path / "policy.lock"]
    lab.program(hold.format(path=str(locks[0])) + CHAIN)
    lab.policies(
        hold.format(path=str(locks[1])) + "policies = [StackValidationPolicy('s', 'd', lambda a, r: None)]"
    )
    assert lab.pack
    lab.pack.folder.rename(lab.folder / "policy")
    killed_by_its_program(lab)
    signal.alarm(30)  # should one of them live on, its lock is never free
    for path in locks:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)
    signal.alarm(0)


def test_a_second_run_on_one_stack_is_refused(lab: Lab) -> None:
    lab.program("")
    with (
        lab.engine().store.hold("dev"),
        pytest.raises(LockedError, match=f"dev is being worked on by process {os.getpid()}"),
    ):
        lab.up()
    assert not lab.up().failed


def test_a_line_that_was_not_finished_never_was(lab: Lab) -> None:
    lab.program('aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=o)')
    lab.up()
    with (lab.state / "dev.journal").open("a") as file:
        file.write('00000000 {"n": 99, "state": {')
    nothing_changes(lab)
    assert lab.living() == {"Vpc vpc"}


@pytest.mark.parametrize("damage", [b"10.0.0.0", b"{", b"\n"])
def test_a_damaged_journal_is_a_clear_error_and_is_kept(lab: Lab, damage: bytes) -> None:
    lab.program('aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=o)')
    lab.up()
    journal = lab.state / "dev.journal"
    broken = journal.read_bytes().replace(damage, b"?", 1)
    journal.write_bytes(broken)
    for _ in range(2):
        with pytest.raises(
            DamagedError, match=r"dev\.journal: damaged at byte 0 or after; nothing was changed"
        ):
            lab.up()
    assert journal.read_bytes() == broken
    assert (lab.state / "dev.damaged").read_bytes() == broken


def test_a_secret_is_written_in_no_file_in_clear(lab: Lab) -> None:
    lab.program(
        'aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", tags={"p": pulumi.Output.secret("hunter-222")}, opts=o)'
    )
    result = lab.up()
    (vpc,) = [resource for resource in result.resources if resource.name == "vpc"]
    assert vpc.outputs["tags"]["p"].value == "hunter-222"
    assert lab.up().changes == 0
    for file in lab.state.iterdir():
        assert b"hunter-222" not in file.read_bytes()
    assert (lab.state / "key").stat().st_mode & 0o077 == 0
