"""The archive: what is counted goes to a private bucket, as Parquet by day, in the columns code writes."""

import copy
import json
from typing import Any

from local import event_filter
from local.settings import ROOT
from tests.template.conftest import Document, Render
from tests.template.test_books import mapping
from tollgate.archive import COLUMNS, PARTITION


def destination(rendered: Render) -> Any:
    return rendered()["ArchiveStream"]["Properties"]["ExtendedS3DestinationConfiguration"]


def test_the_archive_gets_what_is_counted_and_nothing_else(rendered: Render) -> None:
    found = mapping(rendered, "ArchiveFunction")
    patterns = [json.loads(each["Pattern"]) for each in found["FilterCriteria"]["Filters"]]
    pending = json.loads((ROOT / "events" / "record_spend.json").read_text())["Records"]
    counted = copy.deepcopy(pending)
    for record in counted:
        del record["dynamodb"]["NewImage"]["pending"]
    opened = copy.deepcopy(counted)
    for record in opened:
        record["dynamodb"]["NewImage"]["state"] = {"S": "open"}
    removed = {"eventName": "REMOVE", "dynamodb": {"Keys": pending[0]["dynamodb"]["Keys"]}}
    assert all(event_filter.passes(patterns, record) for record in counted)
    assert not any(event_filter.passes(patterns, record) for record in [*pending, *opened, removed])
    assert found["MaximumRetryAttempts"] == -1
    assert found["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_the_table_has_the_columns_that_the_code_writes(rendered: Render) -> None:
    table = rendered()["ArchiveTable"]["Properties"]["TableInput"]
    columns = {one["Name"]: one["Type"] for one in table["StorageDescriptor"]["Columns"]}
    assert columns == dict(COLUMNS)
    assert list(columns) == list(COLUMNS)
    assert table["PartitionKeys"] == [{"Name": PARTITION, "Type": "string"}]


def test_no_amount_is_a_double(rendered: Render) -> None:
    assert not {kind for kind in COLUMNS.values() if kind in ("double", "float")}
    assert {COLUMNS[name] for name in ("cost", "charge", "held")} == {"decimal(38,24)"}
    conversion = destination(rendered)["DataFormatConversionConfiguration"]
    assert "HiveJsonSerDe" in conversion["InputFormatConfiguration"]["Deserializer"]


def test_files_lie_by_the_day_of_their_events_where_the_table_looks_for_them(rendered: Render) -> None:
    found = destination(rendered)
    assert found["Prefix"] == "ledger/day=!{partitionKeyFromQuery:day}/"
    assert found["DynamicPartitioningConfiguration"]["Enabled"] is True
    (processor,) = found["ProcessingConfiguration"]["Processors"]
    assert {"ParameterName": "MetadataExtractionQuery", "ParameterValue": "{day: .day}"} in processor[
        "Parameters"
    ]
    table = rendered()["ArchiveTable"]["Properties"]["TableInput"]
    template = table["Parameters"]["storage.location.template"]
    assert template == "s3://<ArchiveBucket.Ref>/ledger/day=${day}/"
    assert not found["ErrorOutputPrefix"].startswith("ledger/")


def test_the_bucket_is_private_encrypted_and_outlives_the_stack(rendered: Render, document: Document) -> None:
    resource = document["Resources"]["ArchiveBucket"]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    found = rendered()["ArchiveBucket"]["Properties"]
    assert set(found["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(found["PublicAccessBlockConfiguration"]) == 4
    assert "BucketEncryption" in found
    rules = found["LifecycleConfiguration"]["Rules"]
    assert not [rule for rule in rules if any("Expiration" in name for name in rule)]
    (statement,) = rendered()["ArchiveBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )
