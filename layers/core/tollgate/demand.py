"""What a call may cost at most."""

from decimal import Decimal
from typing import NamedTuple

from tollgate.call import Call
from tollgate.models import Deployment
from tollgate.money import ZERO
from tollgate.records import Entry, Usage


class Demand(NamedTuple):
    """What one attempt may cost, in USD, and the tokens it counts against tokens per minute."""

    cost: Decimal
    tokens: int


def demand(call: Call, entry: Entry, deployment: Deployment) -> Demand:
    """Stand-in until the estimate is merged."""
    usage = Usage(input=entry.input_estimate, output=entry.output_limit or 1000)
    cost = deployment.price.cost(usage) if deployment.price else ZERO
    return Demand(cost, usage.input + usage.output)
