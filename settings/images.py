"""Images of the services in one cell, by digest: what a release changes, and nothing else does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field, create_model

from settings.catalogue import SERVICES
from settings.model import Model


class _Images(Model):
    """Digests of images, by the names that services have in the catalogue."""

    def by_service(self) -> Mapping[str, str]:
        """Digests of the services that have an image."""
        found = {field.alias or name: getattr(self, name) for name, field in type(self).model_fields.items()}
        return {service: digest for service, digest in found.items() if digest is not None}


def _image_of(service: str) -> object:
    return Field(
        default=None,
        alias=service,
        pattern=r"^sha256:[0-9a-f]{64}$",
        description="the digest of an image, sha256: and 64 hex digits (left out until the first image is pushed: "
        "then the service isn't deployed)",
        examples=["sha256:" + "0123456789abcdef" * 4],
    )


if TYPE_CHECKING:  # a type checker can't follow a model that is made from data
    Images = _Images
else:
    Images = create_model(
        "Images",
        __base__=_Images,
        **{service.replace("-", "_"): (str | None, _image_of(service)) for service in SERVICES},
    )
