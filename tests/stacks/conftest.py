import fcntl
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stacks.platform import Platform, brought_up


@pytest.fixture(scope="session")
def platform_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder of the whole platform, for tests to copy: all processes of a run of the tests make it once."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # else the folder is the run's own already
        folder = folder.parent
    return once(folder / "platform_state", brought_up)


@pytest.fixture(scope="session")
def platform(platform_state: Path) -> Platform:
    """The whole platform, previewed and updated with policies."""
    return pickle.loads(platform_state.with_suffix(".pickle").read_bytes())


def once(folder: Path, make: Callable[[Path], object]) -> Path:
    """The folder, made by whichever process comes first; what `make` returned is beside it, pickled."""
    with folder.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder.with_suffix(".pickle")
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)  # whoever came before may have failed half way
            done.write_bytes(pickle.dumps(make(folder)))
    return folder
