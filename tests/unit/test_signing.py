"""Our signature is botocore's, for every body and every key."""

from datetime import datetime, timedelta

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON
from tollgate.storage.signing import Credentials, Request, Scope, signed_headers

ASCII = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


def botocores(request: Request, who: Credentials, scope: Scope, headers: dict[str, str]) -> str:
    """The authorization that botocore makes of the same request at the same moment."""
    names = ("content-type", "x-amz-target")
    sent = AWSRequest("POST", f"https://{scope.host}/", {n: headers[n] for n in names}, request.body)
    sent.headers["host"] = scope.host
    sent.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(
        BotoCredentials(who.access_key, who.secret_key, who.token or None), scope.service, scope.region
    )
    sent.headers["X-Amz-Date"] = headers["x-amz-date"]
    if who.token:
        sent.headers["X-Amz-Security-Token"] = who.token
    canonical = signer.canonical_request(sent)
    signature = signer.signature(signer.string_to_sign(sent, canonical), sent)
    signed = signer.signed_headers(signer.headers_to_sign(sent))
    return f"AWS4-HMAC-SHA256 Credential={signer.scope(sent)}, SignedHeaders={signed}, Signature={signature}"


@given(
    request=st.builds(
        Request,
        body=st.binary(max_size=500),
        target=ASCII,
        content_type=st.sampled_from(["application/x-amz-json-1.0", "application/x-amz-json-1.1"]),
    ),
    who=st.builds(Credentials, access_key=ASCII, secret_key=ASCII, token=ASCII | st.just("")),
    scope=st.builds(
        Scope,
        service=st.sampled_from(["dynamodb", "sqs", "secretsmanager"]),
        region=st.sampled_from(["us-east-1", "eu-central-1"]),
        host=st.sampled_from(["dynamodb.us-east-1.amazonaws.com", "127.0.0.1:4566"]),
    ),
    now=st.timedeltas(timedelta(0), timedelta(days=30_000)).map(lambda since: NOON + since),
)
def test_a_call_is_signed_as_botocore_signs_it(
    request: Request, who: Credentials, scope: Scope, now: datetime
) -> None:
    headers = signed_headers(request, who, scope, now=now)
    assert headers["authorization"] == botocores(request, who, scope, headers)


def test_the_session_token_of_a_function_is_sent_and_signed() -> None:
    request, scope = Request(b"{}", "T.Op", "application/x-amz-json-1.0"), Scope("sqs", "us-east-1", "h")
    with_token = signed_headers(request, Credentials("a", "b", "token"), scope)
    assert with_token["x-amz-security-token"] == "token"
    assert "x-amz-security-token" in with_token["authorization"]
    assert "x-amz-security-token" not in signed_headers(request, Credentials("a", "b"), scope)


@pytest.mark.parametrize("changed", ["body", "target", "secret", "token", "region", "moment"])
def test_a_signature_is_good_for_one_call_only(changed: str) -> None:
    def signature(**what: str) -> str:
        request = Request(what.get("body", "{}").encode(), what.get("target", "T"), "application/json")
        who = Credentials("key", what.get("secret", "s"), what.get("token", "t"))
        moment = datetime.fromisoformat(what.get("moment", "2026-01-01T00:00:00+00:00"))
        scope = Scope("sqs", what.get("region", "r"), "h")
        return signed_headers(request, who, scope, now=moment)["authorization"].rpartition("Signature=")[2]

    other = "2026-01-01T00:00:01+00:00" if changed == "moment" else "other"
    assert signature() != signature(**{changed: other})
