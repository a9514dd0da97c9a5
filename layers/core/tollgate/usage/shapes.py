"""Estimates in the classes that an endpoint's answers are charged by.

An estimate is made in tokens; these turn it into characters, seconds, pictures or searches, whichever have a
price. Audio is 10 tokens a second heard and 20 a second spoken
(https://platform.openai.com/docs/guides/realtime-costs), a picture 1,056 tokens
(https://platform.openai.com/docs/guides/image-generation: 1024 x 1024 in medium quality), speech 15
characters a second, as is usual in English.
"""

from collections.abc import Callable, Collection
from typing import Final

from tollgate.records import Usage

HEARD: Final = 10  # tokens a second
PICTURE: Final = 1056  # tokens
_SPOKEN: Final = 20  # tokens a second
_CHARACTERS_PER_SECOND: Final = 15
_CHARACTERS_PER_TOKEN: Final = 4


# From an estimate in tokens, the most output that was allowed (0: no limit), and the classes with a price.
Shape = Callable[[Usage, int, Collection[str]], Usage]


def text(guess: Usage, _allowed: int, _priced: Collection[str]) -> Usage:
    """A conversation: a prompt, and what was generated."""
    return guess


def prompt(guess: Usage, _allowed: int, _priced: Collection[str]) -> Usage:
    """Embeddings: nothing is generated."""
    return Usage(input=guess.input)


def speech(guess: Usage, _allowed: int, priced: Collection[str]) -> Usage:
    """Speech: by the character, or by tokens of text and of audio."""
    characters = guess.input * _CHARACTERS_PER_TOKEN
    if "characters" in priced:
        return Usage(characters=characters)
    return Usage(input=guess.input, audio_out=-(-characters * _SPOKEN // _CHARACTERS_PER_SECOND))


def transcript(guess: Usage, _allowed: int, priced: Collection[str]) -> Usage:
    """Transcripts: by the second, or by tokens of audio and of text."""
    if "audio_seconds" in priced:
        return Usage(audio_seconds=-(-guess.input // HEARD))
    return Usage(audio_in=guess.input, output=guess.output)


def pictures(guess: Usage, allowed: int, priced: Collection[str]) -> Usage:
    """Pictures, all that were asked for: by the piece, or by tokens of text and of picture."""
    if "images" in priced:
        return Usage(images=max(1, allowed // PICTURE))
    return Usage(input=guess.input, image_out=max(PICTURE, allowed))


def search(guess: Usage, _allowed: int, priced: Collection[str]) -> Usage:
    """Reranking: one search, or the tokens of the documents."""
    return Usage(rerank_searches=1) if "rerank_searches" in priced else Usage(input=guess.input)
