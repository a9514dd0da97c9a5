"""Reference section 1, row by row and vector by vector; then what Tollgate adds to it (DESIGN 2.2)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tollgate.customer import Identity, identify
from tollgate.errors import BadRequest, CustomerRequired
from tollgate.money import dumps, loads
from tollgate.settings import CustomerSettings

Json = dict[str, Any]

ACCOUNT = "5f0c2f0e-4f3e-4e2e-9d5f-0d9d2f6f1c11"
SESSION = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
OLD_FORM = f"user_9f86d081884c7d65_account_{ACCOUNT}_session_{SESSION}"
NEW_FORM = json.dumps({"device_id": "d9f8", "account_uuid": ACCOUNT, "session_id": SESSION})
EMAIL = '{"header_name":"X-Email","litellm_user_role":"customer"}'
OTHER = '{"header_name":"X-Other","litellm_user_role":"customer"}'
INTERNAL = '{"header_name":"X-Id","litellm_user_role":"internal_user"}'
UNDER_AN_API_KEY = json.dumps({"device_id": "d9f8", "account_uuid": "", "session_id": SESSION})


def who(body: Json | None = None, headers: dict[str, str] | None = None, **settings: Any) -> str:
    return identity(body, headers, **settings).customer_id


def identity(body: Json | None = None, headers: dict[str, str] | None = None, **settings: Any) -> Identity:
    arrived = loads(dumps(body or {}))  # numbers as they come off the wire
    return identify(headers or {}, arrived, CustomerSettings(**settings))


BY_PRECEDENCE: list[tuple[str, Json, dict[str, str]]] = [
    ("header customer", {}, {"x-litellm-customer-id": "header customer"}),
    ("header end user", {}, {"x-litellm-end-user-id": "header end user"}),
    ("mapped first", {}, {"x-first": "mapped first"}),
    ("mapped second", {}, {"x-second": "mapped second"}),
    ("body user", {"user": "body user"}, {}),
    ("litellm metadata", {"litellm_metadata": {"user": "litellm metadata"}}, {}),
    ("metadata", {"metadata": {"user_id": "metadata"}}, {}),
    ("safety", {"safety_identifier": "safety"}, {}),
]


@pytest.mark.parametrize("first", range(len(BY_PRECEDENCE)), ids=[row[0] for row in BY_PRECEDENCE])
def test_a_source_wins_over_every_source_below_it(first: int) -> None:
    body = {name: value for _, fields, _ in BY_PRECEDENCE[first:] for name, value in fields.items()}
    headers = {name: value for _, _, sent in BY_PRECEDENCE[first:] for name, value in sent.items()}
    found = who(body, headers, user_header_mappings=("X-First", "x-second"))
    assert found == BY_PRECEDENCE[first][0]


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        ({"user": "a"}, {"x-litellm-customer-id": "hdr"}, "hdr"),
        ({"user": "a"}, {"x-litellm-end-user-id": "hdr2"}, "hdr2"),
        ({"user": "a"}, {"x-litellm-end-user-id": "e", "x-litellm-customer-id": "c"}, "c"),
        ({"user": "a"}, {"x-litellm-customer-id": ""}, "a"),
        ({"user": {"a": 1}, "metadata": {"user_id": "m"}}, {}, "m"),
        ({"user": ["x"], "metadata": {"user_id": "m"}}, {}, "m"),
        ({"user": None, "safety_identifier": "si"}, {}, "si"),
        ({"litellm_metadata": {"user": "lm"}, "metadata": {"user_id": "m"}}, {}, "lm"),
        ({"litellm_metadata": '{"user":"lm-json"}'}, {}, "lm-json"),
        ({"metadata": '{"user_id":"m-json"}'}, {}, "m-json"),
        ({"metadata": {"user_id": {"device_id": "d"}}, "safety_identifier": "si"}, {}, "si"),
    ],
)
def test_litellms_vectors_give_the_same_customer(body: Json, headers: dict[str, str], expected: str) -> None:
    assert who(body, headers) == expected
    assert who(body, headers, claude_code_customer="verbatim") == expected


def test_claude_codes_id_is_kept_whole_when_the_deployment_wants_it_verbatim() -> None:
    vector = {"metadata": {"user_id": "user_abc_account_xyz_session_123"}}
    assert identity(vector, claude_code_customer="verbatim") == ("user_abc_account_xyz_session_123", "")
    assert identity(vector) == ("xyz", "123")


def test_the_named_header_counts_only_while_no_mapping_is_set() -> None:
    sent: Json = {"body": {"user": "b"}, "headers": {"x-old": "old"}}
    assert who(**sent, user_header_mappings=("Email",), user_header_name="X-Old") == "b"
    assert who(**sent, user_header_name="X-Old") == "old"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "next"),
        (True, "next"),
        (False, "next"),
        (12345, "12345"),
        (0, "0"),
        ("", "next"),
        ("   ", "next"),
        ("  sp  ", "sp"),
        ({"id": "x"}, "next"),
        (["x"], "next"),
        ({}, "next"),
        ('{"id":"x"}', '{"id":"x"}'),
        ('["x"]', '["x"]'),
        ("Case", "Case"),
        ("\u0065\u0301", "\u0065\u0301"),  # an accent of its own stays one
    ],
)
@pytest.mark.parametrize("source", ["user", "litellm_metadata", "metadata", "safety_identifier"])
def test_every_source_in_the_body_coerces_as_litellm_does(source: str, value: Any, expected: str) -> None:
    inside = {"litellm_metadata": {"user": value}, "metadata": {"user_id": value}}.get(source, value)
    below = {} if source == "safety_identifier" else {"safety_identifier": "next"}
    assert who({source: inside, **below}) == (expected if expected != "next" or below else "")


def test_a_number_with_a_point_becomes_its_own_digits() -> None:
    body = loads(b'{"user": 1.5}')
    assert identify({}, body, CustomerSettings()).customer_id == "1.5"


@pytest.mark.parametrize(
    "metadata", ["not JSON", "[1]", "12", '"text"', "", "[" * 10_000, "1e99999999999999999999"]
)
def test_metadata_that_is_no_json_object_is_treated_as_empty(metadata: str) -> None:
    assert who({"metadata": metadata, "litellm_metadata": metadata, "safety_identifier": "si"}) == "si"


@pytest.mark.parametrize(
    "body",
    [{"metadata": {"user": "x"}}, {"prompt_cache_key": "x"}, {"user_id": "x"}, {"end_user": "x"}, {}],
)
def test_nothing_else_in_a_body_names_a_customer(body: Json) -> None:
    assert who(body, {"x-forwarded-user": "x", "cookie": "user=x"}) == ""


def test_a_header_of_blanks_falls_through_to_the_next_source() -> None:
    assert who({"user": "a"}, {"x-litellm-customer-id": "  ", "x-litellm-end-user-id": " e "}) == "e"


def test_a_header_in_utf8_is_the_same_customer_as_the_body() -> None:
    as_asgi_hands_it_over = "Zoë ✓".encode().decode("latin-1")
    assert who({}, {"x-litellm-customer-id": as_asgi_hands_it_over}) == who({"user": "Zoë ✓"}) == "Zoë ✓"
    assert who({}, {"x-litellm-customer-id": "Zo\xeb"}) == "Zoë"  # a client that sends Latin-1 after all


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (OLD_FORM, Identity(ACCOUNT, SESSION)),
        (f"user_9f86_account__session_{SESSION}", Identity("9f86", SESSION)),
        (f"user_9f86_account_  {ACCOUNT}_session_{SESSION} ", Identity(ACCOUNT, SESSION)),
        (f"user_ 9f86 _account_  _session_ {SESSION}", Identity("9f86", SESSION)),
        (NEW_FORM, Identity(ACCOUNT, SESSION)),
        (UNDER_AN_API_KEY, Identity("d9f8", SESSION)),
        ('{"device_id":"d"}', Identity("d", "")),
        ('{"account_uuid":"a"}', Identity("a", "")),
    ],
)
def test_claude_codes_account_or_device_is_the_customer_and_its_session_the_session(
    form: str, expected: Identity
) -> None:
    assert identity({"metadata": {"user_id": form}}) == expected


@pytest.mark.parametrize(
    "text",
    [
        "user_abc",
        "user_a_account_b",
        "xuser_a_account_b_session_c",
        '{"session_id":"s"}',
        '{"device_id":{},"account_uuid":[]}',
        '{"device_id":"d"',
        "user_ _account_ _session_ ",
    ],
)
def test_what_only_resembles_claude_codes_id_is_kept_whole(text: str) -> None:
    assert who({"metadata": {"user_id": text}}) == text.strip()


def test_only_metadata_is_read_as_claude_codes_id() -> None:
    assert who({"user": OLD_FORM}) == OLD_FORM
    assert who({}, {"x-litellm-customer-id": NEW_FORM}) == NEW_FORM


def test_claude_codes_session_header_names_the_session_whoever_the_customer_is() -> None:
    header = {"x-claude-code-session-id": f" {SESSION} "}
    assert identity({"user": "a"}, header) == ("a", SESSION)
    assert identity({}, header) == ("", SESSION)
    assert identity({}, {**header, "x-litellm-customer-id": "h"}) == ("h", SESSION)


@pytest.mark.parametrize("letter", ["a", "é", "😀"])
def test_an_id_of_256_characters_is_the_longest(letter: str) -> None:
    assert who({"user": f" {letter * 256} "}) == letter * 256
    with pytest.raises(BadRequest, match="257 characters; at most 256"):
        who({"user": letter * 257})


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({}, {"x-litellm-customer-id": "b" * 257}),
        ({"safety_identifier": "b" * 257}, {}),
        ({"metadata": {"user_id": f"user_a_account_{'b' * 257}_session_c"}, "safety_identifier": "x"}, {}),
    ],
)
def test_an_over_long_id_is_refused_wherever_it_stands(body: Json, headers: dict[str, str]) -> None:
    with pytest.raises(BadRequest) as refused:
        who(body, headers)
    assert (refused.value.status, refused.value.param) == (400, "user")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"user": "a"}, {}),
        ({"metadata": {"user_id": "a"}}, {}),
        ({"litellm_metadata": {"user": "a"}}, {}),
        ({"safety_identifier": "a"}, {}),
        ({}, {"x-litellm-customer-id": "a"}),
        ({}, {"x-litellm-end-user-id": "a"}),
    ],
)
def test_header_body_and_metadata_all_satisfy_a_deployment_that_requires_a_customer(
    body: Json, headers: dict[str, str]
) -> None:
    assert who(body, headers, require_customer=True) == "a"


def test_a_call_without_a_customer_is_unassigned_or_refused_as_the_deployment_chose() -> None:
    assert who({}) == ""
    with pytest.raises(CustomerRequired) as refused:
        who({"user": " "}, require_customer=True)
    assert refused.value.status == 400


def test_a_key_bound_to_a_customer_speaks_for_that_one_only() -> None:
    headers = {"x-litellm-customer-id": "somebody else", "x-claude-code-session-id": "s"}
    found = identify(headers, {"user": "another"}, CustomerSettings(require_customer=True), bound_to="own")
    assert found == ("own", "s")


@pytest.mark.parametrize(
    ("setting", "names"),
    [
        (f"[{EMAIL}]", ("X-Email",)),
        (EMAIL, ("X-Email",)),
        (f"[{INTERNAL},{EMAIL},{OTHER}]", ("X-Email", "X-Other")),
        (INTERNAL, ()),
        ("[]", ()),
    ],
)
def test_header_mappings_are_litellms_setting_and_only_customers_are_taken_from_it(
    monkeypatch: pytest.MonkeyPatch, setting: str, names: tuple[str, ...]
) -> None:
    monkeypatch.setenv("USER_HEADER_MAPPINGS", setting)
    assert CustomerSettings().user_header_mappings == names


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("user", "metadata", "litellm_metadata", "safety_identifier"), JUNK)
    )
)
def test_no_body_makes_an_id_that_is_untrimmed_or_too_long(body: Json) -> None:
    found = identify({}, body, CustomerSettings()).customer_id
    assert found == found.strip()
    assert len(found) <= 256
