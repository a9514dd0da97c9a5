"""template.yaml as the local stack reads it: what there is to create, to call, and to feed."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from local import cloudformation
from local.intrinsics import Intrinsics
from local.names import Names, last_name
from local.page_headers import page_headers
from local.parts import Canned, Function, Resource, Route, Schedule, StreamMapping
from local.settings import ROOT

TEMPLATE: Final = ROOT / "template.yaml"
_INTEGRATION: Final = "x-amazon-apigateway-integration"
_INVOKED: Final = re.compile(r"/functions/(arn:[^/]+)/")


class Template:
    """The deployment's one description, with its parameters' defaults unless told otherwise."""

    def __init__(self, document: Mapping[str, Any], emulator_url: str, parameters: Mapping[str, str]) -> None:
        self._resources: Mapping[str, Any] = document["Resources"]
        self._function_defaults: Mapping[str, Any] = document.get("Globals", {}).get("Function", {})
        self._names = Names(self._resources, emulator_url)
        self._intrinsics = Intrinsics(document, parameters, self._names.attribute)

    def tables(self) -> list[Resource]:
        """Every DynamoDB table."""
        return [self._resource(logical_id) for logical_id in self._of_type("AWS::DynamoDB::Table")]

    def queues(self) -> list[Resource]:
        """Every SQS queue."""
        return [self._resource(logical_id) for logical_id in self._of_type("AWS::SQS::Queue")]

    def archive_bucket(self) -> str:
        """The name of the bucket that the archive's stream delivers to."""
        (stream,) = self._of_type("AWS::KinesisFirehose::DeliveryStream")
        delivery = self._resources[stream]["Properties"]["ExtendedS3DestinationConfiguration"]
        return last_name(self._intrinsics.resolve(delivery["BucketARN"]))

    def page_headers(self) -> dict[str, str]:
        """The headers that CloudFront adds to the usage page, but for those that mean nothing without TLS."""
        (policy,) = self._of_type("AWS::CloudFront::ResponseHeadersPolicy")
        config = self._resource(policy).properties["ResponseHeadersPolicyConfig"]
        return page_headers(config)

    def functions(self) -> dict[str, Function]:
        """Every Lambda function, by name."""
        found = [self._function(logical_id) for logical_id in self._of_type("AWS::Serverless::Function")]
        return {function.name: function for function in found}

    def environment(self) -> tuple[dict[str, str], dict[str, str]]:
        """The functions' variables: those a deployment may choose, and those that name its resources.

        They share one process here. Raises ValueError when two functions want different values of one.
        """
        chosen: dict[str, str] = {}
        wired: dict[str, str] = {}
        for name, raw in self._variables():
            value = str(self._intrinsics.resolve(raw))
            kind = wired if self._names_a_resource(raw) else chosen
            if kind.setdefault(name, value) != value:
                raise ValueError(f"template.yaml gives {name} two values: {kind[name]} and {value}")
        return chosen, wired

    def routes(self) -> list[Route]:
        """Every method and path of the API."""
        found = []
        for path, methods in self._api()["DefinitionBody"]["paths"].items():
            for method, operation in methods.items():
                if _INTEGRATION in operation:
                    uri = self._intrinsics.resolve(operation[_INTEGRATION]["uri"])
                    found.append(Route(method.upper(), path, last_name(_invoked(uri))))
        return found

    def canned(self, name: str) -> Canned:
        """One of the API's gateway responses. Raises KeyError when the template has none of that name."""
        response = self._api()["GatewayResponses"][name]
        return Canned(int(response["StatusCode"]), response["ResponseTemplates"]["application/json"])

    def compressed_from(self) -> int | None:
        """The API's MinimumCompressionSize in bytes, None without one."""
        size = self._api().get("MinimumCompressionSize")
        return None if size is None else int(size)

    def stream_mappings(self) -> list[StreamMapping]:
        """Every DynamoDB stream that feeds a function."""
        return [self._mapping(function, event) for function, event in self._events("DynamoDB")]

    def schedules(self) -> list[Schedule]:
        """Every schedule that calls a function."""
        return [
            Schedule(function, _seconds(event["ScheduleExpression"]), event.get("Input", "{}"))
            for function, event in self._events("ScheduleV2", "Schedule")
        ]

    def _of_type(self, kind: str) -> Iterator[str]:
        return (logical_id for logical_id, resource in self._resources.items() if resource["Type"] == kind)

    def _resource(self, logical_id: str) -> Resource:
        properties = self._intrinsics.resolve(self._resources[logical_id]["Properties"])
        return Resource(self._names.physical(logical_id), properties)

    def _function(self, logical_id: str) -> Function:
        own = self._resources[logical_id]["Properties"]
        wanted = ("Handler", "Timeout", "MemorySize")
        properties = {**self._function_defaults, **own}
        resolved = self._intrinsics.resolve({name: properties[name] for name in wanted if name in properties})
        return Function(
            name=self._names.physical(logical_id),
            arn=self._names.attribute(logical_id, "Arn"),
            handler=resolved["Handler"],
            timeout_seconds=int(resolved.get("Timeout", 3)),
            memory_mb=int(resolved.get("MemorySize", 128)),
        )

    def _variables(self) -> Iterator[tuple[str, Any]]:
        functions = self._of_type("AWS::Serverless::Function")
        own = (self._resources[logical_id]["Properties"] for logical_id in functions)
        for properties in (self._function_defaults, *own):
            variables = properties.get("Environment", {}).get("Variables", {})
            yield from ((name, value) for name, value in variables.items() if not name.startswith("AWS_"))

    def _names_a_resource(self, raw: Any) -> bool:
        return isinstance(raw, Mapping) and (raw.get("Ref") in self._resources or "Fn::GetAtt" in raw)

    def _api(self) -> Mapping[str, Any]:
        logical_id = next(self._of_type("AWS::Serverless::Api"))
        properties: Mapping[str, Any] = self._resources[logical_id]["Properties"]
        return properties

    def _events(self, *kinds: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for logical_id in self._of_type("AWS::Serverless::Function"):
            for event in self._resources[logical_id]["Properties"].get("Events", {}).values():
                if event["Type"] in kinds:
                    yield self._names.physical(logical_id), self._intrinsics.resolve(event["Properties"])

    def _mapping(self, function: str, event: Mapping[str, Any]) -> StreamMapping:
        filters = event.get("FilterCriteria", {}).get("Filters", [])
        destination = event.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", "")
        return StreamMapping(
            function=function,
            table=last_name(event["Stream"]),
            starting_position=event["StartingPosition"],
            patterns=tuple(json.loads(one["Pattern"]) for one in filters),
            batch_size=int(event.get("BatchSize", 100)),
            window_seconds=int(event.get("MaximumBatchingWindowInSeconds", 0)),
            reports_failures="ReportBatchItemFailures" in event.get("FunctionResponseTypes", []),
            bisects=bool(event.get("BisectBatchOnFunctionError", False)),
            max_retries=int(event.get("MaximumRetryAttempts", -1)),
            max_age_seconds=int(event.get("MaximumRecordAgeInSeconds", -1)),
            on_failure_url=self._names.queue_url(last_name(destination)) if destination else "",
        )


def read(emulator_url: str, path: Path = TEMPLATE, parameters: Mapping[str, str] | None = None) -> Template:
    """The template of this repository, its resources on the emulator. Raises OSError, yaml.YAMLError."""
    return Template(cloudformation.load(path), emulator_url, parameters or {})


def _invoked(uri: str) -> str:
    found = _INVOKED.search(uri)
    if found is None:
        raise ValueError(f"template.yaml has an integration that invokes no function: {uri}")
    return found.group(1)


_UNITS: Final = {"minute": 60, "hour": 3600, "day": 86400}


def _seconds(expression: str) -> int:
    found = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression)
    if found is None:
        raise ValueError(f"template.yaml schedules by {expression}; the local stack knows rate(…) only")
    return int(found.group(1)) * _UNITS[found.group(2)]
