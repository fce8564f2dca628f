"""Tokens that stand for a password for fifteen minutes. They are signed here, by the credentials that are at hand."""

from __future__ import annotations

import functools

import botocore.session
from botocore.client import BaseClient
from botocore.signers import generate_db_auth_token


def signed(host: str, port: int, user: str, region: str) -> str:
    """A token by which `user` signs in to a server in `region`. No service is asked for it.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.Connecting.html
    """
    return generate_db_auth_token(_signer(region), host, port, user, region)


@functools.cache
def _signer(region: str) -> BaseClient:
    """A client holds credentials, and renews them. It is made once, since that reads botocore's own files."""
    return botocore.session.get_session().create_client("rds", region_name=region)
