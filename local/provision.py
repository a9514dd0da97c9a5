"""The template's tables, queues and buckets, made on the emulator unless they are there."""

from http import HTTPStatus
from typing import Any, Final

import httpx2
from pydantic import SecretStr

from local.errors import StackError
from local.intrinsics import REGION
from local.parts import Resource
from local.template import Template
from tollgate.settings import AwsSettings
from tollgate.storage.aws import DYNAMODB, SQS, AwsClient, AwsError, AwsUnavailable

_TABLE: Final = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


async def provision(described: Template, emulator_url: str) -> None:
    """Make what is missing. Raises StackError for a table that is there with other keys, or not made."""
    try:
        await _provision(described, emulator_url)
    except (AwsError, AwsUnavailable) as error:
        raise StackError(f"MiniStack does not make the tables of template.yaml: {error}") from error


async def _provision(described: Template, emulator_url: str) -> None:
    settings = AwsSettings(
        aws_endpoint_url=emulator_url,
        aws_region=REGION,
        aws_access_key_id="test",
        aws_secret_access_key=SecretStr("test"),
    )
    async with httpx2.AsyncClient(trust_env=False) as http:
        database, queues = AwsClient(http, settings, DYNAMODB), AwsClient(http, settings, SQS)
        for table in described.tables():
            await _table(database, table)
        for queue in described.queues():
            await queues.call("CreateQueue", {"QueueName": queue.name, "Attributes": _attributes(queue)})
        await _bucket(http, f"{emulator_url}/{described.archive_bucket()}")


async def _bucket(http: httpx2.AsyncClient, url: str) -> None:
    answer = await http.put(url)
    if answer.status_code not in (HTTPStatus.OK, HTTPStatus.CONFLICT):
        raise StackError(f"MiniStack does not make the bucket of the archive: {answer.status_code}")


async def _table(database: AwsClient, table: Resource) -> None:
    try:
        await database.call("CreateTable", create_table(table))
    except AwsError as error:
        if error.code != "ResourceInUseException":
            raise
        await _check(database, table)
        return
    if ttl := table.properties.get("TimeToLiveSpecification"):
        await database.call("UpdateTimeToLive", {"TableName": table.name, "TimeToLiveSpecification": ttl})


def create_table(table: Resource) -> dict[str, Any]:
    """The CreateTable request of a table; backups and encryption mean nothing on an emulator."""
    request = {name: table.properties[name] for name in _TABLE if name in table.properties}
    if stream := table.properties.get("StreamSpecification"):
        request["StreamSpecification"] = {"StreamEnabled": True, **stream}
    return {"TableName": table.name, **request}


async def _check(database: AwsClient, table: Resource) -> None:
    there = (await database.call("DescribeTable", {"TableName": table.name}))["Table"]
    if _keys(there) != _keys(table.properties):
        raise StackError(
            f"The table {table.name} in TOLLGATE_HOME was made by another version of template.yaml, with "
            "other keys. Choose another TOLLGATE_HOME, or remove that folder to start with empty books."
        )


def _keys(table: Any) -> Any:
    """What cannot be changed where a table stands."""
    indexes = table.get("GlobalSecondaryIndexes") or ()
    return table["KeySchema"], {one["IndexName"]: (one["KeySchema"], one["Projection"]) for one in indexes}


def _attributes(queue: Resource) -> dict[str, str]:
    own = {name: value for name, value in queue.properties.items() if name != "QueueName"}
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in own.items()
    }
