"""What the stack tells its children, the person at the terminal, and the next supervisor."""

from pathlib import Path

import pytest

from local import environment, template, welcome
from local.errors import StackError
from local.home import Home
from local.settings import StackSettings

HOME = Home(Path("/nowhere"))


@pytest.fixture(autouse=True)
def _exported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have keys of their own."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("TOLLGATE_MASTER_KEY", raising=False)


def gateway() -> dict[str, str]:
    settings = StackSettings()
    return environment.gateway(settings, HOME, template.read(settings.emulator_url))


def test_without_keys_both_families_are_the_demo_providers() -> None:
    found = gateway()
    assert found["OPENAI_BASE_URL"] == "http://127.0.0.1:4001/v1"
    assert found["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:4001"
    assert not found["OPENAI_API_KEY"].startswith("secret:")
    assert found["ANTHROPIC_API_KEY"]


def test_without_a_key_a_base_url_of_ones_own_sends_nothing_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://elsewhere/v1")
    assert gateway()["OPENAI_BASE_URL"] == "http://127.0.0.1:4001/v1"


def test_a_key_sends_its_family_to_the_real_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    found = gateway()
    assert found["OPENAI_API_KEY"] == "sk-real"
    assert found["OPENAI_BASE_URL"] == "https://api.openai.com/v1"
    assert found["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:4001"


def test_or_to_where_the_sdks_variable_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://elsewhere")
    assert gateway()["ANTHROPIC_BASE_URL"] == "https://elsewhere"


def test_a_deployments_choices_can_be_exported_but_not_where_its_tables_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REPORTING_TIMEZONE", "Europe/Berlin")
    monkeypatch.setenv("LEDGER_TABLE", "production-ledger")
    found = gateway()
    assert found["REPORTING_TIMEZONE"] == "Europe/Berlin"
    assert found["LEDGER_TABLE"] == "tollgate-LedgerTable"


def test_nothing_leads_to_the_persons_own_aws_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://elsewhere")
    found = gateway()
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4002"
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & found.keys()
    for other in (environment.demo(), environment.emulator(StackSettings(), HOME)):
        assert not [name for name in other if name.startswith("AWS_")]


def test_secrets_reach_the_gateway_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    monkeypatch.setenv("TOLLGATE_MASTER_KEY", "sk-mine")
    assert gateway()["TOLLGATE_MASTER_KEY"] == "sk-mine"
    for other in (environment.demo(), environment.emulator(StackSettings(), HOME)):
        assert not {"sk-real", "sk-mine"} & set(other.values())


def test_a_key_of_ones_own_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Bearer sk-1234" in welcome.text(StackSettings(), 1.0)
    monkeypatch.setenv("TOLLGATE_MASTER_KEY", "sk-mine")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    shown = welcome.text(StackSettings(), 1.0)
    assert "sk-mine" not in shown
    assert "sk-real" not in shown
    assert "Bearer $TOLLGATE_MASTER_KEY" in shown


def test_one_supervisor_a_home(tmp_path: Path) -> None:
    second = Home(tmp_path).locked()
    with Home(tmp_path).locked(), pytest.raises(StackError, match=r"pid \d+.*TOLLGATE_HOME"), second:
        pass
    with Home(tmp_path).locked():
        assert Home(tmp_path).logs.is_dir()


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StackError, match="cannot be written"), Home(tmp_path / "file").locked():
        pass


def test_a_long_log_is_set_aside(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.locked():
        home.log("gateway").write_bytes(b"x" * (10 * 1024 * 1024 + 1))
        home.log("demo").write_bytes(b"short")
    with home.locked():
        assert not home.log("gateway").exists()
        assert home.log("demo").exists()
