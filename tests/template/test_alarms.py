"""What somebody is told of, and that the code reports what the alarms listen to."""

import re

from local.settings import ROOT
from tests.template.conftest import Document, Render, of_type
from tollgate import observability

AWS_OWN = {
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "<DeadLetterQueue.QueueName>"),
    ("AWS/Lambda", "IteratorAge", "FunctionName", "<RecordSpendFunction.Ref>"),
    ("AWS/Lambda", "Errors", "FunctionName", "<ReconcileFunction.Ref>"),
    ("AWS/Lambda", "IteratorAge", "FunctionName", "<ArchiveFunction.Ref>"),
    ("AWS/Firehose", "FailedConversion.Records", "DeliveryStreamName", "<ArchiveStream.Ref>"),
}
OURS = {
    "LedgerWriteFailures",
    "LedgerWritesLost",
    "UnpricedRequests",
    "LedgerCounterDrift",
    "UncountedEvents",
    "UnarchivedEvents",
}


def alarms(rendered: Render, **parameters: str) -> list[Document]:
    found = rendered(**parameters).values()
    return [resource["Properties"] for resource in found if resource["Type"] == "AWS::CloudWatch::Alarm"]


def test_aws_metrics_are_watched(rendered: Render) -> None:
    found = {
        (alarm["Namespace"], alarm["MetricName"], each["Name"], each["Value"])
        for alarm in alarms(rendered)
        for each in alarm["Dimensions"]
        if alarm["Namespace"] != observability.NAMESPACE
    }
    assert found == AWS_OWN


def test_our_metrics_are_watched_under_the_name_they_are_reported_by(rendered: Render) -> None:
    ours = [alarm for alarm in alarms(rendered) if alarm["Namespace"] == observability.NAMESPACE]
    assert {alarm["MetricName"] for alarm in ours} == OURS
    assert {each["Name"] for alarm in ours for each in alarm["Dimensions"]} == {"service"}
    functions = [r for r in rendered().values() if r["Type"] == "AWS::Lambda::Function"]
    named = {f["Properties"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] for f in functions}
    assert named == {each["Value"] for alarm in ours for each in alarm["Dimensions"]}


def test_the_code_reports_every_metric_that_is_watched() -> None:
    sources = (ROOT / "layers" / "core" / "tollgate").rglob("*.py")
    reported = {name for path in sources for name in re.findall(r'count\(\s*"(\w+)"', path.read_text())}
    assert reported >= OURS


def test_any_single_occurrence_alarms(rendered: Render) -> None:
    for alarm in alarms(rendered):
        if alarm["Namespace"] == observability.NAMESPACE:
            assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
            assert alarm["TreatMissingData"] == "notBreaching"


def test_somebody_is_told_when_an_address_is_given(rendered: Render, document: Document) -> None:
    told = alarms(rendered, AlarmEmail="ops@example.com")
    assert all(alarm["AlarmActions"] == ["<AlarmTopic.Ref>"] for alarm in told)
    (topic,) = of_type(document, "AWS::SNS::Topic")
    subscription = rendered(AlarmEmail="ops@example.com")[topic]["Properties"]["Subscription"]
    assert subscription == [{"Protocol": "email", "Endpoint": "ops@example.com"}]


def test_nobody_is_told_otherwise(rendered: Render) -> None:
    assert "AlarmTopic" not in rendered()
    assert not [alarm for alarm in alarms(rendered) if "AlarmActions" in alarm]
