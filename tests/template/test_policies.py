"""Least privilege: each function may do what it must; tests/e2e, where policies count, proves that it may."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.template.conftest import Document, Render, of_type

WRITES = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"}
BOOKS = {"<LedgerTable.Arn>", "<CountersTable.Arn>", "<CustomersTable.Arn>", "<KeysTable.Arn>"}


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def statements(resources: Document, role: str) -> Iterator[tuple[set[str], set[str]]]:
    for policy in resources[role]["Properties"]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            yield set(listed(statement["Action"])), set(listed(statement["Resource"]))


def allowed(resources: Document, role: str, prefix: str) -> dict[str, set[str]]:
    """The resources on which a role may do each action of a service."""
    found: dict[str, set[str]] = {}
    for actions, targets in statements(resources, role):
        for action in actions:
            if action.startswith(prefix):
                found.setdefault(action, set()).update(targets)
    return found


def roles(document: Document) -> list[str]:
    return list(of_type(document, "AWS::IAM::Role"))


DELIVERY = "DeliveryRole"  # Firehose's


def test_every_function_has_a_role_of_its_own(functions: dict[str, Document], document: Document) -> None:
    used = [function["Role"]["Fn::GetAtt"][0] for function in functions.values()]
    assert sorted([*used, DELIVERY]) == sorted(roles(document))
    assert not [function for function in functions.values() if "Policies" in function]


# Claude in every region that an inference profile may route to; new models come without a deployment.
CLAUDE = [
    "arn:aws:bedrock:*:000000000000:inference-profile/*.anthropic.*",
    "arn:aws:bedrock:*::foundation-model/anthropic.*",
]


def test_every_statement_names_actions_and_resources(rendered: Render, document: Document) -> None:
    for role in roles(document):
        assert "ManagedPolicyArns" not in document["Resources"][role]["Properties"]
        for actions, targets in statements(rendered(), role):
            assert not [action for action in actions if "*" in action], role
            named = ("<", "arn:aws:secretsmanager:", "arn:aws:bedrock:", "arn:aws:glue:", "arn:aws:logs:")
            assert not [target for target in targets if not target.startswith(named)], role
            wide = sorted(target for target in targets if "*" in target)
            assert wide in ([], ["<LedgerTable.Arn>/stream/*"], ["<ArchiveBucket.Arn>/*"], CLAUDE), role


def test_only_lambda_and_firehose_assume_the_roles(document: Document) -> None:
    for role in roles(document):
        (statement,) = document["Resources"][role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        service = "firehose" if role == DELIVERY else "lambda"
        assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}


def test_each_writes_to_its_own_log_only(rendered: Render, functions: dict[str, Document]) -> None:
    for function in functions.values():
        group = function["LoggingConfig"]["LogGroup"]["Ref"]
        targets = allowed(rendered(), function["Role"]["Fn::GetAtt"][0], "logs:").values()
        assert all(target == {f"<{group}.Arn>"} for target in targets)


@pytest.mark.parametrize("role", ["UsageRole", "AuditRole", "SpendLogsRole", "ArchiveRole"])
def test_queries_write_nothing(rendered: Render, role: str) -> None:
    assert not allowed(rendered(), role, "dynamodb:").keys() & WRITES


def test_whoever_lets_in_by_key_reads_keys_one_at_a_time(
    rendered: Render, functions: dict[str, Document]
) -> None:
    for function in functions.values():
        lets_in = "TOLLGATE_MASTER_KEY" in function["Environment"]["Variables"]
        found = allowed(rendered(), function["Role"]["Fn::GetAtt"][0], "dynamodb:")
        assert ("<KeysTable.Arn>" in found.get("dynamodb:GetItem", set())) == lets_in


def test_only_management_makes_lists_or_deletes_keys(rendered: Render, document: Document) -> None:
    """Whoever holds and settles updates their wallets, and the sweep looks through them."""
    wallets = {"ProxyRole", "RecordSpendRole", "ReconcileRole"}
    for role in set(roles(document)) - {"KeysRole"}:
        found = allowed(rendered(), role, "dynamodb:")
        may = {action for action, targets in found.items() if any("KeysTable" in one for one in targets)}
        may -= {"dynamodb:UpdateItem"} if role in wallets else set()
        may -= {"dynamodb:Scan"} if role == "ReconcileRole" else set()
        may -= {"dynamodb:BatchGetItem", "dynamodb:Query"} if role == "UsageRole" else set()  # keys' names
        assert may <= {"dynamodb:GetItem"}, role
    of_usage = allowed(rendered(), "UsageRole", "dynamodb:")["dynamodb:Query"]
    assert {one for one in of_usage if "KeysTable" in one} == {"<KeysTable.Arn>/index/directory"}


@pytest.mark.parametrize(
    ("role", "own"),
    [
        ("CustomersRole", "<CustomersTable.Arn>"),
        ("BudgetsRole", "<BudgetsTable.Arn>"),
        ("KeysRole", "<KeysTable.Arn>"),
    ],
)
def test_management_writes_to_its_own_table_and_adds_to_the_audit(
    rendered: Render, role: str, own: str
) -> None:
    found = allowed(rendered(), role, "dynamodb:")
    assert found["dynamodb:PutItem"] == {own, "<AuditTable.Arn>"}
    assert found["dynamodb:DeleteItem"] == {own}
    assert found.get("dynamodb:UpdateItem", {own}) == {own}


def test_nobody_changes_the_audit(rendered: Render, document: Document) -> None:
    for role in roles(document):
        found = allowed(rendered(), role, "dynamodb:")
        may = {action for action, targets in found.items() if "<AuditTable.Arn>" in targets}
        assert not may & (WRITES - {"dynamodb:PutItem"})


def test_the_proxy_writes_entries_and_wallets_and_counts_only_what_it_refused(rendered: Render) -> None:
    found = allowed(rendered(), "ProxyRole", "dynamodb:")
    assert {action: found[action] for action in found.keys() & WRITES} == {
        "dynamodb:PutItem": {"<LedgerTable.Arn>"},
        "dynamodb:UpdateItem": {"<CustomersTable.Arn>", "<KeysTable.Arn>", "<CountersTable.Arn>"},
    }


def test_nobody_deletes_from_the_books(rendered: Render, document: Document) -> None:
    for role in roles(document):
        deleted = allowed(rendered(), role, "dynamodb:").get("dynamodb:DeleteItem", set())
        assert not deleted & {"<LedgerTable.Arn>", "<CountersTable.Arn>"}


def test_only_reconcile_empties_the_queue(rendered: Render, document: Document) -> None:
    for role in roles(document):
        may = allowed(rendered(), role, "sqs:").keys()
        assert ("sqs:DeleteMessage" in may) == (role == "ReconcileRole")


def test_secrets_are_the_two_that_were_named(rendered: Render, document: Document) -> None:
    resources = rendered(MasterKeySecret="m/k", ProviderKeysSecret="p/k")
    where = "arn:aws:secretsmanager:us-east-1:000000000000:secret"
    for role in roles(document):
        found = allowed(resources, role, "secretsmanager:").get("secretsmanager:GetSecretValue", set())
        may = {
            "ProxyRole": {"m/k", "p/k"},
            "CustomersRole": {"m/k"},
            "BudgetsRole": {"m/k"},
            "KeysRole": {"m/k"},
            "AuditRole": {"m/k"},
            "UsageRole": {"m/k"},
            "SpendLogsRole": {"m/k"},
        }.get(role, set())
        assert found == {f"{where}:{name}-??????" for name in may}


def test_counting_reaches_all_the_books(rendered: Render) -> None:
    for role in ("RecordSpendRole", "ReconcileRole"):
        assert allowed(rendered(), role, "dynamodb:")["dynamodb:UpdateItem"] == BOOKS


def test_only_firehose_reaches_the_archive_and_deletes_nothing_there(
    rendered: Render, document: Document
) -> None:
    for role in roles(document):
        may = allowed(rendered(), role, "s3:")
        assert bool(may) == (role == DELIVERY)
        assert not {action for action in may if "Delete" in action}
    assert allowed(rendered(), "ArchiveRole", "firehose:") == {
        "firehose:PutRecordBatch": {"<ArchiveStream.Arn>"}
    }
