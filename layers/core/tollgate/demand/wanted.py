"""What a demand is made of: the call, its entry, and what is to serve it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from tollgate.call import Call
from tollgate.demand.characters import CLAUDE, OTHERS, tokens
from tollgate.demand.prompt import Prompt
from tollgate.models import Deployment
from tollgate.records import Entry


@dataclass(frozen=True, slots=True)
class Wanted:
    """One attempt: `default_output` is held for a call without a limit, of a model whose own is not known."""

    call: Call
    entry: Entry
    deployment: Deployment
    default_output: int

    @property
    def body(self) -> Any:
        """The request's fields."""
        return self.call.body

    @property
    def model(self) -> str:
        """What the provider calls the model, in lower case."""
        return self.deployment.model.lower()

    @property
    def is_claude(self) -> bool:
        """Whether it is one of Anthropic's, wherever it runs."""
        return self.call.endpoint.dialect == "anthropic" or "claude" in self.model

    @property
    def priced(self) -> Collection[str]:
        """The usage classes that have a price."""
        return self.deployment.price.rates.keys() if self.deployment.price else ()

    def prompt_classes(self, found: Prompt) -> tuple[str, ...]:
        """What the prompt's tokens may be booked as: Claude writes to its cache only what it is asked to."""
        if not self.is_claude:
            return ("input", "cache_write_5m")
        hours = ("cache_write_1h",) if "1h" in found.cached else ()
        return ("input", "cache_write_5m", *hours) if found.cached else ("input",)

    def prompt(self) -> tuple[int, Prompt]:
        """The tokens of everything but pictures and sounds, and the prompt that has those."""
        found = Prompt(self.model).read(self.body)
        read = tokens(found.texts, CLAUDE if self.is_claude else OTHERS) + found.tokens
        booked = self.entry.input_estimate - found.pictures - found.sounds  # when nobody reports the usage
        return max(read, booked), found
