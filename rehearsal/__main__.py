"""`python -m rehearsal`."""

import os

os.environ.setdefault(
    "GRPC_VERBOSITY", "ERROR"
)  # gRPC tells of every closed connection; read when it is imported

from rehearsal.cli import app

app(prog_name="python -m rehearsal")
