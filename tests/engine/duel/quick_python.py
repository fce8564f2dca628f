"""Python as the CLI finds it in a duel: quick, or most of an operation's time would be that of starting it.

The CLI asks pip what is installed, each time, and starts the program. Here an answer of pip's is kept, and a program
is a fork of the server that has the SDK loaded already.
"""

from __future__ import annotations

import json
import runpy
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from rehearsal.engine.processes.forkserver import ForkServer

_PROGRAM: Final = "pulumi-language-python-exec"  # what starts one, the first argument then
_CLIENT: Final = """\
#!{python} -ISs
import json, os, signal, socket, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
with socket.socket(socket.AF_UNIX) as server:
    server.connect("{address}")
    server.sendall(json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode())
    server.shutdown(socket.SHUT_WR)
    status, output = json.loads(server.makefile("rb").read())
sys.stdout.write(output)
sys.stdout.flush()
os._exit(status)
"""
_answers: dict[tuple[str, ...], tuple[int, str]] = {}


@contextmanager
def served(server: ForkServer) -> Iterator[Path]:
    """Serves for as long as the context lasts. Yields the executable that is to be Python."""
    with tempfile.TemporaryDirectory(prefix="duel-") as folder, socket.socket(socket.AF_UNIX) as listening:
        address = f"{folder}/socket"
        listening.bind(address)
        listening.listen()
        threading.Thread(target=_accept, args=(listening, server), daemon=True).start()
        client = Path(folder, "python")
        client.write_text(_CLIENT.format(python=sys.executable, address=address))
        client.chmod(0o700)
        try:
            yield client
        finally:
            listening.shutdown(socket.SHUT_RDWR)


def run(argv: list[str]) -> int:
    """Runs a program in its process as the CLI starts it: by the script and the arguments in `argv`."""
    sys.argv = argv
    try:
        runpy.run_path(argv[0], run_name="__main__")
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
    return 0


def _accept(listening: socket.socket, server: ForkServer) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:  # it was shut down
            return
        threading.Thread(target=_answer, args=(connection, server), daemon=True).start()


def _answer(connection: socket.socket, server: ForkServer) -> None:
    with connection:
        argv, folder, env = json.loads(connection.makefile("rb").read())
        program = bool(argv) and argv[0].endswith(_PROGRAM)
        done = _forked(server, argv, folder, env) if program else _asked(argv, folder, env)
        with suppress(BrokenPipeError):  # the CLI had it killed
            connection.sendall(json.dumps(done).encode())


def _forked(server: ForkServer, argv: list[str], folder: str, env: dict[str, str]) -> tuple[int, str]:
    child = server.fork(f"{__name__}:run", Path(folder), env, {"argv": argv})
    try:
        output = child.output.read().decode(errors="replace")
        report = child.report.read()
    finally:
        child.kill()
    return (json.loads(report) if report else 1), output


def _asked(argv: list[str], folder: str, env: dict[str, str]) -> tuple[int, str]:
    if tuple(argv) not in _answers:
        done = subprocess.run(
            [sys.executable, *argv], cwd=folder, env=env, capture_output=True, text=True, check=False
        )
        _answers[tuple(argv)] = done.returncode, done.stdout
    return _answers[tuple(argv)]
