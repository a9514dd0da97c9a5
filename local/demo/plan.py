"""From a body to the call it becomes: what the faults in force, and its own `demo` field, do to it."""

from typing import Annotated, Any

import msgspec

from local.demo import words
from local.demo.endpoint import Call, Endpoint, Generation, Json, RefusalError
from local.demo.faults import FAULTS, FREE, STREAM_ONLY, WHOLE_ONLY, FaultSet, Roll, Seconds
from local.demo.usage import PIECES, Counts

MOST_PIECES = 1000  # of text, for a call that sets its usage and not its chunks


class Demo(msgspec.Struct, forbid_unknown_fields=True):
    """The request's `demo` field: what it wants for itself, in place of what is in force."""

    fault: str | msgspec.UnsetType | None = msgspec.UNSET  # null: none at all
    usage: dict[str, Annotated[int, msgspec.Meta(ge=0)]] | None = None  # tokens by class
    chunks: Annotated[int, msgspec.Meta(ge=0, le=100_000)] | None = None  # of text
    slow_first_byte_s: Seconds | None = None
    slow_chunk_s: Seconds | None = None


def plan(endpoint: Endpoint, body: Json, *, stream: bool, roll: Roll, now: FaultSet) -> Call:
    """Decide how a body that passed the endpoint's check is answered."""
    demo = _demo(body.get("demo") or {})
    own = endpoint.generate(body)
    fault = _fault(demo, roll, endpoint.cannot | (WHOLE_ONLY if stream else STREAM_ONLY))
    usage = own.usage if demo.usage is None else _reportable(endpoint, demo.usage)
    return Call(
        body=body,
        model=body["model"],
        stream=stream,
        fault=fault,
        usage=_charged(usage, fault),
        pieces=_pieces(own, usage, demo.chunks),
        cut_short=own.cut_short and demo.usage is None,
        slow_first_byte_s=_either(demo.slow_first_byte_s, now.slow_first_byte_s),
        slow_chunk_s=_either(demo.slow_chunk_s, now.slow_chunk_s),
        tool=own.tool,
    )


def _pieces(own: Generation, usage: Counts, chunks: int | None) -> list[str]:
    """Give the text, of which there is none where a tool is called."""
    count = min(usage.get("output", 0), MOST_PIECES) if chunks is None else chunks
    return words.tokens(own.seed, 0 if own.tool else count)


def _charged(usage: Counts, fault: str) -> Counts:
    """Keep what is charged for: nothing where the model never ran, and no pictures where none came out."""
    if fault in FREE:
        return {}
    left_out = PIECES if fault == "error_with_usage" else ()
    return {name: count for name, count in usage.items() if count and name not in left_out}


def _demo(values: Any) -> Demo:
    try:
        return msgspec.convert(values, Demo)
    except msgspec.ValidationError as error:
        raise RefusalError(f"The field demo: {error}", param="demo") from error


def _fault(demo: Demo, roll: Roll, impossible: frozenset[str]) -> str:
    if demo.fault is msgspec.UNSET:
        return roll.falls_on(impossible)
    asked = demo.fault or ""
    if asked and asked not in FAULTS:
        raise RefusalError(f"There is no fault {asked!r}; there are {', '.join(FAULTS)}", param="demo.fault")
    if asked in impossible:
        raise RefusalError(f"The fault {asked!r} cannot happen to a call of this kind", param="demo.fault")
    return asked


def _reportable(endpoint: Endpoint, usage: Counts) -> Counts:
    for name in usage:
        if name not in endpoint.reports:
            raise RefusalError(
                f"{endpoint.path} has no place for the usage class {name!r}", param="demo.usage"
            )
    return usage


def _either(own: float | None, general: float) -> float:
    return general if own is None else own
