"""Every route reaches its function: on AWS, on the local stack, and under `sam local`."""

import json
import subprocess
from typing import Any

import pytest

from local import template
from local.deploy import SAM
from local.names import STACK
from local.settings import ROOT
from tests.template.conftest import Document, Render, of_type

METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
CUSTOMERS = {
    "GET": ("info", "list"),
    "POST": ("new", "bulk", "update", "delete", "block", "unblock", "reset_spend"),
}
USAGE = (
    "daily/activity",
    "daily/activity/aggregated",
    "daily/activity/aggregated/keys",
    "daily/activity/aggregated/search",
    "daily/activity/aggregated/model_top_keys",
    "daily/activity/export",
    "daily/totals",
    "activity/series",
    "leaderboard",
    "compare",
    "forecast",
    "refusals",
)
TOTALS = (
    "global/spend",
    *(f"global/spend/{of}" for of in ("logs", "keys", "models", "provider", "end_users", "report")),
    *("global/activity", "global/activity/model", "global/all_end_users"),
    *("spend/keys", "spend/users"),
)
ROUTES = {
    **{(method, path): "ProxyFunction" for method in METHODS for path in ("/", "/{proxy+}")},
    **{
        (method, f"/{name}/{route}"): "CustomersFunction"
        for name in ("customer", "end_user")
        for method, routes in CUSTOMERS.items()
        for route in routes
    },
    **{("POST", f"/budget/{route}"): "BudgetsFunction" for route in ("new", "update", "info", "delete")},
    **{("GET", f"/budget/{route}"): "BudgetsFunction" for route in ("settings", "list")},
    ("GET", "/management/v1/budgets"): "BudgetsFunction",
    **{
        ("POST", f"/key/{route}"): "KeysFunction"
        for route in ("generate", "update", "regenerate", "delete", "block", "unblock")
    },
    **{("GET", f"/key/{route}"): "KeysFunction" for route in ("info", "list", "self")},
    ("GET", "/audit"): "AuditFunction",
    **{("GET", path): "PageFunction" for path in ("/ui", "/ui/{proxy+}")},
    **{("GET", f"/spend/logs{rest}"): "SpendLogsFunction" for rest in ("", "/v2", "/ui", "/{request_id}")},
    **{("GET", path): "SpendLogsFunction" for path in ("/spend/tags", "/global/spend/tags")},
    ("GET", "/global/spend/all_tag_names"): "SpendLogsFunction",
    **{("GET", f"/{name}/{route}"): "UsageFunction" for name in ("customer", "end_user") for route in USAGE},
    **{("GET", f"/{route}"): "UsageFunction" for route in TOTALS},
}
SAM_LOCAL = """
import json, sys
from samcli.lib.providers.api_provider import ApiProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider
stacks, _ = SamLocalStackProvider.get_stacks(sys.argv[1], parameter_overrides=json.loads(sys.argv[2]))
routes = ApiProvider(stacks).api.routes
print(json.dumps([[method, route.path, route.function_name] for route in routes for method in route.methods]))
"""


def integrations(rendered: Render, **parameters: str) -> dict[tuple[str, str], Any]:
    paths = rendered(**parameters)["Api"]["Properties"]["Body"]["paths"]
    return {
        (method.upper(), path): operation["x-amazon-apigateway-integration"]
        for path, operations in paths.items()
        for method, operation in operations.items()
    }


def test_the_local_stack_finds_every_route() -> None:
    found = {(route.method, route.path): route.function for route in template.read("http://x").routes()}
    assert found == {route: f"{STACK}-{function}" for route, function in ROUTES.items()}


@pytest.mark.parametrize("streaming", ["true", "false"])
def test_sam_local_finds_every_route(streaming: str) -> None:
    overrides = json.dumps({"ResponseStreaming": streaming})
    command = [str(SAM.parent / "python"), "-c", SAM_LOCAL, str(template.TEMPLATE), overrides]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert {(method, path): function for method, path, function in json.loads(done.stdout)} == ROUTES


def test_streamed_answers_go_through_the_streaming_invocation(rendered: Render) -> None:
    for route, integration in integrations(rendered, ResponseStreaming="true").items():
        if ROUTES[route] == "ProxyFunction":
            assert integration["uri"].endswith(
                "path/2021-11-15/functions/<ProxyFunction.Arn>/response-streaming-invocations"
            )
            assert (integration["responseTransferMode"], integration["timeoutInMillis"]) == ("STREAM", 900000)


def test_buffered_answers_go_through_the_ordinary_invocation(rendered: Render) -> None:
    for route, integration in integrations(rendered, ResponseStreaming="false").items():
        assert integration["uri"].endswith(f"path/2015-03-31/functions/<{ROUTES[route]}.Arn>/invocations")
        assert integration.get("responseTransferMode", "BUFFERED") == "BUFFERED"
        assert integration.get("timeoutInMillis", 29000) == 29000


def test_api_gateway_may_invoke_what_it_routes_to(document: Document) -> None:
    allowed = [p["Properties"] for p in of_type(document, "AWS::Lambda::Permission").values()]
    assert {p["FunctionName"]["Ref"] for p in allowed} == set(ROUTES.values())
    assert {p["Principal"] for p in allowed} == {"apigateway.amazonaws.com"}
    assert all("${Api}/" in p["SourceArn"]["Fn::Sub"] for p in allowed)


def test_there_is_one_stage(rendered: Render) -> None:
    stages = [r for r in rendered().values() if r["Type"] == "AWS::ApiGateway::Stage"]
    assert [stage["Properties"]["StageName"] for stage in stages] == ["prod"]


def test_a_parameter_that_changes_the_integrations_reaches_the_stage(document: Document) -> None:
    assert document["Resources"]["Api"]["Properties"]["AlwaysDeploy"] is True


def test_what_api_gateway_says_itself_has_the_envelope_that_clients_know(document: Document) -> None:
    responses = document["Resources"]["Api"]["Properties"]["GatewayResponses"]
    assert {"MISSING_AUTHENTICATION_TOKEN", "REQUEST_TOO_LARGE", "INTEGRATION_TIMEOUT"} <= responses.keys()
    for response in responses.values():
        error = json.loads(response["ResponseTemplates"]["application/json"])["error"]
        assert error.keys() == {"message", "type", "param", "code"}
        assert error["code"] == str(response["StatusCode"])
