"""`python -m rehearsal`."""

from rehearsal.cli import app

app(prog_name="python -m rehearsal")
