"""Whatever a REST function is sent, and by whom, it answers as its own OpenAPI document says."""

from audit.handler import app as audit
from budgets.handler import app as budgets
from customers.handler import app as customers
from keys.handler import app as keys
from spend_logs.handler import app as spend_logs
from tests.contract.callers import Callers
from tests.contract.documents import Case, of_function
from usage.handler import app as usage


def _answers_as_documented(case: Case, callers: Callers) -> None:
    case.call_and_validate(session=callers.admin)
    case.call_and_validate(session=callers.usage_reader)
    assert case.call_and_validate(session=callers.nobody).status_code == 401


@of_function(audit).parametrize()
def test_audit(case: Case, callers: Callers) -> None:
    _answers_as_documented(case, callers)


@of_function(budgets).parametrize()
def test_budgets(case: Case, callers: Callers) -> None:
    _answers_as_documented(case, callers)


@of_function(customers).parametrize()
def test_customers(case: Case, callers: Callers) -> None:
    _answers_as_documented(case, callers)


@of_function(keys).parametrize()
def test_keys(case: Case, callers: Callers) -> None:
    _answers_as_documented(case, callers)


@of_function(spend_logs).parametrize()
def test_spend_logs(case: Case, callers: Callers) -> None:
    _answers_as_documented(case, callers)


@of_function(usage).parametrize()
def test_usage(case: Case, callers: Callers) -> None:
    _answers_as_documented(case, callers)
