"""Entry point of `python -m rehearsal`."""

import gc
import os
import sys

os.environ.setdefault(
    "GRPC_VERBOSITY", "ERROR"
)  # gRPC tells of every closed connection; read when it is imported
gc.set_threshold(100_000)  # what one invocation makes, it mostly keeps
sys.setswitchinterval(5e-4)  # seconds: the threads that answer a program shouldn't wait for each other

from rehearsal.commands.cli import app  # noqa: E402 the lines above come before gRPC is imported

app(prog_name="python -m rehearsal")
