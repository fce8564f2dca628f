import sys

from controls import configured, decoding, registry, requests
from controls.exceptions import MalformedError
from pulumi_policy import PolicyPack

if decoding.install():
    requests.install()
configured.install()
try:
    policies = registry.policies()
except MalformedError as error:
    sys.exit(str(error))
PolicyPack(name="castle-controls", policies=policies)
