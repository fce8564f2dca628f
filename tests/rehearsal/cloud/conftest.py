from pathlib import Path

import pytest

from tests.rehearsal.cloud.cloud_driver import CloudDriver


@pytest.fixture(scope="session")
def schemas(pytestconfig: pytest.Config) -> Path:
    """What has been read from the SDK, kept from one run of the tests to the next."""
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("schema")


@pytest.fixture
def driver(schemas: Path) -> CloudDriver:
    return CloudDriver(schemas)
