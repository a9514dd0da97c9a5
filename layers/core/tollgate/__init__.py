"""Tollgate's shared package, along the way of a request.

request → key → customer → admission → upstream → usage → price → ledger → counters → query
"""

__version__ = "0.1.0"
