"""The proxy for buffered invocations."""

from mangum import Mangum

from proxy.api import api

handler = Mangum(api, lifespan="off")
