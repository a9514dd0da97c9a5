"""template.yaml as the local stack reads it; the first tests are about the real one."""

from pathlib import Path
from typing import Any

import pytest

from local import cloudformation, template
from local.parts import Route, Schedule
from local.provision import create_table
from local.template import Template

EMULATOR = "http://127.0.0.1:4002"
REAL = template.read(EMULATOR)


def described(resources: dict[str, Any], **rest: Any) -> Template:
    return Template({"Resources": resources, **rest}, EMULATOR, {})


def function(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::Serverless::Function", "Properties": {"Handler": "a.handler.handler", **properties}}


def variables(**values: Any) -> dict[str, Any]:
    return function(Environment={"Variables": values})


def test_tables_are_made_with_keys_indexes_and_stream() -> None:
    requests = {table.name: create_table(table) for table in REAL.tables()}
    ledger = requests["tollgate-LedgerTable"]
    assert {key["AttributeName"] for key in ledger["KeySchema"]} == {"day_slot", "request_id"}
    assert [index["IndexName"] for index in ledger["GlobalSecondaryIndexes"]] == ["by_customer"]
    assert ledger["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert "StreamSpecification" not in requests["tollgate-CountersTable"]


def test_functions_find_the_tables_and_the_queue_that_are_made() -> None:
    _, wired = REAL.environment()
    named = {value for name, value in wired.items() if name.endswith("_TABLE")}
    assert named == {table.name for table in REAL.tables()}
    (queue,) = REAL.queues()
    assert wired["DEAD_LETTER_QUEUE_URL"] == f"{EMULATOR}/000000000000/{queue.name}"


def test_every_route_names_a_function() -> None:
    functions = REAL.functions()
    assert {route.function for route in REAL.routes()} <= functions.keys()
    assert Route("GET", "/customer/info", "tollgate-CustomersFunction") in REAL.routes()


def test_the_recorder_gets_what_the_mapping_says() -> None:
    mapping, archives = REAL.stream_mappings()
    assert mapping.function == "tollgate-RecordSpendFunction"
    assert (archives.function, archives.max_retries) == ("tollgate-ArchiveFunction", -1)
    assert mapping.table == "tollgate-LedgerTable"
    assert mapping.starting_position == "TRIM_HORIZON"
    assert mapping.patterns == ({"dynamodb": {"NewImage": {"pending": {"N": [{"exists": True}]}}}},)
    assert mapping.reports_failures
    assert mapping.on_failure_url.endswith("/tollgate-DeadLetterQueue")


def test_reconcile_is_scheduled_with_and_without_the_comparison() -> None:
    assert set(REAL.schedules()) == {
        Schedule("tollgate-ReconcileFunction", 60, "{}"),
        Schedule("tollgate-ReconcileFunction", 3600, '{"compare": true}'),
    }


def test_a_parameter_decides_how_the_proxy_is_started() -> None:
    streamed = REAL.functions()["tollgate-ProxyFunction"]
    assert streamed.is_web_app
    assert streamed.folder == "proxy"
    buffered = template.read(EMULATOR, parameters={"ResponseStreaming": "false"}).functions()
    assert buffered["tollgate-ProxyFunction"].handler == "proxy.handler.handler"


def test_the_gateways_own_answers_are_the_templates() -> None:
    canned = REAL.canned("MISSING_AUTHENTICATION_TOKEN")
    assert canned.status == 404
    assert '"error"' in canned.body


def test_short_tags_are_their_long_forms(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text("a: !Ref B\nc: !GetAtt D.E.F\ng: !If [H, !Sub '${I}', !Ref AWS::NoValue]\n")
    assert cloudformation.load(file) == {
        "a": {"Ref": "B"},
        "c": {"Fn::GetAtt": ["D", "E.F"]},
        "g": {"Fn::If": ["H", {"Fn::Sub": "${I}"}, {"Ref": "AWS::NoValue"}]},
    }


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ({"Ref": "Zone"}, "UTC"),
        ({"Ref": "AWS::Region"}, "us-east-1"),
        ({"Fn::Sub": "${Zone}-${AWS::Region}-${!Kept}"}, "UTC-us-east-1-${Kept}"),
        ({"Fn::Sub": ["${a}/${Zone}", {"a": {"Ref": "Zone"}}]}, "UTC/UTC"),
        ({"Fn::If": ["IsUtc", "yes", "no"]}, "yes"),
        ({"Fn::If": ["IsNotUtc", "yes", "no"]}, "no"),
        ({"Fn::If": ["Both", "yes", "no"]}, "no"),
        ({"Fn::If": ["Either", "yes", "no"]}, "yes"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Zone"}]]}, "a-UTC"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Zone"}, "small"]}, 1),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "arn:aws:sqs:us-east-1:000000000000:tollgate-Queue"),
    ],
)
def test_intrinsics_are_resolved(value: Any, resolved: Any) -> None:
    found = Template(
        {
            "Parameters": {"Zone": {"Type": "String", "Default": "UTC"}},
            "Conditions": {
                "IsUtc": {"Fn::Equals": [{"Ref": "Zone"}, "UTC"]},
                "IsNotUtc": {"Fn::Not": [{"Condition": "IsUtc"}]},
                "Both": {"Fn::And": [{"Condition": "IsUtc"}, {"Condition": "IsNotUtc"}]},
                "Either": {"Fn::Or": [{"Condition": "IsUtc"}, {"Condition": "IsNotUtc"}]},
            },
            "Mappings": {"Sizes": {"UTC": {"small": 1}}},
            "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"asked": value}}},
        },
        EMULATOR,
        {},
    )
    assert found.queues()[0].properties == {"asked": resolved}


def test_what_has_no_value_is_left_out() -> None:
    nothing = {"Fn::If": ["Never", 1, {"Ref": "AWS::NoValue"}]}
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"a": nothing, "b": [nothing, 2]}}
    found = described({"Queue": queue}, Conditions={"Never": {"Fn::Equals": ["1", "2"]}})
    assert found.queues()[0].properties == {"b": [2]}


def test_an_unknown_intrinsic_is_named() -> None:
    found = described({"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"a": {"Fn::Base64": "x"}}}})
    with pytest.raises(ValueError, match="Fn::Base64"):
        found.queues()


def test_a_name_that_is_nothing_is_named() -> None:
    found = described({"A": variables(X={"Ref": "Missing"})})
    with pytest.raises(ValueError, match="Missing"):
        found.environment()


def test_two_functions_cannot_want_different_values_of_one_variable() -> None:
    assert described({"A": variables(X="1"), "B": variables(X=1)}).environment() == ({"X": "1"}, {})
    with pytest.raises(ValueError, match="X"):
        described({"A": variables(X="1"), "B": variables(X="2")}).environment()


def test_a_schedule_that_is_no_rate_is_refused() -> None:
    event = {"Type": "Schedule", "Properties": {"ScheduleExpression": "cron(0 12 * * ? *)"}}
    with pytest.raises(ValueError, match="cron"):
        described({"A": function(Events={"E": event})}).schedules()


def test_lambdas_defaults_hold_where_the_template_says_nothing() -> None:
    table = {"Type": "AWS::DynamoDB::Table", "Properties": {}}
    stream = {"Stream": {"Fn::GetAtt": ["T", "StreamArn"]}, "StartingPosition": "LATEST"}
    event = {"Type": "DynamoDB", "Properties": stream}
    found = described({"T": table, "A": function(Events={"E": event})})
    (mapping,) = found.stream_mappings()
    assert (mapping.batch_size, mapping.window_seconds, mapping.max_retries) == (100, 0, -1)
    assert not mapping.bisects
    assert not mapping.reports_failures
    assert mapping.on_failure_url == ""
    assert found.functions()["tollgate-A"].timeout_seconds == 3
