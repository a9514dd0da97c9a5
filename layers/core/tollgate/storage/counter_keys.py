"""The primary keys of the counters table.

| PK | SK | the sums of |
|---|---|---|
| `C#<customer>` | `D#<day>#<dims>` | one customer, day and dims |
| `C#<customer>` | `H#<hour>#<dims>` | one customer, UTC hour and dims (expires) |
| `T#<month>#<slot>` | `<day>#<dims>` | all customers, day and dims; add up the slots |
| `TH#<month>#<slot>` | `H#<hour>#<dims>` | all customers, UTC hour and dims (expires); add up the slots |
| `L#<month>#<slot>` | `<customer>` | one customer in a month |
| `LD#<month>#<slot>` | `<day>#<customer>` | one customer in a day |
| `G#<month>#<slot>` | `<day>#<tag>` | all customers, day and tag; add up the slots (see tag_names.py) |

dims is the JSON array [model group, model, provider, endpoint, key id].
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final, NamedTuple

from tollgate.ids import SLOTS, slot_of
from tollgate.money import dumps, loads

# A sort key may be neither empty nor over 1,024 bytes: 256 emoji fill it, and no customer id begins with a
# blank (AWS, "Quotas in Amazon DynamoDB").
_MOST_BYTES: Final = 1024
_UNASSIGNED: Final = " "


class Dims(NamedTuple):
    """What a counter is broken down by."""

    model_group: str
    model: str
    provider: str
    endpoint: str
    key_id: str


class CounterKey(NamedTuple):
    """The primary key of one counter, and the customer it is for where its sort key has no room to say so."""

    pk: str
    sk: str
    customer_id: str = ""


def daily(customer_id: str, day: str, dims: Dims) -> CounterKey:
    """One customer, one day."""
    return CounterKey(f"C#{customer_id}", f"D#{day}#{_text(dims)}")


def hourly(customer_id: str, hour: str, dims: Dims) -> CounterKey:
    """One customer, one UTC hour."""
    return CounterKey(f"C#{customer_id}", f"H#{hour}#{_text(dims)}")


def total(day: str, slot: int, dims: Dims) -> CounterKey:
    """All customers, one day, one of SLOTS write shards."""
    return CounterKey(f"T#{day[:7]}#{slot}", f"{day}#{_text(dims)}")


def hourly_total(hour: str, slot: int, dims: Dims) -> CounterKey:
    """All customers, one UTC hour, one of SLOTS write shards."""
    return CounterKey(f"TH#{hour[:7]}#{slot}", f"H#{hour}#{_text(dims)}")


def leader(month: str, customer_id: str) -> CounterKey:
    """One customer's total in a month."""
    return CounterKey(f"L#{month}#{slot_of(customer_id)}", customer_id or _UNASSIGNED)


def day_leader(day: str, customer_id: str) -> CounterKey:
    """One customer's total in a day; an id that leaves no room for the day stands there as a digest."""
    pk, sk = f"LD#{day[:7]}#{slot_of(customer_id)}", f"{day}#{customer_id}"
    if len(sk.encode()) <= _MOST_BYTES:
        return CounterKey(pk, sk)
    return CounterKey(pk, f"{day}# {sha256(customer_id.encode()).hexdigest()}", customer_id)


def tagged(day: str, slot: int, tag: str) -> CounterKey:
    """One tag of all customers, one day, one of SLOTS write shards."""
    return CounterKey(f"G#{day[:7]}#{slot}", f"{day}#{tag}")


def shards() -> Iterable[int]:
    """Every write shard."""
    return range(SLOTS)


def dims_in(text: str) -> Dims:
    """The dims that a sort key ends with."""
    return Dims(*loads(text))


def _text(dims: Dims) -> str:
    return dumps(dims).decode()
