from pathlib import Path

import pytest

from tests.shared_work import once
from tests.stacks.platform import Platform, brought_up


@pytest.fixture(scope="session")
def shared_platform(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Platform]:
    return once(tmp_path_factory, "platform_state", brought_up)


@pytest.fixture(scope="session")
def platform_state(shared_platform: tuple[Path, Platform]) -> Path:
    """The state folder of the whole platform, for tests to copy."""
    return shared_platform[0]


@pytest.fixture(scope="session")
def platform(shared_platform: tuple[Path, Platform]) -> Platform:
    """The whole platform, previewed and updated with policies."""
    return shared_platform[1]
