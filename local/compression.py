"""API Gateway's compression of answers: gzip for who accepts it, from the API's MinimumCompressionSize on.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gzip-compression-decompression.html
"""

import gzip
from dataclasses import replace
from typing import Final

from local.rest_event import Pairs, Response

_LEVEL: Final = 6


def compressed(answer: Response, sent: Pairs, minimum: int | None) -> Response:
    """The answer as it goes out; `sent` are the request's headers, `minimum` None compresses nothing."""
    encoded = any(name.lower() == "content-encoding" for name, _ in answer.headers)
    if minimum is None or len(answer.body) < minimum or encoded or not _accepts_gzip(sent):
        return answer
    headers = [*answer.headers, ("content-encoding", "gzip")]
    return replace(answer, headers=headers, body=gzip.compress(answer.body, _LEVEL, mtime=0))


def _accepts_gzip(sent: Pairs) -> bool:
    accepted = [value for name, value in sent if name.lower() == "accept-encoding"]
    codings = [part.replace(" ", "").lower() for value in accepted for part in value.split(",")]
    return any(
        coding == "gzip" or (coding.startswith("gzip;") and ";q=0" not in coding) for coding in codings
    )
