"""Every variable a function reads is declared on it, because what is not declared cannot be overridden."""

import json
from typing import Any

import pytest
import yaml

from local.settings import ROOT
from tests.template.conftest import Document, Render
from tests.template.reading import variables_read_by
from tests.template.test_functions import FUNCTIONS

THE_ADAPTERS = {
    "AWS_LAMBDA_EXEC_WRAPPER",
    "AWS_LWA_INVOKE_MODE",
    "AWS_LWA_PORT",
    "AWS_LWA_READINESS_CHECK_PATH",
}
READERS = {name: folder for name, folder in FUNCTIONS.items() if folder != "page"}  # which needs no settings


def declared(functions: dict[str, Document], logical_id: str) -> dict[str, Any]:
    variables: dict[str, Any] = functions[logical_id]["Environment"]["Variables"]
    return variables


def named_in_models_file() -> set[str]:
    """The variables that models.yaml refers to: where a provider is, and its key."""
    path = ROOT / "layers" / "core" / "tollgate" / "models.yaml"
    providers = yaml.safe_load(path.read_text())["providers"].values()
    names = ("base_url_env", "key")
    return {provider[name] for provider in providers for name in names if name in provider}


@pytest.mark.parametrize(("logical_id", "folder"), READERS.items())
def test_what_a_function_reads_is_declared(
    functions: dict[str, Document], logical_id: str, folder: str
) -> None:
    read = variables_read_by(folder)
    assert {"AWS_ENDPOINT_URL", "LEDGER_TABLE"} <= read
    assert not read - declared(functions, logical_id).keys()


def test_the_reader_sees_what_each_function_is_about() -> None:
    assert {"ALLOW_UNPRICED", "TOLLGATE_MASTER_KEY", "USER_HEADER_MAPPINGS"} <= variables_read_by("proxy")
    assert {"RECONCILE_OPEN_AFTER_SECONDS", "MODELS_FILE"} <= variables_read_by("reconcile")
    assert "TOLLGATE_MASTER_KEY" not in variables_read_by("record_spend")


def test_what_models_refer_to_is_declared_on_the_proxy(functions: dict[str, Document]) -> None:
    assert named_in_models_file() <= declared(functions, "ProxyFunction").keys()


def test_nothing_is_declared_that_nobody_reads(functions: dict[str, Document]) -> None:
    read = set().union(*map(variables_read_by, FUNCTIONS.values()))
    known = read | named_in_models_file() | THE_ADAPTERS | {"POWERTOOLS_SERVICE_NAME"}
    for logical_id in FUNCTIONS:
        assert not declared(functions, logical_id).keys() - known


def test_values_are_text(rendered: Render) -> None:
    for logical_id in FUNCTIONS:
        variables = rendered()[logical_id]["Properties"]["Environment"]["Variables"]
        assert not {name: value for name, value in variables.items() if not isinstance(value, str)}


def test_no_secret_is_in_a_variable(rendered: Render) -> None:
    for logical_id in FUNCTIONS:
        variables = rendered()[logical_id]["Properties"]["Environment"]["Variables"]
        secret = {n: v for n, v in variables.items() if n.endswith("_KEY")}
        assert all(value.startswith("secret:tollgate/") for value in secret.values())


def test_sam_local_overrides_what_is_declared(functions: dict[str, Document]) -> None:
    overridden = json.loads((ROOT / "local" / "sam-local.json").read_text())["Parameters"]
    everywhere = set().union(*(declared(functions, logical_id) for logical_id in FUNCTIONS))
    assert not overridden.keys() - everywhere
