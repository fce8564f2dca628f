"""Deployment archive of a Lambda in Python: its package and the distributions that it imports, file by file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path, PurePath

import pulumi
from packaging.requirements import Requirement

COMPILED = {".so", ".pyd", ".dylib"}
SOURCES = {".py", ".sql"}
TESTS = {"test", "tests"}


def project_root(start: Path = Path(__file__)) -> Path:
    """The nearest folder above `start` with a Pulumi.yaml. Raises RunError without one."""
    for folder in start.parents:
        if (folder / "Pulumi.yaml").is_file():
            return folder
    raise pulumi.RunError(
        f"{start}: no Pulumi.yaml above it; a Lambda's sources are found from the project's root"
    )


ROOT = project_root()


def lambda_archive(
    package: str, distributions: Sequence[str], imports: Sequence[str] = ()
) -> pulumi.AssetArchive:
    """Archive of a package, a dotted name below the project's root, with its distributions and their requirements.

    `imports` are the project's other packages that it imports, named like it.

    It is identical on every machine that has the pinned versions: no bytecode, no tests, and of the installer's files
    only the metadata, which code may read, and the licences. A Lambda's handler is named from the root too,
    such as `workloads.rotation.handler.handler`. boto3 is part of Lambda's runtime.

    Raises RunError for a package that doesn't exist, a distribution that isn't installed, and one with compiled
    files, since they are for this machine and not for Lambda's.
    """
    files = {name: path for each in (package, *imports) for name, path in _sources(each)}
    for distribution in _with_requirements(distributions):
        files.update(_installed(distribution))
    return pulumi.AssetArchive(
        {name: pulumi.FileAsset(str(_from_root(files[name]))) for name in sorted(files)}
    )


def _sources(package: str) -> Iterator[tuple[str, Path]]:
    parts = package.split(".")
    folder = ROOT.joinpath(*parts)
    if not (folder / "__init__.py").is_file():
        raise pulumi.RunError(f"{package}: no such package in {ROOT.name}; write it as workloads.rotation is")
    parents = [ROOT.joinpath(*parts[:depth]) / "__init__.py" for depth in range(1, len(parts))]
    for path in (*parents, *(path for path in folder.rglob("*") if path.suffix in SOURCES)):
        yield path.relative_to(ROOT).as_posix(), path


def _with_requirements(names: Sequence[str]) -> list[metadata.Distribution]:
    """The distributions and their requirements on this platform, each once."""
    distributions: dict[str, metadata.Distribution] = {}
    missing = list(names)
    while missing:
        name = missing.pop()
        if name in distributions:
            continue
        try:
            distributions[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            raise pulumi.RunError(
                f"{name}: not installed, and a Lambda needs it; pin it in requirements.txt"
            ) from None
        needs = [Requirement(line) for line in distributions[name].requires or []]
        missing += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return list(distributions.values())


def _installed(distribution: metadata.Distribution) -> Iterator[tuple[str, Path]]:
    for file in distribution.files or []:
        if not _is_packaged(file):
            continue
        if file.suffix in COMPILED:
            raise pulumi.RunError(
                f"{distribution.name}: {file} is compiled for this machine; choose a distribution in Python alone"
            )
        yield file.as_posix(), Path(str(file.locate()))


def _is_packaged(file: PurePath) -> bool:
    if file.parts[0] == ".." or "__pycache__" in file.parts or TESTS & set(file.parts):
        return False
    if file.parts[0].endswith(".dist-info"):
        return file.name == "METADATA" or file.parts[1] == "licenses" or file.name.startswith("LICENSE")
    return True


def _from_root(path: Path) -> Path:
    """Path relative to the project's root, from which the CLI reads it: a shared state names no machine."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
