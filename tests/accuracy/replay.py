"""A case as the gateway meets it: its answer read or metered, and priced by the deployment that served."""

import json
import random
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from tests.accuracy.corpus import Case
from tollgate.endpoints.endpoint import Asked, Endpoint
from tollgate.endpoints.table import ENDPOINTS
from tollgate.metering import Priced, price_of
from tollgate.models import Deployment, Model, Models, Wish, load_models
from tollgate.money import loads
from tollgate.usage.reading import Reading
from tollgate.usage.sse import EventStream

WAYS = ("one piece", "byte by byte", "random pieces")


class Replayed(NamedTuple):
    """What was read of an answer, and what was passed on of it."""

    reading: Reading | None
    passed: bytes


def endpoint_of(case: Case) -> Endpoint:
    """The endpoint by its path."""
    return next(endpoint for endpoint in ENDPOINTS if endpoint.path == case.endpoint)


def deployment_of(case: Case) -> Deployment:
    """What serves the case's model: the shipped models.yaml, with the file's own entries before it."""
    return _models(case.deploy).deployments(Wish(case.model, endpoint_of(case), case.moment))[0]


def replay(case: Case, way: str = WAYS[0], *, asked: bool = True) -> Replayed:
    """The case's answer, whole or as a stream that comes in some way."""
    endpoint = endpoint_of(case)
    if case.request:
        assert endpoint.settled is not None
        return Replayed(Reading(endpoint.settled(case.request)), b"")
    if not case.is_stream:
        return Replayed(endpoint.read(loads(case.wire)), case.wire)
    assert endpoint.meter is not None
    options = {"stream_options": {"include_usage": True}} if asked else {}
    stream = EventStream(endpoint.meter(Asked(options)))
    passed = [chunk for piece in _pieces(case, way) for chunk in stream.feed(piece)]
    return Replayed(stream.meter.reading, b"".join(passed) + stream.flush())


def priced(case: Case, reading: Reading) -> Priced:
    """What the reading costs, as it is booked."""
    return price_of(reading.usage, reading.served, deployment_of(case), reading.billed)


def _pieces(case: Case, way: str) -> Iterator[bytes]:
    chance = random.Random(case.id)
    rest = case.wire
    while rest:
        size = {"one piece": len(rest), "byte by byte": 1}.get(way) or chance.randint(1, 200)
        yield rest[:size]
        rest = rest[size:]


@lru_cache
def _models(own: str) -> Models:
    shipped = load_models()
    entries = [Model.model_validate(entry) for entry in json.loads(own)]
    return shipped.model_copy(update={"models": [*entries, *shipped.models]})
