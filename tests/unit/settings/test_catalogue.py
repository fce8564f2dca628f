"""Rows of the catalogue of services: what they name exists, and what must be a service's own is."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from components.data.tables.primary_keys import TABLE_KEYS
from components.ingress.api.models import MODELS
from settings.catalogue import SERVICES, ApiMethod, required_scopes
from tests.root import ROOT


def test_a_row_names_tables_and_models_that_there_are() -> None:
    for facts in SERVICES.values():
        assert {*facts.reads_tables, *facts.writes_tables} <= TABLE_KEYS.keys()
        assert {method.body for method in facts.methods if method.body} <= MODELS.keys()


def test_file_users_and_paths_belong_to_one_service() -> None:
    users = Counter(facts.file_user for facts in SERVICES.values())
    paths = Counter(path for facts in SERVICES.values() for path in facts.paths)
    assert {it: many for it, many in (users | paths).items() if many > 1} == {}


def test_the_catalogue_imports_nothing_of_ours() -> None:
    tree = ast.parse((ROOT / "settings" / "catalogue.py").read_text())
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {it.name for node in ast.walk(tree) if isinstance(node, ast.Import) for it in node.names}
    assert modules == {"__future__", "re", "collections.abc", "dataclasses", "typing"}


def test_scopes_are_required_of_every_method_that_isnt_public() -> None:
    methods = [method for facts in SERVICES.values() for method in facts.methods]
    scopes = required_scopes(methods)
    assert {method.name for method in methods} - scopes.keys() == {
        "GET /v1/markets",
        "GET /v1/markets/{instrument}/book",
        "GET /v1/markets/{instrument}/trades",
        "POST /v1/accounts",
        "POST /v1/sessions",
    }


@pytest.mark.parametrize(("verb", "scope"), [("GET", "orders:read"), ("POST", None)])
def test_an_answer_that_isnt_the_same_for_everybody_is_never_cached(verb: str, scope: str | None) -> None:
    with pytest.raises(ValueError, match="cached"):
        ApiMethod(verb=verb, path="/v1/x", scope=scope, cached_seconds=1)  # pyright: ignore[reportArgumentType] a parametrized verb is a str
