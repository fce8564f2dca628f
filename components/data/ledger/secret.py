"""The login of the ledger's administrator: the first one, which opens nothing any more once it has been rotated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data.secrets.replicated_secret import SecretPlace, replicated_secret

# The stage keeps the first version from being cleared away, and one that is made anew from becoming the current
# one. Which version is current is the rotation's to say.
FIRST = "first"
IGNORED = ["secretString", "versionStages"]


@dataclass(frozen=True, kw_only=True)
class LedgerSecretArgs:
    place: SecretPlace
    readers: Sequence[str]  # ARNs of roles, or patterns of them

    host: pulumi.Input[str]  # the global writer endpoint
    port: int
    database: str
    username: str

    retire: bool


class LedgerSecret(pulumi.ComponentResource):
    """A secret with the login as JSON, as the rotation reads and writes it.

    Its first password is made at the first `up` and stays in the state, encrypted, so that an `up` that was
    interrupted goes on with the same one. It is the cluster's until the first rotation, right after the birth.
    """

    arn: pulumi.Output[str]  # has a value by then
    first_password: pulumi.Output[str]

    def __init__(self, name: str, args: LedgerSecretArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:data:LedgerSecret", name, None, opts)
        arn = replicated_secret(
            name,
            args.place,
            description=f"{args.username} of the ledger",
            readers=args.readers,
            retire=args.retire,
            parent=self,
        )
        # RDS keeps no password for a member of a global database, which would be simpler.
        # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html
        made = aws.secretsmanager.get_random_password_output(
            password_length=40, exclude_punctuation=True, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        login = pulumi.Output.json_dumps(
            {
                "engine": "aurora-postgresql",
                "host": args.host,
                "port": args.port,
                "dbname": args.database,
                "username": args.username,
                "password": pulumi.Output.secret(made.random_password),
            }
        )
        version = aws.secretsmanager.SecretVersion(
            f"{name}-first",
            secret_id=arn,
            secret_string=login,
            version_stages=[FIRST],
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=IGNORED),
        )
        self.arn = version.secret_id
        self.first_password = pulumi.Output.secret(
            version.secret_string.apply(lambda login: json.loads(str(login))["password"])
        )
        self.register_outputs({"arn": self.arn})
