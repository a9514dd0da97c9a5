"""What one attempt at a call may cost at most: the money that admission sets aside before it (DESIGN 2.3)."""

from tollgate.demand.hold import demand

__all__ = ["demand"]
