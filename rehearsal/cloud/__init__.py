"""The pretend cloud: what AWS, EKS and Kubernetes would answer, in the verbs of Pulumi's providers."""

from rehearsal.cloud.cloud import Cloud

__all__ = ["Cloud"]
