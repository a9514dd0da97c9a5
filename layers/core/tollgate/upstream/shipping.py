"""A call as its provider wants it: URL, headers and body, by the API it speaks."""

from collections.abc import Mapping
from urllib.parse import quote

from tollgate.call import Call, upstream_body
from tollgate.models import Deployment
from tollgate.upstream import headers as crossing
from tollgate.upstream.client import Shipment

_ANTHROPIC_VERSION = "2023-06-01"  # https://docs.claude.com/en/api/versioning


def shipment(call: Call, deployment: Deployment, key: str, call_id: str) -> Shipment:
    """The request to send for a call to a deployment."""
    headers = {**crossing.to_provider(call.headers, call_id), **_credentials(call, deployment, key)}
    return Shipment(_url(call, deployment), headers, upstream_body(call, deployment))


def _url(call: Call, deployment: Deployment) -> str:
    provider = deployment.provider
    if provider.api == "azure":
        # https://learn.microsoft.com/en-us/azure/ai-services/openai/reference
        path = f"/openai/deployments/{quote(deployment.model, safe='')}{call.endpoint.path}"
        return f"{provider.base}{path}?api-version={quote(provider.api_version)}"
    query = f"?{call.query}" if call.query else ""
    return f"{provider.base}{call.endpoint.path}{query}"


def _credentials(call: Call, deployment: Deployment, key: str) -> Mapping[str, str]:
    if not key:
        return {}
    if deployment.provider.api == "azure":
        return {"api-key": key}
    if call.endpoint.dialect == "anthropic":
        version = call.headers.get("anthropic-version", _ANTHROPIC_VERSION)
        return {"x-api-key": key, "anthropic-version": version}
    return {"authorization": f"Bearer {key}"}
