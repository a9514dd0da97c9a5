"""The demand of a conversation: a prompt, what may be generated, and the provider's own tools."""

from typing import Final

from tollgate.demand import output, tools
from tollgate.demand.media import HEARD
from tollgate.demand.portions import Portion
from tollgate.demand.wanted import Wanted

_KINDS: Final = ("audio", "image")


def conversation(wanted: Wanted) -> list[Portion]:
    """Chat, completions, responses and messages."""
    fees, added = tools.demanded(wanted.body, wanted.model)
    generated = output.generated(wanted.body, wanted.entry, wanted.deployment, wanted.default_output)
    return [*_sent(wanted, added), Portion(generated, _output_classes(wanted)), *fees]


def _sent(wanted: Wanted, added: int) -> list[Portion]:
    read, found = wanted.prompt()
    classes = wanted.prompt_classes(found)
    return [
        Portion(read + added, classes),
        Portion(found.pictures, (*classes, "image_in")),
        Portion(found.sounds, (*classes, "audio_in")),
        Portion(-(-found.sounds // HEARD), ("audio_seconds",)),  # where a provider charges by the second
    ]


def _output_classes(wanted: Wanted) -> tuple[str, ...]:
    """Text and thought, and whichever else was asked for; a model that draws need not be asked."""
    asked = wanted.body.get("modalities")
    kinds = [kind for kind in _KINDS if isinstance(asked, list) and kind in asked]
    if "-image" in wanted.model:
        kinds.append("image")
    return ("output", "reasoning", *(f"{kind}_out" for kind in kinds))
