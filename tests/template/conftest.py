"""template.yaml as written, and as AWS's own translator renders it for a choice of parameters."""

import copy
import json
import subprocess
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest

from local import cloudformation
from local.deploy import SAM
from local.intrinsics import Intrinsics
from local.template import TEMPLATE

Document = dict[str, Any]
Render = Callable[..., Document]


TRANSLATE = """
import json, sys
from samtranslator.translator.transform import transform
class NoManagedPolicies:
    def load(self):
        return {}
json.dump(transform(json.load(sys.stdin), {}, NoManagedPolicies()), sys.stdout)
"""


@pytest.fixture(scope="session")
def document() -> Document:
    return cloudformation.load(TEMPLATE)


@pytest.fixture(scope="session")
def functions(document: Document) -> dict[str, Document]:
    """The functions by logical id, with what Globals adds to them."""
    common = document["Globals"]["Function"]
    shared = common["Environment"]["Variables"]
    found = {}
    for logical_id, resource in of_type(document, "AWS::Serverless::Function").items():
        own = resource["Properties"].get("Environment", {}).get("Variables", {})
        found[logical_id] = common | resource["Properties"] | {"Environment": {"Variables": shared | own}}
    return found


@pytest.fixture(scope="session")
def translated(document: Document) -> Document:
    """The template without SAM's own types, translated in the SAM CLI's environment."""
    source = copy.deepcopy(document)
    source["Globals"]["Function"]["CodeUri"] = "s3://uploaded/function.zip"
    source["Resources"]["CoreLayer"]["Properties"]["ContentUri"] = "s3://uploaded/layer.zip"
    command = [str(SAM.parent / "python"), "-c", TRANSLATE]
    env = {"AWS_DEFAULT_REGION": "us-east-1"}
    done = subprocess.run(  # noqa: S603 - the project's own tools
        command, input=json.dumps(source), env=env, capture_output=True, text=True, check=True
    )
    found: Document = json.loads(done.stdout)
    return found


@pytest.fixture(scope="session")
def rendered(translated: Document) -> Render:
    """Resources as CloudFormation would get them, with every condition decided; references stay readable."""

    @lru_cache(maxsize=8)
    def render(**parameters: str) -> Document:
        intrinsics = Intrinsics(
            translated, parameters, lambda resource, name: f"<{resource}.{name or 'Ref'}>"
        )
        resources = {
            logical_id: resource
            for logical_id, resource in translated["Resources"].items()
            if "Condition" not in resource or intrinsics.condition(resource["Condition"])
        }
        return {logical_id: intrinsics.resolve(resource) for logical_id, resource in resources.items()}

    return render


def of_type(document: Document, kind: str) -> dict[str, Document]:
    return {name: found for name, found in document["Resources"].items() if found["Type"] == kind}
