"""The commands: what they ask, what they print where, and with which exit code they end."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner, Result

from tests.fake_api import FakeApi, InTurn, customers, refused, response
from tollgate_cli.app import app
from tollgate_cli.session import Outside

SECRET = "sk-a-secret-of-somebody"
REPORT = {
    "created": 1,
    "failed": 1,
    "rows": [
        {"row": 1, "user_id": "a", "status": "created"},
        {"row": 2, "user_id": "b", "status": "error", "field": "alias", "reason": "too long"},
    ],
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is set; what a person's own terminal has chosen does not count."""
    for name in ("TOLLGATE_URL", "TOLLGATE_KEY", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def run(api: FakeApi, *arguments: str, **env: str) -> Result:
    return CliRunner().invoke(app, list(arguments), obj=Outside(transport=api), env=env)


def ran(answers: dict[str, Any], *arguments: str) -> tuple[str, FakeApi]:
    api = FakeApi(answers)
    result = run(api, *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout, api


def test_a_list_is_a_table_with_every_digit_and_no_colours() -> None:
    rows = response(200, b'[{"user_id": "acme", "spend": 0.000000000012, "blocked": true}]')
    out, _ = ran({"GET /customer/list": rows}, "customers", "list")
    head, _, line = out.splitlines()
    assert head.split()[:2] == ["user_id", "alias"]
    assert line.split() == ["acme", "yes", "0.000000000012"]
    assert "\x1b" not in out


def test_a_long_cell_is_not_cut_in_a_pipe() -> None:
    name = "x" * 256
    out, _ = ran({"GET /customer/list": customers([name])}, "customers", "list")
    assert name in out


def test_strangers_text_can_neither_colour_nor_mark_up_a_table() -> None:
    row = {"user_id": "\x1b[31mred\x9b", "alias": "[bold]b[/bold]\nnext"}
    out, _ = ran({"GET /customer/list": [row]}, "customers", "list")
    assert "\\x1b[31mred\\x9b" in out
    assert "[bold]b[/bold]\\nnext" in out


@pytest.mark.parametrize(
    "arguments", [("--json", "customers", "info", "a"), ("customers", "info", "a", "--json")]
)
def test_json_is_what_the_api_answered(arguments: tuple[str, ...]) -> None:
    out, _ = ran({"GET /customer/info": response(200, b'{"spend":0.10,"alias":null}')}, *arguments)
    assert out == '{\n  "spend": 0.10,\n  "alias": null\n}\n'


def test_a_limit_asks_for_one_page_and_says_that_there_is_more() -> None:
    page = response(200, customers(["a", "b", "c"]), {"x-next-cursor": "c"})
    api = FakeApi({"GET /customer/list": page})
    result = run(api, "customers", "list", "--limit", "2", "--json")
    assert [row["user_id"] for row in _json(result.stdout)] == ["a", "b"]
    assert "there are more" in result.stderr
    assert [one.query["page_size"] for one in api.asked] == ["3"]


def test_limit_0_shows_all_pages() -> None:
    pages = InTurn(response(200, customers(["a"]), {"x-next-cursor": "a"}), response(200, customers(["b"])))
    out, _ = ran({"GET /customer/list": pages}, "customers", "list", "--limit", "0", "--json")
    assert [row["user_id"] for row in _json(out)] == ["a", "b"]


def test_fields_are_sent_as_given_and_others_not_at_all() -> None:
    options = ["--max-budget", "0.10", "--rpm-limit", "0", "--model", "a", "--model", "b", "--clear", "alias"]
    sets = ["--set", 'metadata={"n": 0.1}', "--set", "mode=observe", "--set", "spend=1.50"]
    _, api = ran({"POST /customer/update": {}}, "customers", "update", "acme", *options, *sets)
    assert api.asked[0].content == (
        b'{"user_id":"acme","max_budget":0.10,"rpm_limit":0,"models":["a","b"],'
        b'"metadata":{"n":0.1},"mode":"observe","spend":1.50,"alias":null}'
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("customers", "new", "a", "--max-budget", "ten"), "is not an amount in USD"),
        (("customers", "new", "a", "--max-budget", "NaN"), "is not an amount in USD"),
        (("customers", "new", "a", "--set", "alias"), "is not FIELD=VALUE"),
        (("customers", "new", "a", "--set", "metadata={"), "is not JSON"),
        (("customers", "list", "--limit", "-1"), "--limit"),
        (("usage", "--from", "yesterday"), "--from"),
        (("keys", "info", SECRET), "does not belong in a URL"),
        (("--url", "nope", "customers", "list"), "is not the URL"),
        (("--url", "https://example.com", "customers", "list"), "TOLLGATE_KEY"),
        (("reconcile",), "--local"),
        (("customers", "import", "/no/such/file.csv"), "does not exist"),
    ],
)
def test_a_line_that_makes_no_sense_ends_with_2_and_asks_nothing(
    arguments: tuple[str, ...], said: str
) -> None:
    api = FakeApi()
    result = run(api, *arguments, COLUMNS="200")
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert SECRET not in result.stderr
    assert not api.asked


@pytest.mark.parametrize(
    "answer", [refused(404, "no \x1bsuch customer"), httpx2.ConnectError("no \x1bsuch customer")]
)
def test_a_refusal_ends_with_1_and_one_line_on_stderr(answer: Any) -> None:
    result = run(FakeApi({"GET /customer/info": answer}), "customers", "info", "acme", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert isinstance(result.exception, SystemExit)  # and no traceback
    assert result.stderr.startswith("tollgate: ")
    assert result.stderr.endswith("no \\x1bsuch customer\n")
    assert result.stderr.count("\n") == 1


def test_url_and_key_come_from_the_environment_and_options_win() -> None:
    api = FakeApi({"GET /Prod/budget/list": []})
    env = {"TOLLGATE_URL": "https://a.example.com/Prod", "TOLLGATE_KEY": SECRET}
    assert run(api, "budgets", "list", **env).exit_code == 0
    assert run(api, "--key", "sk-2", "budgets", "list", **env).exit_code == 0
    options = ["--url", "https://b.example.com/Prod", "--key", "sk-3"]
    assert run(api, "--key", "sk-2", "budgets", "list", *options, **env).exit_code == 0
    assert [one.headers["authorization"] for one in api.asked] == [
        f"Bearer {SECRET}",
        "Bearer sk-2",
        "Bearer sk-3",
    ]
    assert [one.url.host for one in api.asked] == ["a.example.com", "a.example.com", "b.example.com"]


def test_this_machine_needs_no_key() -> None:
    _, api = ran({"GET /budget/list": []}, "budgets", "list")
    assert api.asked[0].headers["authorization"] == "Bearer sk-1234"


@pytest.mark.parametrize("verb", ["generate", "regenerate"])
def test_a_new_key_is_shown_and_the_one_that_calls_is_not(verb: str) -> None:
    api = FakeApi({f"POST /key/{verb}": {"key": "sk-new", "token": "id", "key_name": "sk-...new"}})
    result = run(api, "--key", SECRET, "keys", verb, *(["id"] if verb == "regenerate" else []))
    assert "sk-new" in result.stdout
    assert "shown this once" in result.stderr
    assert SECRET not in result.output


@pytest.mark.parametrize("name", ["rows.csv", "rows.json", "rows.txt"])
def test_an_import_reports_the_rows_that_failed_and_ends_with_1(name: str, tmp_path: Path) -> None:
    content = '[{"user_id": "a"}, {"user_id": "b"}]' if name.endswith(".json") else "user_id\na\nb\n"
    (tmp_path / name).write_text(content)
    api = FakeApi({"POST /customer/bulk": REPORT})
    forms = ["--format", "csv"] if name.endswith(".txt") else []
    result = run(api, "customers", "import", str(tmp_path / name), *forms)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1].split() == ["2", "b", "alias", "too", "long"]
    assert result.stderr == "1 created, 1 failed\n"
    kind = "application/json" if name.endswith(".json") else "text/csv"
    assert api.asked[0].headers["content-type"] == kind


@pytest.mark.parametrize(
    ("name", "content"), [("a.json", b"{"), ("a.json", b"7"), ("a.txt", b""), ("a.csv", b"\xff")]
)
def test_a_file_that_is_none_of_customers_is_not_sent(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    api = FakeApi()
    assert run(api, "customers", "import", str(tmp_path / name)).exit_code == 2
    assert not api.asked


def _json(text: str) -> Any:
    return response(200, text.encode()).json()
