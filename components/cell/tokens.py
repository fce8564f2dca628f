"""The tokens that callers bear: the keys that sign them, and what must be true of a good one."""

from __future__ import annotations

from components.cell.context import Ground
from components.identity.signing_key import Generation, SigningKey, SigningKeyArgs

SIGNS = "accounts"  # the service that does


def signing_key(ground: Ground) -> None:
    """The birth cell makes the keys, for every cell; the others know them by their aliases."""
    settings = ground.settings
    if not settings.is_birth:
        return
    platform = settings.platform
    SigningKey(
        f"{ground.name}-tokens",
        SigningKeyArgs(
            alias=signing_alias(ground),
            generations=[Generation(name=each.name, leaving=each.leaving) for each in platform.token_keys],
            signs=platform.token_signer,
            account=platform.account,
            deployer=platform.deployer,
            signers=[f"{platform.name}-*-{SIGNS}"],
            region=settings.region,
            replicas=[cell.region for cell in platform.others(settings.stack)],
            retire=settings.retire,
        ),
        ground.child,
    )


def signing_alias(ground: Ground) -> str:
    """Of the key that signs, in every region."""
    return ground.names.key_alias("token-signing")


def verifying_aliases(ground: Ground) -> tuple[str, ...]:
    """Of the keys whose tokens are good, in every region."""
    keys = ground.settings.platform.token_keys
    return tuple(f"{signing_alias(ground)}-{each.name}" for each in keys if not each.leaving)


def issuer(ground: Ground) -> str:
    """A token's `iss`, and its `aud`: whichever cell made it, all take it."""
    return f"https://api.{ground.settings.platform.domain}"
