"""How many tokens an attempt may generate at most."""

from collections.abc import Mapping
from typing import Any, Final

from tollgate.models import Deployment
from tollgate.records import Entry
from tollgate.usage import estimate

_MOST_PROMPTS: Final = 2_048  # OpenAI's bound of an array


def generated(body: Mapping[str, Any], entry: Entry, deployment: Deployment, default_output: int) -> int:
    """What the request lets its choices generate together, else what the model may (see `each`)."""
    choices = estimate.choices(body)
    limit = entry.output_limit // choices or each(deployment, default_output)
    return limit * max(choices, _best_of(body)) * _prompts(body)


def each(deployment: Deployment, default_output: int) -> int:
    """What is held for one choice of a request that sets no limit.

    That is the model's own maximum, or less where models.yaml says so (`held_output_tokens`); the setting
    where it says neither.
    """
    most = deployment.max_output_tokens or deployment.held_output_tokens or default_output
    return min(most, deployment.held_output_tokens or most)


def _best_of(body: Mapping[str, Any]) -> int:
    """The choices that are generated and thrown away: https://platform.openai.com/docs/api-reference/completions."""
    return estimate.choices({"n": body.get("best_of")})


def _prompts(body: Mapping[str, Any]) -> int:
    """The prompts of a completion: a list of texts, or of lists of tokens, is answered one by one."""
    prompt = body.get("prompt")
    if not isinstance(prompt, list) or not prompt or isinstance(prompt[0], int):
        return 1
    return min(len(prompt), _MOST_PROMPTS)
