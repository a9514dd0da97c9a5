"""What a call may cost at most."""

from tollgate.call import Call
from tollgate.models import Deployment
from tollgate.money import ZERO
from tollgate.records import Demand, Entry, Usage


def demand(call: Call, entry: Entry, deployment: Deployment) -> Demand:
    """Stand-in until the estimate is merged."""
    usage = Usage(input=entry.input_estimate, output=entry.output_limit or 1000)
    cost = deployment.price.cost(usage) if deployment.price else ZERO
    return Demand(cost, usage.input + usage.output)
