"""A call as its provider wants it: URL, headers and body, by the API it speaks."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from tollgate.call import Call, upstream_body
from tollgate.models import Deployment
from tollgate.settings import aws_settings
from tollgate.upstream import bedrock
from tollgate.upstream import headers as crossing
from tollgate.upstream.client import Shipment

_ANTHROPIC_VERSION: Final = "2023-06-01"  # https://docs.claude.com/en/api/versioning
_NOT_OF_A_DEPLOYMENT: Final = "/responses"


def shipment(call: Call, deployment: Deployment, key: str, call_id: str) -> Shipment:
    """The request to send for a call to a deployment."""
    passed = crossing.to_provider(call.headers, call_id)
    if deployment.provider.api == "bedrock":
        return bedrock.shipment(call, deployment, passed, key or aws_settings())
    headers = {**passed, **_credentials(call, deployment, key)}
    return Shipment(_url(call, deployment), headers, upstream_body(call, deployment))


def _url(call: Call, deployment: Deployment) -> str:
    provider, path = deployment.provider, call.endpoint.path
    if provider.api == "azure" and not provider.is_azure_v1:
        # https://learn.microsoft.com/en-us/azure/ai-services/openai/reference
        named = "" if path == _NOT_OF_A_DEPLOYMENT else f"/deployments/{quote(deployment.model, safe='')}"
        return f"{provider.base}{named}{path}?api-version={quote(provider.api_version)}"
    query = f"?{call.query}" if call.query else ""
    return f"{provider.base}{path}{query}"


def _credentials(call: Call, deployment: Deployment, key: str) -> Mapping[str, str]:
    if key and call.endpoint.dialect == "anthropic":
        version = call.headers.get("anthropic-version", _ANTHROPIC_VERSION)
        return {"x-api-key": key, "anthropic-version": version}
    return deployment.provider.credentials(key)
