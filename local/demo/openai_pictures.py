"""What pictures cost, and what they look like here: one grey point.

https://platform.openai.com/docs/guides/image-generation#cost-and-latency: tokens by quality and size; the
models before GPT Image are sold by the picture.
"""

import time
from typing import Any

from local.demo.endpoint import Json
from local.demo.openai_api import refuse
from local.demo.usage import Counts, text_tokens

POINT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
TOKENS = {
    "1024x1024": {"low": 272, "medium": 1056, "high": 4160},
    "1024x1536": {"low": 408, "medium": 1584, "high": 6240},
    "1536x1024": {"low": 400, "medium": 1568, "high": 6208},
}
TOKENS_OF_A_GIVEN_PICTURE = 194  # one tile
MOST = 10


def by_the_picture(model: str) -> bool:
    """Whether a model is sold by the picture."""
    return model.startswith("dall-e")


def number(body: Json) -> int:
    """Give how many pictures are wanted, or raise `RefusalError`; in a form the number is a text."""
    wanted: Any = body.get("n") or 1
    wanted = int(wanted) if isinstance(wanted, str) and wanted.isdecimal() else wanted
    if type(wanted) is not int or not 1 <= wanted <= MOST:
        refuse("n", f"it must be an integer from 1 to {MOST}")
    return wanted


def pictures_usage(body: Json, given: int) -> Counts:
    """Count what it costs to make the pictures wanted out of so many given ones."""
    if by_the_picture(body["model"]):
        return {"images": number(body)}
    qualities = TOKENS.get(body.get("size") or "", TOKENS["1024x1024"])
    each = qualities.get(body.get("quality") or "", qualities["medium"])
    sent = {"input": text_tokens(body["prompt"]), "image_in": given * TOKENS_OF_A_GIVEN_PICTURE}
    return {**sent, "image_out": number(body) * each}


def picture_report(usage: Counts) -> Json:
    """Write the usage object of the models that are sold by tokens."""
    text, seen = usage.get("input", 0), usage.get("image_in", 0)
    made = usage.get("image_out", 0)
    return {
        "input_tokens": text + seen,
        "input_tokens_details": {"text_tokens": text, "image_tokens": seen},
        "output_tokens": made,
        "output_tokens_details": {"text_tokens": 0, "image_tokens": made},
        "total_tokens": text + seen + made,
    }


def pictures(count: int, *, by_url: bool) -> Json:
    """Write pictures."""
    one = {"url": "https://demo.invalid/point.png"} if by_url else {"b64_json": POINT}
    return {"created": int(time.time()), "data": [one] * count}
