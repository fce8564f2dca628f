"""Kills the rehearsal's command line at its nth write: `python -m tests.stacks.drills.killed_command N MOMENT`."""

from __future__ import annotations

import os
import signal
import sys

from rehearsal.commands.cli import app
from tests.rehearsal.kills import Moment, killed_at


def main(write: str, moment: str, *command: str) -> None:
    with killed_at(int(write), Moment(moment), lambda: os.kill(os.getpid(), signal.SIGKILL)):
        app(list(command))


if __name__ == "__main__":
    main(*sys.argv[1:])
