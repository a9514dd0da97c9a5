"""The functions' own OpenAPI documents, as schemathesis reads them."""

import json
from pathlib import Path
from typing import Any, Final

import schemathesis
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from schemathesis import Config
from schemathesis.openapi import from_dict
from schemathesis.schemas import BaseSchema

from tests.contract.wire import BASE

Case = schemathesis.Case[Any]
_CONFIG: Final = Path(__file__).with_name("schemathesis.toml")


def of_function(app: APIGatewayRestResolver) -> BaseSchema:
    """What a function says of its routes."""
    return of(json.loads(app.get_openapi_json_schema(title="Tollgate")))


def of(document: dict[str, Any]) -> BaseSchema:
    """A document, with how requests for it are made up."""
    described = from_dict(document, config=Config.from_path(_CONFIG))
    described.config.base_url = BASE
    return described
