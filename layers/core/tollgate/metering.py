"""From how an attempt ended to its spend event: usage, price, and the words for it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import httpx2
import msgspec

from tollgate import observability
from tollgate.errors import NotReached, UpstreamTimeout, UpstreamUnreachable
from tollgate.models import Deployment
from tollgate.money import ZERO, loads
from tollgate.pricing import UnknownPrice
from tollgate.records import Ending, Entry, SpendEvent, Usage
from tollgate.usage import estimate
from tollgate.usage.chat import Reading, read_usage, usage_of
from tollgate.usage.stream import ChatStream

_FIRST_ERROR = 300  # a redirect is no answer either: it is passed on, not followed


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended, and what is known of its usage: reported, or estimated and how."""

    ending: Ending
    http_status: int = 0
    usage: Usage = Usage()  # noqa: RUF009 - frozen, so sharing it is safe
    estimated: str = ""
    answered: bool = False  # whether the provider's answer was seen, so that its time counts


def whole_answer(entry: Entry, status: int, body: bytes) -> Outcome:
    """The outcome of an answer that came in one piece."""
    try:
        reading = read_usage(usage_of(loads(body)))
    except msgspec.DecodeError:
        return _unreadable(entry, status, body)
    if status >= _FIRST_ERROR:
        usage, fault = reading or Reading(Usage())
        return Outcome("upstream_error", status, usage, fault, answered=True)
    if reading is None:
        usage, how = estimate.cut(entry, len(body))
        return Outcome("finished", status, usage, f"no usage reported; {how}", answered=True)
    return Outcome("finished", status, reading.usage, reading.fault, answered=True)


def _unreadable(entry: Entry, status: int, body: bytes) -> Outcome:
    if status >= _FIRST_ERROR:
        return Outcome("upstream_error", status, answered=True)
    usage, how = estimate.cut(entry, len(body))
    return Outcome("nonsense", status, usage, f"not JSON; {how}", answered=True)


def cut_answer(entry: Entry, response: httpx2.Response) -> Outcome:
    """The outcome of a whole answer that broke off."""
    usage, how = estimate.cut(entry, response.num_bytes_downloaded)
    return Outcome("upstream_cut", response.status_code, usage, f"the answer broke off; {how}")


def streamed_answer(entry: Entry, status: int, stream: ChatStream, ending: Ending) -> Outcome:
    """The outcome of a stream: the usage it reported, or else what its text amounts to."""
    if (reading := stream.reading) is not None:
        return Outcome(ending, status, reading.usage, reading.fault, answered=True)
    usage, how = estimate.cut(entry, stream.content_bytes)
    return Outcome(ending, status, usage, f"no usage reported; {how}", answered=stream.done or stream.stopped)


def no_answer(entry: Entry, error: UpstreamUnreachable, default_output: int) -> Outcome:
    """The outcome of a call without an answer: free when nothing was sent, else estimated."""
    if isinstance(error, NotReached):
        return Outcome("upstream_unreachable")
    if isinstance(error, UpstreamTimeout):
        usage, how = estimate.unanswered(entry, default_output)
        return Outcome("upstream_unreachable", usage=usage, estimated=f"timed out; {how}")
    usage, how = estimate.unstarted(entry)
    return Outcome("upstream_unreachable", usage=usage, estimated=f"hung up; {how}")


def failed_here(entry: Entry, default_output: int) -> Outcome:
    """The outcome of a call that the gateway itself failed at: nobody knows how far it came."""
    usage, how = estimate.unanswered(entry, default_output)
    return Outcome("gateway_error", usage=usage, estimated=f"the gateway failed; {how}")


def close_of(entry: Entry, outcome: Outcome, deployment: Deployment) -> SpendEvent:
    """The spend event of an outcome, priced."""
    now = datetime.now(UTC)
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    cost, unpriced = cost_of(outcome.usage, deployment)
    return SpendEvent(
        entry=entry,
        status="success" if outcome.ending in ("finished", "client_gone") else "failure",
        ending=outcome.ending,
        closed_at=now,
        usage=outcome.usage,
        cost=cost,
        charge=cost,
        price_version=deployment.price.version if deployment.price else "",
        duration_ms=int((now - entry.started_at).total_seconds() * 1000) if outcome.answered else None,
        http_status=outcome.http_status,
        estimated=outcome.estimated,
        unpriced=unpriced,
    )


def cost_of(usage: Usage, deployment: Deployment) -> tuple[Decimal, bool]:
    """The cost of a usage, and whether it had no price: that is logged, and counted in an alarm metric."""
    try:
        if deployment.price is not None:
            return deployment.price.cost(usage), False
    except UnknownPrice as error:
        observability.logger.error("unpriced usage", extra={"model": deployment.model, "reason": str(error)})
    observability.count("UnpricedRequests")
    return ZERO, True
