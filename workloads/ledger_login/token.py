"""IAM authentication tokens of RDS: passwords for fifteen minutes, signed here by the function's own credentials."""

from __future__ import annotations

import functools

import botocore.session
from botocore.client import BaseClient
from botocore.signers import generate_db_auth_token


def signed(host: str, port: int, user: str, region: str) -> str:
    """Signs a token by which `user` logs in to a server in `region`. No service is called for it.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.Connecting.html
    """
    return generate_db_auth_token(_signer(region), host, port, user, region)


@functools.cache
def _signer(region: str) -> BaseClient:
    """Client of RDS, which holds credentials and renews them. Made once a region: that reads botocore's files."""
    return botocore.session.get_session().create_client("rds", region_name=region)
