from tests.stacks.conftest import platform, platform_state

__all__ = ["platform", "platform_state"]
