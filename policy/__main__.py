from controls import decoding, registry
from pulumi_policy import PolicyPack

decoding.install()
PolicyPack(name="castle-controls", policies=registry.policies())
