"""Cases of the rules on Lambda functions and their permissions."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subjects.subnets import placed

FUNCTION = "aws:lambda/function:Function"
PERMISSION = "aws:lambda/permission:Permission"
LAYER = "aws:lambda/layerVersionPermission:LayerVersionPermission"
ACCOUNT = "123456789012"


def variables(**given: Any) -> dict[str, Any]:
    return {"environment": {"variables": given}}


def in_subnets(*zones: str) -> list[Res]:
    props = {"vpcConfig": {"subnetIds": [UNKNOWN] * len(zones), "securityGroupIds": [UNKNOWN]}}
    return placed(FUNCTION, props, "vpcConfig", *zones)


CASES = {
    "lambda-not-public": Cases(
        PERMISSION,
        compliant={"principal": "secretsmanager.amazonaws.com", "sourceAccount": ACCOUNT},
        violating={"principal": "*"},
        missing=kept({}),
        unknown={"principal": UNKNOWN},
        more={
            "a public URL": broken({"principal": "*", "functionUrlAuthType": "NONE"}),
            "one organisation": kept({"principal": "*", "principalOrgId": "o-1234567890"}),
            "a layer": broken(Res(LAYER, {"principal": "*"})),
            "a layer for one organisation": kept(
                Res(LAYER, {"principal": "*", "organizationId": "o-1234567890"})
            ),
        },
    ),
    "lambda-permission-source-scoped": Cases(
        PERMISSION,
        compliant={"principal": "secretsmanager.amazonaws.com", "sourceAccount": ACCOUNT},
        violating={"principal": "secretsmanager.amazonaws.com"},
        missing=kept({}),
        unknown={"principal": UNKNOWN},
        more={
            "a source that is unknown": kept({"principal": "apigateway.amazonaws.com", "sourceArn": UNKNOWN}),
            "any source": broken({"principal": "apigateway.amazonaws.com", "sourceArn": "*"}),
            "a role": kept({"principal": f"arn:aws:iam::{ACCOUNT}:role/castle"}),
            "a bucket alone": broken({"principal": "s3.amazonaws.com", "sourceArn": "arn:aws:s3:::reports"}),
            "a bucket of an account": kept(
                {
                    "principal": "s3.amazonaws.com",
                    "sourceArn": "arn:aws:s3:::reports",
                    "sourceAccount": ACCOUNT,
                }
            ),
            "whoever it is, for one account": kept({"principal": UNKNOWN, "sourceAccount": ACCOUNT}),
            "a service that sends no source": kept(
                {"principal": "legacy.amazonaws.com"}, exemptServices=["legacy.amazonaws.com"]
            ),
        },
    ),
    "lambda-no-environment-secrets": Cases(
        FUNCTION,
        compliant=variables(SECRETS_MANAGER_ENDPOINT="https://secretsmanager.eu-west-1.amazonaws.com"),
        violating=variables(UPSTREAM="postgres://castle:hunter2@db.example:5432/trading"),
        missing=kept({"runtime": "python3.13"}),
        unknown=variables(DB_PASSWORD=UNKNOWN),
        more={
            "called like one": broken(variables(DB_PASSWORD="x")),
            "in lower case": broken(variables(api_key="x")),
            "a token of an API": broken(variables(API_TOKEN="x")),
            "the name of one": kept(variables(PASSWORD_SECRET_ID="castle-ledger", TOKEN_TTL="60")),
            "the ARN of one": kept(
                variables(API_KEY=f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:castle-key-a1b2c3")
            ),
            "an unknown value of another name": kept(variables(QUEUE_URL=UNKNOWN)),
        },
    ),
    "lambda-url-authenticated": Cases(
        "aws:lambda/functionUrl:FunctionUrl",
        compliant={"authorizationType": "AWS_IAM"},
        violating={"authorizationType": "NONE"},
        missing=broken({}),
        unknown={"authorizationType": UNKNOWN},
    ),
    "lambda-runtime-supported": Cases(
        FUNCTION,
        compliant={"runtime": "python3.13"},
        violating={"runtime": "python3.8"},
        missing=broken({"handler": "index.handler"}),
        unknown={"runtime": UNKNOWN},
        more={
            "an image": kept({"packageType": "Image", "imageUri": UNKNOWN}),
            "a list of one's own": broken({"runtime": "python3.13"}, runtimes=["python3.14"]),
        },
    ),
    "lambda-in-vpc": Cases(
        FUNCTION,
        compliant={"vpcConfig": {"subnetIds": [UNKNOWN], "securityGroupIds": [UNKNOWN]}},
        violating={"vpcConfig": {"subnetIds": []}},
        missing=broken({"runtime": "python3.13"}),
        unknown={"vpcConfig": {"subnetIds": UNKNOWN}},
        more={
            "reaches nothing there": kept({"tags": {"network": "none"}}),
            "perhaps reaches nothing there": undecided({"tags": UNKNOWN}),
        },
    ),
    "lambda-vpc-multi-az": Cases(
        FUNCTION,
        compliant=in_subnets("a", "b"),
        violating=in_subnets("a", "a"),
        missing=kept([Res(FUNCTION, {"runtime": "python3.13"})]),
        unknown=[Res(FUNCTION, {"vpcConfig": {"subnetIds": UNKNOWN}})],
        more={
            "public ones": kept(
                placed(FUNCTION, {"vpcConfig": {"subnetIds": [UNKNOWN]}}, "vpcConfig", "a", "b")
            )
        },
    ),
}
