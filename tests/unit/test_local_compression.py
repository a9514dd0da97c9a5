import gzip

import pytest

from local import template
from local.compression import compressed
from local.rest_event import Response

LONG = Response(200, (("content-type", "application/json"),), b"[1]" * 1000)
GZIP = (("Accept-Encoding", "br, gzip"),)


def test_a_long_answer_is_compressed_for_who_accepts_it() -> None:
    sent = compressed(LONG, GZIP, 1024)
    assert dict(sent.headers)["content-encoding"] == "gzip"
    assert gzip.decompress(sent.body) == LONG.body
    assert len(sent.body) < len(LONG.body)


@pytest.mark.parametrize(
    ("accepted", "minimum"),
    [("gzip", 10_000), ("gzip", None), ("br", 0), ("gzip;q=0", 0), ("", 0)],
)
def test_a_short_answer_and_who_does_not_ask_get_it_plain(accepted: str, minimum: int | None) -> None:
    assert compressed(LONG, (("accept-encoding", accepted),), minimum) == LONG


def test_an_encoded_answer_is_not_encoded_again() -> None:
    encoded = Response(200, (("Content-Encoding", "br"),), b"x" * 2000)
    assert compressed(encoded, GZIP, 0) == encoded


def test_the_size_is_the_templates() -> None:
    assert template.read("http://x").compressed_from() == 1024
