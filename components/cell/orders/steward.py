"""Steward of a cell: the function by which an operator changes the ledger's schema, instruments and homes."""

from __future__ import annotations

from components.cell.context import CellContext
from components.cell.data.ledger import STEWARD, LedgerEndpoints
from components.cell.orders.function import OrderFunctionArgs, build_order_function

STEWARD_SECONDS = 300
STEWARD_MEMORY = 512  # MB


def build_steward(context: CellContext, ledger: LedgerEndpoints) -> None:
    """Builds the steward, which signs in as the ledger's administrator and which only an operator invokes."""
    via = {"kms:ViaService": f"secretsmanager.{context.settings.region}.amazonaws.com"}
    build_order_function(
        context,
        ledger,
        OrderFunctionArgs(
            what=STEWARD,
            description="Does what an operator asks of the ledger",
            handler="workloads.matcher.entry.steward",
            memory=STEWARD_MEMORY,
            timeout=STEWARD_SECONDS,
            concurrency=1,  # one thing at a time
            environment={"LEDGER_SECRET": ledger.local_secret_arn},
            statements=[
                {
                    "Sid": "ReadLogin",
                    "Effect": "Allow",
                    "Action": "secretsmanager:GetSecretValue",
                    "Resource": ledger.local_secret_arn,
                },
                {
                    "Sid": "DecryptLogin",
                    "Effect": "Allow",
                    "Action": "kms:Decrypt",
                    "Resource": context.key_arn("ledger"),
                    "Condition": {"StringEquals": via},
                },
            ],
            egress={"secrets": context.egress_to("secretsmanager")},
        ),
    )
