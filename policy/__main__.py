from controls import registry
from pulumi_policy import PolicyPack

PolicyPack(name="castle-controls", policies=registry.policies())
