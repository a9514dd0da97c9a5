"""The tables, the queue and the stream's mapping are what the code and DESIGN count on."""

import copy
import json
from typing import Any

from local import event_filter
from local.settings import ROOT
from tests.template.conftest import Document, Render, of_type
from tollgate.settings import ReconcileSettings

KEYS = {
    "LedgerTable": ["day_slot", "request_id"],
    "CountersTable": ["pk", "sk"],
    "CustomersTable": ["customer_id"],
    "BudgetsTable": ["scope", "budget_id"],
    "KeysTable": ["key_id"],
    "AuditTable": ["day_slot", "audit_id"],
}
DAY = 24 * 60 * 60


def properties(rendered: Render, logical_id: str) -> Any:
    return rendered()[logical_id]["Properties"]


def mapping(rendered: Render, function: str = "RecordSpendFunction") -> Any:
    found = [r["Properties"] for r in rendered().values() if r["Type"] == "AWS::Lambda::EventSourceMapping"]
    return next(one for one in found if one["FunctionName"] == f"<{function}.Ref>")


def test_tables_are_on_demand_backed_up_and_encrypted(rendered: Render, document: Document) -> None:
    assert of_type(document, "AWS::DynamoDB::Table").keys() == KEYS.keys()
    for logical_id, keys in KEYS.items():
        found = properties(rendered, logical_id)
        assert [key["AttributeName"] for key in found["KeySchema"]] == keys
        assert found["BillingMode"] == "PAY_PER_REQUEST"
        assert found["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert found["SSESpecification"] == {"SSEEnabled": True}


def test_what_expires_does(rendered: Render) -> None:
    for logical_id in ("LedgerTable", "CountersTable"):
        found = properties(rendered, logical_id)["TimeToLiveSpecification"]
        assert found == {"AttributeName": "expires_at", "Enabled": True}


def test_the_books_outlive_the_stack(document: Document) -> None:
    for logical_id in (*KEYS, "DeadLetterQueue"):
        resource = document["Resources"][logical_id]
        kept = resource["DeletionPolicy"], resource["UpdateReplacePolicy"]
        assert kept == ("RetainExceptOnCreate", "Retain")


def test_the_index_of_customers_holds_keys_only(rendered: Render) -> None:
    (index,) = properties(rendered, "LedgerTable")["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "by_customer"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["customer", "request_id"]
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}


def test_the_recorder_gets_new_images_from_the_first_on(rendered: Render) -> None:
    stream = properties(rendered, "LedgerTable")["StreamSpecification"]
    assert stream == {"StreamViewType": "NEW_IMAGE"}
    found = mapping(rendered)
    assert found["EventSourceArn"] == "<LedgerTable.StreamArn>"
    assert found["FunctionName"] == "<RecordSpendFunction.Ref>"
    assert found["StartingPosition"] == "TRIM_HORIZON"


def test_the_mapping_passes_what_is_pending_and_nothing_else(rendered: Render) -> None:
    patterns = [json.loads(each["Pattern"]) for each in mapping(rendered)["FilterCriteria"]["Filters"]]
    pending = json.loads((ROOT / "events" / "record_spend.json").read_text())["Records"]
    counted = copy.deepcopy(pending)
    for record in counted:
        del record["dynamodb"]["NewImage"]["pending"]
    removed = {"eventName": "REMOVE", "dynamodb": {"Keys": pending[0]["dynamodb"]["Keys"]}}
    assert all(event_filter.passes(patterns, record) for record in pending)
    assert not any(event_filter.passes(patterns, record) for record in [*counted, removed])


def test_a_batch_that_fails_is_split_retried_and_at_last_told_to_the_queue(rendered: Render) -> None:
    found = mapping(rendered)
    assert found["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert found["BisectBatchOnFunctionError"] is True
    assert found["DestinationConfig"]["OnFailure"]["Destination"] == "<DeadLetterQueue.Arn>"
    assert found["MaximumRetryAttempts"] > 0
    assert 0 < found["MaximumRecordAgeInSeconds"] < DAY  # streams keep a day


def test_the_queue_keeps_as_long_as_queues_can(rendered: Render) -> None:
    found = properties(rendered, "DeadLetterQueue")
    assert (found["MessageRetentionPeriod"], found["SqsManagedSseEnabled"]) == (14 * DAY, True)


def test_no_call_is_still_running_when_it_counts_as_abandoned(rendered: Render) -> None:
    longest = properties(rendered, "ProxyFunction")["Timeout"]
    assert ReconcileSettings().reconcile_open_after_seconds > longest


def test_a_message_is_not_handed_out_twice_while_reconcile_runs(rendered: Render) -> None:
    runs = properties(rendered, "ReconcileFunction")["Timeout"]
    assert properties(rendered, "DeadLetterQueue")["VisibilityTimeout"] > runs
