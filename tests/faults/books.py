"""What holds after any fault: every attempt is booked once, measured or honestly estimated, and counted."""

from tests.ministack import Deployment
from tests.processes import Server
from tests.real_proxy import at_rest
from tests.truth import LedgerRow, assert_books_balance

Ledger = dict[str, LedgerRow]


def assert_all_booked(deployment: Deployment, provider: Server) -> Ledger:
    """Truth, ledger and counters agree; only an abandoned entry may differ from the provider's report."""
    truth = at_rest(provider)
    ledger = assert_books_balance(deployment.dynamodb, deployment.tables, truth)
    assert len({row["call_id"] for row in truth}) == len(truth), "a call was attempted twice"
    for row in truth:
        entry = ledger[row["call_id"]]
        if row["reported"]:
            assert entry.estimated == "" or is_abandoned(entry), row
        elif row["usage"]:
            assert entry.estimated, row
    for entry in ledger.values():
        assert not is_abandoned(entry) or entry.usage, entry
    return ledger


def is_abandoned(entry: LedgerRow) -> bool:
    """Whether an entry was closed by the housekeeping, with an estimate."""
    return entry.estimated.startswith("abandoned; ")


def abandoned(ledger: Ledger) -> list[str]:
    """The customers of the abandoned entries."""
    return sorted(entry.customer for entry in ledger.values() if is_abandoned(entry))


def measured(ledger: Ledger) -> list[str]:
    """The customers of the entries whose usage the provider reported."""
    return sorted(entry.customer for entry in ledger.values() if not entry.estimated)
