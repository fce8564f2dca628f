import pytest

from tests.stacks.platform import Platform, engine, update


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """The whole platform, updated without a preview and without policies."""
    with engine(tmp_path_factory.mktemp("platform")) as opened:
        results = {stack: update(opened, stack) for stack in opened.stacks()}
        return Platform(results, dict(opened.store.things))
