"""Any request is signed as botocore signs it: method, path, query, headers, service."""

from urllib.parse import quote

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from hypothesis import given
from hypothesis import strategies as st

from tollgate.signing import Credentials, Scope, Unsigned, signed

WHO = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "token//x==")
SCOPE = Scope("bedrock", "us-east-1", "bedrock-runtime.us-east-1.amazonaws.com")
MODEL = st.text(st.characters(min_codepoint=33, max_codepoint=0x24F), min_size=1, max_size=30).filter(
    lambda text: text not in (".", "..")  # botocore folds these, and no model is called so
)


def botocores(request: Unsigned, scope: Scope, headers: dict[str, str]) -> str:
    """The authorization that botocore makes of the same request at the same moment."""
    query = f"?{request.query}" if request.query else ""
    url = f"https://{scope.host}{request.path}{query}"
    sent = AWSRequest(request.method, url, dict(request.headers), request.body)
    sent.headers["host"] = scope.host
    sent.headers["X-Amz-Date"] = sent.context["timestamp"] = headers["x-amz-date"]
    sent.headers["X-Amz-Security-Token"] = WHO.token
    signer = SigV4Auth(BotoCredentials(*WHO), scope.service, scope.region)
    canonical = signer.canonical_request(sent)
    signature = signer.signature(signer.string_to_sign(sent, canonical), sent)
    names = signer.signed_headers(signer.headers_to_sign(sent))
    return f"AWS4-HMAC-SHA256 Credential={signer.scope(sent)}, SignedHeaders={names}, Signature={signature}"


@given(
    model=MODEL,
    body=st.binary(max_size=200),
    query=st.sampled_from(["", "a=1", "b=2&a=1", "a=%20x&a=%2F", "flag"]),
    method=st.sampled_from(["POST", "GET", "DELETE"]),
    spaced=st.sampled_from(["application/json", "  two   words "]),
)
def test_any_request_is_signed_as_botocore_signs_it(
    model: str, body: bytes, query: str, method: str, spaced: str
) -> None:
    path = f"/model/{quote(model, safe='')}/invoke"
    request = Unsigned(method, path, body, {"content-type": spaced, "x-amz-a": "1"}, query)
    headers = signed(request, WHO, SCOPE)
    assert headers["authorization"] == botocores(request, SCOPE, headers)


@pytest.mark.parametrize(
    "model",
    [
        "anthropic.claude-3-5-sonnet-20240620-v1:0",
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc",
    ],
)
def test_the_path_of_a_model_is_signed_encoded_twice(model: str) -> None:
    request = Unsigned("POST", f"/model/{quote(model, safe='')}/invoke", b"{}", {})
    headers = signed(request, WHO, SCOPE)
    assert headers["authorization"] == botocores(request, SCOPE, headers)
