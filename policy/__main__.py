from controls import configured, decoding, registry
from pulumi_policy import PolicyPack

decoding.install()
configured.install()
PolicyPack(name="castle-controls", policies=registry.policies())
