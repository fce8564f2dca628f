"""Access tokens of callers: the keys that sign them, their aliases, issuer and audience."""

from __future__ import annotations

from components.cell.context import CellContext
from components.identity.signing_key import Generation, SigningKey, SigningKeyArgs
from settings.catalogue import SERVICES


def build_signing_keys(context: CellContext) -> None:
    """Builds the keys in the birth cell, for every cell; the others find them by their aliases."""
    settings = context.settings
    if not settings.is_birth:
        return
    platform = settings.platform
    SigningKey(
        f"{context.name}-tokens",
        SigningKeyArgs(
            alias=signing_alias(context),
            generations=[Generation(name=each.name, leaving=each.leaving) for each in platform.token_keys],
            signing_generation=platform.token_signer,
            account=platform.account,
            deployer=platform.deployer,
            signers=[f"{platform.name}-*-{name}" for name, facts in SERVICES.items() if facts.signs_tokens],
            region=settings.region,
            replicas=[cell.region for cell in platform.others(settings.stack)],
            retire=settings.retire,
        ),
        context.child,
    )


def signing_alias(context: CellContext) -> str:
    """Alias of the key that signs, in every region."""
    return context.names.key_alias("token-signing")


def verifying_aliases(context: CellContext) -> tuple[str, ...]:
    """Aliases of the keys whose tokens are accepted, in every region."""
    keys = context.settings.platform.token_keys
    return tuple(f"{signing_alias(context)}-{each.name}" for each in keys if not each.leaving)


def issuer(context: CellContext) -> str:
    """Issuer and audience of every token (`iss`, `aud`): each cell accepts those of all others."""
    return f"https://api.{context.settings.platform.domain}"
