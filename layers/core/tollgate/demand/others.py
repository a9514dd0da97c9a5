"""The demand at the endpoints that are no conversations, by the shape of what they charge."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from tollgate.demand import media, output
from tollgate.demand.characters import OTHERS, tokens
from tollgate.demand.portions import Portion, of_usage
from tollgate.demand.wanted import Wanted
from tollgate.usage import shapes
from tollgate.usage.shapes import Shape

# Pixels a token: 4,160, 1,056 and 272 tokens for 1024 x 1024,
# https://platform.openai.com/docs/guides/image-generation#cost-and-latency
_PIXELS: Final = MappingProxyType({"high": 252, "medium": 992, "low": 3_840})
_LARGEST: Final = 1024 * 1536  # what `auto` may choose
_SIZE: Final = re.compile(r"(\d{1,5})x(\d{1,5})")
_BESIDE: Final = 100  # text beside a picture, or a partial one: 100 tokens each, same page
_MOST_PARTIAL: Final = 3
# An input picture in high fidelity: 65 + 8 x 129 tokens of tiles and 6,240, on the same page.
_GIVEN: Final = 7_400
# Tokens of sound for ten bytes of text: 20 a second, at 8 letters a second. OpenAI's own example of a long
# speech has 6,144 for 730 tokens of text, https://platform.openai.com/docs/api-reference/audio.
_SPOKEN_TENTHS: Final = 25
_SECOND_SPOKEN: Final = 20
_DOCUMENTS: Final = 100  # in one search; longer documents count by pieces of 500 tokens:
_PIECE: Final = 500  # https://cohere.com/pricing


def other(wanted: Wanted) -> list[Portion]:
    """Embeddings, pictures, speech, transcripts and rankings."""
    return _BY_SHAPE[wanted.call.endpoint.shape](wanted)


def _embeddings(wanted: Wanted) -> list[Portion]:
    read, found = wanted.prompt()
    return [
        Portion(read, ("input",)),
        Portion(found.pictures, ("input", "image_in")),
        Portion(found.sounds, ("input", "audio_in")),
    ]


def _speech(wanted: Wanted) -> list[Portion]:
    settled = wanted.call.endpoint.settled
    if settled and "characters" in wanted.priced:
        return of_usage(settled(wanted.body))
    spoken = len(str(wanted.body.get("input")).encode(errors="replace")) * _SPOKEN_TENTHS // 10
    return [Portion(wanted.prompt()[0], ("input",)), Portion(_SECOND_SPOKEN + spoken, ("audio_out",))]


def _pictures(wanted: Wanted) -> list[Portion]:
    number = max(1, wanted.entry.output_limit // shapes.PICTURE)
    if "images" in wanted.priced:
        return [Portion(number, ("images",))]
    given = wanted.call.raw.count(b"filename=") if wanted.call.endpoint.form else 0
    return [
        Portion(wanted.prompt()[0], ("input",)),
        Portion(given * _GIVEN, ("input", "image_in")),
        Portion(number * _picture(wanted.body), ("image_out",)),
    ]


def _picture(body: Mapping[str, object]) -> int:
    """The tokens of one picture in the size and quality asked for, else in the best."""
    size = _SIZE.fullmatch(str(body.get("size")))
    pixels = int(size[1]) * int(size[2]) if size else _LARGEST
    per_token = _PIXELS.get(str(body.get("quality")), _PIXELS["high"])
    partial = min(int(found), _MOST_PARTIAL) if (found := str(body.get("partial_images"))).isdecimal() else 0
    return -(-pixels // per_token) + _BESIDE * (1 + partial)


def _transcript(wanted: Wanted) -> list[Portion]:
    """No more words than sounds."""
    seconds = media.heard_in(wanted.body)
    if "audio_seconds" in wanted.priced:
        return [Portion(seconds, ("audio_seconds",))]
    said = min(output.each(wanted.deployment, wanted.default_output), seconds * media.HEARD)
    return [
        Portion(wanted.prompt()[0], ("input",)),
        Portion(seconds * media.HEARD, ("input", "audio_in")),
        Portion(said, ("output",)),
    ]


def _ranking(wanted: Wanted) -> list[Portion]:
    """Searches, or the tokens of each document with the query (https://docs.voyageai.com/docs/reranker)."""
    read = wanted.prompt()[0]
    documents = wanted.body.get("documents")
    number = max(1, len(documents)) if isinstance(documents, list) else 1
    if "rerank_searches" in wanted.priced:
        return [Portion(-(-(number + read // _PIECE) // _DOCUMENTS), ("rerank_searches",))]
    query = tokens([str(wanted.body.get("query"))], OTHERS)
    return [Portion(read + query * number, ("input",))]


_BY_SHAPE: Final[Mapping[Shape, Callable[[Wanted], list[Portion]]]] = MappingProxyType(
    {
        shapes.prompt: _embeddings,
        shapes.speech: _speech,
        shapes.pictures: _pictures,
        shapes.transcript: _transcript,
        shapes.search: _ranking,
    }
)
