"""From how an attempt ended to its spend event: usage, price, and the words for it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

from tollgate import observability
from tollgate.call import Call
from tollgate.endpoints.endpoint import Asked
from tollgate.endpoints.table import endpoint_at
from tollgate.errors import NotReached, UpstreamTimeout, UpstreamUnreachable
from tollgate.models import Deployment
from tollgate.money import ZERO, loads
from tollgate.records import Ending, Entry, SpendEvent, Usage
from tollgate.usage import estimate
from tollgate.usage.reading import STANDARD, Reading, faults
from tollgate.usage.sse import EventStream, StreamMeter

_FIRST_ERROR: Final = 300  # a redirect is no answer either: it is passed on, not followed
_SHOWN: Final = frozenset({"images", "audio_seconds"})
_LATER: Final = ("queued", "in_progress")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended, and what is known of its usage: reported, or estimated and how.

    A `guess` is made in tokens of input and output, whatever the endpoint charges by; `settled` is what the
    request alone determines.
    """

    ending: Ending
    http_status: int = 0
    usage: Usage = Usage()  # noqa: RUF009 - frozen, so sharing it is safe
    estimated: str = ""
    served: Mapping[str, str] = field(default_factory=lambda: STANDARD)
    answered: bool = False  # whether the provider's answer was seen, so that its time counts
    billed: Decimal | None = None  # what the provider says it charges, USD
    guess: bool = False
    settled: Usage | None = None
    began: datetime | None = None  # when the first bytes of the answer came


class Whole(NamedTuple):
    """An answer that came in one piece, or what came of it; `default_output` is for what nobody will see."""

    status: int
    kind: str
    content: bytes
    default_output: int


def whole_answer(call: Call, entry: Entry, whole: Whole) -> Outcome:
    """The outcome of an answer that came in one piece."""
    answer = _object(whole.content)
    reading = call.endpoint.read(answer) if answer is not None else None
    if whole.status >= _FIRST_ERROR:
        found = reading if answer and "usage" in answer and reading else Reading(Usage())
        return _as_read("upstream_error", whole.status, found)
    failed = answer is not None and answer.get("status") == "failed"
    if reading is not None and not _is_blank(call, reading, estimate.said(whole.content)):
        return _as_read("upstream_error" if failed else "finished", whole.status, reading)
    if answer is None:
        return _not_json(call, entry, whole)
    if answer.get("status") in _LATER:
        return _guess("finished", whole.status, "answered in the background", _unseen(entry, whole))
    how = estimate.cut(entry, estimate.said(whole.content))
    return _guess("upstream_error" if failed else "finished", whole.status, "no usage reported", how)


def _unseen(entry: Entry, whole: Whole) -> tuple[Usage, str]:
    return estimate.unanswered(entry, whole.default_output)


def _is_blank(call: Call, reading: Reading, text_bytes: int) -> bool:
    """Whether a report is all zeros although there was an answer: no provider gives one away."""
    return text_bytes > 0 and not call.endpoint.free and not reading.usage.counts()


def _as_read(ending: Ending, status: int, reading: Reading) -> Outcome:
    if reading.fault:
        observability.count("ContradictoryUsage")
    return Outcome(ending, status, *reading[:3], answered=True, billed=reading.billed)


def _guess(ending: Ending, status: int, reason: str, how: tuple[Usage, str], **more: Any) -> Outcome:
    told = {"answered": True} | more
    return Outcome(ending, status, how[0], f"{reason}; {how[1]}", guess=True, **told)


def _not_json(call: Call, entry: Entry, whole: Whole) -> Outcome:
    """A 2xx answer that is not what its content type says: the events of a stream, or anything."""
    if call.endpoint.meter is not None:
        stream = EventStream(call.endpoint.meter(Asked(call.body)))
        _ = [*stream.feed(whole.content), stream.flush()]
        if stream.meter.reading is not None:
            return _as_read("nonsense", whole.status, stream.meter.reading)
    is_text = "text" in whole.kind or "json" in whole.kind
    size = estimate.said(whole.content) or (len(whole.content) if is_text else 0)
    return _guess("nonsense", whole.status, "not JSON", estimate.cut(entry, size))


def cut_answer(entry: Entry, ending: Ending, whole: Whole) -> Outcome:
    """The outcome of a whole answer that broke off, or for which there was no more time."""
    how = estimate.cut(entry, estimate.said(whole.content))
    return _guess(ending, whole.status, "the answer broke off", how, answered=False)


def streamed_answer(call: Call, entry: Entry, status: int, meter: StreamMeter, ending: Ending) -> Outcome:
    """The outcome of a stream: the usage it reported, or else what its text amounts to."""
    if meter.reading is not None and not _is_blank(call, meter.reading, meter.content_bytes):
        return _as_read(ending, status, meter.reading)
    ended = meter.done or meter.stopped
    usage, how = estimate.cut(entry, meter.content_bytes)
    if meter.prompt is not None:
        known = meter.prompt.usage.without(("output", "reasoning")).plus(Usage(output=usage.output))
        how = "no final usage reported; input: as reported; output: text received / 4"
        return Outcome(ending, status, known, how, meter.prompt.served, answered=ended)
    settled = call.endpoint.settled(call.body) if call.endpoint.settled else None
    return _guess(ending, status, "no usage reported", (usage, how), answered=ended, settled=settled)


def no_answer(entry: Entry, error: UpstreamUnreachable, default_output: int) -> Outcome:
    """The outcome of a call without an answer: free when nothing was sent, else estimated."""
    if isinstance(error, NotReached):
        return Outcome("upstream_unreachable")
    if isinstance(error, UpstreamTimeout):
        return unanswered("upstream_unreachable", "timed out", estimate.unanswered(entry, default_output))
    return unanswered("upstream_unreachable", "hung up", estimate.unstarted(entry))


def unanswered(ending: Ending, reason: str, how: tuple[Usage, str]) -> Outcome:
    """The outcome of a call whose answer nobody saw, with an estimate and how it was made."""
    return _guess(ending, 0, reason, how, answered=False)


def failed_here(entry: Entry, default_output: int) -> Outcome:
    """The outcome of a call that the gateway itself failed at: nobody knows how far it came."""
    return unanswered("gateway_error", "the gateway failed", estimate.unanswered(entry, default_output))


def close_of(entry: Entry, outcome: Outcome, deployment: Deployment) -> SpendEvent:
    """The spend event of an outcome, priced."""
    now = datetime.now(UTC)
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    usage, estimated = _in_classes(entry, outcome, deployment)
    priced = price_of(usage, outcome.served, deployment, outcome.billed)
    return SpendEvent(
        entry=entry,
        status="success" if outcome.ending in ("finished", "client_gone") else "failure",
        ending=outcome.ending,
        closed_at=now,
        usage=usage,
        cost=priced.cost,
        charge=priced.charge,
        price_version=priced.version,
        duration_ms=_ms(entry, now) if outcome.answered else None,
        first_byte_ms=_ms(entry, min(outcome.began, now)) if outcome.began else None,
        http_status=outcome.http_status,
        estimated=faults(estimated, priced.fault),
        unpriced=priced.unpriced,
        tier=",".join(f"{name}={value}" for name, value in outcome.served.items()),
    )


def _ms(entry: Entry, moment: datetime) -> int:
    """How long after its beginning something happened to a call."""
    return int((moment - entry.started_at).total_seconds() * 1000)


def _in_classes(entry: Entry, outcome: Outcome, deployment: Deployment) -> tuple[Usage, str]:
    """The usage in the classes charged at its endpoint, and how it was estimated."""
    endpoint = endpoint_at(entry.endpoint)
    priced = deployment.price.rates if deployment.price else {}
    if endpoint and not outcome.guess and _shown_only(outcome.usage, priced):
        guess = Usage(input=entry.input_estimate)
        how = "no tokens reported; input: request size / 4; output: what was asked for"
        return endpoint.shape(guess, entry.output_limit, priced.keys()), how
    if not outcome.guess or endpoint is None:
        return outcome.usage, outcome.estimated
    if endpoint.free:
        return Usage(), ""
    if outcome.settled is not None and outcome.settled.counts().keys() <= priced.keys():
        return outcome.settled, ""
    return endpoint.shape(outcome.usage, entry.output_limit, priced.keys()), outcome.estimated


def _shown_only(usage: Usage, priced: Collection[str]) -> bool:
    """Whether all that is known are pictures or seconds in the answer, of a model that charges by tokens."""
    used = usage.counts().keys()
    return bool(used and priced) and used <= _SHOWN and not used <= set(priced)


@dataclass(frozen=True, slots=True)
class Priced:
    """A cost; whether part of the usage had no price; what was assumed; and the price book's version."""

    cost: Decimal = ZERO
    unpriced: bool = False
    fault: str = ""
    version: str = ""

    @property
    def charge(self) -> Decimal:
        """What the customer is charged, and told by the proxy: the cost, as there is no markup."""
        return self.cost


def price_of(
    usage: Usage, served: Mapping[str, str], deployment: Deployment, billed: Decimal | None = None
) -> Priced:
    """The cost of a usage: what has no price is logged, and counted in an alarm metric.

    A provider that says what it charges, and is known to mean it, is believed.
    """
    if deployment.free:
        return Priced()
    if billed is not None and deployment.bills:
        return Priced(billed, version="provider")
    if deployment.price is None:
        return _unpriced("the model", ZERO, deployment)
    price, fault = deployment.price, ""
    if served and not price.serves(served):
        fault, served = f"no price for {dict(served)}: the standard one", STANDARD
    missing = price.missing(usage, served)
    cost = price.cost(usage.without(missing), served)
    if missing:
        return _unpriced(", ".join(missing), cost, deployment, fault)
    return Priced(cost, fault=fault, version=price.version)


def _unpriced(what: str, cost: Decimal, deployment: Deployment, fault: str = "") -> Priced:
    observability.logger.error("unpriced usage", extra={"model": deployment.model, "what": what})
    observability.count("UnpricedRequests")
    version = deployment.price.version if deployment.price else ""
    return Priced(cost, unpriced=True, fault=fault, version=version)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        answer = loads(body)
    except msgspec.DecodeError:
        return None
    return answer if isinstance(answer, dict) else None
