"""Settings: typed, with a deployment's mistakes named by the variable they stand in."""

from typing import Any

import pytest
from pydantic import ValidationError

from tollgate import settings as choices
from tollgate.settings import (
    AccessSettings,
    AwsSettings,
    CustomerSettings,
    ProxySettings,
    ReconcileSettings,
    ReportingSettings,
    StorageSettings,
)

Storage: Any = StorageSettings  # without arguments: the environment has them
Access: Any = AccessSettings
TABLES = {"LEDGER_TABLE": "l", "COUNTERS_TABLE": "c", "CUSTOMERS_TABLE": "u"}
MORE_TABLES = {"BUDGETS_TABLE": "b", "KEYS_TABLE": "k", "AUDIT_TABLE": "a"}
NAMED = {**TABLES, **MORE_TABLES, "TOLLGATE_MASTER_KEY": "sk-x"}


@pytest.fixture(autouse=True)
def only_what_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for model in (AwsSettings, StorageSettings, ProxySettings, CustomerSettings, ReportingSettings):
        for name in model.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
    for name, value in NAMED.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("model", "variable", "value"),
    [
        (StorageSettings, "LEDGER_TABLE", ""),
        (StorageSettings, "LEDGER_RETENTION_DAYS", "-1"),
        (StorageSettings, "HOURLY_RETENTION_DAYS", "0"),
        (ReportingSettings, "REPORTING_TIMEZONE", "Mars/Olympus"),
        (ReportingSettings, "REPORTING_TIMEZONE", "../../etc/passwd"),
        (ReportingSettings, "REPORTING_TIMEZONE", "Europe"),
        (AccessSettings, "TOLLGATE_MASTER_KEY", ""),
        (CustomerSettings, "USER_HEADER_MAPPINGS", "X-Email"),
        (CustomerSettings, "USER_HEADER_MAPPINGS", '["X-Email"]'),
        (CustomerSettings, "USER_HEADER_MAPPINGS", '[{"litellm_user_role":"customer"}]'),
        (CustomerSettings, "USER_HEADER_MAPPINGS", '[{"header_name":7,"litellm_user_role":"customer"}]'),
        (CustomerSettings, "USER_HEADER_MAPPINGS", "12"),
        (CustomerSettings, "REQUIRE_CUSTOMER", "perhaps"),
        (CustomerSettings, "CLAUDE_CODE_CUSTOMER", "maybe"),
        (ProxySettings, "UPSTREAM_TIMEOUT_SECONDS", "0"),
        (ProxySettings, "UPSTREAM_TIMEOUT_SECONDS", "soon"),
        (ProxySettings, "UPSTREAM_RETRIES", "-1"),
        (ProxySettings, "MAX_BODY_BYTES", "10 MB"),
        (ProxySettings, "DRAIN_SECONDS", "0"),
        (ProxySettings, "ALLOW_UNPRICED", "sometimes"),
        (ReconcileSettings, "RECONCILE_OPEN_AFTER_SECONDS", "-5"),
    ],
)
def test_a_bad_value_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, model: Any, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValidationError) as refused:
        model()
    assert variable.lower() in str(refused.value)


def test_a_mistake_does_not_print_the_key_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    monkeypatch.setenv("TOLLGATE_MASTER_KEY", "sk-very-secret")
    assert "very-secret" not in repr((AwsSettings(), Access()))
    with pytest.raises(ValidationError) as refused:
        AccessSettings.model_validate({"tollgate_master_key": ["sk-very-secret"]})
    assert "very-secret" not in str(refused.value)


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORTING_TIMEZONE", "")
    monkeypatch.setenv("UPSTREAM_RETRIES", "")
    assert ReportingSettings().reporting_timezone == "UTC"
    assert ProxySettings().upstream_retries == 2


def test_entries_are_kept_for_ever_only_when_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Storage().ledger_retention_days == 400
    monkeypatch.setenv("LEDGER_RETENTION_DAYS", "0")
    assert Storage().ledger_retention_days == 0


@pytest.mark.usefixtures("fresh_settings")
def test_settings_are_read_once_per_process(monkeypatch: pytest.MonkeyPatch) -> None:
    first = choices.storage_settings()
    monkeypatch.setenv("LEDGER_TABLE", "another")
    assert choices.storage_settings() is first
