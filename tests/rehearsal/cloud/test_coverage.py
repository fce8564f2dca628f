"""Coverage: how each type is known to the pretend cloud."""

import pytest

from tests.rehearsal.cloud.cloud_driver import VPC, CloudDriver


@pytest.mark.parametrize(
    ("token", "by"),
    [
        (VPC, "line"),
        ("aws:ec2/managedPrefixList:ManagedPrefixList", "SDK only"),
        ("kubernetes:core/v1:ConfigMap", "package"),
        ("kubernetes:keda.sh/v1alpha1:ScaledJob", "package"),
        ("kubernetes:karpenter.sh/v1:NodePool", "line"),
        ("kubernetes:apps/v1:Deployment", "line"),
    ],
)
def test_type_is_known_by_its_line_its_package_or_the_sdk_alone(
    driver: CloudDriver, token: str, by: str
) -> None:
    assert driver.cloud.coverage(token).by == by


def test_columns_count_what_is_known(driver: CloudDriver) -> None:
    subnet = driver.cloud.coverage("aws:ec2/subnet:Subnet")
    assert (subnet.references, subnet.unique) == (1, 1)
    assert subnet.formats == 4  # vpcId, cidrBlock, ipv6CidrBlock, outpostArn
    bucket = driver.cloud.coverage("aws:s3/bucket:Bucket")
    assert (bucket.unique, bucket.refusals) == (1, 1)
