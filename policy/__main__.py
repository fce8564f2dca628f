import gc
import sys

from controls.pack import registry, sdk_patches
from controls.pack.exceptions import MalformedError
from pulumi_policy import PolicyPack

gc.set_threshold(100_000)  # the SDK makes so much anew that looking for garbage took a third of the time
sdk_patches.install()
try:
    policies = registry.policies()
except MalformedError as error:
    sys.exit(str(error))
PolicyPack(name="castle-controls", policies=policies)
