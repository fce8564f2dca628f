import sys
from pathlib import Path

from tests.bench.memory import peak

MIB = 2**20
# 64 MiB that a process and its fork share, both there until the fork ends.
SHARED = f"""
import os
held = b"x" * {64 * MIB}
child = os.fork()
if child == 0:
    import select
    select.select([], [], [], 1.0)
    os._exit(0)
os.waitpid(child, 0)
raise SystemExit(3)
"""


def test_what_forks_share_counts_once_and_what_they_have_counts(tmp_path: Path) -> None:
    most, status = peak([sys.executable, "-c", SHARED], tmp_path)
    assert status == 3
    assert 64 * MIB < most < 110 * MIB
