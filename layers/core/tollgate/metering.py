"""From how an attempt ended to its spend event: usage, price, and the words for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx2
import msgspec

from tollgate import observability
from tollgate.call import Call
from tollgate.errors import NotReached, UpstreamTimeout, UpstreamUnreachable
from tollgate.models import Deployment
from tollgate.money import ZERO, loads
from tollgate.records import Ending, Entry, SpendEvent, Usage
from tollgate.usage import estimate
from tollgate.usage.reading import STANDARD, Reading, faults
from tollgate.usage.sse import StreamMeter

_FIRST_ERROR = 400


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended, and what is known of its usage: reported, or estimated and how."""

    ending: Ending
    http_status: int = 0
    usage: Usage = Usage()  # noqa: RUF009 - frozen, so sharing it is safe
    estimated: str = ""
    served: Mapping[str, str] = field(default_factory=lambda: STANDARD)
    answered: bool = False  # whether the provider's answer was seen, so that its time counts


def whole_answer(call: Call, entry: Entry, response: httpx2.Response) -> Outcome:
    """The outcome of an answer that came in one piece."""
    status, body = response.status_code, response.content
    answer = _object(body)
    reading = call.endpoint.read(answer) if answer is not None else None
    if status >= _FIRST_ERROR:
        usage, fault, served = reading if answer and "usage" in answer and reading else Reading(Usage())
        return Outcome("upstream_error", status, usage, fault, served, answered=True)
    if reading is not None:
        return Outcome("finished", status, reading.usage, reading.fault, reading.served, answered=True)
    return _unreported(call, entry, response, is_json=answer is not None)


def _unreported(call: Call, entry: Entry, response: httpx2.Response, *, is_json: bool) -> Outcome:
    kind = response.headers.get("content-type", "")
    ending: Ending = "nonsense" if "json" in kind and not is_json else "finished"
    if call.endpoint.settled is not None:
        usage = call.endpoint.settled(call.body)
        return Outcome(ending, response.status_code, usage, answered=True)
    size = len(response.content) if is_json or "text" in kind else 0
    usage, how = estimate.cut(entry, size)
    reason = "no usage reported" if ending == "finished" else "not JSON"
    return Outcome(ending, response.status_code, usage, f"{reason}; {how}", answered=True)


def cut_answer(entry: Entry, response: httpx2.Response) -> Outcome:
    """The outcome of a whole answer that broke off."""
    usage, how = estimate.cut(entry, response.num_bytes_downloaded)
    return Outcome("upstream_cut", response.status_code, usage, f"the answer broke off; {how}")


def streamed_answer(entry: Entry, status: int, meter: StreamMeter, ending: Ending) -> Outcome:
    """The outcome of a stream: the usage it reported, or else what its text amounts to."""
    if (reading := meter.reading) is not None:
        return Outcome(ending, status, reading.usage, reading.fault, reading.served, answered=True)
    usage, how = estimate.cut(entry, meter.content_bytes)
    return Outcome(ending, status, usage, f"no usage reported; {how}", answered=meter.done or meter.stopped)


def no_answer(entry: Entry, error: UpstreamUnreachable, default_output: int) -> Outcome:
    """The outcome of a call without an answer: free when nothing was sent, else estimated."""
    if isinstance(error, NotReached):
        return Outcome("upstream_unreachable")
    if isinstance(error, UpstreamTimeout):
        usage, how = estimate.unanswered(entry, default_output)
        return Outcome("upstream_unreachable", usage=usage, estimated=f"timed out; {how}")
    usage, how = estimate.unstarted(entry)
    return Outcome("upstream_unreachable", usage=usage, estimated=f"hung up; {how}")


def close_of(entry: Entry, outcome: Outcome, deployment: Deployment) -> SpendEvent:
    """The spend event of an outcome, priced."""
    now = datetime.now(UTC)
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    priced = price_of(outcome.usage, outcome.served, deployment)
    return SpendEvent(
        entry=entry,
        status="success" if outcome.ending in ("finished", "client_gone") else "failure",
        ending=outcome.ending,
        closed_at=now,
        usage=outcome.usage,
        cost=priced.cost,
        charge=priced.cost,
        price_version=deployment.price.version if deployment.price else "",
        duration_ms=int((now - entry.started_at).total_seconds() * 1000) if outcome.answered else None,
        http_status=outcome.http_status,
        estimated=faults(outcome.estimated, priced.fault),
        unpriced=priced.unpriced,
        tier=",".join(f"{name}={value}" for name, value in outcome.served.items()),
    )


@dataclass(frozen=True, slots=True)
class Priced:
    """A cost; whether part of the usage had no price; what was assumed."""

    cost: Decimal = ZERO
    unpriced: bool = False
    fault: str = ""


def price_of(usage: Usage, served: Mapping[str, str], deployment: Deployment) -> Priced:
    """The cost of a usage: what has no price is logged, and counted in an alarm metric."""
    if deployment.free:
        return Priced()
    if deployment.price is None:
        return _unpriced("the model", ZERO, deployment)
    price, fault = deployment.price, ""
    if served and not price.serves(served):
        fault, served = f"no price for {dict(served)}: the standard one", STANDARD
    missing = price.missing(usage, served)
    cost = price.cost(usage.without(missing), served)
    if missing:
        return _unpriced(", ".join(missing), cost, deployment, fault)
    return Priced(cost, fault=fault)


def _unpriced(what: str, cost: Decimal, deployment: Deployment, fault: str = "") -> Priced:
    observability.logger.error("unpriced usage", extra={"model": deployment.model, "what": what})
    observability.count("UnpricedRequests")
    return Priced(cost, unpriced=True, fault=fault)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        answer = loads(body)
    except msgspec.DecodeError:
        return None
    return answer if isinstance(answer, dict) else None
