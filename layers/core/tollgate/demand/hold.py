"""What one attempt may cost at most, put together."""

from tollgate.call import Call
from tollgate.demand.conversation import conversation
from tollgate.demand.others import other
from tollgate.demand.portions import dearest, tokens_in
from tollgate.demand.wanted import Wanted
from tollgate.models import Deployment
from tollgate.money import ZERO
from tollgate.records import Demand, Entry
from tollgate.usage import shapes


def demand(call: Call, entry: Entry, deployment: Deployment, default_output: int) -> Demand:
    """What to hold for one attempt, in USD, and the tokens it counts against tokens per minute.

    `default_output` are the tokens held for the output of a call that sets no limit, of a model whose own
    maximum is not known. A free endpoint holds nothing, a deployment without a price no money.
    """
    if deployment.free:
        return Demand(ZERO, 0)
    wanted = Wanted(call, entry, deployment, default_output)
    portions = conversation(wanted) if call.endpoint.shape is shapes.text else other(wanted)
    cost = dearest(portions, deployment.price, call.body) if deployment.price else ZERO
    return Demand(cost, tokens_in(portions))
