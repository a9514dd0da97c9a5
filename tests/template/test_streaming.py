"""The proxy's two ways to answer, and the two processors it runs on."""

import os

import pytest

from local.settings import ROOT
from tests.template.conftest import Document, Render

ADAPTER = "arn:aws:lambda:us-east-1:753240598075:layer"


def proxy(rendered: Render, **parameters: str) -> Document:
    properties: Document = rendered(**parameters)["ProxyFunction"]["Properties"]
    return properties


@pytest.mark.parametrize(
    ("architecture", "layer"),
    [("arm64", "LambdaAdapterLayerArm64:26"), ("x86_64", "LambdaAdapterLayerX86:26")],
)
def test_streamed_the_adapter_starts_the_app(rendered: Render, architecture: str, layer: str) -> None:
    found = proxy(rendered, ResponseStreaming="true", Architecture=architecture)
    variables = found["Environment"]["Variables"]
    assert found["Architectures"] == [architecture]
    assert found["Layers"][1:] == [f"{ADAPTER}:{layer}"]
    assert variables["AWS_LAMBDA_EXEC_WRAPPER"] == "/opt/bootstrap"
    assert variables["AWS_LWA_INVOKE_MODE"] == "response_stream"
    assert variables["AWS_LWA_PORT"] == "8080"
    assert variables["AWS_LWA_READINESS_CHECK_PATH"] == "/health"
    assert found["Timeout"] == 900


def test_what_the_adapter_starts_can_be_executed(rendered: Render) -> None:
    handler = proxy(rendered, ResponseStreaming="true")["Handler"]
    assert os.access(ROOT / "functions" / handler, os.X_OK)


def test_the_adapter_and_nobody_else_is_trusted_to_say_who_calls(rendered: Render) -> None:
    script = (ROOT / "functions" / proxy(rendered, ResponseStreaming="true")["Handler"]).read_text()
    assert "--proxy-headers --forwarded-allow-ips 127.0.0.1" in script


def test_buffered_the_runtime_calls_the_handler(rendered: Render) -> None:
    found = proxy(rendered, ResponseStreaming="false")
    assert found["Handler"] == "proxy.handler.handler"
    assert len(found["Layers"]) == 1
    assert "AWS_LAMBDA_EXEC_WRAPPER" not in found["Environment"]["Variables"]


def test_a_call_ends_before_lambda_ends_it(rendered: Render) -> None:
    found = proxy(rendered)
    assert int(found["Environment"]["Variables"]["CALL_LIMIT_SECONDS"]) < found["Timeout"]
