from tests.stacks.conftest import ground, platform

__all__ = ["ground", "platform"]
