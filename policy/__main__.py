import gc
import sys

from controls import configured, decoding, registry, requests, telling
from controls.exceptions import MalformedError
from pulumi_policy import PolicyPack

gc.set_threshold(100_000)  # the SDK makes so much anew that looking for garbage took a third of the time
if decoding.install():
    requests.install()
configured.install()
telling.install()
try:
    policies = registry.policies()
except MalformedError as error:
    sys.exit(str(error))
PolicyPack(name="castle-controls", policies=policies)
