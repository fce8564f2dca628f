"""The pretend cloud: the answers of AWS, EKS and Kubernetes, in the verbs of Pulumi's providers."""

from rehearsal.cloud.cloud import Cloud

__all__ = ["Cloud"]
