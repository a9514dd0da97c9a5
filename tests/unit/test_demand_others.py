"""What is set aside where no conversation is had: pictures, speech, transcripts, embeddings, rankings."""

from decimal import Decimal
from typing import Any

import pytest

from tests import demanding
from tests.demanding import cost, priced, tokens
from tests.unit.test_media import FORM, form
from tollgate.endpoints.endpoint import Endpoint
from tollgate.endpoints.table import (
    EMBEDDINGS,
    IMAGE_EDITS,
    IMAGE_GENERATIONS,
    RERANK,
    SPEECH,
    TRANSCRIPTIONS,
    TRANSLATIONS,
)
from tollgate.money import dumps
from tollgate.records import Demand


def of_form(endpoint: Endpoint, raw: bytes, **rates: str) -> Demand:
    return demanding.of(endpoint, raw, priced(**rates), {"content-type": FORM})


def picture(**fields: Any) -> dict[str, Any]:
    return {"model": "house", "prompt": "An otter", **fields}


@pytest.mark.parametrize(
    ("size", "quality", "published"),
    [
        ("1024x1024", "low", 272),
        ("1024x1024", "medium", 1056),
        ("1024x1024", "high", 4160),
        ("1024x1536", "high", 6240),
        ("1536x1024", "low", 400),
        ("auto", "auto", 6240),
        (None, None, 6240),
    ],
)
def test_a_picture_is_held_in_the_size_and_quality_asked_for(
    size: str | None, quality: str | None, published: int
) -> None:
    held = tokens(picture(size=size, quality=quality), IMAGE_GENERATIONS)
    assert published <= held < published + 200


def test_all_pictures_asked_for_are_held_and_their_previews() -> None:
    one = tokens(picture(), IMAGE_GENERATIONS)
    assert tokens(picture(n=3), IMAGE_GENERATIONS) - one > 2 * 6240
    assert tokens(picture(partial_images=2), IMAGE_GENERATIONS) - one == 200


def test_pictures_sold_by_the_piece_are_held_by_the_piece() -> None:
    by_the_piece = priced(images="0.04")
    held = demanding.of(IMAGE_GENERATIONS, dumps(picture(n=4)), by_the_piece)
    assert held == Demand(Decimal("0.16"), 0)


def test_a_picture_to_be_changed_is_held_as_one_seen_in_detail() -> None:
    seen = of_form(IMAGE_EDITS, form(prompt="Add a hat"), image_in="10", image_out="0", input="0")
    assert seen.cost >= Decimal(10) * 7000 / 1_000_000


def test_speech_is_held_by_its_characters_or_by_its_sound() -> None:
    body = dumps({"model": "house", "voice": "alloy", "input": "Grüße, 世界" * 100})
    assert demanding.of(SPEECH, body, priced(characters="0.000015")).cost == Decimal("0.0135")
    assert demanding.of(SPEECH, body, priced(input="1", audio_out="12")).tokens > 900 * 20 // 15


@pytest.mark.parametrize("endpoint", [TRANSCRIPTIONS, TRANSLATIONS])
def test_a_transcript_is_held_by_the_length_of_the_sound(endpoint: Endpoint) -> None:
    wav = b"RIFF" + bytes(24) + (16_000).to_bytes(4, "little") + bytes(160_000 - 32)
    assert of_form(endpoint, form(wav), audio_seconds="0.0001").cost == Decimal("0.0010")
    assert of_form(endpoint, form(bytes(160_000)), audio_seconds="0.0001").cost == Decimal("0.0040")
    by_tokens = of_form(endpoint, form(wav), input="1", audio_in="6", output="10")
    assert 200 <= by_tokens.tokens < 350
    assert by_tokens.cost > Decimal(6 * 100 + 10 * 100) / 1_000_000


def test_an_embedding_is_held_by_its_texts_or_its_tokens() -> None:
    assert 20 < tokens({"model": "house", "input": ["barley " * 10, "oats " * 10]}, EMBEDDINGS) < 100
    assert 500 <= tokens({"model": "house", "input": [7] * 500}, EMBEDDINGS) < 600
    assert 1000 <= tokens({"model": "house", "input": [[7] * 500] * 2}, EMBEDDINGS) < 1100


def test_a_ranking_is_held_by_the_hundred_documents_long_ones_in_pieces() -> None:
    def held(documents: list[str]) -> Decimal:
        body = {"model": "house", "query": "barley", "documents": documents}
        return demanding.of(RERANK, dumps(body), priced(rerank_searches="0.002")).cost

    assert held(["oats"] * 3) == Decimal("0.002")
    assert held(["oats"] * 101) == Decimal("0.004")
    assert held(["barley " * 5_000] * 50) > Decimal("0.004")


def test_a_ranking_sold_by_tokens_reads_the_query_with_every_document() -> None:
    body = {"model": "house", "query": "barley " * 100, "documents": ["oats"] * 10}
    assert tokens(body, RERANK) > 10 * 100
    assert cost(body, RERANK) > Decimal(1000) / 1_000_000
