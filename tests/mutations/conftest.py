from tests.stacks.conftest import platform, platform_state, shared_platform

__all__ = ["platform", "platform_state", "shared_platform"]
