"""Who is let in, and what a refused caller is told (reference 2.9)."""

import asyncio
import json
from hashlib import sha256
from io import StringIO

import pytest

from tests.fakes import FakeAws
from tests.key_ring import keys
from tests.stack import Stack
from tollgate.errors import InvalidKey, StoreUnavailable, TollgateError, Unauthorized, body
from tollgate.secret_values import Secrets
from tollgate.storage.aws import SECRETS_MANAGER

MASTER = "sk-the-master"


async def refusal(stack: Stack, headers: dict[str, str]) -> TollgateError:
    with pytest.raises(Unauthorized) as refused:
        await keys(stack, MASTER).authenticate(headers)
    return refused.value


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {MASTER}"},
        {"authorization": f"bearer   {MASTER} "},
        {"x-api-key": MASTER},
        {"api-key": MASTER},
        {"x-litellm-api-key": MASTER},
        {"x-litellm-api-key": f"Bearer {MASTER}"},
        {"x-api-key": f" {MASTER} "},
        {"authorization": "", "x-api-key": MASTER},
        {"authorization": "Basic dXNlcjpwYXNz", "x-api-key": MASTER},
        {"authorization": "Bearer", "api-key": MASTER},
    ],
)
async def test_the_key_is_taken_from_any_of_the_headers_that_clients_send(
    stack: Stack, headers: dict[str, str]
) -> None:
    caller = await keys(stack, MASTER).authenticate(headers)
    assert caller.key_id == sha256(MASTER.encode()).hexdigest()


@pytest.mark.parametrize(
    ("first", "second"),
    [("x-litellm-api-key", "authorization"), ("authorization", "x-api-key"), ("x-api-key", "api-key")],
)
async def test_the_gateways_own_header_wins_over_the_clients_usual_ones(
    stack: Stack, first: str, second: str
) -> None:
    values = {"authorization": ("Bearer sk-wrong", f"Bearer {MASTER}")}
    wrong, right = values.get(first, ("sk-wrong", MASTER))[0], values.get(second, ("", MASTER))[1]
    assert isinstance(await refusal(stack, {first: wrong, second: right}), InvalidKey)


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Basic abc"}, {"x-api-key": "  "}, {"cookie": MASTER}]
)
async def test_no_key_at_all_is_answered_as_litellm_does(stack: Stack, headers: dict[str, str]) -> None:
    error = await refusal(stack, headers)
    assert body(error) == {
        "error": {
            "message": "Authentication Error, No api key passed in.",
            "type": "auth_error",
            "param": None,
            "code": "401",
        }
    }


@pytest.mark.parametrize("key", ["sk-wrong", MASTER + "x", MASTER[:-1], MASTER.upper().replace("SK", "sk")])
async def test_a_wrong_key_is_an_invalid_token(stack: Stack, key: str) -> None:
    error = await refusal(stack, {"x-api-key": key})
    assert (error.type, error.param, error.status) == ("token_not_found_in_db", "key", 401)
    assert key not in error.message


async def test_a_key_of_another_kind_is_shown_only_masked(stack: Stack) -> None:
    error = await refusal(stack, {"x-api-key": "abcdefghijkl"})
    assert "Received=abcd****ijkl, expected to start with 'sk-'" in error.message
    assert "Received=****," in (await refusal(stack, {"x-api-key": "abcdefgh"})).message


@pytest.mark.parametrize("key", ["schlüssel", "sk-schlüssel", "sk-\x00", "🔑"])
async def test_a_key_in_any_alphabet_is_refused_not_failed_on(stack: Stack, key: str) -> None:
    assert (await refusal(stack, {"x-api-key": key})).status == 401


async def test_the_master_key_can_stand_in_a_field_of_a_secret(stack: Stack, aws: FakeAws) -> None:
    aws.secrets["gateway/keys"] = '{"master": "sk-in-the-vault", "other": "sk-other"}'
    found = keys(stack, "secret:gateway/keys#master")
    assert await found.authenticate({"x-api-key": "sk-in-the-vault"})
    with pytest.raises(InvalidKey):
        await found.authenticate({"x-api-key": "sk-other"})
    with pytest.raises(Unauthorized):
        await found.authenticate({"x-api-key": "secret:gateway/keys#master"})


async def test_the_master_key_can_be_a_whole_secret(stack: Stack, aws: FakeAws) -> None:
    aws.secrets["master"] = "sk-whole"
    assert await keys(stack, "secret:master").authenticate({"x-api-key": "sk-whole"})


async def test_a_secret_is_fetched_once_however_many_fields_and_calls_need_it(
    stack: Stack, aws: FakeAws
) -> None:
    aws.secrets["all"] = '{"a": "1", "b": "2"}'
    secrets = Secrets(stack.client(SECRETS_MANAGER))
    asked = ("secret:all#a", "secret:all#b", "secret:all#a")
    found = [await secrets.reveal(reference) for reference in asked]
    assert found == ["1", "2", "1"]
    assert len(aws.called("GetSecretValue")) == 1


async def test_calls_that_arrive_together_fetch_a_secret_once(stack: Stack, aws: FakeAws) -> None:
    aws.secrets["all"] = '{"a": "1"}'
    secrets = Secrets(stack.client(SECRETS_MANAGER))
    assert await asyncio.gather(*(secrets.reveal("secret:all#a") for _ in range(5))) == ["1"] * 5
    assert len(aws.called("GetSecretValue")) == 1


async def test_a_value_that_is_no_reference_is_the_secret_itself(stack: Stack, aws: FakeAws) -> None:
    assert await Secrets(stack.client(SECRETS_MANAGER)).reveal("sk-plain") == "sk-plain"
    assert aws.calls == []


async def test_nobody_is_let_in_while_the_vault_cannot_be_asked(stack: Stack, aws: FakeAws) -> None:
    aws.hang_up("GetSecretValue", times=99)
    with pytest.raises(StoreUnavailable):
        await keys(stack, "secret:master").authenticate({"x-api-key": "sk-any"})


@pytest.mark.parametrize(
    "reference", ["secret:absent", "secret:plain#field", "secret:json#absent", "secret:list#0"]
)
async def test_a_reference_to_nothing_lets_nobody_in_and_the_log_says_which(
    stack: Stack, aws: FakeAws, log: StringIO, reference: str
) -> None:
    aws.secrets |= {"plain": "sk-plain", "json": "{}", "list": "[1]"}
    with pytest.raises(StoreUnavailable) as refused:
        await keys(stack, reference).authenticate({"x-api-key": "sk-plain"})
    line = json.loads(log.getvalue())
    assert f"secret:{line['secret']}#{line['field']}" in (reference, f"{reference}#")
    assert "sk-plain" not in log.getvalue() + str(refused.value)
