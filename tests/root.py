"""The project's root, and what lies at fixed places below it, wherever a test itself lies."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = next(each for each in Path(__file__).parents if (each / "Pulumi.yaml").is_file())
PACK: Final = ROOT / "policy"
SCHEMAS: Final = ROOT / ".cache" / "schema"  # where the rehearsal keeps what it read of the SDK
