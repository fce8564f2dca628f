"""Fork server: a process with the SDK loaded, of which each program and each policy pack is a fork.

The SDK's modules for AWS take seconds to import; a fork of a process that has them takes milliseconds. The
server leads a process group of its own and ends it, itself included, as soon as the connection to its owner
closes, so no program and no pack outlives the engine, whatever ended that.

A request is one JSON message with three file descriptors: where the child's output goes, and the two ends of
its conversation with the owner (`Child.report` and the lifeline). The argument is the descriptor of its socket:
`python -m rehearsal.engine.processes.forkserver FD`.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import rehearsal
from rehearsal.engine.events import FailedError
from rehearsal.engine.processes import own_preload
from rehearsal.engine.processes.sdk_preload import Preload, load

_MESSAGE = 1 << 20  # bytes: a request holds a whole environment, which the config makes large


@dataclass
class Child:
    """A forked process. `output` is what it prints; `report` what its entry point returned, as JSON."""

    pid: int
    output: BinaryIO
    report: BinaryIO

    def end(self) -> None:
        """Ends the process at once; no error if it has ended. What it printed can still be read."""
        with contextlib.suppress(ProcessLookupError):  # it has ended already
            os.kill(self.pid, signal.SIGKILL)

    def kill(self) -> None:
        """Ends the process at once, and closes what connects it to its owner."""
        self.end()
        self.output.close()
        self.report.close()


class ForkServer:
    """Fork server, as its owner sees it. It loads what `preload` names once, before the first fork."""

    def __init__(self, preload: Preload) -> None:
        own, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket = own
        self._turn = threading.Lock()  # of a request with its answer: several engines may share the server
        self._process = subprocess.Popen(
            # Unbuffered, for a pack writes its port and goes on serving.
            [sys.executable, "-u", "-m", __name__, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            cwd=Path(rehearsal.__file__).parents[1],
        )
        theirs.close()
        own.send(json.dumps(asdict(preload)).encode())

    def fork(
        self, entry: str, folder: Path, env: Mapping[str, str], arguments: Mapping[str, object]
    ) -> Child:
        """Starts `entry` ('module:function'), in `folder`, with the arguments; `env` is added to this process's."""
        output_read, output_write = os.pipe()
        report_read, report_write = os.pipe()
        request = {"entry": entry, "folder": str(folder), "env": dict(env), "arguments": dict(arguments)}
        with self._turn:
            socket.send_fds(self._socket, [json.dumps(request).encode()], [output_write, report_write])
            os.close(output_write)
            os.close(report_write)
            pid = int(self._socket.recv(64) or b"0")
        if not pid:
            raise RuntimeError("the server that starts programs has ended; see its message above")
        return Child(pid, os.fdopen(output_read, "rb"), os.fdopen(report_read, "rb"))

    def ask(self, entry: str, folder: Path, arguments: Mapping[str, object]) -> Any:
        """Result of `entry`, run in a process of its own. Raises FailedError with its last line if there is none."""
        child = self.fork(entry, folder, {}, arguments)
        try:
            output = child.output.read().decode(errors="replace").rstrip()
            report = child.report.read()
        finally:
            child.kill()
        if not report:
            raise FailedError(
                output.splitlines()[-1] if output else f"{entry} in {folder} ended without an answer"
            )
        return json.loads(report)

    def close(self) -> None:
        """Ends the server and every child that is still there."""
        self._socket.close()
        self._process.wait()


def _serve(connection: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, _reap)  # their owner waits for their pipes to close, not for them
    gc.disable()  # loading makes no garbage worth a quarter of its time
    load(Preload(**json.loads(connection.recv(_MESSAGE))))
    gc.freeze()  # what is loaded stays: no child has to look through it, or to copy it, when it collects garbage
    gc.enable()
    while True:
        message, descriptors, _, _ = socket.recv_fds(connection, _MESSAGE, 2)
        if not message:
            os.killpg(0, signal.SIGKILL)
        pid = os.fork()
        if pid == 0:
            connection.close()
            _become(json.loads(message), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        connection.send(str(pid).encode())


def _reap(*_: object) -> None:
    """Waits for every child that has ended, so that its time counts as this process's children's."""
    with contextlib.suppress(ChildProcessError):  # there is none left
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become(request: dict[str, object], output: int, report: int) -> None:
    """Runs the entry point in the child, reports what it returned, and never comes back."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sys.setswitchinterval(
        5e-4
    )  # seconds: its threads hand small messages on, and shouldn't wait for each other
    gc.set_threshold(1_000_000)  # it lives for seconds: looking for garbage often costs more than the garbage
    status = 1
    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        os.environ.update(request["env"])  # pyright: ignore[reportArgumentType, reportCallIssue] JSON of our own
        os.chdir(str(request["folder"]))
        own_preload.keep_for(str(request["folder"]))
        sys.path[0] = str(request["folder"])
        module, _, function = str(request["entry"]).partition(":")
        result = getattr(importlib.import_module(module), function)(**request["arguments"])  # pyright: ignore[reportCallIssue] JSON of our own
        sys.stdout.flush()
        os.write(report, json.dumps(result).encode())
        status = 0
    except SystemExit as exit_:  # its message is printed already, unless that is its status
        if isinstance(exit_.code, str):
            print(exit_.code, file=sys.stderr)  # noqa: T201 as the interpreter does
    except BaseException:  # whatever it was, the owner must get it, and the child must end here
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
