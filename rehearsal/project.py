"""Pulumi project as the CLI reads it: Pulumi.yaml, the stack files beside it, and the config of one stack."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from rehearsal.secret_config import UnreadableSecretError, decrypted, is_secret

ORGANIZATION = "organization"  # the CLI's name for it on every self-managed backend


class Config(dict[str, str]):
    """Config of a stack by full key; a value that is no string is JSON. `secret` has the keys of secret values."""

    def __init__(self, values: Mapping[str, str], secret: Iterable[str] = ()) -> None:
        super().__init__(values)
        self.secret = frozenset(secret)


class ProjectError(Exception):
    """The project's files can't be used as they are."""


@dataclass(frozen=True)
class Project:
    """A project's folder, name, and the `config:` block of its Pulumi.yaml."""

    folder: Path
    name: str
    declared: Mapping[str, Any]
    released: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict
    )  # config that a release set, by stack

    @classmethod
    def read(cls, folder: Path) -> Project:
        """Raises ProjectError where there is no Pulumi.yaml, or none that the CLI would take."""
        content = _yaml(folder / "Pulumi.yaml")
        name = content.get("name")
        if not isinstance(name, str):
            raise ProjectError(f"{folder / 'Pulumi.yaml'}: name: a project has a name; write `name: castle`")
        return cls(folder.resolve(), name, content.get("config") or {})

    def defaults(self) -> dict[str, str]:
        """Config values that every stack inherits, by full key; a value that is no string is JSON."""
        defaults = {}
        for key, entry in self.declared.items():
            full = self._full(key)
            if not isinstance(entry, dict):
                defaults[full] = _text(entry)
            elif "value" in entry or "default" in entry:
                defaults[full] = _text(entry.get("value", entry.get("default")))
        return defaults

    def config(self, stack: str, overrides: Mapping[str, str]) -> Config:
        """Config of one stack: the project's defaults, then the stack's file, what a release set, the overrides.

        Raises ProjectError for a declared key without value, or of another type than declared, and for a secret that
        can't be decrypted here.
        """
        path = self.folder / f"Pulumi.{stack}.yaml"
        file = _yaml(path) if path.exists() else {}
        own = {self._full(key): value for key, value in (file.get("config") or {}).items()}
        overridden = {
            **self.released.get(stack, {}),
            **{self._full(key): value for key, value in overrides.items()},
        }
        config = self.defaults()
        for key, value in own.items():
            if key not in overridden:
                try:
                    plain = decrypted(value, file.get("encryptionsalt"), file.get("secretsprovider"))
                except UnreadableSecretError as error:
                    raise ProjectError(f"{path.name}: {key}: {error}") from None
                config[key] = _text(plain)
        config |= overridden
        for key, entry in self.declared.items():
            full = self._full(key)
            if full not in config:
                raise ProjectError(
                    f"Stack '{stack}' is missing configuration value '{full}'; add it to {path.name}"
                )
            if isinstance(entry, dict) and not _fits(config[full], entry.get("type")):
                raise ProjectError(
                    f"Stack '{stack}' with configuration key '{full}' must be of type '{entry['type']}', "
                    f"not {config[full]!r}; mend it in {path.name}"
                )
        return Config(config, (key for key, value in own.items() if is_secret(value)))

    def _full(self, key: str) -> str:
        return key if ":" in key else f"{self.name}:{key}"


def _yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        raise ProjectError(f"{path}: no such file; run this where Pulumi.yaml is, or give --cwd") from None
    except yaml.YAMLError as error:
        raise ProjectError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise ProjectError(f"{path}: holds no mapping of keys to values")
    return content


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _fits(text: str, kind: str | None) -> bool:
    if kind in (None, "string"):
        return True
    try:
        value = json.loads(text)
    except ValueError:
        return False
    kinds = {"integer": int, "boolean": bool, "array": list, "object": dict}
    return isinstance(value, kinds.get(kind, object)) and not (kind == "integer" and isinstance(value, bool))
