"""Secret with the login of the ledger's administrator, whose first password is good until the first rotation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data.secrets.replicated_secret import SecretRegions, replicated_secret

# With this stage AWS doesn't remove the first version, and one that is made anew doesn't become the current version,
# which the rotation alone decides.
FIRST_STAGE = "first"
IGNORED = ["secretString", "versionStages"]


@dataclass(frozen=True, kw_only=True)
class LedgerSecretArgs:
    regions: SecretRegions
    readers: Sequence[str]  # ARNs of roles, or patterns of them

    host: pulumi.Input[str]  # the global writer endpoint
    port: int
    database: str
    username: str

    retire: bool


class LedgerSecret(pulumi.ComponentResource):
    """The login as JSON, as the rotation reads and writes it.

    Its first password is made at the first `up` and stays in the state, encrypted, so that an `up` that was
    interrupted goes on with the same one. It is the cluster's until the first rotation, right after the cluster is
    made.
    """

    arn: pulumi.Output[str]  # waits for the first value
    first_password: pulumi.Output[str]

    def __init__(self, name: str, args: LedgerSecretArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:data:LedgerSecret", name, None, opts)
        arn = replicated_secret(
            name,
            args.regions,
            description=f"{args.username} of the ledger",
            readers=args.readers,
            retire=args.retire,
            parent=self,
        )
        # RDS keeps no password for a member of a global database, which would be simpler.
        # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html
        password = aws.secretsmanager.get_random_password_output(
            password_length=40, exclude_punctuation=True, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        login = pulumi.Output.json_dumps(
            {
                "engine": "aurora-postgresql",
                "host": args.host,
                "port": args.port,
                "dbname": args.database,
                "username": args.username,
                "password": pulumi.Output.secret(password.random_password),
            }
        )
        version = aws.secretsmanager.SecretVersion(
            f"{name}-first",
            secret_id=arn,
            secret_string=login,
            version_stages=[FIRST_STAGE],
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=IGNORED),
        )
        self.arn = version.secret_id
        self.first_password = pulumi.Output.secret(
            version.secret_string.apply(lambda login: json.loads(str(login))["password"])
        )
        self.register_outputs({"arn": self.arn})
