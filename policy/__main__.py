import sys

from controls import configured, decoding, registry, telling
from controls.exceptions import MalformedError
from pulumi_policy import PolicyPack

decoding.install()
configured.install()
telling.install()
try:
    policies = registry.policies()
except MalformedError as error:
    sys.exit(str(error))
PolicyPack(name="castle-controls", policies=policies)
