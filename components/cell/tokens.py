"""The tokens that callers bear: the keys that sign them, and what must be true of a good one."""

from __future__ import annotations

from components.cell.context import CellContext
from components.identity.signing_key import Generation, SigningKey, SigningKeyArgs

SIGNS = "accounts"  # the service that does


def signing_key(context: CellContext) -> None:
    """The birth cell makes the keys, for every cell; the others know them by their aliases."""
    settings = context.settings
    if not settings.is_birth:
        return
    platform = settings.platform
    SigningKey(
        f"{context.name}-tokens",
        SigningKeyArgs(
            alias=signing_alias(context),
            generations=[Generation(name=each.name, leaving=each.leaving) for each in platform.token_keys],
            signs=platform.token_signer,
            account=platform.account,
            deployer=platform.deployer,
            signers=[f"{platform.name}-*-{SIGNS}"],
            region=settings.region,
            replicas=[cell.region for cell in platform.others(settings.stack)],
            retire=settings.retire,
        ),
        context.child,
    )


def signing_alias(context: CellContext) -> str:
    """Of the key that signs, in every region."""
    return context.names.key_alias("token-signing")


def verifying_aliases(context: CellContext) -> tuple[str, ...]:
    """Of the keys whose tokens are good, in every region."""
    keys = context.settings.platform.token_keys
    return tuple(f"{signing_alias(context)}-{each.name}" for each in keys if not each.leaving)


def issuer(context: CellContext) -> str:
    """A token's `iss`, and its `aud`: whichever cell made it, all take it."""
    return f"https://api.{context.settings.platform.domain}"
