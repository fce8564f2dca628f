from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pulumi
import pytest

from components.compute.functions.archive import lambda_archive
from tests.root import ROOT


def files(package: str, *distributions: str) -> dict[str, Path]:
    """What the archive holds: the names in it, and the files that they are."""
    archive = lambda_archive(package, distributions)
    return {name: ROOT / path for name, path in paths(archive).items()}


def paths(archive: pulumi.AssetArchive) -> dict[str, str]:
    assert all(isinstance(asset, pulumi.FileAsset) for asset in archive.assets.values())
    return {
        name: str(asset.path) for name, asset in archive.assets.items() if isinstance(asset, pulumi.FileAsset)
    }


@pytest.fixture(scope="module")
def rotation() -> dict[str, Path]:
    return files("workloads.rotation", "pg8000")


def test_archive_holds_the_package_and_its_parents(rotation: dict[str, Path]) -> None:
    own = {name: path for name, path in rotation.items() if name.startswith("workloads/")}
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "workloads/rotation").rglob("*.py")}
    assert set(own) == {"workloads/__init__.py", *sources}
    assert all(path == ROOT / name for name, path in own.items())


def test_archive_holds_what_the_distribution_needs(rotation: dict[str, Path]) -> None:
    names = {name.split("/")[0] for name in rotation if ".dist-info" not in name}
    assert names == {"workloads", "pg8000", "scramp", "asn1crypto", "dateutil", "six.py"}


def test_archive_has_licences_and_nothing_of_one_machine(rotation: dict[str, Path]) -> None:
    kept = {name.split("/")[0]: set() for name in rotation if ".dist-info/" in name}
    for name in rotation:
        if ".dist-info/" in name:
            kept[name.split("/")[0]].add(name.rsplit("/", 1)[1])
    assert len(kept) == 5
    assert all("METADATA" in names and any("LICENSE" in name for name in names) for names in kept.values())
    assert not {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"} & set().union(*kept.values())


def test_archive_has_neither_bytecode_nor_tests(rotation: dict[str, Path]) -> None:
    assert not [
        name for name in rotation if name.endswith(".pyc") or "__pycache__" in name or "tests/" in name
    ]
    assert all(path.is_file() for path in rotation.values())


def test_archive_is_the_same_every_time(rotation: dict[str, Path]) -> None:
    assert list(files("workloads.rotation", "pg8000").items()) == list(rotation.items())


def test_archive_holds_the_statements_that_the_code_reads_and_what_else_of_the_project_it_imports() -> None:
    names = set(paths(lambda_archive("workloads.matcher", [], ["workloads.ledger_login"])))
    assert {"workloads/matcher/ledger.sql", "workloads/ledger_login/login.py"} <= names
    assert "workloads/matcher/README.md" not in names


def test_sources_are_named_from_the_root() -> None:
    assert all(path == name for name, path in paths(lambda_archive("workloads.rotation", [])).items())


@pytest.mark.parametrize(
    ("handler", "distributions", "imports"),
    [
        ("workloads.rotation.handler.handler", ["pg8000"], ["workloads.ledger_login"]),
        ("workloads.authorizer.handler.handler", [], []),
        ("workloads.matcher.entry.orders", ["pg8000"], ["workloads.ledger_login"]),
    ],
)
def test_archive_alone_can_be_imported_where_boto3_is(
    handler: str, distributions: list[str], imports: list[str], tmp_path: Path
) -> None:
    """Without site-packages; of boto3, which Lambda's runtime has, only the names that are imported."""
    (tmp_path / "boto3.py").touch()
    (tmp_path / "botocore").mkdir()
    (tmp_path / "botocore" / "__init__.py").touch()
    (tmp_path / "botocore" / "config.py").write_text("class Config:\n    def __init__(self, **_): ...\n")
    (tmp_path / "botocore" / "exceptions.py").write_text("class BotoCoreError: ...\nclass ClientError: ...\n")
    for module, name in (
        ("client", "BaseClient"),
        ("session", "Session"),
        ("signers", "generate_db_auth_token"),
    ):
        (tmp_path / "botocore" / f"{module}.py").write_text(f"class {name}: ...\n")
    module, _, function = handler.rpartition(".")
    package = module.rpartition(".")[0]
    with zipfile.ZipFile(tmp_path / "lambda.zip", "w") as zipped:
        for name, path in paths(lambda_archive(package, distributions, imports)).items():
            zipped.write(ROOT / path, name)
    program = f"from {module} import {function}; print({function}.__module__)"
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path[:0] = sys.argv[1:]; {program}",
            "lambda.zip",
            ".",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == (f"{module}\n", "")


def test_unknown_package_is_refused() -> None:
    with pytest.raises(pulumi.RunError, match=r"workloads\.nowhere: no such package"):
        lambda_archive("workloads.nowhere", [])


def test_distribution_that_is_not_installed_is_refused() -> None:
    with pytest.raises(pulumi.RunError, match=r"no-such-thing: not installed.*pin it in requirements\.txt"):
        lambda_archive("workloads.rotation", ["no-such-thing"])


def test_compiled_distribution_is_refused() -> None:
    with pytest.raises(pulumi.RunError, match=r"grpcio: grpc/.*\.so is compiled for this machine"):
        lambda_archive("workloads.rotation", ["grpcio"])


def test_what_is_needed_only_elsewhere_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    described = tmp_path / "needy-1.dist-info"
    described.mkdir()
    (described / "RECORD").write_text("needy.py,,\n")
    (tmp_path / "needy.py").touch()  # from Python 3.12 on, a file that is not there is none of a distribution
    needs = ["asn1crypto", "pg8000; python_version < '3'", "no-such-thing; extra == 'more'"]
    (described / "METADATA").write_text(
        "Name: needy\n" + "".join(f"Requires-Dist: {need}\n" for need in needs)
    )
    monkeypatch.syspath_prepend(tmp_path)
    names = {name.split("/")[0] for name in files("workloads.rotation", "needy") if ".dist-info" not in name}
    assert names == {"workloads", "needy.py", "asn1crypto"}
